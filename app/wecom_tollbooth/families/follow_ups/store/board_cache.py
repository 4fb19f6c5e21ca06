"""Boards as they were last shown, cached until something changes.

Every change of a record raises the number of the corp's latest change in the same transaction. A seed notes
no changes, but it raises the counters of records that entered a stage, and those never fall. So two boards of
the same state are equal, and processes need not notify each other of changes.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import orjson

from wecom_tollbooth.db import Database

BOARDS, CARDS_A_BOARD = 100, 400
"""The most boards that are cached, and the most cards of a cached board: under 40 MB together."""

BoardKey = tuple[object, ...]


@dataclass
class CachedBoard:
    """A board and the state that it shows."""

    state: object
    stages: list[Any]

    @cached_property
    def as_json(self) -> orjson.Fragment:
        """The stages, serialized once for all callers who see them with the corp's own ids."""
        return orjson.Fragment(orjson.dumps(self.stages))


class BoardCache:
    """The boards of one database, by what was asked for."""

    def __init__(self) -> None:
        self._boards: dict[BoardKey, CachedBoard] = {}

    def get(self, key: BoardKey, state: object) -> CachedBoard | None:
        """The board if it is cached in this very state."""
        found = self._boards.get(key)
        return found if found is not None and found.state == state else None

    def put(self, key: BoardKey, board: CachedBoard) -> None:
        """Caches the board unless it has too many cards; a full cache is emptied first."""
        if sum(len(stage["cards"]) for stage in board.stages) > CARDS_A_BOARD:
            return
        if key not in self._boards and len(self._boards) >= BOARDS:
            self._boards.clear()
        self._boards[key] = board

    def __len__(self) -> int:
        return len(self._boards)


_CACHES: WeakKeyDictionary[Database, BoardCache] = WeakKeyDictionary()


def board_cache(database: Database) -> BoardCache:
    """The cache of this process for a database."""
    found = _CACHES.get(database)
    return _CACHES.setdefault(database, BoardCache()) if found is None else found
