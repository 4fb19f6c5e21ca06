"""Turns ids between a third-party app's scope and the corp's; the family that keeps the scopes does it."""

from collections.abc import Callable, Mapping
from typing import Any

from wecom_tollbooth.corps.app_kinds import THIRD_PARTY_APPS
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.world.declarations import import_declaring

Translate = Callable[[Call, Mapping[str, Any]], dict[str, Any]]

_FROM_CALLER: list[Translate] = []
_FOR_CALLER: list[Translate] = []


def translate_ids(*, from_caller: Translate, for_caller: Translate) -> None:
    """Declares what turns a third-party app's request into one of the corp's own apps, and back the reply."""
    _FROM_CALLER.append(from_caller)
    _FOR_CALLER.append(for_caller)


def from_caller(call: Call, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a request in the corp's own ids."""
    return _translated(call, fields, _FROM_CALLER)


def translate_reply(call: Call) -> None:
    """Puts the reply into the ids of the caller's scope."""
    call.reply = _translated(call, call.reply, _FOR_CALLER)


def _translated(call: Call, fields: dict[str, Any], translators: list[Translate]) -> dict[str, Any]:
    if call.app_kind in THIRD_PARTY_APPS:
        import_declaring("translate_ids")
        for translate in translators:
            fields = translate(call, fields)
    return fields
