"""How many contacts a corp has in a span of time: what the toll per contact is counted from.

A contact counts once, however many members follow it, when a relation to it began in the span or was still
going on when the span began. Half relations do not count. A customer who deleted the member goes on counting
until the member deletes the customer, as the relation stays readable until then.
"""

import sqlalchemy as sa

from app.db import Transaction
from app.families.customers.relations import FOLLOW


def contacts_followed(tx: Transaction, corp_id: str, since: int, until: int) -> dict[str, int]:
    """The distinct contacts from `since` up to but not including `until`, unix seconds, by member.

    A contact of several members is put down to the one who came first, so that the numbers add up.
    """
    going_on = FOLLOW.c.ended_at.is_(None) | (FOLLOW.c.ended_at > since) | (FOLLOW.c.createtime >= since)
    in_turn = sa.func.row_number().over(
        partition_by=FOLLOW.c.external_userid, order_by=(FOLLOW.c.createtime, FOLLOW.c.userid)
    )
    followed = (
        sa.select(FOLLOW.c.userid, in_turn.label("turn"))
        .where(FOLLOW.c.corp_id == corp_id, FOLLOW.c.half.is_(False), FOLLOW.c.createtime < until, going_on)
        .subquery()
    )
    query = (
        sa.select(followed.c.userid, sa.func.count().label("contacts"))
        .where(followed.c.turn == 1)
        .group_by(followed.c.userid)
        .order_by(followed.c.userid)
    )
    return {row.userid: row.contacts for row in tx.execute(query)}
