"""change_contact: who is told of changes of the directory, also of those that the API makes.

Source: pages 90970 and 90971 (2026-06). The 通讯录同步 assistant hears of what others do, as short as
callback addresses of after 2022-08-15 do; provider-developed apps hear all that they see, but for the
fields that need somebody's consent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from wecom_tollbooth.callbacks import outbox
from wecom_tollbooth.callbacks.outbox import Bare, Value
from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.tables import MEMBER, MEMBER_DEPARTMENT
from wecom_tollbooth.families.directory.visibility import departments_below


class Change(Protocol):
    """A call or an act that changes the directory."""

    db: Transaction
    corp_id: str
    callbacks: list[int]

    @property
    def now(self) -> int: ...


@dataclass(frozen=True)
class Seen:
    """A member as its events show it."""

    userid: str
    departments: dict[int, bool]
    """Whether it leads, by department, in the member's order."""
    fields: dict[str, Value]


def look_at(change: Change, userid: str) -> Seen:
    """The member as it stands now."""
    own_row = (MEMBER.c.corp_id == change.corp_id) & (MEMBER.c.userid == userid)
    member = change.db.execute(sa.select(MEMBER).where(own_row)).one()
    places = sa.select(MEMBER_DEPARTMENT.c.department_id, MEMBER_DEPARTMENT.c.is_leader).where(
        MEMBER_DEPARTMENT.c.corp_id == change.corp_id, MEMBER_DEPARTMENT.c.userid == userid
    )
    departments = {
        row.department_id: bool(row.is_leader)
        for row in change.db.execute(places.order_by(MEMBER_DEPARTMENT.c.position))
    }
    profile: dict[str, Any] = member.profile or {}
    fields: dict[str, Value] = {
        "Name": member.name,
        "MainDepartment": member.main_department,
        "DirectLeader": ",".join(profile.get("direct_leader", [])),
        "Position": profile.get("position", ""),
        "Status": member.status,
        "Alias": profile.get("alias", ""),
        "Telephone": profile.get("telephone", ""),
        "ExtAttr": [_attribute(one) for one in profile.get("extattr", [])],
    }
    return Seen(member.userid, departments, fields)


def _attribute(stored: Mapping[str, Any]) -> dict[str, Value]:
    """One 扩展属性 as the event writes it."""
    shown: dict[str, Value] = {"Name": str(stored.get("name", "")), "Type": int(stored.get("type", 0))}
    for kind, names in (("text", ("value",)), ("web", ("title", "url"))):
        if kind in stored:
            values = stored[kind] or {}
            shown[kind.title()] = {name.title(): str(values.get(name, "")) for name in names}
    return shown


# --- members ---------------------------------------------------------------------------------------------


def member_made(change: Change, userid: str, *, by_assistant: bool) -> None:
    """create_user."""
    member = look_at(change, userid)
    for app, visible in _receivers(change, by_assistant):
        if _is_visible(member, app, visible):
            fields = {**_departments(member, visible), **member.fields}
            shown = fields if _is_told_all(app) else _short(fields)
            _tell(change, app, "create_user", {"UserID": member.userid, **_ordered(shown)})


def member_changed(change: Change, before: Seen, *, by_assistant: bool) -> None:
    """update_user with the fields that are others than `before`; nobody hears where none is."""
    after = look_at(change, before.userid)
    for app, visible in _receivers(change, by_assistant):
        if not (_is_visible(before, app, visible) or _is_visible(after, app, visible)):
            continue
        places = _departments(after, visible)
        moved = {
            name: value for name, value in places.items() if value != _departments(before, visible)[name]
        }
        changed = moved | {
            name: value for name, value in after.fields.items() if value != before.fields[name]
        }
        told = changed if _is_told_all(app) else _short(changed)
        if told:
            fields = _ordered({"Department": places["Department"], **told})
            _tell(change, app, "update_user", {"UserID": after.userid, **fields})


def member_gone(change: Change, before: Seen, *, by_assistant: bool) -> None:
    """delete_user."""
    for app, visible in _receivers(change, by_assistant):
        if _is_visible(before, app, visible):
            _tell(change, app, "delete_user", {"UserID": before.userid})


def _departments(member: Seen, visible: frozenset[int] | None) -> dict[str, Value]:
    """The departments that the app sees, and whether the member leads them."""
    seen = [one for one in member.departments if visible is None or one in visible]
    leads = [str(int(member.departments[one])) for one in seen]
    return {"Department": ",".join(map(str, seen)), "IsLeaderInDept": ",".join(leads)}


_ORDER = (
    "Name",
    "Department",
    "MainDepartment",
    "IsLeaderInDept",
    "DirectLeader",
    "Position",
    "Status",
    "Alias",
    "Telephone",
    "ExtAttr",
)


def _ordered(fields: dict[str, Value]) -> dict[str, Value]:
    return {name: fields[name] for name in _ORDER if name in fields}


def _short(fields: dict[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in fields.items() if name == "Department"}


# --- departments -----------------------------------------------------------------------------------------


def department_made(
    change: Change, department_id: int, name: str, parentid: int, order: int, *, by_assistant: bool
) -> None:
    """create_party."""
    for app, visible in _receivers(change, by_assistant):
        if visible is None or department_id in visible:
            short: dict[str, Value] = {"Id": department_id, "ParentId": str(parentid)}
            whole: dict[str, Value] = {
                "Id": department_id,
                "Name": name,
                "ParentId": str(parentid),
                "Order": order,
            }
            _tell(change, app, "create_party", whole if _is_told_all(app) else short)


def department_changed(
    change: Change, department_id: int, name: str | None, parentid: int | None, *, by_assistant: bool
) -> None:
    """update_party; None for what did not change. Nobody hears of a change of the order alone."""
    moved: dict[str, Value] = {} if parentid is None else {"ParentId": str(parentid)}
    renamed: dict[str, Value] = {} if name is None else {"Name": name}
    for app, visible in _receivers(change, by_assistant):
        told = {**renamed, **moved} if _is_told_all(app) else moved
        if told and (visible is None or department_id in visible):
            _tell(change, app, "update_party", {"Id": department_id, **told})


def department_gone(change: Change, department_id: int, *, by_assistant: bool) -> None:
    """delete_party; to be called while the department is still there."""
    for app, visible in _receivers(change, by_assistant):
        if visible is None or department_id in visible:
            _tell(change, app, "delete_party", {"Id": department_id})


# --- who is told -----------------------------------------------------------------------------------------


def _receivers(change: Change, by_assistant: bool) -> Iterator[tuple[Any, frozenset[int] | None]]:
    """The apps that are told of the directory, and the departments that each sees; None for all."""
    kinds = [AppKind.PROVIDER_DEVELOPED] if by_assistant else list(_KINDS)
    query = sa.select(APP).where(
        APP.c.corp_id == change.corp_id, APP.c.kind.in_(kinds), APP.c.enabled.is_(True)
    )
    for app in list(change.db.execute(query.order_by(APP.c.agentid))):
        of_range = app.visible
        seen = (
            None
            if of_range is None
            else departments_below(change.db, change.corp_id, of_range.get("partyid", []))
        )
        yield app, seen


_KINDS = (AppKind.CONTACTS_SYNC, AppKind.PROVIDER_DEVELOPED)


def _is_told_all(app: Any) -> bool:
    return bool(app.kind != AppKind.CONTACTS_SYNC)


def _is_visible(member: Seen, app: Any, visible: frozenset[int] | None) -> bool:
    if visible is None:
        return True
    return member.userid in app.visible.get("userid", []) or not visible.isdisjoint(member.departments)


def _tell(change: Change, app: Any, change_type: str, fields: Mapping[str, Value]) -> None:
    number = outbox.put(
        change.db,
        corp_id=change.corp_id,
        agentid=app.agentid,
        url=app.callback_url,
        now=change.now,
        event="change_contact",
        change_type=change_type,
        fields={"ChangeType": Bare(change_type), **fields},
    )
    change.callbacks.append(number)
