"""Who receives an event: the apps that its rule names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.callbacks.events.event import Event
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.declarations import import_declaring

Range = dict[str, list[Any]]
"""{"userid": [...], "partyid": [...]}"""

MembersInRange = Callable[[Transaction, str, Range | None], frozenset[str] | None]
"""From a corp and an app's visible range to the members in it; None for everyone."""

_ENABLED = CompiledStatement(
    sa.select(APP.c.agentid, APP.c.kind, APP.c.callback_url, APP.c.visible, APP.c.directory_details)
    .where(APP.c.corp_id == bindparam("corp_id"), APP.c.enabled.is_(True))
    .order_by(APP.c.agentid)
)

_members_in_range: MembersInRange | None = None


@dataclass(frozen=True)
class Receiver:
    """An app that receives an event. `url` is empty for one without a callback address."""

    agentid: int
    kind: str
    url: str
    visible: Range | None
    """The visible range; None: the whole directory."""
    directory_details: bool
    """Of a provider-developed app: an admin lets it see the details of members and departments."""


def use_visible_ranges(members_in_range: MembersInRange) -> None:
    """Tells how to find the members of a visible range: the directory knows, and it lies above this room."""
    global _members_in_range
    _members_in_range = members_in_range


def receivers(
    context: Context, event: type[Event], *, member: str | None = None, agentid: int | None = None
) -> Iterator[Receiver]:
    """The apps that receive an event of this class, by agentid.

    Where the event's rule asks for it, `member` is whom the apps must see, and `agentid` the one app.
    """
    rule = event.receivers
    if (member is not None) != (rule.narrowed_by == "visible_member"):
        raise TypeError(f"{event.label()}: give member= just for events whose receivers see a member")
    if (agentid is not None) != (rule.narrowed_by == "one_app"):
        raise TypeError(f"{event.label()}: give agentid= just for events to one app")
    context.db.flush()
    for found, kind, url, visible, details in _ENABLED.all(context.db, corp_id=context.corp_id):
        if kind not in rule.kinds or agentid not in (None, found) or (rule.with_address_only and not url):
            continue
        receiver = Receiver(
            found, kind, url, None if visible is None else orjson.loads(visible), bool(details)
        )
        if member is None or _sees(context, receiver, member):
            yield receiver


def _sees(context: Context, receiver: Receiver, userid: str) -> bool:
    if _members_in_range is None:
        import_declaring("use_visible_ranges")
    if _members_in_range is None:
        raise RuntimeError("nobody has said how visible ranges are read: see use_visible_ranges")
    members = _members_in_range(context.db, context.corp_id, receiver.visible)
    return members is None or userid in members
