"""Raising an event: the one way into the outbox, apart from a replay."""

from wecom_tollbooth.callbacks import outbox
from wecom_tollbooth.callbacks.events.event import Event
from wecom_tollbooth.callbacks.messages import OwnAddress
from wecom_tollbooth.callbacks.receivers import Receiver, receivers
from wecom_tollbooth.world.context import Context


def emit(
    context: Context,
    event: Event,
    *,
    member: str | None = None,
    agentid: int | None = None,
    to: Receiver | None = None,
    address: OwnAddress | None = None,
) -> None:
    """Puts the event into the outbox of every app that receives it; adds the ids to `context.callbacks`.

    `member` and `agentid` are what the event's rule asks for, see `receivers`; without `member`, it is the
    event's UserID. `to` is one of the receivers, for events that differ from app to app. With an `address`,
    the event goes there and not to the app's.
    """
    if to is not None:
        context.callbacks.append(outbox.put(context, to, event))
        return
    if member is None and event.receivers.narrowed_by == "visible_member":
        member = getattr(event, "UserID", None)
    for receiver in receivers(context, type(event), member=member, agentid=agentid):
        context.callbacks.append(outbox.put(context, receiver, event, address))
