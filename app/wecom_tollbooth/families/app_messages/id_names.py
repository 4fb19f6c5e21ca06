"""Names in place of ids, as enable_id_trans asks: $userName=ID$ and its kind (page 90236, 2026-02)."""

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.families.directory.tables import DEPARTMENT, MEMBER
from wecom_tollbooth.families.directory.visibility import visible_departments, visible_userids
from wecom_tollbooth.gateway.call import Call

FIELDS = {
    "text": ("content",),
    "textcard": ("title", "description"),
    "news": ("articles.title", "articles.description"),
    "mpnews": ("articles.title", "articles.digest", "articles.content"),
    "miniprogram_notice": ("title", "description", "content_item.value"),
    "interactive_taskcard": ("title", "description"),
    "taskcard": ("title", "description"),
    "template_card": (
        "source.desc",
        "main_title.title",
        "main_title.desc",
        "sub_title_text",
        "horizontal_content_list.value",
    ),
}
_ID = re.compile(r"\$(userName|userAlias|userAliasOrName|departmentName)=([^$\s]{1,64})\$")

Place = tuple[dict[str, Any], str]


def put_names(call: Call, msgtype: str, part: dict[str, Any]) -> None:
    """Replaces the ids in the texts of `part`; those that are unknown or invisible stay as they are."""
    places = [place for path in FIELDS.get(msgtype, ()) for place in _places(part, path.split("."))]
    given = {found.groups() for holder, name in places for found in _ID.finditer(holder[name])}
    if not given:
        return
    names = _names(call, given)

    def name_of(found: re.Match[str]) -> str:
        return names(found[1], found[2]) or found[0]

    for holder, name in places:
        holder[name] = _ID.sub(name_of, holder[name])


def _places(node: Any, path: list[str]) -> list[Place]:
    if isinstance(node, list):
        return [place for item in node for place in _places(item, path)]
    if path[0] not in node:
        return []
    return [(node, path[0])] if len(path) == 1 else _places(node[path[0]], path[1:])


def _names(call: Call, given: set[tuple[str | Any, ...]]) -> Callable[[str, str], str | None]:
    """From kind and id to the name; None where it stays."""
    keys = {id_.lower() for kind, id_ in given if kind != "departmentName"}
    members = {}
    if keys:
        query = sa.select(MEMBER.c.userid_key, MEMBER.c.userid, MEMBER.c.name, MEMBER.c.profile).where(
            MEMBER.c.corp_id == call.corp_id, MEMBER.c.userid_key.in_(keys)
        )
        visible = visible_userids(call)
        members = {
            row.userid_key: row for row in call.db.execute(query) if visible is None or row.userid in visible
        }
    departments = {}
    if len(keys) < len(given):
        seen = visible_departments(call)
        rows = call.db.execute(
            sa.select(DEPARTMENT.c.id, DEPARTMENT.c.name).where(DEPARTMENT.c.corp_id == call.corp_id)
        )
        departments = {str(row.id): row.name for row in rows if seen is None or row.id in seen}

    def name_of(kind: str, id_: str) -> str | None:
        if kind == "departmentName":
            return departments.get(id_)
        member = members.get(id_.lower())
        if member is None:
            return None
        alias: str | None = member.profile.get("alias")
        if kind == "userAlias":
            return alias
        return (alias or member.name) if kind == "userAliasOrName" else str(member.name)

    return name_of
