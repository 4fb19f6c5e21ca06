"""Tags on relations: they are transferred with a customer."""

import sqlalchemy as sa

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.relations.subscribers import Subscriber, Transfer
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG
from wecom_tollbooth.world.context import Context

_TAGS = CompiledStatement(
    sa.select(FOLLOW_TAG.c.tag_id).where(
        FOLLOW_TAG.c.corp_id == sa.bindparam("corp_id"),
        FOLLOW_TAG.c.external_userid == sa.bindparam("external_userid"),
        FOLLOW_TAG.c.userid == sa.bindparam("userid"),
    )
)

_ADD = CompiledStatement(
    sa.insert(FOLLOW_TAG).values({column.name: sa.bindparam(column.name) for column in FOLLOW_TAG.columns})
)


def _copy_to_taker(context: Context, transfer: Transfer) -> None:
    """Copies the giver's tags to the taker's new relation; the giver's own relation keeps them."""
    if not transfer.begun:
        return
    customer = transfer.external_userid
    new = _tags(context, customer, transfer.giver) - _tags(context, customer, transfer.taker)
    relation = {"corp_id": context.corp_id, "external_userid": customer, "userid": transfer.taker}
    _ADD.many(context.db, [{**relation, "tag_id": tag_id} for tag_id in sorted(new)])


def _tags(context: Context, external_userid: str, userid: str) -> set[str]:
    context.db.flush()
    rows = _TAGS.all(context.db, corp_id=context.corp_id, external_userid=external_userid, userid=userid)
    return {tag_id for (tag_id,) in rows}


CORP_TAGS = Subscriber(name="corp tags", transferred=_copy_to_taker)
