"""Tags on relations: they are transferred with a customer."""

import sqlalchemy as sa

from wecom_tollbooth.families.relations.subscribers import Subscriber, Transfer
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG, FollowTag
from wecom_tollbooth.world.context import Context


def _copy_to_taker(context: Context, transfer: Transfer) -> None:
    """Copies the giver's tags to the taker's new relation; the giver's own relation keeps them."""
    if not transfer.begun:
        return
    customer = transfer.external_userid
    for tag_id in _tags(context, customer, transfer.giver) - _tags(context, customer, transfer.taker):
        context.db.session.add(
            FollowTag(corp_id=context.corp_id, external_userid=customer, userid=transfer.taker, tag_id=tag_id)
        )


def _tags(context: Context, external_userid: str, userid: str) -> set[str]:
    query = sa.select(FOLLOW_TAG.c.tag_id).where(
        FOLLOW_TAG.c.corp_id == context.corp_id,
        FOLLOW_TAG.c.external_userid == external_userid,
        FOLLOW_TAG.c.userid == userid,
    )
    return set(context.db.execute(query).scalars())


CORP_TAGS = Subscriber(name="corp tags", transferred=_copy_to_taker)
