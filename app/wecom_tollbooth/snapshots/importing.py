"""Importing a corp from a file: all of it or nothing.

The whole file is checked before anything is written. Then its rows are kept as the snapshot that the corp is
reset to, and the corp is made from that, hidden until it is complete.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.billing.tables import CLOSED_CORP, LEDGER_SEAL
from wecom_tollbooth.callbacks.tables import CALLBACK
from wecom_tollbooth.corp_deletion import removing_unborn
from wecom_tollbooth.corps import unfinished
from wecom_tollbooth.corps.tables import CORP, PROVIDER, UNFINISHED_CORP
from wecom_tollbooth.db import Database, Slices, Transaction, is_duplicate, run_in
from wecom_tollbooth.families.media import files_in_use
from wecom_tollbooth.families.media.files_in_use import REFERRING
from wecom_tollbooth.files import FilesFolder
from wecom_tollbooth.gateway.steps.keys import robot_keys
from wecom_tollbooth.gateway.steps.tokens import token_under
from wecom_tollbooth.gateway.tables import (
    ACCESS_TOKEN,
    CALL_JOURNAL,
    GROUP_ROBOT,
    PROVIDER_TOKEN,
    WEBHOOK_KEY,
)
from wecom_tollbooth.snapshots import rows, stored
from wecom_tollbooth.snapshots.archive import Archive
from wecom_tollbooth.snapshots.checking import TableCheck
from wecom_tollbooth.snapshots.content import as_lines
from wecom_tollbooth.snapshots.manifest import WrongFile
from wecom_tollbooth.world import clock, ids, scheduled_tasks
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.keyed_corps import KEYED_CORP

SMALL_ROWS = 4_000
"""A corp with so few rows is imported in one transaction."""

NAMES_THE_CORP = (ACCESS_TOKEN, PROVIDER_TOKEN, LEDGER_SEAL, KEYED_CORP)
"""Tokens name their corp, seals cover its id, and a key is of one corp: a new id begins without them."""


Changes = dict[int, Callable[[str], str]]
"""By the place of a column."""


class InUse(Exception):
    """The id of the corp is in use here: one sentence."""


@dataclass(frozen=True)
class Imported:
    corp_id: str
    follows_server: bool


def check(archive: Archive) -> None:
    """Reads the whole file. Raises WrongFile. For a thread."""
    files = _contents_of(archive)
    sizes: dict[str, int] = {}
    tables = {entry.table for entry in archive.manifest.tables}
    if CORP.name not in tables:
        raise WrongFile(f"the file has no row of {CORP.name}; export the corp again")
    for entry in archive.manifest.tables:
        table = TableCheck(entry.table, entry.columns)
        for lines in archive.parts(entry):
            for row in table.read(lines, files):
                if table.content.table in REFERRING:
                    sizes[row[entry.columns.index("sha256")]] = row[entry.columns.index("size")]
                if table.content.table is CORP and entry.rows != 1:
                    raise WrongFile(f"the file has {entry.rows} rows of {CORP.name}, and a corp has one")
    for file in archive.manifest.files:
        archive.copy_file(file, _Nowhere())
        if sizes.get(file.sha256) != file.bytes:
            raise WrongFile(f"no row of the file refers to files/{file.sha256} with {file.bytes} bytes")


def keep_files(folder: FilesFolder, archive: Archive) -> None:
    """Puts the uploaded files of a file that was checked into the folder. For a thread; raises OSError."""
    for entry in archive.manifest.files:
        if folder.has(entry.sha256):
            continue
        file = folder.new()
        try:
            archive.copy_file(entry, file)
            file.finish()
            file.keep()
        finally:
            file.close()


def drop_files(archive: Archive, tx: Transaction) -> None:
    """The corp did not come about: files that nobody else refers to are to go."""
    for entry in archive.manifest.files:
        files_in_use.drop(tx, entry.sha256)


def importing(
    database: Database, archive: Archive, *, new_id: bool = False, name: str | None = None
) -> Slices[Imported]:
    """Makes the corp of a file that was checked and whose uploaded files are kept.

    Raises InUse, WrongFile for rows that can't be beside each other, and FileGone when somebody removed an
    uploaded file meanwhile.
    """
    plan = _Importing(database, archive, new_id, name)
    if sum(entry.rows for entry in archive.manifest.tables) <= SMALL_ROWS and database.inline:
        try:
            yield lambda tx: run_in(tx, plan.slices())
        except Exception as error:
            plan.refuse_contradiction(error)
            raise
    else:
        try:
            yield from plan.slices()
        except Exception as error:
            yield from plan.remove()
            plan.refuse_contradiction(error)
            raise
    return plan.imported


class _Importing:
    """A corp on its way from a file into the database."""

    def __init__(self, database: Database, archive: Archive, new_id: bool, name: str | None) -> None:
        self._database, self._settings = database, database.settings
        self._archive, self._manifest = archive, archive.manifest
        self._is_renamed, self._name = new_id, name
        self._at = ""
        """The table that is being written."""
        self._number = 0
        self.corp_id = ""
        self.imported: Imported

    def slices(self) -> Slices[None]:
        self._at = ""
        yield self._take_over_ids
        snapshot_id = yield self._begin
        files = {entry.sha256: entry.bytes for entry in self._manifest.files}
        yield from stored.writing_files(self._database.files, self.corp_id, snapshot_id, files)
        count, size = yield from self._signed(stored.writing_parts(self.corp_id, snapshot_id, self._parts()))
        yield partial(stored.complete, corp_id=self.corp_id, snapshot_id=snapshot_id, rows=count, size=size)
        parts = yield partial(stored.plan, corp_id=self.corp_id, snapshot_id=snapshot_id)
        for part in rows.parts_of(parts, *rows.SHOWING, but=True):
            self._at = part.table
            yield from self._signed(rows.filling(self.corp_id, snapshot_id, [part]))
        has_clock = yield partial(self._show, snapshot_id, rows.parts_of(parts, *rows.SHOWING))
        yield from scheduled_tasks.sorting_by_clock(self.corp_id, own_clock=has_clock)
        self.imported = Imported(self.corp_id, not has_clock)

    def remove(self) -> Slices[None]:
        if self.corp_id:
            yield partial(unfinished.give_up, corp_id=self.corp_id)
            yield from removing_unborn(self.corp_id)

    def refuse_contradiction(self, error: Exception) -> None:
        """Raises WrongFile where a row of the file could not be beside another one."""
        if is_duplicate(error) and self._at:
            raise WrongFile(f"two rows of {self._at} in the file can't be beside each other") from None

    def _signed(self, slices: Slices[Any]) -> Slices[Any]:
        came = None
        while True:
            try:
                work = slices.send(came)
            except StopIteration as end:
                return end.value
            came = yield None if work is None else partial(self._sign, work)

    def _sign(self, work: Any, tx: Transaction) -> Any:
        unfinished.go_on_making(tx, self.corp_id)
        return work(tx)

    def _take_over_ids(self, tx: Transaction) -> None:
        """Ids that are given out from now on are larger than those of the rows."""
        self._database.skip_ids(tx, self._manifest.last_id)

    def _begin(self, tx: Transaction) -> int:
        context = Context(self._settings, tx, "")
        self._number = context.next_id()
        self.corp_id = (
            "ww" + context.draw("corp", 16, "0123456789abcdef") if self._is_renamed else self._manifest.corpid
        )
        try:
            self._refuse_id_in_use(tx)
        except InUse:
            self.corp_id = ""
            raise
        unfinished.note(tx, self.corp_id, unfinished.MAKING)
        taken_at = self._manifest.clock.now
        return stored.begin(
            tx, self.corp_id, stored.IMPORTED, taken_at, clock.wall(), self._manifest.revision
        )

    def _refuse_id_in_use(self, tx: Transaction) -> None:
        corp_id = self.corp_id
        ask = "import this one under a new id (new_id=true), or"
        for table, why in (
            (CORP, f"there is a corp {corp_id} on this server already; {ask} restore a snapshot of that one"),
            (
                UNFINISHED_CORP,
                f"the corp {corp_id} is being made, restored or deleted at the moment; try again",
            ),
            (
                CLOSED_CORP,
                f"a corp {corp_id} was deleted on this server, which keeps its ledger under that id; "
                "import it under a new id (new_id=true)",
            ),
        ):
            if tx.execute(sa.select(table.c.corp_id).where(table.c.corp_id == corp_id)).first() is not None:
                raise InUse(why)

    def _parts(self) -> Iterator[stored.NewPart]:
        """The rows of the file; under a new id with that in place of the old one."""
        old, new = self._manifest.corpid.encode(), self.corp_id.encode()
        left_out = {table.name for table in NAMES_THE_CORP} if self._is_renamed else set()
        for entry in self._manifest.tables:
            if entry.table in left_out:
                continue
            check = TableCheck(entry.table, entry.columns)
            changes = self._changes(check)
            for lines in self._archive.parts(entry):
                text = lines.replace(old, new) if self._is_renamed else lines
                if changes:
                    text = as_lines([_changed(row, changes) for row in check.read(text, ())])
                yield stored.NewPart.of(entry.table, entry.columns, text.count(b"\n"), text)

    def _changes(self, check: TableCheck) -> Changes:
        """What becomes of some values of the table: those that name the corp, or would mean two corps."""
        seed, corp_id, number = self._settings.seed, self.corp_id, self._number
        changes: dict[str, Callable[[str], str]] = {}
        table, name = check.content.table, self._name
        if table is CORP and name is not None:
            changes["name"] = lambda _: name
        if self._is_renamed and table is WEBHOOK_KEY:
            changes["key"] = lambda key: token_under(key, corp_id)
        if self._is_renamed and table is GROUP_ROBOT:
            changes["key"] = lambda key: robot_keys.key_under(key, corp_id)
        if self._is_renamed and table is PROVIDER:
            changes["provider_secret"] = lambda _: ids.draw(seed, f"provider_secret/{corp_id}", number, 64)
            changes["suite_id"] = lambda _: (
                "ww" + ids.draw(seed, f"suite/{corp_id}", number, 16, robot_keys.HEX)
            )
            changes["suite_secret"] = lambda _: ids.draw(seed, f"suite_secret/{corp_id}", number, 43)
        return {check.columns.index(column): change for column, change in changes.items()}

    def _show(self, snapshot_id: int, parts: list[stored.PlannedPart], tx: Transaction) -> bool:
        """Shows the corp; returns whether it has a clock of its own."""
        unfinished.go_on_making(tx, self.corp_id)
        context = Context(self._settings, tx, self.corp_id)
        self._set_clock(tx)
        rows.write_at_once(tx, self.corp_id, snapshot_id, parts)
        number = context.next_record_id()
        tx.execute(sa.update(CORP).where(CORP.c.corp_id == self.corp_id).values(generation=number))
        if tx.dialect == "postgresql":
            for sequence, column in (
                ("call_journal_seq", CALL_JOURNAL.c.seq),
                ("callback_position", CALLBACK.c.position),
            ):
                _raise_sequence(tx, sequence, column, self.corp_id)
        unfinished.forget(tx, self.corp_id)
        return context.has_own_clock if context.now else False

    def _set_clock(self, tx: Transaction) -> None:
        """The corp's own clock goes on from where it was.

        A corp that followed its server's gets one of its own where this server's shows an earlier time.
        """
        was = self._manifest.clock
        clock.shows_again(tx, self.corp_id, was.now)
        if was.follows_server and clock.shows(tx) < was.now:
            clock.give_own(tx, self.corp_id)
            clock.set_to(tx, was.now, self.corp_id)


def _changed(row: list[Any], changes: Changes) -> tuple[Any, ...]:
    return tuple(changes[place](value) if place in changes else value for place, value in enumerate(row))


def _contents_of(archive: Archive) -> set[str]:
    return {entry.sha256 for entry in archive.manifest.files}


def _raise_sequence(tx: Transaction, sequence: str, column: sa.Column[int], corp_id: str) -> None:
    """The next numbers are above those of the corp."""
    most = sa.select(sa.func.max(column)).where(column.table.c.corp_id == corp_id)
    highest = tx.execute(most).scalar()
    if highest is not None:
        tx.execute(
            sa.text(f"SELECT setval('{sequence}', :highest) FROM {sequence} WHERE last_value < :highest"),
            {"highest": int(highest) + SPARE_NUMBERS},
        )


SPARE_NUMBERS = 10_000
"""Other workers take numbers while the sequence is raised."""


class _Nowhere:
    """Takes bytes that are only to be read."""

    def write(self, data: bytes) -> None:
        """Does nothing with them."""
