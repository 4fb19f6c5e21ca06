"""What a fault does, as it is stored: the `then` of the control API without what was left out."""

import math
import random
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

Disconnect = Literal["before", "mid_body", "after_commit"]
Window = Literal["minute", "hour"]

Z_OF_P99 = 2.3263478740408408
"""The 99th percentile of the standard normal distribution."""
LONGEST_DELAY_MS = 600_000.0


@dataclass(frozen=True)
class Effect:
    """One effect, and perhaps a delay beside it."""

    errcode: int | None = None
    errmsg: str | None = None
    http_status: int | None = None
    body: str = ""
    disconnect: Disconnect | None = None
    expire_token: bool = False
    rate_limit: Window | None = None
    drop: bool = False
    """Of a callback: it is never sent."""
    duplicate: int = 0
    """Of a callback: so many copies follow it."""
    delay_ms: float | dict[str, float] = field(default=0.0)
    """Milliseconds, or the `median` and `p99` of a log-normal distribution."""

    @classmethod
    def stored(cls, text: str) -> "Effect":
        given: dict[str, Any] = orjson.loads(text)
        return cls(**given)

    def delay_seconds(self, rng: random.Random) -> float:
        """A draw of the delay, at most LONGEST_DELAY_MS."""
        wanted = self.delay_ms
        if isinstance(wanted, dict):
            median, p99 = wanted["median"], wanted["p99"]
            wanted = rng.lognormvariate(math.log(median), math.log(p99 / median) / Z_OF_P99)
        return min(wanted, LONGEST_DELAY_MS) / 1_000
