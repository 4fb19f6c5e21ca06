"""How many contacts a corp has in a span of time: what the toll per contact is counted from.

A contact counts once, however many members follow it, when a relation to it began in the span or was still
going on when the span began. Half relations do not count. A customer who deleted the member goes on counting
until the member deletes the customer, as the relation stays readable until then.
"""

import sqlalchemy as sa

from app.db import Transaction
from app.families.customers.relations import FOLLOW
from app.families.customers.tables import FollowUser, FormerRelation

FORMER: sa.Table = FormerRelation.__table__  # type: ignore[attr-defined]


def contacts_followed(tx: Transaction, corp_id: str, since: int, until: int) -> dict[str, int]:
    """The distinct contacts from `since` up to but not including `until`, unix seconds, by member.

    A contact of several members is put down to the one who came first, so that the numbers add up.
    """
    relations = sa.union_all(
        _lasting(FOLLOW, corp_id, since, until).where(FOLLOW.c.half.is_(False)),
        _lasting(FORMER, corp_id, since, until),
    ).subquery()
    in_turn = sa.func.row_number().over(
        partition_by=relations.c.external_userid, order_by=(relations.c.createtime, relations.c.userid)
    )
    followed = sa.select(relations.c.userid, in_turn.label("turn")).subquery()
    query = (
        sa.select(followed.c.userid, sa.func.count().label("contacts"))
        .where(followed.c.turn == 1)
        .group_by(followed.c.userid)
        .order_by(followed.c.userid)
    )
    return {row.userid: row.contacts for row in tx.execute(query)}


def keep_former_relation(tx: Transaction, relation: FollowUser, now: int) -> None:
    """To be called before the row of a relation is used for a new one, which begins `now`."""
    if relation.half:
        return
    tx.session.add(
        FormerRelation(
            corp_id=relation.corp_id,
            seq=relation.seq,
            external_userid=relation.external_userid,
            userid=relation.userid,
            createtime=relation.createtime,
            ended_at=now if relation.ended_at is None else relation.ended_at,
        )
    )


def _lasting(relation: sa.Table, corp_id: str, since: int, until: int) -> sa.Select[tuple[str, str, int]]:
    """The relations that began in the span, or before it and were going on when it began."""
    going_on = (
        relation.c.ended_at.is_(None) | (relation.c.ended_at > since) | (relation.c.createtime >= since)
    )
    return sa.select(relation.c.external_userid, relation.c.userid, relation.c.createtime).where(
        relation.c.corp_id == corp_id, relation.c.createtime < until, going_on
    )
