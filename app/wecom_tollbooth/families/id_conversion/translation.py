"""Translates ids for third-party apps that use only the provider's own ids, in requests and replies.

Operations of this chapter convert ids themselves. Everywhere else ids of customers and tags are translated by
the names of their fields.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from wecom_tollbooth.families.id_conversion.known_customers import (
    CONTACTS,
    TAGS,
    has_migrated,
    provider_of,
    to_plain,
    to_scoped,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.steps.id_translation import translate_ids

FIELDS = {
    "external_userid": CONTACTS,
    "external_userid_list": CONTACTS,
    "tag_id": TAGS,
    "group_id": TAGS,
    "add_tag": TAGS,
    "remove_tag": TAGS,
    "tag_list": TAGS,
}
TAG_FAMILIES = ("customer_tags", "strategy_tags")
"""In these families `id` is the id of a tag or a tag group."""
UNKNOWN = "?"
"""Before an id of another scope, which nobody has then."""
FAILED = "fail_list"
"""The customers or groups that cannot get a mass message; groups have the same id in every scope."""
OUTSIDER = 2
"""`type` of a member of a customer group whose `userid` is an external_userid."""

MapId = Callable[[str, str], str]
"""(kind, id) to the id in the other scope."""


def _kind(family: str, name: str, around: Mapping[str, Any]) -> str | None:
    if name == "id" and family in TAG_FAMILIES:
        return TAGS
    if name == "userid" and family == "group_chats" and around.get("type") == OUTSIDER:
        return CONTACTS
    return FIELDS.get(name)


def _map_ids(family: str, node: Any, map_id: MapId) -> Any:
    if isinstance(node, list):
        return [_map_ids(family, item, map_id) for item in node]
    if not isinstance(node, Mapping):
        return node
    mapped: dict[str, Any] = {}
    for name, value in node.items():
        kind = _kind(family, name, node)
        if name == FAILED and isinstance(value, list):
            mapped[name] = [_map_failed(one, map_id) for one in value]
            continue
        if kind and isinstance(value, str) and value:
            mapped[name] = map_id(kind, value)
        elif kind and isinstance(value, list):
            mapped[name] = [map_id(kind, one) if isinstance(one, str) and one else one for one in value]
        else:
            mapped[name] = _map_ids(family, value, map_id)
    return mapped


def _map_failed(one: Any, map_id: MapId) -> Any:
    if not isinstance(one, str):
        return one
    return map_id(CONTACTS, one) if one.startswith(("wm", "wo", UNKNOWN)) else one


def _translate(
    call: Call, fields: Mapping[str, Any], look_up: Callable[[Call, str, str, set[str]], dict[str, str]]
) -> dict[str, Any]:
    """`fields` with all ids translated; each kind of id takes one query."""
    family, provider_id = call.operation.family.name, provider_of(call)
    if family == "id_conversion" or not has_migrated(call, provider_id):
        return dict(fields)
    ids: dict[str, set[str]] = {CONTACTS: set(), TAGS: set()}

    def collect(kind: str, id_: str) -> str:
        ids[kind].add(id_)
        return id_

    _map_ids(family, fields, collect)
    known = {kind: look_up(call, provider_id, kind, given) for kind, given in ids.items() if given}
    # An id of another scope becomes one that nobody has, so that it is refused as unknown.
    return dict(_map_ids(family, fields, lambda kind, id_: known[kind].get(id_, UNKNOWN + id_)))


def _plain(call: Call, provider_id: str, kind: str, given: set[str]) -> dict[str, str]:
    return to_plain(call.db, call.corp_id, provider_id, kind, given)


def _scoped(call: Call, provider_id: str, kind: str, given: set[str]) -> dict[str, str]:
    """Ids that nobody has, which some replies name as invalid, become what the caller sent."""
    known = {id_ for id_ in given if not id_.startswith(UNKNOWN)}
    as_sent = {id_: id_.removeprefix(UNKNOWN) for id_ in given - known}
    return to_scoped(call.db, call.corp_id, provider_id, kind, known) | as_sent


translate_ids(
    from_caller=partial(_translate, look_up=_plain), for_caller=partial(_translate, look_up=_scoped)
)
