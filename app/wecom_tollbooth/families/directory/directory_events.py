"""change_contact: which apps receive events of directory changes, including those made by the API.

Source: pages 90970 and 90971 (2026-06). The 通讯录同步 assistant receives what others change, with as few
fields as callback addresses set since 2022-08-15 get. Provider-developed apps receive all that they see;
names, positions and the like only if an admin lets them, and never the fields that need the member's consent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.directory import (
    CreateParty,
    CreateUser,
    DeleteParty,
    DeleteUser,
    DepartmentEvent,
    ExtAttrItem,
    ExtAttrText,
    ExtAttrWeb,
    MemberEvent,
    UpdateParty,
    UpdateUser,
)
from wecom_tollbooth.callbacks.receivers import Receiver, receivers
from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.families.directory.tables import MEMBER, MEMBER_DEPARTMENT
from wecom_tollbooth.families.directory.visibility import departments_below, with_tags
from wecom_tollbooth.world.context import Context


@dataclass(frozen=True)
class MemberSnapshot:
    """A member as its events show it."""

    userid: str
    departments: dict[int, bool]
    """Whether the member leads it, by department, in the member's order."""
    fields: dict[str, Any]
    """The fields of create_user and update_user that are the same for every app."""


def member_snapshot(context: Context, userid: str) -> MemberSnapshot:
    """The member as it is now."""
    own_row = (MEMBER.c.corp_id == context.corp_id) & (MEMBER.c.userid == userid)
    member = context.db.execute(sa.select(MEMBER).where(own_row)).one()
    places = sa.select(MEMBER_DEPARTMENT.c.department_id, MEMBER_DEPARTMENT.c.is_leader).where(
        MEMBER_DEPARTMENT.c.corp_id == context.corp_id, MEMBER_DEPARTMENT.c.userid == userid
    )
    departments = {
        row.department_id: bool(row.is_leader)
        for row in context.db.execute(places.order_by(MEMBER_DEPARTMENT.c.position))
    }
    profile: dict[str, Any] = member.profile or {}
    fields = {
        "Name": member.name,
        "MainDepartment": member.main_department,
        "DirectLeader": ",".join(profile.get("direct_leader", [])),
        "Position": profile.get("position", ""),
        "Gender": int(profile.get("gender", 0)),
        "Status": member.status,
        "Alias": profile.get("alias", ""),
        "Telephone": profile.get("telephone", ""),
        "ExtAttr": [_attribute(one) for one in profile.get("extattr", [])],
    }
    return MemberSnapshot(member.userid, departments, fields)


def _attribute(stored: Mapping[str, Any]) -> ExtAttrItem:
    """One 扩展属性 as the event writes it."""
    text, web = stored.get("text") or {}, stored.get("web") or {}
    return ExtAttrItem(
        Name=str(stored.get("name", "")),
        Type=int(stored.get("type", 0)),
        Text=ExtAttrText(Value=str(text.get("value", ""))) if "text" in stored else None,
        Web=ExtAttrWeb(Title=str(web.get("title", "")), Url=str(web.get("url", "")))
        if "web" in stored
        else None,
    )


OF_DEPARTMENTS = frozenset({"Department", "IsLeaderInDept", "MainDepartment"})
"""Callback addresses set since 2022-08-15 receive changes of these alone (page 90970)."""
DETAILS = frozenset({"Name", "Position", "Telephone", "ExtAttr"})
"""What provider-developed apps receive with an admin's authorisation only."""
DETAILS_OF_NEW_MEMBERS = DETAILS | {"IsLeaderInDept", "DirectLeader"}


# --- members ---------------------------------------------------------------------------------------------


def member_created(context: Context, userid: str, *, by_assistant: bool) -> None:
    """create_user."""
    member = member_snapshot(context, userid)
    for app, visible in _receivers(context, CreateUser, by_assistant):
        if _is_visible(member, app, visible):
            fields = {**_departments(member, visible), **member.fields, "Gender": 0}
            if app.kind == AppKind.CONTACTS_SYNC:
                fields = {"Department": fields["Department"]}
            elif not app.directory_details:
                fields = {name: value for name, value in fields.items() if name not in DETAILS_OF_NEW_MEMBERS}
            emit(context, CreateUser(UserID=member.userid, **fields), to=app)


def member_changed(context: Context, before: MemberSnapshot, *, by_assistant: bool) -> None:
    """update_user with the fields that differ from `before`; no event if the app is shown none of them."""
    after = member_snapshot(context, before.userid)
    for app, visible in _receivers(context, UpdateUser, by_assistant):
        if not (_is_visible(before, app, visible) or _is_visible(after, app, visible)):
            continue
        fields = _changed_fields(before, after, app, visible)
        if fields:
            emit(context, UpdateUser(UserID=after.userid, **fields), to=app)


def _changed_fields(
    before: MemberSnapshot, after: MemberSnapshot, app: Receiver, visible: frozenset[int] | None
) -> dict[str, Any]:
    """The fields that differ, as far as the app is shown them.

    Leaders are in the order of the departments, so a change of them shows both. A changed gender is 0.
    """
    then = {**_departments(before, visible), **before.fields}
    now = {**_departments(after, visible), **after.fields}
    changed = {name: value for name, value in now.items() if value != then[name]}
    if app.kind == AppKind.CONTACTS_SYNC:
        return {} if OF_DEPARTMENTS.isdisjoint(changed) else {"Department": now["Department"]}
    changed.pop("DirectLeader", None)
    if "Gender" in changed:
        changed["Gender"] = 0
    if "IsLeaderInDept" in changed:
        changed["Department"] = now["Department"]
    hidden = frozenset() if app.directory_details else DETAILS
    return {name: value for name, value in changed.items() if name not in hidden}


def member_deleted(context: Context, before: MemberSnapshot, *, by_assistant: bool) -> None:
    """delete_user."""
    for app, visible in _receivers(context, DeleteUser, by_assistant):
        if _is_visible(before, app, visible):
            emit(context, DeleteUser(UserID=before.userid), to=app)


def _departments(member: MemberSnapshot, visible: frozenset[int] | None) -> dict[str, str]:
    """The departments that the app sees, and whether the member leads them."""
    seen = [one for one in member.departments if visible is None or one in visible]
    leads = [str(int(member.departments[one])) for one in seen]
    return {"Department": ",".join(map(str, seen)), "IsLeaderInDept": ",".join(leads)}


# --- departments -----------------------------------------------------------------------------------------


def department_created(
    context: Context, department_id: int, name: str, parentid: int, order: int, *, by_assistant: bool
) -> None:
    """create_party."""
    for app, visible in _receivers(context, CreateParty, by_assistant):
        if visible is None or department_id in visible:
            event = CreateParty(
                Id=department_id,
                Name=name if app.directory_details else None,
                ParentId=str(parentid),
                Order=None if app.kind == AppKind.CONTACTS_SYNC else order,
            )
            emit(context, event, to=app)


def department_changed(
    context: Context, department_id: int, name: str | None, parentid: int | None, *, by_assistant: bool
) -> None:
    """update_party; None for what did not change. A change of the order alone raises no event."""
    moved = None if parentid is None else str(parentid)
    for app, visible in _receivers(context, UpdateParty, by_assistant):
        renamed = name if app.directory_details else None
        if (renamed, moved) != (None, None) and (visible is None or department_id in visible):
            emit(context, UpdateParty(Id=department_id, Name=renamed, ParentId=moved), to=app)


def department_deleted(context: Context, department_id: int, *, by_assistant: bool) -> None:
    """delete_party; to be called while the department still exists."""
    for app, visible in _receivers(context, DeleteParty, by_assistant):
        if visible is None or department_id in visible:
            emit(context, DeleteParty(Id=department_id), to=app)


# --- receivers -------------------------------------------------------------------------------------------


def _receivers(
    context: Context, event: type[MemberEvent] | type[DepartmentEvent], by_assistant: bool
) -> Iterator[tuple[Receiver, frozenset[int] | None]]:
    """The apps that receive the event, and the departments that each sees; None for all."""
    for app in receivers(context, event):
        if by_assistant and app.kind == AppKind.CONTACTS_SYNC:
            continue
        if app.visible is None:
            yield app, None
            continue
        expanded = with_tags(context.db, context.corp_id, app.visible)
        below = departments_below(context.db, context.corp_id, expanded.get("partyid", []))
        yield replace(app, visible=expanded), below


def _is_visible(member: MemberSnapshot, app: Receiver, visible: frozenset[int] | None) -> bool:
    if visible is None or app.visible is None:
        return True
    return member.userid in app.visible.get("userid", []) or not visible.isdisjoint(member.departments)
