"""Corps that were made with a key: the same key, seed and calls in order give the same ids.

Such a corp draws nothing from the server's numbers, which other corps use up meanwhile. It has a seed of its
own, made of the server's seed and the key, and counts its own numbers in a row. Its corpid tells that it has
a key, so nobody has to ask the database.
"""

import hashlib
import re
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import CompiledStatement, IdBlock, Transaction, table_of

PREFIX = "wx"
"""Of the corpids, as WeCom's oldest corps have it; all others begin with ww."""
FIRST_BLOCK, LARGEST_BLOCK = 16, 4_096
"""Numbers that a piece of work takes at a time: eight times as many each time."""
KEY_FORM = re.compile(r"[A-Za-z0-9._:/\[\]-]{1,200}")
"""The id of a test is a key, as long as its parameters are plain."""
STARTS_AT = 1_767_578_400
"""Where the clock of a corp with a key stands when it is made: Monday, 2026-01-05, 10:00 in Shanghai."""


class KeyedCorp(SQLModel, table=True):
    """The key of a corp, and the last of its numbers that was handed out."""

    __tablename__ = "keyed_corp"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    key: str
    last_number: int = Field(default=0, sa_type=sa.BigInteger)


KEYED_CORP = table_of(KeyedCorp)
_TAKE = CompiledStatement(
    sa.update(KEYED_CORP)
    .where(KEYED_CORP.c.corp_id == bindparam("of_corp"))
    .values(last_number=KEYED_CORP.c.last_number + bindparam("count"))
    .returning(KEYED_CORP.c.last_number)
)


def is_keyed(corp_id: str) -> bool:
    """Whether the corp was made with a key."""
    return corp_id[:2] == PREFIX


def corpid_of(seed: int, key: str) -> str:
    """The corpid that the key gives on a server with this seed."""
    return PREFIX + hashlib.sha256(f"{seed}/corp with a key/{key}".encode()).hexdigest()[:16]


def seed_of(seed: int, corp_id: str) -> int:
    """What the corp's ids are drawn from, on a server with the seed `seed`: that, or one of its own."""
    return _own_seed(seed, corp_id) if is_keyed(corp_id) else seed


@lru_cache(maxsize=1024)
def _own_seed(seed: int, corp_id: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}/seed of/{corp_id}".encode()).digest()[:7], "big")


class OwnNumbers(IdBlock):
    """The next numbers of a corp with a key, for one piece of work.

    They are taken by the transaction that uses them, so what is rolled back takes none. Rows of the corp
    that are written side by side wait for each other here.
    """

    def __init__(self, tx: Transaction, corp_id: str) -> None:
        super().__init__(0, 0)
        self._tx, self._corp_id = tx, corp_id
        self._size, self._undone = FIRST_BLOCK, tx.undone

    def next(self) -> int:
        if self.used >= self.last or self._undone != self._tx.undone:
            self._take()
        self.used += 1
        return self.used

    def _take(self) -> None:
        self._undone = self._tx.undone
        self.last = take_numbers(self._tx, self._corp_id, self._size)
        self.used = self.last - self._size
        self._size = min(8 * self._size, LARGEST_BLOCK)


def take_numbers(tx: Transaction, corp_id: str, count: int) -> int:
    """Takes the next `count` numbers of the corp, and returns the last of them."""
    row = _TAKE.one(tx, of_corp=corp_id, count=count)
    if row is None:
        raise LookupError(f"the corp {corp_id!r} has no numbers of its own: it is gone")
    return int(row[0])
