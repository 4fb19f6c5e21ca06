"""Finds a page of customers. Each request looks at a bounded number of rows, however few of them match.

Five ways to walk, each in the order of an index: all customers, those of a member, of a stage, or with a tag,
and for a search all of them by id, because then rows that are tested one after the other lie side by side.
What else is asked for is tested row by row.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG

LOOKED_AT = 4_000
"""Rows that one request tests at most, some ten milliseconds of them."""
_WHOLE_ID = re.compile(r"w[mo][A-Za-z0-9_-]{20,62}")
_PHONE = re.compile(r"[0-9+ -]{3,}")


@dataclass(frozen=True)
class Wanted:
    """What is looked for; empty texts ask for nothing. Only whole walks and members have `oldest_first`."""

    find: str = ""
    userid: str = ""
    tag_id: str = ""
    stage_id: str = ""
    oldest_first: bool = False


class Found(NamedTuple):
    """`position` is where the next page begins; None at the end."""

    external_userids: list[str]
    position: list[Any] | None


class _Walk(NamedTuple):
    """A table in the order of an index. `conditions` and `keys` are columns of that index."""

    customer: sa.Column[str]
    keys: tuple[sa.ColumnElement[Any], ...]
    conditions: tuple[sa.ColumnElement[bool], ...]
    tests: tuple[sa.ColumnElement[bool], ...]
    falling: bool


def find_customers(
    tx: Transaction, corp_id: str, wanted: Wanted, after: list[Any] | None, limit: int
) -> Found:
    """The next customers after the position, at most `limit`; fewer, or none, before the end too."""
    walk = _walk_name(wanted)
    find = "id" if _WHOLE_ID.fullmatch(wanted.find) else "phone" if _PHONE.fullmatch(wanted.find) else "text"
    asked = (
        walk,
        find if wanted.find else "",
        bool(wanted.userid),
        bool(wanted.tag_id),
        bool(wanted.stage_id),
        wanted.oldest_first,
    )
    given: dict[str, Any] = {
        "corp_id": corp_id,
        "userid": wanted.userid,
        "tag_id": wanted.tag_id,
        "stage_id": wanted.stage_id,
        "find": wanted.find,
        "like": f"%{_escaped(wanted.find.lower())}%",
    }
    given |= {f"after_{number}": key for number, key in enumerate(after or ())}
    tests = bool(wanted.find) or sum(asked[2:5]) > 1
    last = None
    if tests and find != "id":
        last = _boundary(*asked, after is not None).one(tx, **given, looked_at=LOOKED_AT - 1)
        given |= {f"until_{number}": key for number, key in enumerate(last or ())}
    rows = _page(*asked, after is not None, last is not None).all(tx, **given, most=limit + 1)
    position: list[Any] | None = None
    if len(rows) > limit:
        position = list(rows[limit - 1][1:])
    elif last is not None:
        position = list(last)
    found = [row[0] for row in rows[:limit]]
    if walk == "stage" and not wanted.userid:
        found = _first_of_each(tx, corp_id, wanted.stage_id, rows[:limit])
    return Found(found, position)


_RECORDS_OF = CompiledStatement(
    sa.select(FOLLOW_UP.c.seq).where(
        FOLLOW_UP.c.corp_id == bindparam("corp_id"),
        FOLLOW_UP.c.external_userid == bindparam("external_userid"),
    )
)
_PLACE_OF = CompiledStatement(
    sa.select(FOLLOW_UP.c.stage_id, FOLLOW_UP.c.rank, FOLLOW_UP.c.seq).where(
        FOLLOW_UP.c.corp_id == bindparam("corp_id"), FOLLOW_UP.c.seq == bindparam("seq")
    )
)


def _first_of_each(tx: Transaction, corp_id: str, stage_id: str, rows: list[tuple[Any, ...]]) -> list[str]:
    """The customers of whom the given record is the first in the stage."""
    found = []
    for external_userid, rank, seq in rows:
        seqs = _RECORDS_OF.all(tx, corp_id=corp_id, external_userid=external_userid)
        places = [_PLACE_OF.one(tx, corp_id=corp_id, seq=other) for (other,) in seqs if other != seq]
        if not any(place and place[0] == stage_id and place[1:] < (rank, seq) for place in places):
            found.append(external_userid)
    return found


def keys_of(wanted: Wanted) -> tuple[type, ...]:
    """The types of a position's parts."""
    kinds: dict[str, tuple[type, ...]] = {"all": (int, str), "member": (int,), "stage": (int, int)}
    return kinds.get(_walk_name(wanted), (str,))


def _walk_name(wanted: Wanted) -> str:
    # First the stage: SQLite has no way from a customer to its stages that it would take by itself.
    if wanted.stage_id:
        return "stage"
    if wanted.userid:
        return "member"
    if wanted.tag_id:
        return "tag"
    return "id" if wanted.find else "all"


@lru_cache(maxsize=256)
def _boundary(
    walk: str, find: str, userid: bool, tag: bool, stage: bool, oldest: bool, later: bool
) -> CompiledStatement:
    """The position of the last row that a request looks at, none if the walk ends before."""
    one = _walk(walk, oldest)
    query = sa.select(*one.keys).where(*one.conditions).offset(bindparam("looked_at")).limit(1)
    return CompiledStatement(_in_order(query, one, later, bounded=False))


@lru_cache(maxsize=256)
def _page(
    walk: str, find: str, userid: bool, tag: bool, stage: bool, oldest: bool, later: bool, bounded: bool
) -> CompiledStatement:
    one = _walk(walk, oldest)
    query = sa.select(one.customer, *one.keys).where(*one.conditions, *one.tests).limit(bindparam("most"))
    # What chose the walk is among its conditions.
    if tag and walk != "tag":
        query = query.where(_has_tag(one.customer, of_member=userid))
    if userid and walk == "stage":
        query = query.where(FOLLOW_UP.c.userid == bindparam("userid"))
    if find:
        query = query.where(_matches(one.customer, find, of_member=userid))
    return CompiledStatement(_in_order(query, one, later, bounded))


def _walk(name: str, oldest: bool) -> _Walk:
    if name == "member":
        return _Walk(
            FOLLOW_USER.c.external_userid,
            (FOLLOW_USER.c.seq,),
            (FOLLOW_USER.c.corp_id == bindparam("corp_id"), FOLLOW_USER.c.userid == bindparam("userid")),
            (FOLLOW_USER.c.ended_at.is_(None),),
            falling=not oldest,
        )
    if name == "stage":
        return _Walk(
            FOLLOW_UP.c.external_userid,
            (FOLLOW_UP.c.rank, FOLLOW_UP.c.seq),
            (FOLLOW_UP.c.corp_id == bindparam("corp_id"), FOLLOW_UP.c.stage_id == bindparam("stage_id")),
            (),
            falling=False,
        )
    if name == "tag":
        other = FOLLOW_TAG.alias("other")
        earlier = sa.exists().where(
            other.c.corp_id == FOLLOW_TAG.c.corp_id,
            other.c.external_userid == FOLLOW_TAG.c.external_userid,
            other.c.tag_id == FOLLOW_TAG.c.tag_id,
            other.c.userid < FOLLOW_TAG.c.userid,
        )
        return _Walk(
            FOLLOW_TAG.c.external_userid,
            (FOLLOW_TAG.c.external_userid,),
            (FOLLOW_TAG.c.corp_id == bindparam("corp_id"), FOLLOW_TAG.c.tag_id == bindparam("tag_id")),
            (sa.not_(earlier),),
            falling=False,
        )
    if name == "id":
        return _Walk(
            EXTERNAL_CONTACT.c.external_userid,
            (EXTERNAL_CONTACT.c.external_userid,),
            (EXTERNAL_CONTACT.c.corp_id == bindparam("corp_id"),),
            (),
            falling=False,
        )
    return _Walk(
        EXTERNAL_CONTACT.c.external_userid,
        (EXTERNAL_CONTACT.c.created_at, EXTERNAL_CONTACT.c.external_userid),
        (EXTERNAL_CONTACT.c.corp_id == bindparam("corp_id"),),
        (),
        falling=not oldest,
    )


def _in_order(query: sa.Select[Any], walk: _Walk, later: bool, bounded: bool) -> sa.Select[Any]:
    place: Any = walk.keys[0] if len(walk.keys) == 1 else sa.tuple_(*walk.keys)

    def given(name: str) -> Any:
        params = [bindparam(f"{name}_{number}", type_=key.type) for number, key in enumerate(walk.keys)]
        return params[0] if len(params) == 1 else sa.tuple_(*params)

    if later:
        query = query.where(place < given("after") if walk.falling else place > given("after"))
    if bounded:
        query = query.where(place >= given("until") if walk.falling else place <= given("until"))
    return query.order_by(*(key.desc() if walk.falling else key for key in walk.keys))


def _has_tag(customer: sa.ColumnElement[str], *, of_member: bool) -> sa.ColumnElement[bool]:
    tag = FOLLOW_TAG.alias("with_tag")
    conditions = [
        tag.c.corp_id == bindparam("corp_id"),
        tag.c.external_userid == customer,
        tag.c.tag_id == bindparam("tag_id"),
    ]
    return sa.exists().where(*conditions, *_of_the_member(tag, of_member))


def _matches(customer: sa.Column[str], find: str, *, of_member: bool) -> sa.ColumnElement[bool]:
    """The whole id; text in the name, or in a remark; digits of a phone number that a member noted."""
    if find == "id":
        return customer == bindparam("find")
    person, relation = EXTERNAL_CONTACT.alias("person"), FOLLOW_USER.alias("relation")
    named = (
        _like(EXTERNAL_CONTACT.c.name)
        if customer.table is EXTERNAL_CONTACT
        else sa.exists().where(
            person.c.corp_id == bindparam("corp_id"),
            person.c.external_userid == customer,
            _like(person.c.name),
        )
    )
    noted = [_like(relation.c.remark), _like(relation.c.remark_corp_name)]
    if find == "phone":
        noted.append(_like(sa.type_coerce(relation.c.remark_mobiles, sa.Text)))
    remarked = sa.exists().where(
        relation.c.corp_id == bindparam("corp_id"),
        relation.c.external_userid == customer,
        relation.c.ended_at.is_(None),
        sa.or_(*noted),
        *_of_the_member(relation, of_member),
    )
    return named | remarked


def _of_the_member(table: Any, of_member: bool) -> list[sa.ColumnElement[bool]]:
    return [table.c.userid == bindparam("userid")] if of_member else []


def _like(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.func.lower(column).like(bindparam("like"), escape="\\")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
