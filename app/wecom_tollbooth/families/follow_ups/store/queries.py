"""Reading many records: the counters of stages, and lists with filters, page by page.

One page scans at most SCAN_LIMIT records in the order of the sort and returns those that match. So a page can
be short, or empty, without being the last, and its cost is bounded however many records the corp has and
however few of them match.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.families.follow_ups.store.record_store import COLUMNS, raw
from wecom_tollbooth.families.follow_ups.store.tags import with_tags
from wecom_tollbooth.families.follow_ups.store.text_index import folded, grams_of
from wecom_tollbooth.families.follow_ups.store.unit_of_work import NUMBERS, Row
from wecom_tollbooth.families.follow_ups.tables import (
    CORP,
    FOLLOW_UP,
    FOLLOW_UP_COUNT,
    FOLLOW_UP_GRAM,
    FOLLOW_UP_LOG,
    NEVER,
)
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG

SCAN_LIMIT = 5_000
GRAMS_AT_MOST = 8
"""More pairs of a searched text hardly narrow the search: what is found is compared with the text anyway."""
PROBED = 2_000
"""How far records of a pair are counted: enough to find the rarest pair."""

Sort = Literal["next_time", "last_time", "created", "updated", "amount"]
SORTED_BY: dict[str, str] = {
    "next_time": "next_at",
    "last_time": "last_at",
    "created": "seq",
    "updated": "updated_at",
    "amount": "amount",
}


# --- counters --------------------------------------------------------------------------------------------

_COUNTS = CompiledStatement(
    sa.select(
        FOLLOW_UP_COUNT.c.stage_id,
        FOLLOW_UP_COUNT.c.cards,
        FOLLOW_UP_COUNT.c.amount,
        FOLLOW_UP_COUNT.c.entered,
        FOLLOW_UP_COUNT.c.left_count,
        FOLLOW_UP_COUNT.c.left_seconds,
    ).where(
        FOLLOW_UP_COUNT.c.corp_id == bindparam("corp_id"), FOLLOW_UP_COUNT.c.userid == bindparam("userid")
    )
)


def counts(
    tx: Transaction, corp_id: str, userid: str | None, visible: frozenset[str] | None
) -> dict[str, tuple[int, ...]]:
    """cards, amount, entered, left_count and left_seconds of each stage that has ever had a card."""
    if userid is None and visible is not None:
        sums = [sa.func.sum(FOLLOW_UP_COUNT.c[name]) for name in NUMBERS]
        query = sa.select(FOLLOW_UP_COUNT.c.stage_id, *sums).where(FOLLOW_UP_COUNT.c.corp_id == corp_id)
        found = tx.execute(
            query.where(FOLLOW_UP_COUNT.c.userid.in_(visible)).group_by(FOLLOW_UP_COUNT.c.stage_id)
        )
        return {row[0]: tuple(int(row[place]) for place in range(1, 6)) for row in found}
    owner = CORP if userid is None else userid
    return {row[0]: row[1:] for row in _COUNTS.all(tx, corp_id=corp_id, userid=owner)}


# --- lists -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListQuery:
    """The filters and the sort of a list; None for a filter that is not set."""

    sort: str = "created"
    descending: bool = True
    userid: str | None = None
    stage_id: str | None = None
    external_userid: str | None = None
    priority: int | None = None
    due_after: int | None = None
    due_before: int | None = None
    closed: bool | None = None
    tag_id: str | None = None
    custom: tuple[str, str] | None = None
    """A field_id, and its value as JSON."""
    text: str | None = None
    visible: frozenset[str] | None = None


@dataclass
class Page:
    """The matching records with their tags. `next` is (value of the sort, seq) if there is a next page."""

    rows: list[Row]
    next: tuple[int, int] | None


@dataclass(frozen=True)
class _StatementKey:
    """What a compiled statement depends on: which filters are set, not their values."""

    sort: str
    descending: bool
    filters: frozenset[str]
    grams: int
    dialect: str

    @property
    def by_gram(self) -> bool:
        """Whether the index of the rarest pair is scanned, which is in the order of creation."""
        return self.grams > 0 and self.sort == "created"

    @property
    def by_owner(self) -> bool:
        """Whether an index of the member's records is scanned, which exists for two sorts."""
        return "userid" in self.filters and self.sort in ("next_time", "created") and not self.by_gram

    @property
    def by_due(self) -> bool:
        return self.sort == "next_time"


def page(tx: Transaction, corp_id: str, query: ListQuery, after: tuple[int, int] | None, limit: int) -> Page:
    """At most `limit` of the next matching records; see the head of this file for short pages."""
    params, key = _parameters(tx, corp_id, query, after)
    params["limit"] = limit + 1
    if query.visible is None or query.userid is not None:
        found = _compiled(key).all(tx, **params)
    else:
        statement, columns = _statement(key)
        found = [
            tuple(row) for row in tx.execute(statement.where(columns["userid"].in_(query.visible)), params)
        ]
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in found]
    if len(rows) > limit:
        rows = rows[:limit]
        end: tuple[Any, ...] | None = (rows[-1][SORTED_BY[query.sort]], rows[-1]["seq"])
    else:
        end = _compiled_end(key).one(tx, **params)
    shown = with_tags(tx, corp_id, _containing(tx, corp_id, rows, query.text))
    return Page(shown, None if end is None else (end[0], end[1]))


_BOUND_BY_NAME = ("userid", "stage_id", "external_userid", "priority", "due_after", "due_before", "tag_id")


def _parameters(
    tx: Transaction, corp_id: str, query: ListQuery, after: tuple[int, int] | None
) -> tuple[dict[str, Any], _StatementKey]:
    """The parameters of the statement, and its key."""
    params: dict[str, Any] = {"corp_id": corp_id, "scan_limit": SCAN_LIMIT, "skipped": SCAN_LIMIT - 1}
    filters = {name for name in _BOUND_BY_NAME if getattr(query, name) is not None}
    params.update({name: getattr(query, name) for name in filters})
    if query.due_after is not None and query.due_before is None:
        filters.add("due_before")
        params["due_before"] = NEVER - 1
    if query.closed is not None:
        filters.add("closed" if query.closed else "open")
    if query.custom is not None:
        filters.add("custom")
        field_id, value = query.custom
        fragment = f"{orjson.dumps(field_id).decode()}:{value}"
        params.update(custom_and_more=fragment + ",", custom_and_end=fragment + "}")
    grams = _rarest_first(tx, corp_id, query.text)
    params.update({f"gram_{place}": gram for place, gram in enumerate(grams)})
    if after is None:
        after = (2**63 - 1, 2**63 - 1) if query.descending else (-(2**63), 0)
    params.update(after_value=after[0], after_seq=after[1])
    return params, _StatementKey(query.sort, query.descending, frozenset(filters), len(grams), tx.dialect)


_COUNT_OF_GRAM = CompiledStatement(
    sa.select(sa.func.count()).select_from(
        sa.select(FOLLOW_UP_GRAM.c.seq)
        .where(FOLLOW_UP_GRAM.c.corp_id == bindparam("corp_id"), FOLLOW_UP_GRAM.c.gram == bindparam("gram"))
        .limit(bindparam("limit"))
        .subquery()
    )
)


def _rarest_first(tx: Transaction, corp_id: str, text: str | None) -> list[str]:
    """At most GRAMS_AT_MOST pairs of the text, the one with the fewest records first."""
    grams = sorted(grams_of(text))[:GRAMS_AT_MOST] if text else []
    if len(grams) < 2:
        return grams
    counted: dict[str, int] = {}
    for gram in grams:
        row = _COUNT_OF_GRAM.one(tx, corp_id=corp_id, gram=gram, limit=PROBED)
        counted[gram] = row[0] if row else 0
    return sorted(grams, key=lambda gram: (counted[gram], gram))


def _containing(tx: Transaction, corp_id: str, rows: list[Row], text: str | None) -> list[Row]:
    """The rows that contain the text itself, not only its pairs."""
    sought = folded(text) if text else ""
    if len(sought) <= 2 or not rows:
        return rows
    matching = {row["seq"] for row in rows if sought in folded(row["title"]) or sought in folded(row["note"])}
    rest = [row["seq"] for row in rows if row["seq"] not in matching]
    if rest:
        logs = sa.select(FOLLOW_UP_LOG.c.seq, FOLLOW_UP_LOG.c.text).where(
            FOLLOW_UP_LOG.c.corp_id == corp_id, FOLLOW_UP_LOG.c.seq.in_(rest)
        )
        matching |= {row.seq for row in tx.execute(logs) if sought in folded(row.text)}
    return [row for row in rows if row["seq"] in matching]


@lru_cache(maxsize=1_000)
def _compiled(key: _StatementKey) -> CompiledStatement:
    return CompiledStatement(_statement(key)[0])


@lru_cache(maxsize=1_000)
def _compiled_end(key: _StatementKey) -> CompiledStatement:
    """The last of SCAN_LIMIT records; no row if the list ends before."""
    inner = _scanned(key, ends=True)
    return CompiledStatement(inner.limit(1).offset(bindparam("skipped")))


def _scanned(key: _StatementKey, *, ends: bool = False) -> sa.Select[Any]:
    """The records after the cursor in the order of the sort; with `ends` only their position."""
    table = FOLLOW_UP_GRAM if key.by_gram else FOLLOW_UP
    column: sa.Column[Any] = FOLLOW_UP_GRAM.c.seq if key.by_gram else FOLLOW_UP.c[SORTED_BY[key.sort]]
    shown: list[sa.ColumnElement[Any]] = [table.c.seq] if key.by_gram else raw(FOLLOW_UP.c)
    if ends:
        shown = [column, table.c.seq.label("end_seq")]
    query: sa.Select[Any] = sa.select(*shown)
    query = query.where(table.c.corp_id == bindparam("corp_id"))
    if key.by_gram:
        query = query.where(FOLLOW_UP_GRAM.c.gram == bindparam("gram_0"))
    if key.by_owner:
        query = query.where(FOLLOW_UP.c.userid == bindparam("userid"))
    if key.by_due:
        query = _due(query, FOLLOW_UP.c, key)
    after_seq = bindparam("after_seq", type_=sa.BigInteger)
    if column.name == "seq":
        query = query.where(column < after_seq if key.descending else column > after_seq)
        return query.order_by(column.desc() if key.descending else column)
    here = sa.tuple_(column, table.c.seq)
    given = sa.tuple_(bindparam("after_value", type_=sa.BigInteger), after_seq)
    query = query.where(here < given if key.descending else here > given)
    if key.descending:
        return query.order_by(column.desc(), table.c.seq.desc())
    return query.order_by(column, table.c.seq)


def _due(query: sa.Select[Any], columns: Any, key: _StatementKey) -> sa.Select[Any]:
    if "due_after" in key.filters:
        query = query.where(columns.next_at >= bindparam("due_after"))
    if "due_before" in key.filters:
        query = query.where(columns.next_at <= bindparam("due_before"))
    return query


def _statement(key: _StatementKey) -> tuple[sa.Select[Any], Any]:
    """The matching ones of the scanned records, and their columns for a further condition."""
    inner = _scanned(key).limit(bindparam("scan_limit")).subquery("scanned")
    if key.by_gram:
        columns: Any = FOLLOW_UP.c
        query = sa.select(*raw(columns)).select_from(
            inner.join(
                FOLLOW_UP,
                (FOLLOW_UP.c.corp_id == bindparam("corp_id")) & (FOLLOW_UP.c.seq == inner.c.seq),
            )
        )
    else:
        columns = inner.c
        query = sa.select(*(columns[name] for name in COLUMNS))
    for name in ("userid", "stage_id", "external_userid", "priority"):
        if name in key.filters and not (name == "userid" and key.by_owner):
            query = query.where(columns[name] == bindparam(name))
    if not key.by_due:
        query = _due(query, columns, key)
    if "open" in key.filters:
        query = query.where(columns.closed_at == 0)
    if "closed" in key.filters:
        query = query.where(columns.closed_at > 0)
    if "custom" in key.filters:
        place = sa.func.instr if key.dialect == "sqlite" else sa.func.strpos
        at = [place(columns.custom, bindparam(name, type_=sa.Text)) for name in _CUSTOM]
        query = query.where((at[0] > 0) | (at[1] > 0))
    if "tag_id" in key.filters:
        query = query.where(
            sa.exists().where(
                FOLLOW_TAG.c.corp_id == bindparam("corp_id"),
                FOLLOW_TAG.c.external_userid == columns.external_userid,
                FOLLOW_TAG.c.userid == columns.userid,
                FOLLOW_TAG.c.tag_id == bindparam("tag_id"),
            )
        )
    for place_of_gram in range(1 if key.by_gram else 0, key.grams):
        other = FOLLOW_UP_GRAM.alias(f"gram_{place_of_gram}")
        query = query.where(
            sa.exists().where(
                other.c.corp_id == bindparam("corp_id"),
                other.c.gram == bindparam(f"gram_{place_of_gram}"),
                other.c.seq == columns.seq,
            )
        )
    if key.dialect == "postgresql":
        # SQLite keeps the inner order; sorting again would make it read everything that is scanned.
        query = query.order_by(*_order(columns, inner, key))
    return query.limit(bindparam("limit")), columns


_CUSTOM = ("custom_and_more", "custom_and_end")


def _order(columns: Any, inner: Any, key: _StatementKey) -> list[sa.ColumnElement[Any]]:
    names = ("seq",) if key.sort == "created" else (SORTED_BY[key.sort], "seq")
    of = inner.c if key.by_gram else columns
    return [of[name].desc() if key.descending else of[name] for name in names]
