"""What somebody who misspelt a name meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def meant(name: str, known: Iterable[str], listed_by: str, *, most: int = 3) -> str:
    """The end of a refusal: the nearest known names, or else the call `listed_by` that lists them all."""
    near = nearest(name, known, most=most)
    return f"did you mean {' or '.join(near)}?" if near else f"{listed_by} lists them"


def nearest(name: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """The known names that are like this one, the nearest first; upper case and underscores don't count."""
    names = sorted(known)
    same = [one for one in names if _plain(one) == _plain(name)]
    return same[:most] or get_close_matches(name, names, n=most)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
