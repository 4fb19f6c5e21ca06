"""Limits on calls: frequency per corp and operation and per address and operation, blocks, concurrency.

Source: page 90312 (2026-02). Fixed windows of the corp's clock; the block after a window was exceeded
lasts as long as the window, and calls during it don't count. A call counts for its corp and for its address,
also when one of the two refuses it. The concurrency limit is not published: staff answers speak of five.
On SQLite the counts are in the memory of the one process; on PostgreSQL in an unlogged table that all workers
share, written outside the call's transaction: a refused call counts, and no call waits for another's commit.
A restart forgets them. Each worker counts the calls under way for itself: those whose token was verified and
whose body has arrived, until their answer leaves.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

import sqlalchemy as sa

from wecom_tollbooth.db import Database
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import Operation
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world.clock import HOUR, MINUTE

KEYS_IN_MEMORY = 50_000

UnderWay = tuple[str, str]
"""The corp and the path of the operation by which calls under way are counted."""


@dataclass
class Windows:
    """The counts of one key in its current minute and hour, and until when the key is blocked."""

    minute: int = 0
    minute_count: int = 0
    hour: int = 0
    hour_count: int = 0
    blocked_until: int = 0
    used_at: float = 0.0
    """By time.monotonic(); only in memory."""


class Counters(Protocol):
    def count(self, keys: Sequence[str], now: int) -> list[Windows]:
        """Counts one call of each of `keys` that is not blocked, and returns their windows."""

    def read(self, key: str) -> Windows: ...

    def block(self, key: str, until: int) -> None: ...

    def forget(self, prefixes: Sequence[str]) -> None:
        """Forgets the windows of keys that begin so."""


class MemoryCounters:
    def __init__(self) -> None:
        self._windows: defaultdict[str, Windows] = defaultdict(Windows)
        self._lock = Lock()
        self._most = KEYS_IN_MEMORY

    def count(self, keys: Sequence[str], now: int) -> list[Windows]:
        with self._lock:
            if len(self._windows) > self._most:
                self._forget_idle()
            return [self._count(self._windows[key], now) for key in keys]

    def read(self, key: str) -> Windows:
        return self._windows.get(key) or Windows()

    def block(self, key: str, until: int) -> None:
        self._windows[key].blocked_until = until

    def forget(self, prefixes: Sequence[str]) -> None:
        with self._lock:
            for key in [key for key in self._windows if key.startswith(tuple(prefixes))]:
                del self._windows[key]

    def _count(self, windows: Windows, now: int) -> Windows:
        windows.used_at = time.monotonic()
        if windows.blocked_until > now:
            return windows
        if windows.minute != now // MINUTE:
            windows.minute, windows.minute_count = now // MINUTE, 0
            if windows.hour != now // HOUR:
                windows.hour, windows.hour_count = now // HOUR, 0
        windows.minute_count += 1
        windows.hour_count += 1
        return windows

    def _forget_idle(self) -> None:
        """Corps have clocks of their own, so what was idle for an hour is told by real time."""
        before = time.monotonic() - HOUR
        idle = [key for key, windows in self._windows.items() if windows.used_at < before]
        for key in idle:
            del self._windows[key]
        self._most = max(KEYS_IN_MEMORY, 2 * len(self._windows))


class PostgresCounters:
    """Counts all keys of a call in one statement on the driver's connection: every call waits for it."""

    _ROW = "(%s, %s, 1, %s, 1, 0)"
    _COUNT = """
        INSERT INTO rate_window AS w (key, minute, minute_count, hour, hour_count, blocked_until)
        VALUES {rows}
        ON CONFLICT (key) DO UPDATE SET
            minute_count = CASE WHEN w.minute = excluded.minute THEN w.minute_count + 1 ELSE 1 END,
            hour_count = CASE WHEN w.hour = excluded.hour THEN w.hour_count + 1 ELSE 1 END,
            minute = excluded.minute, hour = excluded.hour
        WHERE w.blocked_until <= %s
        RETURNING key, minute, minute_count, hour, hour_count, blocked_until
        """
    _READ = "SELECT minute, minute_count, hour, hour_count, blocked_until FROM rate_window WHERE key = %s"
    _FORGET = "DELETE FROM rate_window WHERE starts_with(key, %s)"
    _BLOCK = "UPDATE rate_window SET blocked_until = %s WHERE key = %s"

    def __init__(self, database: Database) -> None:
        # A pool of its own: a call that holds a connection must not wait for another call's.
        self._engine = sa.create_engine(
            database.engine.url,
            connect_args={"autocommit": True},
            pool_size=2,
            max_overflow=0,
            pool_reset_on_return=None,
        )

    def count(self, keys: Sequence[str], now: int) -> list[Windows]:
        # The corp's key always comes first, so that two calls can't wait for each other.
        sql = self._COUNT.format(rows=", ".join([self._ROW] * len(keys)))
        values = [value for key in keys for value in (key, now // MINUTE, now // HOUR)]
        counted = {key: Windows(*row) for key, *row in self._run(sql, [*values, now])}
        return [counted.get(key) or self.read(key) for key in keys]

    def read(self, key: str) -> Windows:
        row = next(iter(self._run(self._READ, [key])), None)
        return Windows(*row) if row else Windows()

    def block(self, key: str, until: int) -> None:
        self._run(self._BLOCK, [until, key])

    def forget(self, prefixes: Sequence[str]) -> None:
        for prefix in prefixes:
            self._run(self._FORGET, [prefix])

    def close(self) -> None:
        self._engine.dispose()

    def _run(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """The rows that a statement returned, if it returns any."""
        pooled = self._engine.raw_connection()
        try:
            cursor: Any = pooled.driver_connection.execute(sql, values)  # type: ignore[union-attr]
            rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
            return rows
        except Exception:
            # PostgreSQL was restarted, or ended the session: the pool's other connection is dead too.
            pooled.invalidate()
            self._engine.dispose()
            raise
        finally:
            pooled.close()


class RateLimits:
    def __init__(self, settings: Settings, database: Database, note_hit: Callable[[str], None]) -> None:
        """`note_hit` gets what refused a call: the limit of a corp, ip, secret, or concurrency."""
        self._settings = settings
        self.note_hit = note_hit
        self._counters: Counters = (
            MemoryCounters() if database.dialect == "sqlite" else PostgresCounters(database)
        )
        self._under_way: dict[UnderWay, int] = {}
        self._lock = Lock()
        self._per_corp = (settings.limit_per_corp_minute, settings.limit_per_corp_hour)
        self._per_ip = (settings.limit_per_ip_minute, settings.limit_per_ip_hour)

    @property
    def are_on(self) -> bool:
        return self._settings.rate_limits

    def concurrency(self, operation: Operation) -> int:
        """How many calls of the operation one corp may have under way."""
        return operation.concurrency or self._settings.limit_concurrency

    def begin(self, key: UnderWay) -> int:
        """Counts a call as under way until `end`; how many are, with this one."""
        with self._lock:
            under_way = self._under_way[key] = self._under_way.get(key, 0) + 1
        return under_way

    def end(self, key: UnderWay) -> None:
        with self._lock:
            left = self._under_way.pop(key) - 1
            if left:
                self._under_way[key] = left

    def count(self, corp_id: str, ip: str, path: str, now: int) -> None:
        """Counts a call for its corp, where one is known, and its address.

        Raises 45009 when one of them is over a limit, or blocked.
        """
        limits = {f"ip/{ip}/{path}": self._per_ip}
        if corp_id:
            limits = {f"corp/{corp_id}/{path}": self._per_corp, **limits}
        for key, windows in zip(limits, self._counters.count(list(limits), now), strict=True):
            self._refuse_over(key, windows, now, limits[key])

    def refuse_barred_address(self, ip: str, now: int) -> None:
        """45009 for an address that was blocked for too many wrong secrets."""
        if not self.are_on:
            return
        key = _secret_key(ip)
        blocked_until = self._counters.read(key).blocked_until
        if blocked_until > now:
            self._refuse_until(key, blocked_until, now)

    def note_wrong_secret(self, ip: str, now: int) -> None:
        """Counts a wrong secret; over the limit the address is blocked from gettoken for an hour."""
        if not self.are_on:
            return
        [windows] = self._counters.count([_secret_key(ip)], now)
        if windows.hour_count > self._settings.limit_wrong_secret_hour:
            self._counters.block(_secret_key(ip), now + HOUR)

    def forget(self, corp_id: str) -> None:
        """Forgets the calls of a corp, which begins again at the same time of its clock."""
        self._counters.forget([f"{what}/{corp_id}/" for what in ("corp", "ip", "secret")])

    def figures(self, operation: Operation) -> dict[str, int] | None:
        """The limits in force on calls of one operation; None when they are off.

        A call without a token belongs to no corp yet, so it is counted by its address alone.
        """
        if not self.are_on:
            return None
        settings = self._settings
        if operation.own_limits:
            return {"concurrency": self.concurrency(operation)}
        of_address = {
            "per_ip_minute": settings.limit_per_ip_minute,
            "per_ip_hour": settings.limit_per_ip_hour,
            "concurrency": self.concurrency(operation),
        }
        if not operation.token:
            return of_address
        return {
            "per_corp_minute": settings.limit_per_corp_minute,
            "per_corp_hour": settings.limit_per_corp_hour,
            **of_address,
        }

    def close(self) -> None:
        if isinstance(self._counters, PostgresCounters):
            self._counters.close()

    def _refuse_over(self, key: str, windows: Windows, now: int, limits: tuple[int, int]) -> None:
        per_minute, per_hour = limits
        if windows.blocked_until > now:
            self._refuse_until(key, windows.blocked_until, now)
        if windows.hour_count > per_hour:
            self._block(key, now, HOUR, per_hour)
        if windows.minute_count > per_minute:
            self._block(key, now, MINUTE, per_minute)

    def _block(self, key: str, now: int, window: int, limit: int) -> None:
        self._counters.block(key, now + window)
        self.note_hit(key.partition("/")[0])
        raise Refusal(
            ErrCode.FREQUENCY_LIMIT,
            detail=f"{key}: over {limit} calls in {window} s; blocked until {now + window}",
        )

    def _refuse_until(self, key: str, blocked_until: int, now: int) -> None:
        if blocked_until - now > HOUR:  # the clock was set back: the block is not of this time
            self._counters.block(key, 0)
            return
        self.note_hit(key.partition("/")[0])
        raise Refusal(ErrCode.FREQUENCY_LIMIT, detail=f"{key}: blocked until {blocked_until}")


def _secret_key(ip: str) -> str:
    return f"secret/{ip}"
