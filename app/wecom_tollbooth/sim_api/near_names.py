"""What somebody who misspelt a name meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def meant(name: str, known: Iterable[str], listed_by: str, *, most: int = 3) -> str:
    """The end of a refusal: the nearest known names, or else the call `listed_by` that lists them all."""
    near = get_close_matches(name, sorted(known), n=most)
    return f"did you mean {' or '.join(near)}?" if near else f"{listed_by} lists them"
