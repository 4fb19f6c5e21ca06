"""Members and departments come into a tag and leave it, with the event update_tag (page 90972, 2026-06)."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import sqlalchemy as sa

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.directory import UpdateTag
from wecom_tollbooth.callbacks.receivers import receivers
from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.corps.tables import APP, App
from wecom_tollbooth.families.directory.subscriptions import apps_may_change
from wecom_tollbooth.families.directory.tables import TAGGED_DEPARTMENT, TAGGED_MEMBER
from wecom_tollbooth.families.directory.visibility import departments_in_range, members_in_range
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.world.context import Context

NODES_OF_A_TAG = 30_000


class Nodes(NamedTuple):
    """Members by userid, as the directory spells it, and departments."""

    userids: list[str]
    departments: list[int]


NOBODY = Nodes([], [])


def nodes_of(context: Context, tagid: int) -> Nodes:
    """Who is in the tag, in order."""
    members = sa.select(TAGGED_MEMBER.c.userid).where(
        TAGGED_MEMBER.c.corp_id == context.corp_id, TAGGED_MEMBER.c.tagid == tagid
    )
    departments = sa.select(TAGGED_DEPARTMENT.c.department_id).where(
        TAGGED_DEPARTMENT.c.corp_id == context.corp_id, TAGGED_DEPARTMENT.c.tagid == tagid
    )
    return Nodes(
        sorted(context.db.execute(members).scalars()), sorted(context.db.execute(departments).scalars())
    )


def change_nodes(
    context: Context, tagid: int, *, add: Nodes = NOBODY, remove: Nodes = NOBODY, by_assistant: bool
) -> None:
    """Adds and removes, and raises update_tag for what changed. Refuses with 81003 over 30,000 in the tag.

    Who is in the tag already is not added again; who isn't is not removed.
    """
    before = nodes_of(context, tagid)
    has_members, has_departments = set(before.userids), set(before.departments)
    added = Nodes(
        [one for one in dict.fromkeys(add.userids) if one not in has_members],
        [one for one in dict.fromkeys(add.departments) if one not in has_departments],
    )
    removed = Nodes(
        [one for one in dict.fromkeys(remove.userids) if one in has_members],
        [one for one in dict.fromkeys(remove.departments) if one in has_departments],
    )
    size = _size(before) + _size(added) - _size(removed)
    if size > NODES_OF_A_TAG:
        raise context.refusal(ErrCode.TAG_IS_FULL, f"tag {tagid} would hold {size} members and departments")
    with ranges_may_change(context, tagid):
        _store(context, tagid, added, removed)
    _tell(context, tagid, added, removed, by_assistant)


def ranges_may_change(context: Context, tagid: int) -> AbstractContextManager[None]:
    """Raises subscribe and unsubscribe for what the block changes, if an app sees members by the tag."""
    ranges = sa.select(APP.c.visible).where(APP.c.corp_id == context.corp_id, APP.c.visible.is_not(None))
    found = context.db.execute(ranges).scalars()
    return apps_may_change(context) if any(tagid in one.get("tagid", ()) for one in found) else nullcontext()


def leave_ranges(context: Context, tagid: int) -> None:
    """Takes a deleted tag out of the ranges of apps, so that a new one with its id isn't in them."""
    ranges = sa.select(APP.c.agentid, APP.c.visible, APP.c.contactable).where(
        APP.c.corp_id == context.corp_id
    )
    rows: list[Any] = list(context.db.execute(ranges))
    for agentid, visible, contactable in rows:
        for name, of_range in (("visible", visible), ("contactable", contactable)):
            if of_range is not None and tagid in of_range.get("tagid", ()):
                left = {**of_range, "tagid": [one for one in of_range["tagid"] if one != tagid]}
                app = context.db.session.get_one(App, (context.corp_id, agentid))
                setattr(app, name, left)
                context.db.session.add(app)
    context.db.flush()


def _size(nodes: Nodes) -> int:
    return len(nodes.userids) + len(nodes.departments)


def _store(context: Context, tagid: int, added: Nodes, removed: Nodes) -> None:
    of_tag = {"corp_id": context.corp_id, "tagid": tagid}
    if added.userids:
        rows = [{**of_tag, "userid": one} for one in added.userids]
        context.db.execute(sa.insert(TAGGED_MEMBER).values(rows))
    if added.departments:
        rows = [{**of_tag, "department_id": one} for one in added.departments]
        context.db.execute(sa.insert(TAGGED_DEPARTMENT).values(rows))
    for table, column, gone in (
        (TAGGED_MEMBER, TAGGED_MEMBER.c.userid, removed.userids),
        (TAGGED_DEPARTMENT, TAGGED_DEPARTMENT.c.department_id, removed.departments),
    ):
        if gone:
            context.db.execute(
                sa.delete(table).where(
                    table.c.corp_id == context.corp_id, table.c.tagid == tagid, column.in_(gone)
                )
            )


def _tell(context: Context, tagid: int, added: Nodes, removed: Nodes, by_assistant: bool) -> None:
    """update_tag to each receiver, with what it sees of the change; nothing if that is nothing."""
    for app in receivers(context, UpdateTag):
        if by_assistant and app.kind == AppKind.CONTACTS_SYNC:
            continue
        members = members_in_range(context.db, context.corp_id, app.visible)
        departments = departments_in_range(context.db, context.corp_id, app.visible)
        items = (
            _seen(added.userids, members),
            _seen(removed.userids, members),
            _seen(added.departments, departments),
            _seen(removed.departments, departments),
        )
        if any(items):
            event = UpdateTag(
                TagId=tagid,
                AddUserItems=items[0],
                DelUserItems=items[1],
                AddPartyItems=items[2],
                DelPartyItems=items[3],
            )
            emit(context, event, to=app)


def _seen(ids: Iterable[str] | Iterable[int], visible: frozenset[str] | frozenset[int] | None) -> str:
    return ",".join(str(one) for one in ids if visible is None or one in visible)
