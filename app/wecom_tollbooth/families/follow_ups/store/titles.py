"""The title of a record that is added without one."""

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER

_REMARK = CompiledStatement(
    sa.select(FOLLOW_USER.c.remark).where(
        FOLLOW_USER.c.corp_id == bindparam("corp_id"),
        FOLLOW_USER.c.external_userid == bindparam("external_userid"),
        FOLLOW_USER.c.userid == bindparam("userid"),
    )
)
_NAME = CompiledStatement(
    sa.select(EXTERNAL_CONTACT.c.name).where(
        EXTERNAL_CONTACT.c.corp_id == bindparam("corp_id"),
        EXTERNAL_CONTACT.c.external_userid == bindparam("external_userid"),
    )
)


def title_of(tx: Transaction, corp_id: str, external_userid: str, userid: str) -> str:
    """The member's remark on the customer, else the customer's name."""
    remark = _REMARK.one(tx, corp_id=corp_id, external_userid=external_userid, userid=userid)
    if remark and remark[0]:
        return str(remark[0])
    name = _NAME.one(tx, corp_id=corp_id, external_userid=external_userid)
    return str(name[0]) if name else external_userid
