"""The records of follow-ups: the only place where they are added, changed, moved, closed and deleted.

The operations and the smart sheet both use these functions and never write to the tables: they keep counters,
history, reminders and the text index up to date in the same transaction.

    with unit_of_work(call, by=by) as work:
        row = add(work, userid=…, external_userid=…, title=…)

Every function checks everything before it writes, so a refused item of a batch leaves nothing behind.
"""

from collections.abc import Iterable
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.families.follow_ups.store import pipeline as rules
from wecom_tollbooth.families.follow_ups.store.ids import seq_of
from wecom_tollbooth.families.follow_ups.store.ranks import Side, rank_at
from wecom_tollbooth.families.follow_ups.store.reminders import reschedule_reminder, schedule_reminder
from wecom_tollbooth.families.follow_ups.store.text_index import add_grams, delete_grams, grams_of
from wecom_tollbooth.families.follow_ups.store.unit_of_work import Row, UnitOfWork, insert_row
from wecom_tollbooth.families.follow_ups.tables import (
    FOLLOW_UP,
    FOLLOW_UP_COUNT,
    FOLLOW_UP_LOG,
    NEVER,
)
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal

COLUMNS = tuple(column.name for column in FOLLOW_UP.columns)
CHANGEABLE = frozenset({"title", "note", "priority", "amount", "source", "custom", "next_at"})
RELATION_ENDED = "relation_ended"


def _select_record(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Selects from the record (corp_id, seq)."""
    return sa.select(*columns).where(
        FOLLOW_UP.c.corp_id == bindparam("corp_id"), FOLLOW_UP.c.seq == bindparam("seq")
    )


def raw(columns: Any) -> list[sa.ColumnElement[Any]]:
    """All columns of a record, with JSON as its text."""
    return [
        sa.type_coerce(columns[name], sa.Text).label(name) if name == "custom" else columns[name]
        for name in COLUMNS
    ]


_RECORD = CompiledStatement(_select_record(*raw(FOLLOW_UP.c)))
_RECORD_LOCKED = CompiledStatement(_select_record(*raw(FOLLOW_UP.c)).with_for_update())
_OF_PAIR = CompiledStatement(
    sa.select(FOLLOW_UP.c.seq).where(
        FOLLOW_UP.c.corp_id == bindparam("corp_id"),
        FOLLOW_UP.c.external_userid == bindparam("external_userid"),
        FOLLOW_UP.c.userid == bindparam("userid"),
    )
)
_ADD = insert_row(FOLLOW_UP)
_ADD_LOG = insert_row(FOLLOW_UP_LOG)
_LOG_TEXTS = CompiledStatement(
    sa.select(FOLLOW_UP_LOG.c.text).where(
        FOLLOW_UP_LOG.c.corp_id == bindparam("corp_id"), FOLLOW_UP_LOG.c.seq == bindparam("seq")
    )
)
_MOVE = CompiledStatement(
    sa.update(FOLLOW_UP)
    .where(FOLLOW_UP.c.corp_id == bindparam("of_corp_id"), FOLLOW_UP.c.seq == bindparam("of_seq"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("stage_id", "rank", "stage_since", "version", "updated_at", "updater")
        }
    )
)


# --- finding ---------------------------------------------------------------------------------------------


def find(tx: Transaction, corp_id: str, seq: int) -> Row | None:
    """The record as stored, or None."""
    row = _RECORD.one(tx, corp_id=corp_id, seq=seq)
    return dict(zip(COLUMNS, row, strict=True)) if row else None


def the_record(tx: Transaction, corp_id: str, id_: str) -> Row:
    """The record by its follow_up_id; raises 990001 if the corp has no such record."""
    seq = seq_of(id_)
    row = None if seq is None else find(tx, corp_id, seq)
    if row is None:
        raise _unknown(id_)
    return row


def lock(work: UnitOfWork, id_: str, version: int | None = None) -> Row:
    """The record, locked for the rest of the call.

    Raises 990001 for an unknown record, 45035 if `version` is given and is no longer the record's version.
    """
    seq = seq_of(id_)
    found = None if seq is None else _RECORD_LOCKED.one(work.db, corp_id=work.corp_id, seq=seq)
    if found is None:
        raise _unknown(id_)
    row = dict(zip(COLUMNS, found, strict=True))
    if version is not None and version != row["version"]:
        raise Refusal(
            ErrCode.CONFLICTING_CHANGE,
            f"version conflict: {version} is stale, the record has {row['version']}",
            detail=f"{row['updater']} has changed {id_} in the meantime: read it again",
        )
    return row


def lock_all(work: UnitOfWork, ids: Iterable[str]) -> None:
    """Locks the records for the rest of the call, and passes over unknown ids.

    To change several records, lock them first, always in the same order, so that there are no
    deadlocks.
    """
    seqs = sorted({seq for id_ in ids if (seq := seq_of(id_)) is not None})
    if len(seqs) < 2 or work.db.dialect == "sqlite":  # SQLite runs one call at a time
        return
    some = sa.and_(FOLLOW_UP.c.corp_id == work.corp_id, FOLLOW_UP.c.seq.in_(seqs))
    work.db.execute(sa.select(FOLLOW_UP.c.seq).where(some).order_by(FOLLOW_UP.c.seq).with_for_update())


def _unknown(id_: str) -> Refusal:
    return Refusal(ErrCode.INVALID_FOLLOW_UP_ID, detail=f"this corp has no follow-up {id_!r}")


def seq_of_pair(tx: Transaction, corp_id: str, external_userid: str, userid: str) -> int | None:
    """The seq of the record of this customer and member, or None."""
    row = _OF_PAIR.one(tx, corp_id=corp_id, external_userid=external_userid, userid=userid)
    return None if row is None else int(row[0])


def has_records(tx: Transaction, corp_id: str, userid: str) -> bool:
    """Whether the member has ever had a record."""
    query = sa.select(FOLLOW_UP_COUNT.c.cards).where(
        FOLLOW_UP_COUNT.c.corp_id == corp_id, FOLLOW_UP_COUNT.c.userid == userid
    )
    return bool(userid) and tx.execute(query.limit(1)).first() is not None


# --- adding ----------------------------------------------------------------------------------------------


def add(
    work: UnitOfWork,
    *,
    external_userid: str,
    userid: str,
    title: str,
    stage_id: str | None = None,
    side: Side = "top",
    beside: str | None = None,
    note: str = "",
    priority: int = 0,
    amount: int = 0,
    source: str = "",
    custom: dict[str, Any] | None = None,
    next_at: int = NEVER,
) -> Row:
    """Adds a record, by default to the first open stage. The caller has checked the pair.

    Raises 990002 if the pair has a record already, 990006, 990009, 990005, 990008.
    """
    stage_id = stage_id or work.pipeline.first_stage
    rules.refuse_unknown_stage(work.pipeline, stage_id)
    custom = _merged(work, {}, custom or {})
    refuse_past(work, next_at)
    open_ = work.pipeline.is_open(stage_id)
    if not open_ and next_at != NEVER:
        raise _closed_and_due()
    if seq_of_pair(work.db, work.corp_id, external_userid, userid) is not None:
        raise Refusal(
            ErrCode.FOLLOW_UP_EXISTS,
            detail=f"{userid} already has a follow-up of {external_userid}; update that one",
        )
    row: Row = {
        "corp_id": work.corp_id,
        "seq": work.context.next_id(),
        "external_userid": external_userid,
        "userid": userid,
        "stage_id": stage_id,
        "rank": _rank(work, stage_id, side, beside, 0),
        "title": title,
        "note": note,
        "priority": priority,
        "amount": amount,
        "source": source,
        "custom": orjson.dumps(custom).decode(),
        "next_at": next_at,
        "last_at": 0,
        "stage_since": work.now,
        "version": 1,
        "created_at": work.now,
        "updated_at": work.now,
        "closed_at": 0 if open_ else work.now,
        "close_reason": "" if open_ else work.pipeline.stages[stage_id]["kind"],
        "creator": work.by,
        "updater": work.by,
    }
    _ADD.run(work.db, **row)
    add_grams(work.db, work.corp_id, row["seq"], grams_of(title, note))
    schedule_reminder(work.context, row["seq"], row["next_at"])
    work.count(userid, stage_id, 1, amount, 1, 0, 0)
    work.note(row, "added", to_stage=stage_id)
    return row


def refuse_past(work: UnitOfWork, next_at: int) -> None:
    """Raises 990008 for a next follow-up in the past."""
    if next_at < work.now:
        raise Refusal(ErrCode.INVALID_FOLLOW_UP_TIME, detail=f"next_time {next_at} is before now, {work.now}")


def _merged(work: UnitOfWork, custom: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    """The custom values of a record after a change; "" removes a value. Raises 990005, 40058."""
    merged = {**custom, **rules.stored_custom(work.pipeline, changed)}
    return {field_id: value for field_id, value in merged.items() if value != ""}


def _closed_and_due() -> Refusal:
    return Refusal(ErrCode.INVALID_FOLLOW_UP_TIME, detail="a closed record has no next follow-up")


def _rank(work: UnitOfWork, stage_id: str, side: Side, beside: str | None, moved: int) -> int:
    other = 0
    if side in ("before", "after"):
        found = seq_of(beside or "")
        if found is None:
            raise Refusal(ErrCode.INVALID_POSITION, detail=f"{beside!r} is not a follow-up")
        other = found
    return rank_at(work.db, work.corp_id, stage_id, side, other, moved)


# --- changing --------------------------------------------------------------------------------------------


def change(work: UnitOfWork, id_: str, values: dict[str, Any], version: int | None = None) -> Row:
    """Sets columns of CHANGEABLE, and of `custom` only the given fields. Raises as lock, 990005, 990008."""
    assert values.keys() <= CHANGEABLE
    row = lock(work, id_, version)
    if "custom" in values:
        merged = _merged(work, orjson.loads(row["custom"]), values["custom"])
        values = {**values, "custom": orjson.dumps(merged).decode()}
    if values.get("next_at", row["next_at"]) != row["next_at"]:
        refuse_past(work, values["next_at"])
        if row["closed_at"] and values["next_at"] != NEVER:
            raise _closed_and_due()
    after = {**row, **values}
    if "title" in values or "note" in values:
        _update_grams(work, row, after)
    if after["next_at"] != row["next_at"]:
        reschedule_reminder(work.context, row["seq"], after["next_at"])
    if after["amount"] != row["amount"]:
        work.count(row["userid"], row["stage_id"], 0, after["amount"] - row["amount"], 0, 0, 0)
    return write(work, after, values, "updated")


def write(work: UnitOfWork, row: Row, values: dict[str, Any], kind: str) -> Row:
    """Writes the columns `values` of the changed record `row` with a new version, and notes the change."""
    written = {
        **values,
        "version": row["version"] + 1,
        "updated_at": work.now,
        "updater": work.by,
    }
    if "custom" in written:
        written["custom"] = sa.literal(written["custom"], sa.Text)
    work.db.execute(
        sa.update(FOLLOW_UP)
        .where(FOLLOW_UP.c.corp_id == work.corp_id, FOLLOW_UP.c.seq == row["seq"])
        .values(written)
    )
    after = {**row, **written, **values}
    work.note(after, kind)
    return after


def move(
    work: UnitOfWork,
    id_: str,
    *,
    stage_id: str | None = None,
    side: Side = "top",
    beside: str | None = None,
    version: int | None = None,
) -> Row:
    """Moves the record to a stage, or within its own. A stage of kind won or lost closes it.

    Raises as lock, 990006, 990004, 990009.
    """
    row = lock(work, id_, version)
    stage_id = stage_id or row["stage_id"]
    rules.refuse_unknown_stage(work.pipeline, stage_id)
    rules.refuse_wrong_move(work.pipeline, row["stage_id"], stage_id)
    return put_into_stage(work, row, stage_id, _rank(work, stage_id, side, beside, row["seq"]))


def put_into_stage(work: UnitOfWork, row: Row, stage_id: str, rank: int, reason: str = "") -> Row:
    """Moves the record, and closes or reopens it depending on the stage and `reason`."""
    before = row["stage_id"]
    after = {
        **row,
        "stage_id": stage_id,
        "rank": rank,
        "stage_since": row["stage_since"] if before == stage_id else work.now,
        "version": row["version"] + 1,
        "updated_at": work.now,
        "updater": work.by,
    }
    _MOVE.run(
        work.db,
        of_corp_id=work.corp_id,
        of_seq=row["seq"],
        **{
            f"new_{name}": after[name]
            for name in ("stage_id", "rank", "stage_since", "version", "updated_at", "updater")
        },
    )
    if before != stage_id:
        seconds = work.now - row["stage_since"]
        work.count(row["userid"], before, -1, -row["amount"], 0, 1, seconds)
        work.count(row["userid"], stage_id, 1, row["amount"], 1, 0, 0)
    reason = reason or ("" if work.pipeline.is_open(stage_id) else work.pipeline.stages[stage_id]["kind"])
    kind = "moved"
    # A move within a stage neither closes nor reopens the record.
    if before != stage_id or reason == RELATION_ENDED:
        if bool(reason) != bool(row["closed_at"]):
            kind = "closed" if reason else "reopened"
        if (reason, bool(reason)) != (row["close_reason"], bool(row["closed_at"])):
            set_closed(work, after, reason)
    work.note(after, kind, from_stage=before, to_stage=stage_id)
    return after


def set_closed(work: UnitOfWork, row: Row, reason: str) -> None:
    """Closes the record and removes its next follow-up; with an empty `reason` reopens it."""
    row["closed_at"] = (row["closed_at"] or work.now) if reason else 0
    row["close_reason"] = reason
    row["next_at"] = NEVER if reason else row["next_at"]
    work.db.execute(
        sa.update(FOLLOW_UP)
        .where(FOLLOW_UP.c.corp_id == work.corp_id, FOLLOW_UP.c.seq == row["seq"])
        .values(closed_at=row["closed_at"], close_reason=reason, next_at=row["next_at"])
    )


def delete(work: UnitOfWork, id_: str, version: int | None = None) -> None:
    """Deletes the record with its logs; its history stays and ends with `deleted`. Raises as lock."""
    row = lock(work, id_, version)
    logs = [text for (text,) in _LOG_TEXTS.all(work.db, corp_id=work.corp_id, seq=row["seq"])]
    delete_grams(work.db, work.corp_id, row["seq"], grams_of(row["title"], row["note"], *logs))
    for table in (FOLLOW_UP_LOG, FOLLOW_UP):
        work.db.execute(sa.delete(table).where(table.c.corp_id == work.corp_id, table.c.seq == row["seq"]))
    seconds = work.now - row["stage_since"]
    work.count(row["userid"], row["stage_id"], -1, -row["amount"], 0, 1, seconds)
    work.note({**row, "version": row["version"] + 1}, "deleted", from_stage=row["stage_id"])


def add_log(work: UnitOfWork, id_: str, *, kind: str, text: str, at: int, by: str) -> tuple[int, Row]:
    """Adds a log; returns its number and the record. Raises as lock, 990008 for a time in the future."""
    row = lock(work, id_)
    if at > work.now:
        raise Refusal(ErrCode.INVALID_FOLLOW_UP_TIME, detail=f"time {at} is after now, {work.now}")
    number = work.context.next_id()
    _ADD_LOG.run(work.db, corp_id=work.corp_id, seq=row["seq"], id=number, at=at, kind=kind, text=text, by=by)
    add_grams(work.db, work.corp_id, row["seq"], grams_of(text))
    last_at = max(row["last_at"], at)
    return number, write(work, {**row, "last_at": last_at}, {"last_at": last_at}, "logged")


def _update_grams(work: UnitOfWork, before: Row, after: Row) -> None:
    """Brings the text index up to date with a new title or note."""
    logs = [text for (text,) in _LOG_TEXTS.all(work.db, corp_id=work.corp_id, seq=before["seq"])]
    old = grams_of(before["title"], before["note"], *logs)
    new = grams_of(after["title"], after["note"], *logs)
    delete_grams(work.db, work.corp_id, before["seq"], old - new)
    add_grams(work.db, work.corp_id, before["seq"], new - old)
