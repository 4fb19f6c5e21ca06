"""Connections that have not said yet what they want: bounded, so that silent ones hold up nobody."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

MOST = 1_000
SECONDS_BETWEEN_LINES = 60.0
MOST_KINDS = 50


class Newcomers:
    """Their tasks, the oldest first. One more than `most` ends the oldest, so a new client always gets in."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._tasks: dict[asyncio.Task[Any], None] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    def enter(self, task: asyncio.Task[Any]) -> None:
        if len(self._tasks) >= self._most:
            oldest = next(iter(self._tasks))
            del self._tasks[oldest]
            oldest.cancel()
        self._tasks[task] = None
        task.add_done_callback(self.leave)

    def leave(self, task: asyncio.Task[Any]) -> None:
        """It has said what it wants, or is gone."""
        self._tasks.pop(task, None)

    def cancel(self) -> list[asyncio.Task[Any]]:
        """Ends all of them, and returns them to be awaited."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        return tasks


class Reporter:
    """Logs what clients do wrong, each kind once a minute: a flood of them must not fill the log."""

    def __init__(self, log: logging.Logger, now: Callable[[], float]) -> None:
        self._log, self._now = log, now
        self._logged: dict[str, float] = {}

    def __call__(self, kind: str, message: str, *arguments: object) -> None:
        now = self._now()
        if now - self._logged.get(kind, -SECONDS_BETWEEN_LINES) < SECONDS_BETWEEN_LINES:
            return
        if kind not in self._logged and len(self._logged) >= MOST_KINDS:
            del self._logged[next(iter(self._logged))]
        self._logged[kind] = now
        self._log.warning(message, *arguments)
