"""What a record is called that was given no title."""

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import Hot, Transaction
from wecom_tollbooth.families.customers.relations import CONTACT, FOLLOW

_REMARK = Hot(
    sa.select(FOLLOW.c.remark).where(
        FOLLOW.c.corp_id == bindparam("corp_id"),
        FOLLOW.c.external_userid == bindparam("external_userid"),
        FOLLOW.c.userid == bindparam("userid"),
    )
)
_NAME = Hot(
    sa.select(CONTACT.c.name).where(
        CONTACT.c.corp_id == bindparam("corp_id"), CONTACT.c.external_userid == bindparam("external_userid")
    )
)


def title_of(tx: Transaction, corp_id: str, external_userid: str, userid: str) -> str:
    """The member's remark on the customer, or the customer's name."""
    remark = _REMARK.one(tx, corp_id=corp_id, external_userid=external_userid, userid=userid)
    if remark and remark[0]:
        return str(remark[0])
    name = _NAME.one(tx, corp_id=corp_id, external_userid=external_userid)
    return str(name[0]) if name else external_userid
