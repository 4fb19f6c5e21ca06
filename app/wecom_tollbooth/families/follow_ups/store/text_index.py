"""Search by text: pairs of neighbouring characters (grams), kept in a table.

Chinese has no spaces between words, SQLite's trigrams miss words of two characters, and pg_trgm isn't
available on every PostgreSQL; pairs work on both databases. Case and width of letters don't matter.
"""

import unicodedata

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, Transaction, insert_missing
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP_GRAM

SHORTEST = 2
"""The fewest characters that a searched text may have."""

_ADD = CompiledStatement(lambda dialect: insert_missing(dialect, FOLLOW_UP_GRAM))
_DELETE = CompiledStatement(
    sa.delete(FOLLOW_UP_GRAM).where(
        FOLLOW_UP_GRAM.c.corp_id == bindparam("corp_id"),
        FOLLOW_UP_GRAM.c.gram == bindparam("gram"),
        FOLLOW_UP_GRAM.c.seq == bindparam("seq"),
    )
)


def folded(text: str) -> str:
    """The text as it is compared: lower case, full-width letters as ordinary ones, no white space."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def grams_of(*texts: str) -> set[str]:
    """All pairs of neighbouring characters in the texts."""
    found: set[str] = set()
    for text in texts:
        whole = folded(text)
        found.update(whole[place : place + 2] for place in range(len(whole) - 1))
    return found


def add_grams(tx: Transaction, corp_id: str, seq: int, grams: set[str]) -> None:
    """Adds pairs to the index of the record; those that it has already stay."""
    _ADD.many(tx, [{"corp_id": corp_id, "gram": gram, "seq": seq} for gram in sorted(grams)])


def delete_grams(tx: Transaction, corp_id: str, seq: int, grams: set[str]) -> None:
    """Deletes pairs from the index of the record."""
    _DELETE.many(tx, [{"corp_id": corp_id, "gram": gram, "seq": seq} for gram in sorted(grams)])
