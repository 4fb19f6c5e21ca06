"""Boards as they were last shown, for as long as nothing changes.

Every change of a record raises the number of the corp's latest change, in the same transaction; a seed, which
notes none, raises counters of records that came in, which never go down. So a board of the same state is the
same board, and no process need be told what another has changed.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import orjson

from wecom_tollbooth.db import Database

BOARDS, CARDS_A_BOARD = 100, 400
"""So many boards at most, of so many cards at most, are kept: under 40 MB."""

Asked = tuple[object, ...]


@dataclass
class KeptBoard:
    """A board and the state that it shows."""

    state: object
    stages: list[Any]

    @cached_property
    def as_json(self) -> orjson.Fragment:
        """The stages, written once for all who see them with the corp's own ids."""
        return orjson.Fragment(orjson.dumps(self.stages))


class KeptBoards:
    """Boards of one database, by what was asked for."""

    def __init__(self) -> None:
        self._kept: dict[Asked, KeptBoard] = {}

    def get(self, asked: Asked, state: object) -> KeptBoard | None:
        """None where there is none of this state."""
        found = self._kept.get(asked)
        return found if found is not None and found.state == state else None

    def keep(self, asked: Asked, board: KeptBoard) -> None:
        if sum(len(stage["cards"]) for stage in board.stages) > CARDS_A_BOARD:
            return
        if asked not in self._kept and len(self._kept) >= BOARDS:
            self._kept.clear()
        self._kept[asked] = board

    def __len__(self) -> int:
        return len(self._kept)


_kept: WeakKeyDictionary[Database, KeptBoards] = WeakKeyDictionary()


def kept_boards(database: Database) -> KeptBoards:
    found = _kept.get(database)
    return _kept.setdefault(database, KeptBoards()) if found is None else found
