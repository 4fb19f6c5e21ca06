"""Removes what a bound doesn't keep of one corp, in slices."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.sql.dml import Insert

from wecom_tollbooth.callbacks.tables import CALLBACK_ATTEMPT
from wecom_tollbooth.db import CompiledStatement, Slices, Transaction, insert_into
from wecom_tollbooth.families.app_messages.tables import APP_MESSAGE
from wecom_tollbooth.families.phones.tables import PHONE_ITEM, PHONE_MESSAGE
from wecom_tollbooth.retention.bounds import Bound
from wecom_tollbooth.retention.tables import REMOVED_ROWS
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.context import Context

SLICE_ROWS = 200
"""Rows that one transaction looks at, a few milliseconds on either database."""
LOCK = 740_010
"""PostgreSQL's advisory lock of a slice: one worker removes at a time."""

Key = tuple[Any, ...]


class TakenElsewhere(Exception):
    """Another worker is removing rows."""


def _counting(dialect: str) -> Insert:
    row = insert_into(dialect, REMOVED_ROWS).values(
        {column.name: bindparam(column.name) for column in REMOVED_ROWS.columns}
    )
    return row.on_conflict_do_update(
        index_elements=["corp_id", "kind"],
        set_={"removed": REMOVED_ROWS.c.removed + row.excluded.removed, "last_at": row.excluded.last_at},
    )


_COUNT = CompiledStatement(_counting)
_ATTEMPTS_OF = CompiledStatement(
    sa.delete(CALLBACK_ATTEMPT).where(
        CALLBACK_ATTEMPT.c.corp_id == bindparam("corp_id"), CALLBACK_ATTEMPT.c.callback_id == bindparam("id")
    )
)
_MESSAGE_WITHOUT_ITEM = CompiledStatement(
    sa.delete(PHONE_MESSAGE).where(
        PHONE_MESSAGE.c.corp_id == bindparam("corp_id"),
        PHONE_MESSAGE.c.id == bindparam("id"),
        ~sa.exists().where(
            PHONE_ITEM.c.corp_id == PHONE_MESSAGE.c.corp_id, PHONE_ITEM.c.message_id == PHONE_MESSAGE.c.id
        ),
        ~sa.exists().where(
            APP_MESSAGE.c.corp_id == PHONE_MESSAGE.c.corp_id, APP_MESSAGE.c.message_id == PHONE_MESSAGE.c.id
        ),
    )
)
"""An app message is changed and recalled by its own row, which goes before."""
_TAKE_LOCK = CompiledStatement(sa.select(sa.func.pg_try_advisory_xact_lock(LOCK)))


def take_turn(tx: Transaction) -> None:
    """Keeps other workers out until the transaction ends. Raises TakenElsewhere when one is at work."""
    if tx.dialect == "postgresql" and _TAKE_LOCK.one(tx) != (True,):
        raise TakenElsewhere


@dataclass(frozen=True)
class Slice:
    """What one slice looked at."""

    looked_at: int
    left: int
    """Rows that stay."""
    last: Key | None
    """The oldest key; None if the slice was the last one."""


@dataclass(frozen=True)
class Left:
    """What a sweep left of a corp."""

    rows: int
    newest: Key | None


class Sweep:
    """Removes the rows of one kind."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        table = bound.table
        self._key = [table.c[name] for name in bound.keys]
        self._of_corp = table.c.corp_id == bindparam("corp_id", type_=sa.String)

    def run(self, corp_id: str) -> Slices[Left]:
        """From the newest row to the oldest, so that rows are kept by count even where times jump."""
        newest = yield partial(self.newest, corp_id=corp_id)
        position = rows = 0
        before: Key | None = None
        while newest is not None:
            done: Slice = yield partial(self._slice, corp_id=corp_id, position=position, before=before)
            position, rows, before = position + done.looked_at, rows + done.left, done.last
            if before is None:
                break
        return Left(rows, newest)

    def newest(self, tx: Transaction, corp_id: str) -> Key | None:
        """The key of the newest row; None without one."""
        return self._newest.one(tx, corp_id=corp_id)

    def has_old(self, tx: Transaction, corp_id: str) -> bool:
        """Whether there may be a row that is too old: a look at the rows' owners, if they have some."""
        if self.bound.of is None:
            return True
        oldest = Context(tx.database.settings, tx, corp_id).now - self.bound.days * clock.DAY
        return self._old_owner.one(tx, corp_id=corp_id, oldest=oldest) is not None

    def count_since(self, corp_id: str, left: Left) -> Slices[Left]:
        """What there is of the corp now, when since a sweep rows have only been added."""
        while left.newest is not None:
            keys: list[Key] = yield partial(self._newer, corp_id=corp_id, key=left.newest)
            if keys:
                left = Left(left.rows + len(keys), keys[-1])
            if len(keys) < SLICE_ROWS:
                break
        return left

    def _newer(self, tx: Transaction, corp_id: str, key: Key) -> list[Key]:
        return self._after.all(tx, corp_id=corp_id, **self._named(key))

    def _slice(self, tx: Transaction, corp_id: str, position: int, before: Key | None) -> Slice:
        """Looks at the rows before the key, of which `position` newer ones there are, and removes some."""
        take_turn(tx)
        now = Context(tx.database.settings, tx, corp_id).now
        if before is None:
            rows = self._first.all(tx, corp_id=corp_id)
        else:
            rows = self._next.all(tx, corp_id=corp_id, **self._named(before))
        oldest, size = now - self.bound.days * clock.DAY, len(self._key)
        kept = self.bound.kept
        over = [
            row
            for place, row in enumerate(rows, position)
            if ((kept is not None and place >= kept) or row[size] < oldest) and not row[size + 1]
        ]
        removed = self._remove(tx, corp_id, [row[:size] for row in over], now)
        if self.bound.message is not None and over:
            messages = dict.fromkeys(row[size + 2] for row in over)
            _MESSAGE_WITHOUT_ITEM.many(tx, [{"corp_id": corp_id, "id": one} for one in messages])
        last = rows[-1][:size] if len(rows) == SLICE_ROWS else None
        return Slice(len(rows), len(rows) - removed, last)

    def _remove(self, tx: Transaction, corp_id: str, keys: Sequence[Key], now: int) -> int:
        if not keys:
            return 0
        self._delete.many(tx, [{"corp_id": corp_id, **self._named(key)} for key in keys])
        removed = int(tx.cursor.rowcount)
        _COUNT.run(tx, corp_id=corp_id, kind=self.bound.kind, removed=removed, last_at=now)
        if self.bound.kind == "callbacks":
            _ATTEMPTS_OF.many(tx, [{"corp_id": corp_id, "id": key[0]} for key in keys])
            attempts = int(tx.cursor.rowcount)
            if attempts:
                _COUNT.run(tx, corp_id=corp_id, kind="attempts", removed=attempts, last_at=now)
        return removed

    def _named(self, key: Key) -> dict[str, Any]:
        return dict(zip((f"key_{name}" for name in self.bound.keys), key, strict=True))

    @cached_property
    def _row(self) -> Any:
        return sa.tuple_(*self._key)

    @cached_property
    def _given(self) -> list[sa.BindParameter[Any]]:
        return [bindparam(f"key_{column.name}", type_=column.type) for column in self._key]

    @cached_property
    def _protected(self) -> sa.ColumnElement[Any]:
        protected = self.bound.protected
        return sa.literal_column("0") if protected is None else sa.case((protected, 1), else_=0)

    def _looking(self) -> sa.Select[Any]:
        newest_first = [column.desc() for column in self._key]
        bound = self.bound
        at = bound.table.c.at if bound.at is None else bound.at
        more = () if bound.message is None else (bound.message,)
        query = sa.select(*self._key, at.label("made_at"), self._protected, *more).where(self._of_corp)
        return query.order_by(*newest_first).limit(SLICE_ROWS)

    @cached_property
    def _old_owner(self) -> CompiledStatement:
        made_at = self.bound.of
        assert made_at is not None
        of_corp = made_at.table.c.corp_id == bindparam("corp_id")
        old = sa.select(made_at).where(of_corp, made_at < bindparam("oldest"))
        return CompiledStatement(old.limit(1))

    @cached_property
    def _first(self) -> CompiledStatement:
        return CompiledStatement(self._looking())

    @cached_property
    def _next(self) -> CompiledStatement:
        return CompiledStatement(self._looking().where(self._row < sa.tuple_(*self._given)))

    @cached_property
    def _after(self) -> CompiledStatement:
        newer = sa.select(*self._key).where(self._of_corp, self._row > sa.tuple_(*self._given))
        return CompiledStatement(newer.order_by(*self._key).limit(SLICE_ROWS))

    @cached_property
    def _newest(self) -> CompiledStatement:
        newest_first = [column.desc() for column in self._key]
        return CompiledStatement(sa.select(*self._key).where(self._of_corp).order_by(*newest_first).limit(1))

    @cached_property
    def _delete(self) -> CompiledStatement:
        given = [column == value for column, value in zip(self._key, self._given, strict=True)]
        # Asked once more: on PostgreSQL the row may have changed since it was looked at.
        return CompiledStatement(
            sa.delete(self.bound.table).where(
                self._of_corp, *given, self._protected == sa.literal_column("0")
            )
        )
