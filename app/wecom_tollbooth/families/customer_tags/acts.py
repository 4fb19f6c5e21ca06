"""Tag changes by admins in the console; they raise change_external_tag."""

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.tags import (
    CreateExternalTag,
    DeleteExternalTag,
    ShuffleExternalTag,
    UpdateExternalTag,
)
from wecom_tollbooth.callbacks.receivers import Receiver, receivers
from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.families.tag_library.library import CORP
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG, Tag, TagGroup
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act

_ORDER = sa.text("sort_order DESC, create_time, seq")


def _raise(
    act: Act,
    event: type[UpdateExternalTag] | type[DeleteExternalTag],
    id_: str,
    tag_type: str,
    strategy_id: int,
) -> None:
    for receiver in receivers(act, event):
        rule_group = strategy_id if _is_told_rule_group(receiver, strategy_id) else None
        emit(act, event(Id=id_, TagType=tag_type, StrategyId=rule_group), to=receiver)


def _raise_shuffled(act: Act, group_id: str, strategy_id: int) -> None:
    rule_group = str(strategy_id) if strategy_id != CORP else None
    emit(act, ShuffleExternalTag(Id=group_id, StrategyId=rule_group))


def _is_told_rule_group(receiver: Receiver, strategy_id: int) -> bool:
    """Only the 客户联系 system app receives the rule group in create, update and delete (page 92130)."""
    return strategy_id != CORP and receiver.kind == AppKind.CUSTOMER_CONTACT_LEGACY


class AdminCreatesTag(ActModel):
    group_name: str = Field(min_length=1, max_length=30)
    tag_name: str = Field(min_length=1, max_length=30)


@act("admin_creates_tag")
def admin_creates_tag(act: Act, body: AdminCreatesTag) -> dict[str, Any]:
    """管理员新建企业标签 / An admin creates a tag, and its group if it is new: one create event each."""
    session = act.db.session
    group = _living_group(act, body.group_name)
    new_group = group is None
    if group is None:
        group = TagGroup(
            corp_id=act.corp_id,
            group_id=act.new_id("et"),
            name=body.group_name,
            create_time=act.now,
            seq=act.next_id(),
            created_by=0,
        )
        session.add(group)
        emit(act, CreateExternalTag(Id=group.group_id, TagType="tag_group"))
    tag = Tag(
        corp_id=act.corp_id,
        tag_id=act.new_id("et"),
        group_id=group.group_id,
        name=body.tag_name,
        create_time=act.now,
        seq=act.next_id(),
        created_by=0,
    )
    if not new_group and any(other.name == tag.name for other in _living_tags(act, group.group_id)):
        raise ActRefused(f"{body.tag_name!r} is in the group already")
    session.add(tag)
    emit(act, CreateExternalTag(Id=tag.tag_id, TagType="tag"))
    return {"group_id": group.group_id, "tag_id": tag.tag_id}


class AdminEditsTag(ActModel):
    id: str
    name: str | None = Field(default=None, min_length=1, max_length=30)
    order: int | None = Field(default=None, ge=0, lt=2**32)


@act("admin_edits_tag")
def admin_edits_tag(act: Act, body: AdminEditsTag) -> dict[str, Any]:
    """管理员修改企业标签 / An admin renames or reorders a tag or group: update."""
    row, tag_type = _tag_or_group(act, body.id)
    if body.name is not None:
        row.name = body.name
    if body.order is not None:
        row.sort_order = body.order
    act.db.session.add(row)
    _raise(act, UpdateExternalTag, body.id, tag_type, row.strategy_id)
    return {"id": body.id}


class AdminDeletesTag(ActModel):
    id: str


@act("admin_deletes_tag")
def admin_deletes_tag(act: Act, body: AdminDeletesTag) -> dict[str, Any]:
    """管理员删除企业标签 / An admin deletes a tag or a group; a group's tags go without an event."""
    row, tag_type = _tag_or_group(act, body.id)
    gone = _living_tags(act, body.id) if isinstance(row, TagGroup) else [row]
    for tag in gone:
        tag.deleted_at = act.now
        act.db.session.add(tag)
    row.deleted_at = act.now
    act.db.session.add(row)
    tag_ids = [tag.tag_id for tag in gone]
    act.db.execute(
        sa.delete(FOLLOW_TAG).where(FOLLOW_TAG.c.corp_id == act.corp_id, FOLLOW_TAG.c.tag_id.in_(tag_ids))
    )
    _raise(act, DeleteExternalTag, body.id, tag_type, row.strategy_id)
    if isinstance(row, Tag) and not _living_tags(act, row.group_id):
        group = act.db.session.get(TagGroup, (act.corp_id, row.group_id))
        if group is not None:
            group.deleted_at = act.now
            act.db.session.add(group)
            _raise(act, DeleteExternalTag, group.group_id, "tag_group", group.strategy_id)
    return {"id": body.id}


class AdminShufflesTags(ActModel):
    group_id: str | None = None


@act("admin_shuffles_tags")
def admin_shuffles_tags(act: Act, body: AdminShufflesTags) -> dict[str, Any]:
    """管理员拖动标签排序 / An admin reverses the order of a group's tags, or of the groups: shuffle."""
    rows: list[Any]
    strategy_id = CORP
    if body.group_id is not None:
        row, _ = _tag_or_group(act, body.group_id)
        if not isinstance(row, TagGroup):
            raise ActRefused(f"{body.group_id!r} is a tag, not a group")
        rows, strategy_id = _living_tags(act, body.group_id), row.strategy_id
    else:
        rows = _living_groups(act)
    for place, row in enumerate(rows, start=1):
        row.sort_order = place
        act.db.session.add(row)
    _raise_shuffled(act, body.group_id or "", strategy_id)
    return {"shuffled": len(rows)}


def _tag_or_group(act: Act, id_: str) -> tuple[Any, str]:
    for table, tag_type in ((Tag, "tag"), (TagGroup, "tag_group")):
        row: Any = act.db.session.get(table, (act.corp_id, id_))
        if row is not None and row.deleted_at is None:
            return row, tag_type
    raise ActRefused(f"there is no tag or tag group {id_!r} in this corp")


def _living_tags(act: Act, group_id: str) -> list[Tag]:
    query = sa.select(Tag).filter_by(corp_id=act.corp_id, group_id=group_id, deleted_at=None)
    return list(act.db.session.scalars(query.order_by(_ORDER, sa.text("tag_id"))))


def _living_groups(act: Act) -> list[TagGroup]:
    """Returns the groups of the corp's library; groups of rule groups are found only by id."""
    query = sa.select(TagGroup).filter_by(corp_id=act.corp_id, strategy_id=CORP, deleted_at=None)
    return list(act.db.session.scalars(query.order_by(_ORDER, sa.text("group_id"))))


def _living_group(act: Act, name: str) -> TagGroup | None:
    return next((group for group in _living_groups(act) if group.name == name), None)
