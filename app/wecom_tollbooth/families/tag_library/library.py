"""The tag library: what corp tags and the tags of rule groups share.

Both are in the same tables. `strategy_id` names the library of a tag or group: CORP, or the rule group with
that id. Each function takes the libraries that it works in; tags elsewhere are unknown to it.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG, TAG, TAG_GROUP, Tag
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import UINT32, RequestModel, optional, required
from wecom_tollbooth.world import ids

CORP = 0
"""The library of corp tags, as `strategy_id`."""

NAME_CHARS = 30
TAGS_OF_A_CORP = 10_000
"""Maximum of corp tags and tags of rule groups together (page 94882)."""


class NewTag(RequestModel):
    name: str = required(ErrCode.MISSING_TAGNAME, max_chars=NAME_CHARS)
    order: int | None = optional(ge=0, le=UINT32)


def find(
    call: Call,
    libraries: Collection[int],
    *,
    group_ids: Sequence[str] | None,
    tag_ids: Sequence[str] | None,
    deleted_too: bool = False,
) -> list[tuple[Any, list[Any]]]:
    """Returns groups with tags: by `group_ids`, else `tag_ids` under their groups, else all.

    Larger order first. `deleted_too` adds deleted ones if ids are given. Raises 40068 for an unknown id.
    """
    by_id = bool(group_ids or tag_ids)
    groups = _of(call, TAG_GROUP, libraries, deleted_too=deleted_too and by_id)
    tags = _of(call, TAG, libraries, deleted_too=deleted_too and by_id)
    if group_ids:
        found_groups = _rows(call, groups.where(TAG_GROUP.c.group_id.in_(group_ids)), TAG_GROUP)
        _refuse_unknown(group_ids, {group.group_id for group in found_groups})
        found_tags = _rows(call, tags.where(TAG.c.group_id.in_(group_ids)), TAG)
    elif tag_ids:
        found_tags = _rows(call, tags.where(TAG.c.tag_id.in_(tag_ids)), TAG)
        _refuse_unknown(tag_ids, {tag.tag_id for tag in found_tags})
        owners = {tag.group_id for tag in found_tags}
        found_groups = _rows(call, groups.where(TAG_GROUP.c.group_id.in_(owners)), TAG_GROUP)
    else:
        found_groups, found_tags = _rows(call, groups, TAG_GROUP), _rows(call, tags, TAG)
    of_group: dict[str, list[Any]] = {}
    for tag in found_tags:
        of_group.setdefault(tag.group_id, []).append(tag)
    return [(group, of_group.get(group.group_id, [])) for group in found_groups]


def group_to_fill(
    call: Call, library: int, *, group_id: str | None, group_name: str | None, order: int | None
) -> Any:
    """Returns the row of the group with this id, else with this name; a new name creates a group.

    Raises 40068 for an unknown id, 41018 if neither is given, 40058 for a name or order of a wrong size; a
    group_id makes both ignored.
    """
    if not group_id and not group_name:
        raise Refusal(ErrCode.MISSING_TAGNAME, detail="give group_id or group_name")
    if not group_id and group_name and len(group_name) > NAME_CHARS:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            f"group_name exceed max utf8 words {NAME_CHARS}",
            detail=f"group_name has {len(group_name)} characters",
        )
    if not group_id and order is not None and not 0 <= order <= UINT32:
        raise Refusal(ErrCode.INVALID_PARAMETER, "order invalid", detail=f"order {order} is out of range")
    by = TAG_GROUP.c.group_id == group_id if group_id else TAG_GROUP.c.name == group_name
    # Locked, so that no other call deletes it or gives it the same tags before this one is answered.
    found = call.db.execute(_of(call, TAG_GROUP, [library]).where(by).with_for_update()).first()
    if found is None and group_id:
        raise unknown(group_id)
    if found is None:
        new_id, number = _new_id(call, library)
        made = sa.insert(TAG_GROUP).values(
            corp_id=call.corp_id,
            group_id=new_id,
            strategy_id=library,
            name=group_name,
            create_time=call.now,
            seq=number,
            sort_order=order or 0,
            created_by=call.agentid,
        )
        found = call.db.execute(made.returning(*TAG_GROUP.columns)).one()
    return found


def add_tags(call: Call, group: Any, wanted: Sequence[NewTag]) -> list[Tag]:
    """Creates the tags in the group; a repeated name creates one tag.

    Raises 40126 over the corp's limit, 40071 for a name that the group has.
    """
    names: dict[str, NewTag] = {}
    for tag in wanted:
        names.setdefault(tag.name, tag)
    if _count_tags(call) + len(names) > TAGS_OF_A_CORP:
        raise Refusal(ErrCode.TAG_CAP_REACHED, detail=f"a corp has at most {TAGS_OF_A_CORP} tags")
    living = _of(call, TAG, [group.strategy_id])
    taken = call.db.execute(living.where(TAG.c.group_id == group.group_id, TAG.c.name.in_(names))).first()
    if taken:
        raise Refusal(ErrCode.TAG_NAME_EXISTS, detail=f"{taken.name!r} is in the group already")
    made = [
        Tag(
            corp_id=call.corp_id,
            tag_id=new_id,
            group_id=group.group_id,
            strategy_id=group.strategy_id,
            name=tag.name,
            create_time=call.now,
            seq=number,
            sort_order=tag.order or 0,
            created_by=call.agentid,
        )
        for tag in names.values()
        for new_id, number in (_new_id(call, group.strategy_id),)
    ]
    call.db.execute(sa.insert(TAG), [tag.model_dump() for tag in made])
    return made


def tag_or_group(call: Call, libraries: Collection[int], id_: str) -> tuple[sa.Table, Any]:
    """Returns the table and the row of an existing tag or group. Raises 40068."""
    for table, column in ((TAG, TAG.c.tag_id), (TAG_GROUP, TAG_GROUP.c.group_id)):
        row = call.db.execute(_of(call, table, libraries).where(column == id_)).first()
        if row is not None:
            return table, row
    raise unknown(id_)


def change(call: Call, table: sa.Table, row: Any, *, name: str | None, order: int | None) -> None:
    """Renames or reorders a tag or a group; absent and empty values change nothing. Raises 40071."""
    if name and name != row.name:
        _refuse_taken_name(call, table, row, name)
    changes: dict[str, Any] = {"name": name} if name else {}
    if order is not None:
        changes["sort_order"] = order
    if changes:
        this = TAG.c.tag_id == row.tag_id if table is TAG else TAG_GROUP.c.group_id == row.group_id
        call.db.execute(sa.update(table).where(table.c.corp_id == call.corp_id, this).values(changes))


def chosen(
    call: Call, libraries: Collection[int], *, tag_ids: Sequence[str], group_ids: Sequence[str]
) -> list[Any]:
    """Returns the rows of these existing tags and groups.

    Raises 40068 for an unknown id or one of the other kind. The groups stay locked until the call is
    answered: of two calls that delete a group's last two tags, the second must see that the first is gone.
    """
    of_tags = _of(call, TAG, libraries).where(TAG.c.tag_id.in_(tag_ids))
    owners = {tag.group_id for tag in call.db.execute(of_tags)}.union(group_ids)
    owned = (
        _of(call, TAG_GROUP, libraries).where(TAG_GROUP.c.group_id.in_(owners)).order_by(TAG_GROUP.c.group_id)
    )
    locked = {group.group_id: group for group in call.db.execute(owned.with_for_update())}
    tags = list(call.db.execute(of_tags))
    _refuse_unknown(tag_ids, {tag.tag_id for tag in tags})
    _refuse_unknown(group_ids, set(locked))
    return [*tags, *(locked[group_id] for group_id in set(group_ids))]


def tags_within(call: Call, group_ids: Collection[str]) -> list[Any]:
    """Returns the rows of the tags of these groups."""
    within = sa.select(TAG).where(
        TAG.c.corp_id == call.corp_id, TAG.c.group_id.in_(group_ids), TAG.c.deleted_at.is_(None)
    )
    return list(call.db.execute(within)) if group_ids else []


def remove(call: Call, tag_ids: Collection[str], group_ids: Collection[str]) -> None:
    """Deletes tags and whole groups and removes them from customers. A group is deleted with its last tag."""
    group_ids = set(group_ids)
    of_tags = sa.select(TAG.c.group_id).where(TAG.c.corp_id == call.corp_id, TAG.c.tag_id.in_(tag_ids))
    touched = {row.group_id for row in call.db.execute(of_tags)} | group_ids
    living = sa.select(TAG.c.tag_id, TAG.c.group_id).where(
        TAG.c.corp_id == call.corp_id, TAG.c.group_id.in_(touched), TAG.c.deleted_at.is_(None)
    )
    gone, still_filled = set(tag_ids), set()
    for tag in call.db.execute(living):
        if tag.group_id in group_ids:
            gone.add(tag.tag_id)
        elif tag.tag_id not in gone:
            still_filled.add(tag.group_id)
    _mark_deleted(call, TAG, TAG.c.tag_id, gone)
    _mark_deleted(call, TAG_GROUP, TAG_GROUP.c.group_id, touched - still_filled)
    call.db.execute(
        sa.delete(FOLLOW_TAG).where(FOLLOW_TAG.c.corp_id == call.corp_id, FOLLOW_TAG.c.tag_id.in_(gone))
    )


def remove_libraries(call: Call, libraries: Collection[int]) -> None:
    """Deletes every tag and group of these libraries."""
    groups = _of(call, TAG_GROUP, libraries)
    remove(call, [], {group.group_id for group in call.db.execute(groups)})


def unknown(id_: str) -> Refusal:
    return Refusal(ErrCode.INVALID_TAGID, detail=f"{id_!r} is no tag or tag group that this operation knows")


def _of(
    call: Call, table: sa.Table, libraries: Collection[int], *, deleted_too: bool = False
) -> sa.Select[Any]:
    query = sa.select(table).where(table.c.corp_id == call.corp_id, table.c.strategy_id.in_(libraries))
    return query if deleted_too else query.where(table.c.deleted_at.is_(None))


def _rows(call: Call, query: sa.Select[Any], table: sa.Table) -> list[Any]:
    """Sorts larger order first, then older first."""
    order = (table.c.sort_order.desc(), table.c.create_time, table.c.seq, *table.primary_key.columns)
    return list(call.db.execute(query.order_by(*order)))


def _refuse_unknown(wanted: Collection[str], found: set[str]) -> None:
    missing = sorted(set(wanted) - found)
    if missing:
        raise unknown(missing[0])


def _new_id(call: Call, library: int) -> tuple[str, int]:
    """Returns an id and the sequence number that it was generated from."""
    number = call.next_id()
    return ids.wecom_id(call.seed, "et" if library == CORP else "st", number), number


def _count_tags(call: Call) -> int:
    query = sa.select(sa.func.count()).where(TAG.c.corp_id == call.corp_id, TAG.c.deleted_at.is_(None))
    return int(call.db.execute(query).scalar_one())


def _refuse_taken_name(call: Call, table: sa.Table, row: Any, name: str) -> None:
    """Raises 40071 for a name taken in the library (groups) or in the group (tags)."""
    query = _of(call, table, [row.strategy_id]).where(table.c.name == name)
    if table is TAG:
        query = query.where(TAG.c.group_id == row.group_id)
    if call.db.execute(query).first() is not None:
        raise Refusal(ErrCode.TAG_NAME_EXISTS, detail=f"{name!r} is taken")


def _mark_deleted(call: Call, table: sa.Table, column: sa.Column[Any], ids: Collection[str]) -> None:
    call.db.execute(
        sa.update(table).where(table.c.corp_id == call.corp_id, column.in_(ids)).values(deleted_at=call.now)
    )
