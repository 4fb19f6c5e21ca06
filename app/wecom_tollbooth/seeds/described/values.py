"""What no database keeps, and what is too much, anywhere in a seed file."""

import math
from typing import Any

from wecom_tollbooth.seeds.described.places import Step
from wecom_tollbooth.world.strict_numbers import LARGEST, SMALLEST

MOST_VALUES = 3_000_000
"""Values in a file, those behind an alias counted each time."""


class Unkeepable(ValueError):
    def __init__(self, path: tuple[Step, ...], why: str) -> None:
        super().__init__(why)
        self.path, self.why = path, why


def refuse_unkeepable(value: Any) -> None:
    """Raises Unkeepable. A YAML file can name itself, so what is counted is what it comes to."""
    count = 0
    waiting: list[tuple[tuple[Step, ...], Any]] = [((), value)]
    while waiting:
        path, value = waiting.pop()
        count += 1
        if count > MOST_VALUES or len(path) > 40:
            raise Unkeepable(path[:2], "the file is too large, or an alias in it leads back to itself")
        if isinstance(value, dict):
            waiting += [((*path, name), item) for name, item in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, number), item) for number, item in enumerate(value)]
        elif (why := _fault(value)) is not None:
            raise Unkeepable(path, why)


def _fault(value: Any) -> str | None:
    if isinstance(value, str):
        if "\x00" in value:
            return "the character NUL (U+0000) cannot be kept; leave it out"
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            return "half of a surrogate pair is not a character; write the whole character"
    elif isinstance(value, int) and not SMALLEST <= value <= LARGEST:
        return f"a whole number is from {SMALLEST} to {LARGEST}"
    elif isinstance(value, float) and not math.isfinite(value):
        return "write a finite number"
    return None
