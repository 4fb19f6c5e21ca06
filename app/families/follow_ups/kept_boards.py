"""Boards as they were last shown, for as long as nothing changes.

Every change of a record raises the number of the corp's latest change, in the same transaction; a seed, which
notes none, raises counters of records that came in, which never go down. So a board of the same state is the
same board, and no process need be told what another has changed.
"""

from typing import Any
from weakref import WeakKeyDictionary

from app.db import Database

BOARDS, CARDS_A_BOARD = 100, 400
"""So many boards at most, of so many cards at most, are kept: under 30 MB."""

Asked = tuple[object, ...]


class KeptBoards:
    """Boards of one database, by what was asked for, each with the state that it shows."""

    def __init__(self) -> None:
        self._kept: dict[Asked, tuple[object, list[Any]]] = {}

    def get(self, asked: Asked, state: object) -> list[Any] | None:
        """The stages; None where there are none of this state."""
        found = self._kept.get(asked)
        return found[1] if found is not None and found[0] == state else None

    def keep(self, asked: Asked, state: object, stages: list[Any]) -> None:
        if sum(len(stage["cards"]) for stage in stages) > CARDS_A_BOARD:
            return
        if asked not in self._kept and len(self._kept) >= BOARDS:
            self._kept.clear()
        self._kept[asked] = (state, stages)

    def __len__(self) -> int:
        return len(self._kept)


_kept: WeakKeyDictionary[Database, KeptBoards] = WeakKeyDictionary()


def kept_boards(database: Database) -> KeptBoards:
    found = _kept.get(database)
    return _kept.setdefault(database, KeptBoards()) if found is None else found
