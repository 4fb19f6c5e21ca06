"""The short ids inside a document, such as r5ud8u: a letter for the kind and five random-looking characters.

They are computed from a counter by a multiplication that maps all numbers below SPACE to different ids, so
that no search for a free id is needed.
"""

from wecom_tollbooth.world import ids
from wecom_tollbooth.world.context import Context

ALPHABET = ids.LETTERS
DRAWN = 5
SPACE = len(ALPHABET) ** DRAWN
_FACTOR = 387_420_489
"""A power of 3, so it has no common divisor with a power of 62."""


def new_short_id(context: Context, prefix: str) -> str:
    """An id such as vPpw9C that nothing else in this database has."""
    return short_id(prefix, context.next_id(), context.seed)


def short_id(prefix: str, number: int, seed: int = 0) -> str:
    """`prefix` and five characters, or more for numbers of SPACE and over; different for each number."""
    rounds, rest = divmod(number, SPACE)
    value = (rest * _FACTOR + seed * 7_919) % SPACE
    drawn = _text(value, DRAWN)
    return prefix + drawn + (_text(rounds, 1) if rounds else "")


def _text(value: int, least: int) -> str:
    out = ""
    while value or len(out) < least:
        value, place = divmod(value, len(ALPHABET))
        out = ALPHABET[place] + out
    return out
