"""Taking a snapshot: the corp is read beside the calls, then written in short transactions."""

from functools import partial

import sqlalchemy as sa

from wecom_tollbooth.corps.lifecycle import is_kept
from wecom_tollbooth.corps.snapshot_tables import SNAPSHOT
from wecom_tollbooth.db import Slices, Transaction, run_in
from wecom_tollbooth.files import FilesFolder
from wecom_tollbooth.snapshots import stored
from wecom_tollbooth.snapshots.reading import NoCorp
from wecom_tollbooth.snapshots.stored import State
from wecom_tollbooth.world import clock

MOST_SNAPSHOTS = 100
MOST_BYTES = 1024**3
"""Of all snapshots of a corp, compressed."""
SECONDS_TO_TAKE = 3600
"""What is incomplete after so long was left by a killed process."""
SMALL_BYTES = 1024 * 1024
"""A snapshot of this size is written in one transaction."""


class NotTaken(Exception):
    """Why there is no new snapshot: one sentence."""


def keeping(folder: FilesFolder, corp_id: str, name: str, state: State) -> Slices[None]:
    """Keeps the state as a snapshot. Raises NotTaken, NoCorp and FileGone; then nothing is left of it."""
    if state.size <= SMALL_BYTES:
        yield lambda tx: run_in(tx, _keeping(folder, corp_id, name, state))
    else:
        yield from _keeping(folder, corp_id, name, state)


def _keeping(folder: FilesFolder, corp_id: str, name: str, state: State) -> Slices[None]:
    for left in (yield partial(_left_behind, corp_id)):
        yield from stored.removing(corp_id, left)
    snapshot_id = yield partial(_begin, corp_id, name, state)
    try:
        yield from stored.writing_files(folder, corp_id, snapshot_id, state.files)
        rows, size = yield from stored.writing_parts(corp_id, snapshot_id, state.parts)
        yield partial(_complete, corp_id, snapshot_id, rows, size)
    except Exception:
        yield from stored.removing(corp_id, snapshot_id)
        raise


def _left_behind(corp_id: str, tx: Transaction) -> list[int]:
    query = sa.select(SNAPSHOT.c.id).where(
        SNAPSHOT.c.corp_id == corp_id,
        sa.not_(SNAPSHOT.c.is_complete),
        SNAPSHOT.c.made_at < clock.wall() - SECONDS_TO_TAKE,
    )
    return list(tx.execute(query).scalars())


def _begin(corp_id: str, name: str, state: State, tx: Transaction) -> int:
    if not is_kept(tx, corp_id):
        raise NoCorp(f"there is no corp {corp_id!r} any more")
    of_corp = SNAPSHOT.c.corp_id == corp_id
    if tx.execute(sa.select(SNAPSHOT.c.id).where(of_corp, SNAPSHOT.c.name == name)).first() is not None:
        raise NotTaken(f"there is a snapshot {name!r} already; delete it first, or take another name")
    sizes = list(tx.execute(sa.select(SNAPSHOT.c.size).where(of_corp)).scalars())
    count, size = len(sizes), sum(sizes)
    if count >= MOST_SNAPSHOTS:
        raise NotTaken(f"the corp has {count} snapshots, which is the most; delete one first")
    if size + state.size > MOST_BYTES:
        raise NotTaken(
            f"the corp's snapshots have {size} bytes and this one {state.size}, more than {MOST_BYTES} "
            "together; delete one first, or export the corp to a file"
        )
    return stored.begin(tx, corp_id, name, state.now, clock.wall())


def _complete(corp_id: str, snapshot_id: int, rows: int, size: int, tx: Transaction) -> None:
    if not is_kept(tx, corp_id):
        raise NoCorp(f"there is no corp {corp_id!r} any more")
    stored.complete(tx, corp_id, snapshot_id, rows, size)
