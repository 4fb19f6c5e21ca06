"""Searching by text: pairs of neighbouring characters, kept in a table of their own.

Chinese has no spaces to cut words at, SQLite's trigrams miss words of two characters, and PostgreSQL's
pg_trgm is not everywhere: pairs do for both databases. Case and width of letters do not count.
"""

import unicodedata

SHORTEST = 2
"""The fewest characters that a text to be searched for may have."""


def folded(text: str) -> str:
    """The text as it is compared: letters small and of one width, no white space."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def grams_of(*texts: str) -> set[str]:
    """All pairs of neighbouring characters in the texts."""
    found: set[str] = set()
    for text in texts:
        whole = folded(text)
        found.update(whole[place : place + 2] for place in range(len(whole) - 1))
    return found
