"""Reading many records: the numbers of stages, and lists with filters, page by page.

A page of a list looks at LOOKED_AT records at most, in the order of the sort, and answers those that fit. So
a page may be short, or empty, and still not be the last; and none takes longer than that many look-ups,
however many records the corp has and however few fit.
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

LOOKED_AT = 5_000
GRAMS_AT_MOST = 8
"""More pairs of a searched text narrow nothing down: what is found is compared with the text anyway."""
PROBED = 2_000

Sort = Literal["next_time", "last_time", "created", "updated", "amount"]
SORTED_BY: dict[str, str] = {
    "next_time": "next_at",
    "last_time": "last_at",
    "created": "seq",
    "updated": "updated_at",
    "amount": "amount",
}


# --- numbers ---------------------------------------------------------------------------------------------

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
    """cards, amount, entered, left_count, left_seconds of each stage that ever had a card."""
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
class Wanted:
    """What a list shall hold; None: no matter."""

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
    """`rows` that fit, with their tags; where the next page begins: (value of the sort, seq), or None."""

    rows: list[Row]
    next: tuple[int, int] | None


@dataclass(frozen=True)
class _Form:
    """What a statement depends on: not the values, only which are given."""

    sort: str
    descending: bool
    given: frozenset[str]
    grams: int
    dialect: str

    @property
    def by_gram(self) -> bool:
        """The rarest pair of the text leads, where the order allows it."""
        return self.grams > 0 and self.sort == "created"

    @property
    def by_owner(self) -> bool:
        """The member leads, where an index has the order of the sort."""
        return "userid" in self.given and self.sort in ("next_time", "created") and not self.by_gram

    @property
    def by_due(self) -> bool:
        return self.sort == "next_time"


def page(tx: Transaction, corp_id: str, wanted: Wanted, after: tuple[int, int] | None, limit: int) -> Page:
    """The next `limit` records that fit, at most; see the head of this file for short pages."""
    params, form = _asked(tx, corp_id, wanted, after)
    params["limit"] = limit + 1
    if wanted.visible is None or wanted.userid is not None:
        found = _hot(form).all(tx, **params)
    else:
        statement, columns = _statement(form)
        found = [
            tuple(row) for row in tx.execute(statement.where(columns["userid"].in_(wanted.visible)), params)
        ]
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in found]
    if len(rows) > limit:
        rows = rows[:limit]
        end: tuple[Any, ...] | None = (rows[-1][SORTED_BY[wanted.sort]], rows[-1]["seq"])
    else:
        end = _hot_end(form).one(tx, **params)
    shown = with_tags(tx, corp_id, _containing(tx, corp_id, rows, wanted.text))
    return Page(shown, None if end is None else (end[0], end[1]))


_NEEDED = ("userid", "stage_id", "external_userid", "priority", "due_after", "due_before", "tag_id")


def _asked(
    tx: Transaction, corp_id: str, wanted: Wanted, after: tuple[int, int] | None
) -> tuple[dict[str, Any], _Form]:
    """The parameters of the statement, and the form that it has."""
    params: dict[str, Any] = {"corp_id": corp_id, "looked_at": LOOKED_AT, "skipped": LOOKED_AT - 1}
    given = {name for name in _NEEDED if getattr(wanted, name) is not None}
    params.update({name: getattr(wanted, name) for name in given})
    if wanted.due_after is not None and wanted.due_before is None:
        given.add("due_before")
        params["due_before"] = NEVER - 1
    if wanted.closed is not None:
        given.add("closed" if wanted.closed else "open")
    if wanted.custom is not None:
        given.add("custom")
        field_id, value = wanted.custom
        fragment = f"{orjson.dumps(field_id).decode()}:{value}"
        params.update(custom_and_more=fragment + ",", custom_and_end=fragment + "}")
    grams = _rarest_first(tx, corp_id, wanted.text)
    params.update({f"gram_{place}": gram for place, gram in enumerate(grams)})
    if after is None:
        after = (2**63 - 1, 2**63 - 1) if wanted.descending else (-(2**63), 0)
    params.update(after_value=after[0], after_seq=after[1])
    return params, _Form(wanted.sort, wanted.descending, frozenset(given), len(grams), tx.dialect)


_HOW_MANY = CompiledStatement(
    sa.select(sa.func.count()).select_from(
        sa.select(FOLLOW_UP_GRAM.c.seq)
        .where(FOLLOW_UP_GRAM.c.corp_id == bindparam("corp_id"), FOLLOW_UP_GRAM.c.gram == bindparam("gram"))
        .limit(bindparam("limit"))
        .subquery()
    )
)


def _rarest_first(tx: Transaction, corp_id: str, text: str | None) -> list[str]:
    """Some pairs of the text, the one with the fewest records first."""
    grams = sorted(grams_of(text))[:GRAMS_AT_MOST] if text else []
    if len(grams) < 2:
        return grams
    many: dict[str, int] = {}
    for gram in grams:
        row = _HOW_MANY.one(tx, corp_id=corp_id, gram=gram, limit=PROBED)
        many[gram] = row[0] if row else 0
    return sorted(grams, key=lambda gram: (many[gram], gram))


def _containing(tx: Transaction, corp_id: str, rows: list[Row], text: str | None) -> list[Row]:
    """The rows that hold the text itself, not only its pairs."""
    sought = folded(text) if text else ""
    if len(sought) <= 2 or not rows:
        return rows
    fitting = {row["seq"] for row in rows if sought in folded(row["title"]) or sought in folded(row["note"])}
    rest = [row["seq"] for row in rows if row["seq"] not in fitting]
    if rest:
        logs = sa.select(FOLLOW_UP_LOG.c.seq, FOLLOW_UP_LOG.c.text).where(
            FOLLOW_UP_LOG.c.corp_id == corp_id, FOLLOW_UP_LOG.c.seq.in_(rest)
        )
        fitting |= {row.seq for row in tx.execute(logs) if sought in folded(row.text)}
    return [row for row in rows if row["seq"] in fitting]


@lru_cache(maxsize=1_000)
def _hot(form: _Form) -> CompiledStatement:
    return CompiledStatement(_statement(form)[0])


@lru_cache(maxsize=1_000)
def _hot_end(form: _Form) -> CompiledStatement:
    """The last of LOOKED_AT records; none where the list ends before."""
    inner = _looked_at(form, ends=True)
    return CompiledStatement(inner.limit(1).offset(bindparam("skipped")))


def _looked_at(form: _Form, *, ends: bool = False) -> sa.Select[Any]:
    """The records behind the cursor in the order of the sort; `ends`: only their place."""
    table = FOLLOW_UP_GRAM if form.by_gram else FOLLOW_UP
    column: sa.Column[Any] = FOLLOW_UP_GRAM.c.seq if form.by_gram else FOLLOW_UP.c[SORTED_BY[form.sort]]
    shown: list[sa.ColumnElement[Any]] = [table.c.seq] if form.by_gram else raw(FOLLOW_UP.c)
    if ends:
        shown = [column, table.c.seq.label("end_seq")]
    query: sa.Select[Any] = sa.select(*shown)
    query = query.where(table.c.corp_id == bindparam("corp_id"))
    if form.by_gram:
        query = query.where(FOLLOW_UP_GRAM.c.gram == bindparam("gram_0"))
    if form.by_owner:
        query = query.where(FOLLOW_UP.c.userid == bindparam("userid"))
    if form.by_due:
        query = _due(query, FOLLOW_UP.c, form)
    after_seq = bindparam("after_seq", type_=sa.BigInteger)
    if column.name == "seq":
        query = query.where(column < after_seq if form.descending else column > after_seq)
        return query.order_by(column.desc() if form.descending else column)
    here = sa.tuple_(column, table.c.seq)
    given = sa.tuple_(bindparam("after_value", type_=sa.BigInteger), after_seq)
    query = query.where(here < given if form.descending else here > given)
    if form.descending:
        return query.order_by(column.desc(), table.c.seq.desc())
    return query.order_by(column, table.c.seq)


def _due(query: sa.Select[Any], columns: Any, form: _Form) -> sa.Select[Any]:
    if "due_after" in form.given:
        query = query.where(columns.next_at >= bindparam("due_after"))
    if "due_before" in form.given:
        query = query.where(columns.next_at <= bindparam("due_before"))
    return query


def _statement(form: _Form) -> tuple[sa.Select[Any], Any]:
    """The records looked at, and of them those that fit; with the columns, for one more condition."""
    inner = _looked_at(form).limit(bindparam("looked_at")).subquery("looked_at")
    if form.by_gram:
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
        if name in form.given and not (name == "userid" and form.by_owner):
            query = query.where(columns[name] == bindparam(name))
    if not form.by_due:
        query = _due(query, columns, form)
    if "open" in form.given:
        query = query.where(columns.closed_at == 0)
    if "closed" in form.given:
        query = query.where(columns.closed_at > 0)
    if "custom" in form.given:
        place = sa.func.instr if form.dialect == "sqlite" else sa.func.strpos
        at = [place(columns.custom, bindparam(name, type_=sa.Text)) for name in _CUSTOM]
        query = query.where((at[0] > 0) | (at[1] > 0))
    if "tag_id" in form.given:
        query = query.where(
            sa.exists().where(
                FOLLOW_TAG.c.corp_id == bindparam("corp_id"),
                FOLLOW_TAG.c.external_userid == columns.external_userid,
                FOLLOW_TAG.c.userid == columns.userid,
                FOLLOW_TAG.c.tag_id == bindparam("tag_id"),
            )
        )
    for place_of_gram in range(1 if form.by_gram else 0, form.grams):
        other = FOLLOW_UP_GRAM.alias(f"gram_{place_of_gram}")
        query = query.where(
            sa.exists().where(
                other.c.corp_id == bindparam("corp_id"),
                other.c.gram == bindparam(f"gram_{place_of_gram}"),
                other.c.seq == columns.seq,
            )
        )
    if form.dialect == "postgresql":
        # SQLite keeps the inner order, and would read all that is looked at to sort it once more.
        query = query.order_by(*_order(columns, inner, form))
    return query.limit(bindparam("limit")), columns


_CUSTOM = ("custom_and_more", "custom_and_end")


def _order(columns: Any, inner: Any, form: _Form) -> list[sa.ColumnElement[Any]]:
    names = ("seq",) if form.sort == "created" else (SORTED_BY[form.sort], "seq")
    of = inner.c if form.by_gram else columns
    return [of[name].desc() if form.descending else of[name] for name in names]
