"""What a server counts while it runs: calls, their time, limits that were hit, attempts to deliver callbacks.

Plain dictionaries, because every call is counted; sim_api/server/metrics.py shows them to Prometheus. Several
workers of `tollbooth serve` share a folder: each writes its counts into a file there, and whichever is asked
adds them all up. The file of a worker that ended stays, so that no sum falls.
"""

import asyncio
import logging
import os
import secrets
from bisect import bisect_left
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock

import orjson
from typing_extensions import TypedDict

log = logging.getLogger("tollbooth.counts")

FOLDER_VARIABLE = "WECOM_TOLLBOOTH_COUNTS"
"""Names the folder that workers share. It is no setting: the process that starts them makes it."""

SECONDS_BETWEEN_FILES = 1.0
"""How far the counts of another worker may be behind, in real time."""

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the buckets of a call's time, in seconds; one more bucket takes the rest."""

UNKNOWN = "unknown"
"""The operation of a call to a path that does not exist: paths are the callers' to invent."""


class Sums(TypedDict):
    """The counts as plain data. The keys of `calls` are an operation and an errcode, apart by a blank."""

    calls: dict[str, int]
    buckets: dict[str, list[int]]
    seconds: dict[str, float]
    limits: dict[str, int]
    attempts: dict[str, int]


class Counts:
    """The counts of this process, and through the folder those of the workers beside it."""

    def __init__(self, folder: str | None = None) -> None:
        self._lock = Lock()
        self._calls: dict[tuple[str, int], int] = {}
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}
        self._limits: dict[str, int] = {}
        self._attempts: dict[str, int] = {}
        self._written = 0
        self._file = None if not folder else Path(folder) / f"{os.getpid()}-{secrets.token_hex(4)}.json"

    def call(self, operation: str, errcode: int, seconds: float) -> None:
        key = (operation, errcode)
        with self._lock:
            self._calls[key] = self._calls.get(key, 0) + 1
            buckets = self._buckets.get(operation)
            if buckets is None:
                buckets = self._buckets[operation] = [0] * (len(BOUNDS) + 1)
                self._seconds[operation] = 0.0
            buckets[bisect_left(BOUNDS, seconds)] += 1
            self._seconds[operation] += seconds

    def limit(self, kind: str) -> None:
        """A limit refused a call: corp, ip, secret or concurrency."""
        with self._lock:
            self._limits[kind] = self._limits.get(kind, 0) + 1

    def attempt(self, arrived: bool) -> None:
        """An attempt to deliver a callback was made."""
        result = "delivered" if arrived else "failed"
        with self._lock:
            self._attempts[result] = self._attempts.get(result, 0) + 1

    def own(self) -> Sums:
        with self._lock:
            return {
                "calls": {f"{operation} {errcode}": n for (operation, errcode), n in self._calls.items()},
                "buckets": {operation: list(buckets) for operation, buckets in self._buckets.items()},
                "seconds": dict(self._seconds),
                "limits": dict(self._limits),
                "attempts": dict(self._attempts),
            }

    def of_all_workers(self) -> Sums:
        return _added([self.own(), *self._of_others()])

    async def write_now_and_then(self) -> None:
        """Keeps this worker's file current until it is cancelled."""
        while self._file is not None:
            self.write()
            await asyncio.sleep(SECONDS_BETWEEN_FILES)

    def write(self) -> None:
        """Writes the file, if anything has changed since."""
        if self._file is None:
            return
        text = orjson.dumps(self.own())
        if hash(text) == self._written:
            return
        coming = self._file.with_suffix(".new")
        try:
            coming.write_bytes(text)
            os.replace(coming, self._file)
        except OSError as error:
            log.warning("%s: %s; /_sim/metrics lacks this worker's counts", self._file, error.strerror)
        self._written = hash(text)

    def _of_others(self) -> Iterable[Sums]:
        if self._file is None:
            return
        for path in self._file.parent.glob("*.json"):
            if path != self._file:
                with suppress(OSError, ValueError):
                    yield orjson.loads(path.read_bytes())


def _added(all_sums: Iterable[Sums]) -> Sums:
    total: Sums = {"calls": {}, "buckets": {}, "seconds": {}, "limits": {}, "attempts": {}}
    for sums in all_sums:
        _add(total["calls"], sums["calls"])
        _add(total["limits"], sums["limits"])
        _add(total["attempts"], sums["attempts"])
        for operation, seconds in sums["seconds"].items():
            total["seconds"][operation] = total["seconds"].get(operation, 0.0) + seconds
        for operation, buckets in sums["buckets"].items():
            before = total["buckets"].get(operation, [0] * len(buckets))
            total["buckets"][operation] = [a + b for a, b in zip(before, buckets, strict=True)]
    return total


def _add(total: dict[str, int], more: dict[str, int]) -> None:
    for key, count in more.items():
        total[key] = total.get(key, 0) + count
