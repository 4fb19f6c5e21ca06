"""Which files of the folder are referred to, and removing those that aren't any more.

A new reference and the removal of a file never overlap: on SQLite one transaction is after the other, on
PostgreSQL both hold a lock of the content. Who removes a reference notes the content in dropped_file, in the
same transaction.
"""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps.snapshot_tables import SNAPSHOT_FILE
from wecom_tollbooth.db import CompiledStatement, Slices, Transaction, insert_missing
from wecom_tollbooth.families.media.tables import DROPPED_FILE, MEDIA, MEDIA_ADDRESS
from wecom_tollbooth.files import FilesFolder
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.scheduled_tasks import scheduled_task

REFERRING = (MEDIA, MEDIA_ADDRESS)
"""The tables whose rows show a file to somebody; a snapshot keeps it for them."""
KEEPING = (*REFERRING, SNAPSHOT_FILE)
FILES_AT_ONCE, ROWS_AT_ONCE = 50, 500
_LOCK_DIGITS = 15
"""Of the hexadecimal digits of a content, as many as fit into the number of a lock."""

_LOCK = CompiledStatement(sa.select(sa.func.pg_advisory_xact_lock(bindparam("number", type_=sa.BigInteger))))
_IN_USE = CompiledStatement(
    sa.union_all(
        *(sa.select(sa.literal(1)).where(table.c.sha256 == bindparam("sha256")) for table in KEEPING)
    )
)
_DROP = CompiledStatement(lambda dialect: insert_missing(dialect, DROPPED_FILE))
_DROPPED = CompiledStatement(sa.select(DROPPED_FILE.c.sha256).order_by(DROPPED_FILE.c.sha256).limit(1))
_EXPIRED = CompiledStatement(
    sa.delete(MEDIA)
    .where(MEDIA.c.corp_id == bindparam("corp_id"), MEDIA.c.media_id == bindparam("media_id"))
    .returning(MEDIA.c.sha256)
)


def hold(tx: Transaction, sha256: str) -> None:
    """Nobody removes the file until the transaction ends; call it before the reference is written."""
    if tx.dialect == "postgresql":
        _LOCK.one(tx, number=int(sha256[:_LOCK_DIGITS], 16))


def drop(tx: Transaction, sha256: str) -> None:
    """Notes that a reference to the content was removed; a recording has none."""
    if sha256:
        _DROP.run(tx, corp_id="", sha256=sha256)


@scheduled_task("media_expires")
def media_expires(act: Act, media_id: str) -> None:
    """Removes a media_id after its three days."""
    found = _EXPIRED.one(act.db, corp_id=act.corp_id, media_id=media_id)
    if found is not None:
        drop(act.db, found[0])


def has_dropped(tx: Transaction) -> bool:
    return _DROPPED.one(tx) is not None


def removing_dropped(folder: FilesFolder) -> Slices[None]:
    """Removes the files whose last reference is gone."""
    while (yield partial(_remove_dropped, folder)):
        pass


def _remove_dropped(folder: FilesFolder, tx: Transaction) -> int:
    contents = list(tx.execute(sa.select(DROPPED_FILE.c.sha256).limit(FILES_AT_ONCE)).scalars())
    for sha256 in sorted(contents):
        _remove_if_unused(folder, tx, sha256)
    if contents:
        tx.execute(sa.delete(DROPPED_FILE).where(DROPPED_FILE.c.sha256.in_(contents)))
    return len(contents)


def _remove_if_unused(folder: FilesFolder, tx: Transaction, sha256: str) -> None:
    hold(tx, sha256)
    if _IN_USE.one(tx, sha256=sha256) is None:
        folder.remove(sha256)


def removing_orphans(folder: FilesFolder) -> Slices[None]:
    """Removes what killed processes left in the folder; beside other workers it harms nothing of theirs."""
    folder.remove_left_behind()
    names = folder.names()
    while some := sorted(islice(names, FILES_AT_ONCE)):
        yield partial(_remove_unused, folder, some)


def _remove_unused(folder: FilesFolder, names: list[str], tx: Transaction) -> None:
    for sha256 in names:
        _remove_if_unused(folder, tx, sha256)


def dropping_of_corp(corp_id: str) -> Slices[None]:
    """Removes the corp's references to files."""
    for table in KEEPING:
        while (yield partial(_drop_some, table, corp_id)):
            pass


def dropping_shown_of_corp(corp_id: str) -> Slices[None]:
    """Removes the corp's references to files, but for those of its snapshots."""
    for table in REFERRING:
        while (yield partial(_drop_some, table, corp_id)):
            pass


def drop_of_snapshot(tx: Transaction, corp_id: str, snapshot_id: int) -> None:
    """Removes the references of a snapshot."""
    of_snapshot = (SNAPSHOT_FILE.c.corp_id == corp_id) & (SNAPSHOT_FILE.c.snapshot_id == snapshot_id)
    for sha256 in tx.execute(
        sa.delete(SNAPSHOT_FILE).where(of_snapshot).returning(SNAPSHOT_FILE.c.sha256)
    ).scalars():
        drop(tx, sha256)


def _drop_some(table: sa.Table, corp_id: str, tx: Transaction) -> int:
    key = _key(table)
    found = sa.select(key, table.c.sha256).where(table.c.corp_id == corp_id).order_by(key).limit(ROWS_AT_ONCE)
    rows: list[Any] = list(tx.execute(found))
    for sha256 in sorted({sha256 for _, sha256 in rows}):
        drop(tx, sha256)
    tx.execute(sa.delete(table).where(table.c.corp_id == corp_id, key.in_([name for name, _ in rows])))
    return len(rows)


def references(tx: Transaction) -> Iterator[tuple[str, str, str, int]]:
    """Corp, name of the row, content and size of each reference; in the order of the contents."""
    for table in KEEPING:
        key = _key(table)
        found = sa.select(table.c.corp_id, key, table.c.sha256, table.c.size)
        found = found.where(table.c.sha256 != "").order_by(table.c.sha256)
        rows: list[Any] = list(tx.execute(found))
        yield from rows


def _key(table: sa.Table) -> sa.ColumnElement[str]:
    if table is SNAPSHOT_FILE:
        return table.c.sha256
    return table.c.media_id if table is MEDIA else table.c.name
