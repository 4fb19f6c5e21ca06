"""What happens to records when relations between members and customers begin, end or are transferred."""

import sqlalchemy as sa

from wecom_tollbooth.families.follow_ups.store.ids import follow_up_id
from wecom_tollbooth.families.follow_ups.store.ranks import rank_at
from wecom_tollbooth.families.follow_ups.store.record_store import (
    RELATION_ENDED,
    add,
    lock,
    lock_all,
    put_into_stage,
    seq_of_pair,
    set_closed,
    write,
)
from wecom_tollbooth.families.follow_ups.store.titles import title_of
from wecom_tollbooth.families.follow_ups.store.unit_of_work import Row, UnitOfWork, unit_of_work
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP
from wecom_tollbooth.families.relations.subscribers import Subscriber, Transfer
from wecom_tollbooth.families.relations.tables import FollowUser
from wecom_tollbooth.world.context import Context

AUTO_CREATE, BY_CUSTOMER = "auto_create", "customer"
"""Who the history shows if it was nobody of the corp."""


def relation_begun(context: Context, userid: str, external_userid: str) -> None:
    """Reopens the record that ended with an earlier relation, or adds one if the pipeline says so."""
    seq = seq_of_pair(context.db, context.corp_id, external_userid, userid)
    with unit_of_work(context, by=AUTO_CREATE if seq is None else userid) as work:
        if seq is None:
            if work.pipeline.shown["auto_create"]:
                title = title_of(context.db, context.corp_id, external_userid, userid)
                add(work, external_userid=external_userid, userid=userid, title=title, source=AUTO_CREATE)
            return
        row = lock(work, follow_up_id(seq))
        if row["close_reason"] == RELATION_ENDED:
            stage = work.pipeline.first_stage
            if stage == row["stage_id"]:
                set_closed(work, row, "")
                write(work, row, {}, "reopened")
            else:
                put_into_stage(work, row, stage, _top_of(work, stage, seq))


def relation_ended(context: Context, userid: str, external_userid: str) -> None:
    """Closes the record; the history shows who of the two deleted the other."""
    relation = context.db.session.get(FollowUser, (context.corp_id, external_userid, userid))
    by_member = relation is None or relation.ended_at is not None
    with unit_of_work(context, by=userid if by_member else BY_CUSTOMER) as work:
        seq = seq_of_pair(context.db, context.corp_id, external_userid, userid)
        if seq is None:
            return
        row = lock(work, follow_up_id(seq))
        if not row["closed_at"]:
            _close(work, row)


def hand_over(context: Context, external_userid: str, from_userid: str, to_userid: str, *, by: str) -> None:
    """Gives the customer's record, if there is one, to another member.

    If the other member has a record of this customer too, the two are swapped if it ended with its relation;
    otherwise the first member's record is closed instead.
    """
    with unit_of_work(context, by=by) as work:
        seq = seq_of_pair(context.db, context.corp_id, external_userid, from_userid)
        if seq is None:
            return
        others = seq_of_pair(context.db, context.corp_id, external_userid, to_userid)
        lock_all(work, [follow_up_id(one) for one in (seq, others) if one is not None])
        row = lock(work, follow_up_id(seq))
        other = None if others is None else lock(work, follow_up_id(others))
        if other is not None and other["close_reason"] != RELATION_ENDED:
            if not row["closed_at"]:
                _close(work, row)
            return
        if other is not None:
            _detach(work, other)
        _give(work, row, to_userid)
        if other is not None:
            _give(work, other, from_userid)


def _close(work: UnitOfWork, row: Row) -> None:
    """Closes the record, in the first stage of kind lost if there is one."""
    stage = work.pipeline.lost_stage or row["stage_id"]
    put_into_stage(work, row, stage, _top_of(work, stage, row["seq"]), RELATION_ENDED)


def _top_of(work: UnitOfWork, stage: str, seq: int) -> int:
    return rank_at(work.db, work.corp_id, stage, "top", moved=seq)


def _detach(work: UnitOfWork, row: Row) -> None:
    """Takes the record from its member, because a customer and a member can have only one."""
    this = (FOLLOW_UP.c.corp_id == work.corp_id) & (FOLLOW_UP.c.seq == row["seq"])
    work.db.execute(sa.update(FOLLOW_UP).where(this).values(userid=""))


def _give(work: UnitOfWork, row: Row, userid: str) -> None:
    """Changes the member of the record.

    Its stay in the stage moves along, so that for every member the records that entered a stage are in it or
    have left it.
    """
    work.count(row["userid"], row["stage_id"], -1, -row["amount"], -1, 0, 0)
    work.count(userid, row["stage_id"], 1, row["amount"], 1, 0, 0)
    write(work, {**row, "userid": userid}, {"userid": userid}, "handed_over")


def _transferred(context: Context, transfer: Transfer) -> None:
    hand_over(context, transfer.external_userid, transfer.giver, transfer.taker, by=transfer.taker)
    if transfer.begun:
        relation_begun(context, transfer.taker, transfer.external_userid)


FOLLOW_UPS = Subscriber(
    name="follow-ups", begun=relation_begun, ended=relation_ended, transferred=_transferred
)
