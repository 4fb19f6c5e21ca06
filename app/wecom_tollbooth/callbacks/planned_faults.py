"""Lets an attempt to deliver meet the fault that is planned for it: delayed, lost, answered in its place.

A fault is met in the transaction that reads the event, and counts as fired also if the process ends before
the attempt.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from wecom_tollbooth.callbacks import outbox, queues
from wecom_tollbooth.callbacks.answers import take_answer
from wecom_tollbooth.callbacks.messages import CallbackMessage, Endpoint, Result
from wecom_tollbooth.callbacks.queues import Key
from wecom_tollbooth.callbacks.tables import Callback
from wecom_tollbooth.faults.effects import Effect
from wecom_tollbooth.faults.meeting import Met, meet_in_delivery
from wecom_tollbooth.faults.planning import CALLBACK
from wecom_tollbooth.outgoing.outgoing import Outgoing
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world.context import Context


def has_faults(faulty_paths: str | None) -> bool:
    """Whether callbacks of the corp may meet a fault, by its `faulty_paths`."""
    return faulty_paths is not None and any(
        path == CALLBACK or path.startswith(f"{CALLBACK}/") for path in faulty_paths.split()
    )


def meet_faults(
    context: Context, endpoint: Endpoint, messages: Sequence[CallbackMessage]
) -> tuple[CallbackMessage | None, bool]:
    """The first message that is not dropped, with the fault that it meets; True where faults ran out.

    Those behind it meet theirs when it is their turn.
    """
    ran_out = False
    for message in messages:
        meeting = _meet(context, endpoint, message)
        ran_out |= meeting[1]
        met = meeting[0]
        if met is None:
            return message, ran_out
        if not met.effect.drop:
            return replace(message, fault=met), ran_out
        _drop(context, endpoint, message, met)
    return None, ran_out


def _meet(context: Context, endpoint: Endpoint, message: CallbackMessage) -> tuple[Met | None, bool]:
    callback = context.db.session.get(Callback, (context.corp_id, message.id))
    if callback is None:
        return None, False
    is_new = message.attempts == 0 and callback.copy_of is None

    def applies(effect: Effect) -> bool:
        return is_new or not effect.duplicate

    meeting = meet_in_delivery(context, endpoint.agentid, callback.event, callback.change_type, applies)
    if meeting.met is not None:
        for _ in range(meeting.met.effect.duplicate):
            outbox.put_again(context, callback, "waiting")
    return meeting.met, meeting.is_last


def _drop(context: Context, endpoint: Endpoint, message: CallbackMessage, met: Met) -> None:
    key = Key(endpoint.corp_id, endpoint.agentid)
    result = Result(message, context.now, endpoint.url, error=f"planned fault {met.id}: never sent")
    if queues.set_result(context.db, key, result, "dropped", context.now, aside=False):
        take_answer(context, endpoint, result)


async def send_with_fault(
    outgoing: Outgoing, settings: Settings, endpoint: Endpoint, message: CallbackMessage, met: Met, now: int
) -> Result:
    """What comes of an attempt that meets the fault; the reason is in its error."""
    from wecom_tollbooth.callbacks import wire  # only when there is something to send

    effect, named = met.effect, f"planned fault {met.id}"
    await asyncio.sleep(met.delay_seconds)
    if effect.http_status is not None:
        return Result(
            message,
            now,
            endpoint.url,
            status=effect.http_status,
            body=effect.body.encode(),
            error=f"{named}: answered in place of the receiver",
        )
    if effect.disconnect == "before":
        return Result(
            message, now, endpoint.url, error=f"{named}: the connection was closed, nothing was sent"
        )
    result = await wire.send(outgoing, settings, endpoint, message, now)
    if effect.disconnect == "mid_body":
        return replace(result, status=0, body=b"", error=f"{named}: the answer broke off")
    if effect.disconnect == "after_commit":
        return replace(result, status=0, body=b"", error=f"{named}: the answer was lost")
    return result
