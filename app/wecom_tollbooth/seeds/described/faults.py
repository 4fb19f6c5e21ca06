"""Where a seed file is wrong, and why, in words."""

from collections.abc import Callable, Sequence
from typing import Any

from wecom_tollbooth.seeds.described.places import Step

Path = tuple[Step, ...]
MOST_NAMED = 5
"""Faults that one refusal names."""


class WrongSeed(ValueError):
    """A seed file that can't be made; the text names line and field of each fault."""


class Source:
    """A file: its value, and the line of a path in it; None where there are no lines, as in a request."""

    def __init__(self, value: Any, line_of: Callable[[Path], int | None] = lambda _: None) -> None:
        self.value, self.line_of = value, line_of

    def fault(self, path: Path, why: str) -> str:
        line = self.line_of(path)
        where = [*([f"line {line}"] if line else []), *([named(path)] if path else [])]
        return f"{', '.join(where)}: {why}" if where else why


def named(path: Path) -> str:
    """The path as a person writes it: customers[2].followers[0].userid."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def together(faults: Sequence[str]) -> str:
    """The first faults, and how many more there are."""
    more = [f"and {len(faults) - MOST_NAMED} more"] if len(faults) > MOST_NAMED else []
    return "; ".join([*faults[:MOST_NAMED], *more])
