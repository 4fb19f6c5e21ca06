"""Records of customers who come, go and are handed over."""

import sqlalchemy as sa

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.follow_ups.store.ids import follow_up_id
from wecom_tollbooth.families.follow_ups.store.ranks import rank_at
from wecom_tollbooth.families.follow_ups.store.record_store import (
    RELATION_ENDED,
    add,
    close,
    hold,
    lock,
    of_pair,
    put_into,
    store,
)
from wecom_tollbooth.families.follow_ups.store.titles import title_of
from wecom_tollbooth.families.follow_ups.store.unit_of_work import Row, Work, working
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP

AUTO_CREATE, BY_CUSTOMER = "auto_create", "customer"
"""Who history shows where nobody of the corp did something."""


def relation_begins(tx: Transaction, corp_id: str, userid: str, external_userid: str, now: int) -> None:
    """Opens again the record that ended with them; adds one, where there is none, if the corp wants that."""
    seq = of_pair(tx, corp_id, external_userid, userid)
    with working(tx, corp_id, now, by=AUTO_CREATE if seq is None else userid) as work:
        if seq is None:
            if work.pipeline.shown["auto_create"]:
                title = title_of(tx, corp_id, external_userid, userid)
                add(work, external_userid=external_userid, userid=userid, title=title, source=AUTO_CREATE)
            return
        row = lock(work, follow_up_id(seq))
        if row["close_reason"] == RELATION_ENDED:
            stage = work.pipeline.first_stage
            if stage == row["stage_id"]:
                close(work, row, "")
                store(work, row, {}, "reopened")
            else:
                put_into(work, row, stage, rank_at(tx, corp_id, stage, "top", moved=seq))


def relation_ends(
    tx: Transaction, corp_id: str, userid: str, external_userid: str, now: int, *, by: str
) -> None:
    """Closes the record of the two: into the first stage of kind lost, where there is one."""
    with working(tx, corp_id, now, by=by) as work:
        seq = of_pair(tx, corp_id, external_userid, userid)
        if seq is None:
            return
        row = lock(work, follow_up_id(seq))
        if row["closed_at"]:
            return
        stage = work.pipeline.lost_stage or row["stage_id"]
        put_into(work, row, stage, rank_at(tx, corp_id, stage, "top", moved=seq), RELATION_ENDED)


def hand_over(
    tx: Transaction,
    corp_id: str,
    external_userid: str,
    from_userid: str,
    to_userid: str,
    now: int,
    *,
    by: str,
) -> bool:
    """The record goes with the customer to another member; False where there was none.

    Where the other has one with this customer, which ended with their relation, that one goes the other way;
    where it has not ended, the first one's is closed instead.
    """
    with working(tx, corp_id, now, by=by) as work:
        seq = of_pair(tx, corp_id, external_userid, from_userid)
        if seq is None:
            return False
        others = of_pair(tx, corp_id, external_userid, to_userid)
        hold(work, [follow_up_id(one) for one in (seq, others) if one is not None])
        row = lock(work, follow_up_id(seq))
        other = None if others is None else lock(work, follow_up_id(others))
        if other is not None and other["close_reason"] != RELATION_ENDED:
            if not row["closed_at"]:
                stage = work.pipeline.lost_stage or row["stage_id"]
                rank = rank_at(tx, corp_id, stage, "top", moved=seq)
                put_into(work, row, stage, rank, RELATION_ENDED)
            return True
        if other is not None:
            _make_room(work, other)
        _give(work, row, to_userid)
        if other is not None:
            _give(work, other, from_userid)
        return True


def _make_room(work: Work, row: Row) -> None:
    """Nobody's for a moment: a customer and a member have one record."""
    this = (FOLLOW_UP.c.corp_id == work.corp_id) & (FOLLOW_UP.c.seq == row["seq"])
    work.db.execute(sa.update(FOLLOW_UP).where(this).values(userid=""))


def _give(work: Work, row: Row, userid: str) -> None:
    """Its stay in the stage goes along, so that of each member too who came in is there or has left."""
    work.count(row["userid"], row["stage_id"], -1, -row["amount"], -1, 0, 0)
    work.count(userid, row["stage_id"], 1, row["amount"], 1, 0, 0)
    store(work, {**row, "userid": userid}, {"userid": userid}, "handed_over")
