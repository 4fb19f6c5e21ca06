"""Segments of a ledger: what a restore takes out of it stays readable, and the chain of seals goes on.

A restored ledger has the records of the snapshot. Those that came after are superseded: they move to a table
of their own and are not billed. A segment covers them with a hash, together with the segment before, and the
next seal is chained to it.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.billing import ledger
from wecom_tollbooth.billing.meters import RESTORED
from wecom_tollbooth.billing.tables import (
    LEDGER_SEAL,
    LEDGER_SEGMENT,
    SUPERSEDED_RECORD,
    USAGE_RECORD,
    LedgerSegment,
)
from wecom_tollbooth.db import CompiledStatement, Slices, Transaction, insert_missing, run_in
from wecom_tollbooth.world.clock import HOUR
from wecom_tollbooth.world.context import Context

RECORDS_AT_ONCE = 1_000
LAST_ID = 2**63 - 1

Record = tuple[Any, ...]

_COLUMNS = tuple(column for column in USAGE_RECORD.columns if column.name != "corp_id")
NAMES = [column.name for column in _COLUMNS]
_ID = NAMES.index("id")
_QUANTITY = NAMES.index("quantity")

_PAGE = CompiledStatement(
    sa.select(*_COLUMNS)
    .where(
        USAGE_RECORD.c.corp_id == bindparam("corp_id"),
        USAGE_RECORD.c.id > bindparam("after"),
        USAGE_RECORD.c.id <= bindparam("until"),
    )
    .order_by(USAGE_RECORD.c.id)
    .limit(RECORDS_AT_ONCE)
)
_PAGE_OF_SUPERSEDED = CompiledStatement(
    sa.select(*(SUPERSEDED_RECORD.c[name] for name in NAMES))
    .where(
        SUPERSEDED_RECORD.c.corp_id == bindparam("corp_id"),
        SUPERSEDED_RECORD.c.segment == bindparam("segment"),
        SUPERSEDED_RECORD.c.id > bindparam("after"),
    )
    .order_by(SUPERSEDED_RECORD.c.id)
    .limit(RECORDS_AT_ONCE)
)
_LATEST = CompiledStatement(
    sa.select(LEDGER_SEGMENT.c.number, LEDGER_SEGMENT.c.hash, LEDGER_SEGMENT.c.seal_before)
    .where(LEDGER_SEGMENT.c.corp_id == bindparam("corp_id"))
    .order_by(LEDGER_SEGMENT.c.number.desc())
    .limit(1)
)
_KEEP = CompiledStatement(lambda dialect: insert_missing(dialect, SUPERSEDED_RECORD))
_REMOVE = CompiledStatement(
    sa.delete(USAGE_RECORD).where(
        USAGE_RECORD.c.corp_id == bindparam("corp_id"), USAGE_RECORD.c.id == bindparam("id")
    )
)


class Latest(NamedTuple):
    """The end of the segments so far."""

    number: int
    hash: str
    seal_before: str


def latest(tx: Transaction, corp_id: str) -> Latest | None:
    row = _LATEST.one(tx, corp_id=corp_id)
    return None if row is None else Latest(*row)


def all_of(tx: Transaction, corp_id: str) -> list[Any]:
    """The corp's segments in their order."""
    query = sa.select(LEDGER_SEGMENT).where(LEDGER_SEGMENT.c.corp_id == corp_id)
    return list(tx.execute(query.order_by(LEDGER_SEGMENT.c.number)).all())


def superseding(corp_id: str, segment: int, after: int, until: int, wanted: Sequence[Record]) -> Slices[None]:
    """Makes the ledger hold the records `wanted` among the ids after `after` up to `until`.

    The others move to the segment; equal ones aren't touched. May be run again after an interruption.
    """
    missing = {record[_ID]: record for record in wanted}
    while True:

        def page(tx: Transaction, after: int = after) -> list[Record]:
            return _PAGE.all(tx, corp_id=corp_id, after=after, until=until)

        found: list[Record] = yield page
        wrong = []
        for record in found:
            if missing.get(record[_ID]) == record:
                del missing[record[_ID]]
            else:
                wrong.append(record)
        if wrong:

            def supersede(tx: Transaction, wrong: list[Record] = wrong) -> None:
                _supersede(tx, corp_id, segment, wrong)

            yield supersede
        if len(found) < RECORDS_AT_ONCE:
            break
        after = found[-1][_ID]
    if missing:
        yield lambda tx: tx.execute(
            sa.insert(USAGE_RECORD),
            [{"corp_id": corp_id, **dict(zip(NAMES, record, strict=True))} for record in missing.values()],
        )


def _supersede(tx: Transaction, corp_id: str, segment: int, records: list[Record]) -> None:
    moved = [
        {"corp_id": corp_id, "segment": segment, **dict(zip(NAMES, record, strict=True))}
        for record in records
    ]
    _KEEP.many(tx, moved)
    _REMOVE.many(tx, moved)


class Digest:
    """The hash of a segment, calculated record by record."""

    def __init__(self, corp_id: str, number: int, name: str, seal_before: str, previous_hash: str) -> None:
        self.number, self.name = number, name
        self.seal_before, self.previous_hash = seal_before, previous_hash
        self._hash = hashlib.sha256(orjson.dumps([corp_id, number, name, seal_before, previous_hash]))
        self.records = self.sum = 0

    def add(self, records: Sequence[Record]) -> None:
        for record in records:
            self._hash.update(orjson.dumps(tuple(record)))
            self.records, self.sum = self.records + 1, self.sum + record[_QUANTITY]

    @property
    def hash(self) -> str:
        return self._hash.hexdigest()


def digesting(corp_id: str, number: int, digest: Digest) -> Slices[None]:
    """Adds the superseded records of a segment to its digest."""
    after = -1
    while True:

        def page(tx: Transaction, after: int = after) -> list[Record]:
            tx.breathe()
            return _PAGE_OF_SUPERSEDED.all(tx, corp_id=corp_id, segment=number, after=after)

        found: list[Record] = yield page
        digest.add(found)
        if len(found) < RECORDS_AT_ONCE:
            return
        after = found[-1][_ID]


def digest(tx: Transaction, segment: Any) -> tuple[int, int, str]:
    """Records, sum and hash of a segment, from its records."""
    found = Digest(segment.corp_id, segment.number, segment.name, segment.seal_before, segment.previous_hash)
    run_in(tx, digesting(segment.corp_id, segment.number, found))
    return found.records, found.sum, found.hash


def begin(context: Context, digest: Digest) -> None:
    """Begins the segment, and books the record of the restore."""
    tx, corp_id, number, name = context.db, context.corp_id, digest.number, digest.name
    record = context.next_record_id()
    tx.session.add(
        LedgerSegment(
            corp_id=corp_id,
            number=number,
            record_id=record,
            at=context.now,
            name=name,
            records=digest.records,
            sum=digest.sum,
            seal_before=digest.seal_before,
            previous_hash=digest.previous_hash,
            hash=digest.hash,
        )
    )
    ledger.book(
        tx,
        corp_id=corp_id,
        id=record,
        at=context.now,
        operation=RESTORED,
        meter=RESTORED,
        subject=name,
        reason=f"segment {number}: {digest.records} records superseded",
    )


def drop_future_seals(context: Context) -> None:
    """Opens the hours that aren't over by the corp's clock: the server's may be earlier than it was."""
    seal = LEDGER_SEAL.c
    future = (seal.corp_id == context.corp_id) & (seal.hour >= context.now // HOUR)
    context.db.execute(sa.delete(LEDGER_SEAL).where(future))


def last_seal(tx: Transaction, corp_id: str) -> tuple[int, str]:
    """The hour and hash of the corp's last seal."""
    query = sa.select(LEDGER_SEAL.c.hour, LEDGER_SEAL.c.hash).where(LEDGER_SEAL.c.corp_id == corp_id)
    found = tx.execute(query.order_by(LEDGER_SEAL.c.hour.desc()).limit(1)).first()
    return (found.hour, found.hash) if found else (-1, "")


def superseded(
    tx: Transaction, corp_id: str, segment: int | None, *, after: tuple[int, int], limit: int
) -> Sequence[sa.Row[Any]]:
    """The superseded records of a segment, or of all, that follow `after` (segment, id)."""
    record = SUPERSEDED_RECORD.c
    query = sa.select(SUPERSEDED_RECORD).where(
        record.corp_id == corp_id,
        sa.tuple_(record.segment, record.id) > sa.tuple_(*map(sa.literal, after)),
    )
    if segment is not None:
        query = query.where(record.segment == segment)
    return tx.execute(query.order_by(record.segment, record.id).limit(limit)).all()
