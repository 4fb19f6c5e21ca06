"""Activity in customer groups by owner, counted from the rows that acts wrote.

Spans are (first second, first second after); "as of" figures are those at the end of a span.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NotRequired, cast

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.group_chats.tables import (
    GROUP_CHAT,
    GROUP_MESSAGES,
    GROUP_OWNERSHIP,
    GROUP_STAY,
)

Span = tuple[int, int]


class Figures(TypedDict):
    """`data` of the statistics operations (page 92133)."""

    new_chat_cnt: int
    chat_total: int
    chat_has_msg: int
    new_member_cnt: int
    member_total: int
    member_has_msg: int
    msg_total: int
    migrate_trainee_chat_cnt: NotRequired[int]


MIGRATED = "migrate_trainee_chat_cnt"
NAMES = tuple(name for name in Figures.__annotations__ if name != MIGRATED)


def sum_of(counts: Iterable[Mapping[str, int]], *, migrated: bool) -> Figures:
    """Sums the figures of several owners; zeros for none. `migrated`: also the education figure."""
    given = list(counts)
    names = (*NAMES, MIGRATED) if migrated else NAMES
    return cast(Figures, {name: sum(one.get(name, 0) for one in given) for name in names})


def figures_of(
    tx: Transaction, corp_id: str, owners: Sequence[str], spans: Sequence[Span], *, migrated: bool
) -> dict[tuple[int, str], dict[str, int]]:
    """Returns the figures of each span, by its first second and the owner; owners without any are left out.

    A group counts for its owner at the end of the span; a new group for who created it, a new person for
    who owned the group when the person joined. A person in two groups counts twice.
    """
    found: dict[tuple[int, str], dict[str, int]] = {}

    def note(query: sa.Select[tuple[int, str, int]], name: str) -> None:
        rows: Any = tx.execute(query)
        for first, owner, count in rows:
            found.setdefault((first, owner), dict.fromkeys(NAMES, 0))[name] = int(count)

    span = _table_of(spans)
    count = sa.func.count()
    chats = (
        (GROUP_CHAT.c.corp_id == corp_id)
        & GROUP_CHAT.c.created_by.in_(owners)
        & _within(GROUP_CHAT.c.create_time, span)
    )
    note(_by(span, GROUP_CHAT.c.created_by, count).where(chats), "new_chat_cnt")
    came = (
        (GROUP_STAY.c.corp_id == corp_id)
        & GROUP_STAY.c.owner.in_(owners)
        & _within(GROUP_STAY.c.joined_at, span)
    )
    note(_by(span, GROUP_STAY.c.owner, count).where(came), "new_member_cnt")

    standing = _standing(corp_id, owners, span)
    note(_by(standing, standing.c.owner, count), "chat_total")
    if migrated:
        came_over = (GROUP_CHAT.c.corp_id == corp_id) & (GROUP_CHAT.c.chat_id == standing.c.chat_id)
        note(
            _by(standing, standing.c.owner, count).where(came_over, GROUP_CHAT.c.migrated.is_(True)), MIGRATED
        )
    inside = (
        (GROUP_STAY.c.corp_id == corp_id)
        & (GROUP_STAY.c.chat_id == standing.c.chat_id)
        & _lasts(GROUP_STAY.c.joined_at, GROUP_STAY.c.left_at, standing.c.after_last)
    )
    note(_by(standing, standing.c.owner, count).where(inside), "member_total")
    said = (
        (GROUP_MESSAGES.c.corp_id == corp_id)
        & (GROUP_MESSAGES.c.chat_id == standing.c.chat_id)
        & (GROUP_MESSAGES.c.day < standing.c.after_last)
    )
    with_messages = sa.func.count(sa.distinct(GROUP_MESSAGES.c.chat_id))
    note(_by(standing, standing.c.owner, with_messages).where(said), "chat_has_msg")
    note(_by(standing, standing.c.owner, sa.func.sum(GROUP_MESSAGES.c.count)).where(said), "msg_total")
    speakers = (
        sa.select(standing.c.first, standing.c.owner, GROUP_MESSAGES.c.chat_id, GROUP_MESSAGES.c.person_id)
        .where(said, inside, GROUP_STAY.c.person_id == GROUP_MESSAGES.c.person_id)
        .distinct()
        .subquery()
    )
    note(_by(speakers, speakers.c.owner, count), "member_has_msg")
    return found


def _table_of(spans: Sequence[Span]) -> sa.Subquery:
    rows = [
        sa.select(
            sa.literal(first, sa.BigInteger).label("first"),
            sa.literal(after_last, sa.BigInteger).label("after_last"),
        )
        for first, after_last in spans
    ]
    return sa.union_all(*rows).subquery("span")


def _by(
    span: sa.Subquery, owner: sa.ColumnElement[str], counted: sa.ColumnElement[int]
) -> sa.Select[tuple[int, str, int]]:
    return sa.select(span.c.first, owner, counted).group_by(span.c.first, owner)


def _within(at: sa.ColumnElement[int], span: sa.Subquery) -> sa.ColumnElement[bool]:
    return (at >= span.c.first) & (at < span.c.after_last)


def _lasts(
    since: sa.ColumnElement[int], until: sa.ColumnElement[int], at: sa.ColumnElement[int]
) -> sa.ColumnElement[bool]:
    """Whether a state that began at `since` is still current just before `at`."""
    return (since < at) & (until.is_(None) | (until >= at))


def _standing(corp_id: str, owners: Sequence[str], span: sa.Subquery) -> sa.Subquery:
    """Selects the groups that exist at the end of each span, with their owner then."""
    owned = (GROUP_OWNERSHIP.c.corp_id == corp_id) & GROUP_OWNERSHIP.c.owner.in_(owners)
    return (
        sa.select(span.c.first, span.c.after_last, GROUP_OWNERSHIP.c.chat_id, GROUP_OWNERSHIP.c.owner)
        .where(owned, _lasts(GROUP_OWNERSHIP.c.since, GROUP_OWNERSHIP.c.until, span.c.after_last))
        .subquery("standing")
    )
