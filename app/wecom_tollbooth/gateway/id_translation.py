"""Ids that a caller has in a scope of its own; the family that keeps such scopes is asked."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wecom_tollbooth.gateway.call import Call

Translate = Callable[["Call", Mapping[str, Any]], dict[str, Any]]

FROM_CALLER: list[Translate] = []
"""Turn what a third-party app has sent into what the corp's own apps would send."""
FOR_CALLER: list[Translate] = []
"""Turn a reply to a corp's own app into one to the third-party app."""
