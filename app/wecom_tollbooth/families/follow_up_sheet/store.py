"""The follow-up records of a corp as the records of a smart sheet: both use the same rows.

Records are read from the tables and written through follow_ups.store.record_store, which keeps counters,
history and reminders up to date. A record's id is its follow_up_id. Refusals have the codes of smart sheets.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import orjson
import sqlalchemy as sa

from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.follow_up_sheet.columns import (
    AMOUNT,
    CUSTOM,
    CUSTOMER,
    LAST,
    NEXT,
    NOTE,
    OWNER,
    PRIORITY,
    SOURCE,
    STAGE,
    TITLE,
    columns_of_pipeline,
    custom_cell,
    custom_key,
    custom_value,
    text_cell,
    text_of,
)
from wecom_tollbooth.families.follow_ups.operations.shapes import (
    AMOUNT_AT_MOST,
    NOTE_CHARS,
    SOURCE_CHARS,
    TITLE_CHARS,
    checked_pair,
    next_at,
)
from wecom_tollbooth.families.follow_ups.relations import AUTO_CREATE, BY_CUSTOMER
from wecom_tollbooth.families.follow_ups.store import record_store
from wecom_tollbooth.families.follow_ups.store.ids import follow_up_id, seq_of
from wecom_tollbooth.families.follow_ups.store.record_store import COLUMNS, raw
from wecom_tollbooth.families.follow_ups.store.titles import title_of
from wecom_tollbooth.families.follow_ups.store.unit_of_work import Row, UnitOfWork, read_corp, unit_of_work
from wecom_tollbooth.families.follow_ups.tables import CORP, FOLLOW_UP, FOLLOW_UP_COUNT, NEVER
from wecom_tollbooth.families.smart_sheets.engine.cells import (
    ID_TYPE_APP,
    ID_TYPE_MEMBER,
    ID_TYPE_SYSTEM,
    user_cell,
)
from wecom_tollbooth.families.smart_sheets.engine.field_types import Column
from wecom_tollbooth.families.smart_sheets.engine.record_store import (
    CHUNK,
    Cells,
    Person,
    Query,
    Record,
    caller,
    in_order,
    positions,
    refuse_missing,
)
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.families.smart_sheets.engine.stores import RecordSource, declare_source
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.context import Context

FOLLOW_UPS = "follow_up"
_AGENT, _WEBHOOK = "agent:", "webhook:"
"""Prefixes of the names of apps and webhooks in the history of follow-ups; members have none."""
_NOBODY = ("", AUTO_CREATE, BY_CUSTOMER)
_SHEET_CODES = {
    ErrCode.INVALID_FOLLOW_UP_ID: ErrCode.SHEET_RECORD_NOT_FOUND,
    ErrCode.INVALID_FOLLOW_UP_TIME: ErrCode.INVALID_SHEET_DATE,
    ErrCode.NO_PRIVILEGE: ErrCode.NO_EDIT_RIGHT,
    ErrCode.CONFLICTING_CHANGE: ErrCode.CONCURRENT_WRITE,
}


def _columns(context: Context, _docid: str, _sheet_id: str) -> tuple[list[Column], int]:
    """The columns of the corp's follow-ups, and a number that rises with every change."""
    pipeline, version, last_change = read_corp(context.db, context.corp_id)
    return columns_of_pipeline(pipeline), version + last_change


class FollowUpStore:
    """A RecordStore of smart_sheets."""

    def __init__(self, context: Context, sheet: Sheet) -> None:
        self._context, self._db, self._sheet = context, context.db, sheet
        visible = visible_userids(context) if isinstance(context, Call) else None
        self._sees_all = visible is None
        self._mine = FOLLOW_UP.c.corp_id == context.corp_id
        if visible is not None:
            self._mine = sa.and_(self._mine, FOLLOW_UP.c.userid.in_(sorted(visible)))

    def key(self, column: Column) -> sa.ColumnElement[Any]:
        of_column = _KEYS.get(column.field_id)
        if of_column is None:
            return custom_key(column, self._db.dialect)
        if column.kind.key == "text" and self._db.dialect == "postgresql":
            return of_column.collate("C")
        return of_column

    def among(self, record_ids: Sequence[str]) -> sa.ColumnElement[bool]:
        seqs = (seq_of(record_id) for record_id in record_ids)
        return FOLLOW_UP.c.seq.in_([seq for seq in seqs if seq is not None])

    def count(self, query: Query) -> int:
        """Without a filter the answer comes from the counters."""
        if query.where is None and self._sees_all:
            cards = sa.select(sa.func.coalesce(sa.func.sum(FOLLOW_UP_COUNT.c.cards), 0)).where(
                FOLLOW_UP_COUNT.c.corp_id == self._context.corp_id, FOLLOW_UP_COUNT.c.userid == CORP
            )
            return int(self._db.execute(cards).scalar_one())
        counted = sa.select(sa.func.count()).select_from(FOLLOW_UP).where(self._mine)
        if query.where is not None:
            counted = counted.where(query.where)
        return int(self._db.execute(counted).scalar_one())

    def page(self, query: Query, offset: int, limit: int) -> list[Record]:
        found = positions(self._db, FOLLOW_UP.c.seq, self._mine, query, offset, limit)
        by_seq = {record.number: record for record in self._read(found)}
        return [by_seq[seq] for seq in found]

    def get(self, record_ids: Sequence[str]) -> list[Record]:
        seqs = [seq for record_id in record_ids if (seq := seq_of(record_id)) is not None]
        return in_order(record_ids, self._read(seqs))

    def add(self, rows: list[Cells], by: Person) -> list[Record]:
        with self._work(by) as work:
            added = [_add(self._call(), work, cells) for cells in rows]
        return [self._record(row) for row in added]

    def update(self, changes: list[tuple[str, Cells]], by: Person) -> list[Record]:
        ids = [record_id for record_id, _ in changes]
        refuse_missing(ids, self.get(ids))
        with self._work(by) as work:
            record_store.lock_all(work, ids)
            for record_id, cells in changes:
                _change(work, record_id, cells)
        return self.get(ids)

    def delete(self, record_ids: Sequence[str]) -> None:
        wanted = list(dict.fromkeys(record_ids))
        refuse_missing(wanted, self.get(wanted))
        with self._work(caller(self._call())) as work:
            record_store.lock_all(work, wanted)
            for record_id in wanted:
                record_store.delete(work, record_id)

    def _call(self) -> Call:
        if not isinstance(self._context, Call):
            raise Refusal(ErrCode.NO_EDIT_RIGHT, detail="members edit follow-ups on their board")
        return self._context

    @contextmanager
    def _work(self, by: Person) -> Iterator[UnitOfWork]:
        """A unit of work whose refusals have the codes of smart sheets."""
        name = {ID_TYPE_MEMBER: "", ID_TYPE_APP: _AGENT, ID_TYPE_SYSTEM: _WEBHOOK}[by.id_type] + by.id
        try:
            with unit_of_work(self._context, by=name) as work:
                yield work
        except Refusal as refusal:
            known = refusal.errcode in _UNCHANGED_CODES
            code = refusal.errcode if known else _SHEET_CODES.get(refusal.errcode, ErrCode.INVALID_PARAMETER)
            errmsg = refusal.errmsg if code is ErrCode.INVALID_PARAMETER else None
            raise Refusal(code, errmsg, detail=refusal.detail or refusal.errmsg) from None

    def _read(self, seqs: Sequence[int]) -> Iterator[Record]:
        for start in range(0, len(seqs), CHUNK):
            some = FOLLOW_UP.c.seq.in_(seqs[start : start + CHUNK])
            query = sa.select(*raw(FOLLOW_UP.c)).where(self._mine, some)
            for row in self._db.execute(query):
                yield self._record(dict(zip(COLUMNS, row, strict=True)))

    def _record(self, row: Row) -> Record:
        custom = orjson.loads(row["custom"])
        cells: Cells = {
            TITLE: text_cell(row["title"]),
            CUSTOMER: text_cell(row["external_userid"]),
            OWNER: [user_cell(ID_TYPE_MEMBER, row["userid"])],
            STAGE: [row["stage_id"]],
            PRIORITY: [str(row["priority"])] if row["priority"] else None,
            AMOUNT: _yuan(row["amount"]),
            NEXT: None if row["next_at"] == NEVER else str(row["next_at"] * 1000),
            LAST: str(row["last_at"] * 1000) if row["last_at"] else None,
            SOURCE: text_cell(row["source"]),
            NOTE: text_cell(row["note"]),
        }
        for column in self._sheet.columns:
            if column.field_id.startswith(CUSTOM):
                value = custom.get(column.field_id.removeprefix(CUSTOM))
                cells[column.field_id] = custom_cell(column, value)
        return Record(
            follow_up_id(row["seq"]),
            {field_id: cell for field_id, cell in cells.items() if cell is not None},
            row["created_at"] * 1000,
            row["updated_at"] * 1000,
            _person(row["creator"]),
            _person(row["updater"]),
            row["seq"],
        )


_UNCHANGED_CODES = frozenset(
    {ErrCode.NO_EDIT_RIGHT, ErrCode.INVALID_PARAMETER, ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_SHEET_DATE}
)


def _person(name: str) -> Person:
    if name.startswith(_AGENT):
        return Person(name.removeprefix(_AGENT), ID_TYPE_APP)
    if name.startswith(_WEBHOOK):
        return Person(name.removeprefix(_WEBHOOK), ID_TYPE_SYSTEM)
    return Person(name, ID_TYPE_SYSTEM if name in _NOBODY else ID_TYPE_MEMBER)


_NOISE = Decimal("0.000001")


def _yuan(fen: int) -> int | float:
    return fen // 100 if fen % 100 == 0 else fen / 100


def _fen(column_id: str, cell: Any) -> int:
    """A CURRENCY cell, in yuan, as fen. Rounding errors of binary numbers (0.1 + 0.2) are ignored.

    Raises 40058 for fractions of a fen and for a negative amount.
    """
    given = Decimal(str(cell or 0)) * 100
    if not 0 <= given <= AMOUNT_AT_MOST or abs(given - round(given)) > _NOISE:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            f"{column_id} invalid",
            detail=f"{column_id}: {cell} is not an amount in yuan and fen",
        )
    return round(given)


def _values(work: UnitOfWork, cells: Cells) -> dict[str, Any]:
    """The cells as columns of a record, except stage, customer and member."""
    values: dict[str, Any] = {}
    for field_id, name, most in (
        (TITLE, "title", TITLE_CHARS),
        (NOTE, "note", NOTE_CHARS),
        (SOURCE, "source", SOURCE_CHARS),
    ):
        if field_id in cells:
            values[name] = text_of(field_id, cells[field_id], most)
    if PRIORITY in cells:
        values["priority"] = int(cells[PRIORITY][0]) if cells[PRIORITY] else 0
    if AMOUNT in cells:
        values["amount"] = _fen(AMOUNT, cells[AMOUNT])
    if NEXT in cells:
        values["next_at"] = next_at(int(cells[NEXT]) // 1000 if cells[NEXT] else 0)
    custom = {
        field_id.removeprefix(CUSTOM): custom_value(
            work.pipeline.fields[field_id.removeprefix(CUSTOM)], cells[field_id]
        )
        for field_id in cells
        if field_id.startswith(CUSTOM)
    }
    if custom:
        values["custom"] = custom
    return values


def _member(users: list[dict[str, Any]] | None) -> str:
    """The userid in a cell of one user; "" if that is not a member."""
    (user,) = users or [{}]
    return str(user.get("user_id", ""))


def _add(call: Call, work: UnitOfWork, cells: Cells) -> Row:
    filled = {field_id: cell for field_id, cell in cells.items() if cell is not None}
    if CUSTOMER not in filled or OWNER not in filled:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="a follow-up needs external_userid and 销售对接人")
    external_userid = text_of(CUSTOMER, filled[CUSTOMER], 64)
    userid, external_userid = checked_pair(call, _member(filled[OWNER]), external_userid)
    values = _values(work, filled)
    values.setdefault("title", title_of(call.db, call.corp_id, external_userid, userid))
    stage = filled.get(STAGE)
    return record_store.add(
        work,
        external_userid=external_userid,
        userid=userid,
        stage_id=stage[0] if stage else None,
        side="bottom",
        **values,
    )


def _change(work: UnitOfWork, record_id: str, cells: Cells) -> None:
    row = record_store.lock(work, record_id)
    if CUSTOMER in cells and text_of(CUSTOMER, cells[CUSTOMER], 64) != row["external_userid"]:
        raise Refusal(ErrCode.NO_EDIT_RIGHT, detail="a follow-up stays with its customer")
    if OWNER in cells and _member(cells[OWNER]).lower() != row["userid"].lower():
        raise Refusal(ErrCode.NO_EDIT_RIGHT, detail="a transfer of the customer changes the member")
    if STAGE in cells:
        if not cells[STAGE]:
            raise Refusal(ErrCode.INVALID_PARAMETER, detail="a follow-up needs a stage")
        if cells[STAGE][0] != row["stage_id"]:
            record_store.move(work, record_id, stage_id=cells[STAGE][0])
    values = _values(work, cells)
    if not values.get("title", "-"):
        raise Refusal(ErrCode.INVALID_PARAMETER, detail="a follow-up needs a title")
    if values:
        record_store.change(work, record_id, values)


_BAR = sa.literal("|", sa.Text)


def _marked(key: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return _BAR.concat(key).concat(_BAR)


def _without_prefix(name: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.replace(sa.func.replace(name, _AGENT, ""), _WEBHOOK, "")


_C = FOLLOW_UP.c
_NUMBER = sa.Numeric(asdecimal=False)
_KEYS: dict[str, sa.ColumnElement[Any]] = {
    TITLE: sa.func.nullif(_C.title, ""),
    CUSTOMER: _C.external_userid,
    OWNER: _marked(_C.userid),
    STAGE: _marked(_C.stage_id),
    PRIORITY: sa.case((_C.priority > 0, _marked(sa.cast(_C.priority, sa.Text))), else_=sa.null()),
    AMOUNT: sa.cast(_C.amount, _NUMBER) / sa.literal_column("100.0", _NUMBER),
    NEXT: sa.func.nullif(_C.next_at, NEVER) * 1000,
    LAST: sa.func.nullif(_C.last_at, 0) * 1000,
    SOURCE: sa.func.nullif(_C.source, ""),
    NOTE: sa.func.nullif(_C.note, ""),
    "fMadeT": _C.created_at * 1000,
    "fEditT": _C.updated_at * 1000,
    "fMadeU": _marked(_without_prefix(_C.creator)),
    "fEditU": _marked(_without_prefix(_C.updater)),
}

declare_source(FOLLOW_UPS, RecordSource(_columns, FollowUpStore))
