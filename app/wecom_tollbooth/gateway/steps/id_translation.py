"""Turns ids between a third-party app's scope and the corp's; the family that keeps the scopes does it."""

from collections.abc import Callable, Mapping
from typing import Any

from wecom_tollbooth.corps.app_kinds import THIRD_PARTY_APPS
from wecom_tollbooth.gateway.call import Call

Translate = Callable[[Call, Mapping[str, Any]], dict[str, Any]]

FROM_CALLER: list[Translate] = []
"""Turn what a third-party app has sent into what the corp's own apps would send."""
FOR_CALLER: list[Translate] = []
"""Turn a reply to a corp's own app into one to the third-party app."""


def from_caller(call: Call, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a request in the corp's own ids."""
    return _translated(call, fields, FROM_CALLER)


def translate_reply(call: Call) -> None:
    """Puts the reply into the ids of the caller's scope."""
    call.reply = _translated(call, call.reply, FOR_CALLER)


def _translated(call: Call, fields: dict[str, Any], translators: list[Translate]) -> dict[str, Any]:
    if call.app_kind in THIRD_PARTY_APPS:
        for translate in translators:
            fields = translate(call, fields)
    return fields
