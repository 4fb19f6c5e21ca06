"""Puts existing ids into a sample by the names of its fields."""

import random
from collections.abc import Iterator
from typing import Any

from tests.same_answers.requests.pool import IDS, Pool, meaning

A_DAY = 86_400
DAYS = 20
STARTS = ("start_time", "day_begin_time")
ENDS = ("end_time", "day_end_time")
SHARE_OF_CURSORS = 0.3
IN_KEYS = frozenset({"FIELD_ID", "FIELD_TITLE", "FILED_TITLE"})
"""Placeholders in samples that name the kind of id."""


class _Filler:
    def __init__(
        self, rng: random.Random, pool: Pool, now: int, share: float, together: dict[str, Any]
    ) -> None:
        self._rng, self._pool, self._share, self._together = rng, pool, share, together
        self._start = (now - now % A_DAY) - A_DAY * rng.randint(1, DAYS) - 8 * 3600
        self._end = self._start + A_DAY * rng.randint(0, DAYS)

    def fields(self, sample: dict[str, Any]) -> dict[str, Any]:
        whole = {}
        for name, value in sample.items():
            if name == "cursor" and self._rng.random() > SHARE_OF_CURSORS:
                continue
            key = str(self._id(name, "")) if name in IN_KEYS else name
            whole[key] = self.value(name, value)
        return whole

    def value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return self.fields(value)
        if isinstance(value, list):
            return self._list(name, value)
        if name in STARTS or name in ENDS:
            return self._start if name in STARTS else self._end
        return self._id(name, value)

    def _list(self, name: str, value: list[Any]) -> list[Any]:
        if any(isinstance(item, dict | list) for item in value) or meaning(name) not in IDS:
            return [self.value(name, item) for item in value]
        like = value[0] if value else ""
        ids = [self._id(name, like) for _ in range(self._rng.randint(1, 3))]
        return list(dict.fromkeys(ids))

    def _id(self, name: str, value: Any) -> Any:
        means = meaning(name, value)
        if means not in IDS or self._rng.random() > self._share:
            return value
        if means in self._together and self._rng.random() < 0.8:
            return self._together[means]
        found = self._pool.pick(self._rng, means, None if value == "" else value)
        return value if found is None else found


def filled(
    rng: random.Random, sample: dict[str, Any], pool: Pool, now: int, share: float = 1.0
) -> dict[str, Any]:
    """The sample with ids of the pool in this share of its id fields."""
    together = pool.any_together(rng, set(_names(sample)))
    return _Filler(rng, pool, now, share, together).fields(sample)


def _names(sample: Any) -> Iterator[str]:
    if isinstance(sample, dict):
        for name, value in sample.items():
            yield meaning(name, value)
            yield from _names(value)
    elif isinstance(sample, list):
        for value in sample:
            yield from _names(value)
