"""Lets a call meet the fault that is planned for it: refused, delayed, cut off.

A fault that answers in place of the operation leaves a refused record. One that cuts the answer off
(`mid_body`, `after_commit`) lets the call happen and be charged. Both records name the fault.
"""

import logging
from dataclasses import replace

from wecom_tollbooth.faults.effects import Effect
from wecom_tollbooth.faults.meeting import Met, meet_in_call
from wecom_tollbooth.faults.planning import EVERY_OPERATION, note_faulty_paths
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.envelope import Answer
from wecom_tollbooth.gateway.errcodes import BY_NUMBER, ErrCode, Refusal
from wecom_tollbooth.gateway.errcodes.code import Code
from wecom_tollbooth.gateway.steps import provider_tokens, tokens

log = logging.getLogger("tollbooth.gateway")

NO_ANSWER = 0
"""The HTTP status in the journal of a call whose connection was closed before anything happened."""


def meet_fault(call: Call) -> None:
    """Counts the fault that the call meets, and raises Refusal if it answers in place of the operation."""
    if call.faulty_paths is None:
        return
    paths = call.faulty_paths.split()
    if call.operation.path not in paths and EVERY_OPERATION not in paths:
        return

    def applies(effect: Effect) -> bool:
        return not effect.expire_token or can_expire(call)

    meeting = meet_in_call(call, call.operation.path, applies)
    if meeting.is_last:
        call.after_commit.append(lambda: _look_again(call))
    met = call.fault = meeting.met
    if met is None:
        return
    call.wait_seconds += met.delay_seconds
    call.notes.append(f"planned fault {met.id}: {_what(met)}")
    refusal = _refusal(call, met)
    call.db.mark()
    if refusal is not None:
        raise refusal


def can_expire(call: Call) -> bool:
    return call.operation.token not in (None, "key")


def spoil(call: Call, answer: Answer) -> Answer:
    """What the caller gets in place of `answer` where the call has met a fault."""
    effect = call.fault.effect if call.fault is not None else Effect()
    if effect.http_status is not None:
        return Answer(
            effect.http_status,
            effect.body.encode(),
            wait_seconds=answer.wait_seconds,
            content_type=b"text/html; charset=utf-8",
        )
    if effect.disconnect is not None:
        return replace(answer, sent="half" if effect.disconnect == "mid_body" else "nothing")
    return answer


def _refusal(call: Call, met: Met) -> Refusal | None:
    effect = met.effect
    if effect.errcode is not None:
        return Refusal(code_of(effect.errcode, effect.errmsg))
    if effect.http_status is not None or effect.disconnect == "before":
        call.http_status = NO_ANSWER if effect.http_status is None else effect.http_status
        return Refusal(ErrCode.SYSTEM_BUSY)
    if effect.expire_token:
        expire = tokens.expire if call.operation.token == "access_token" else provider_tokens.expire
        return expire(call)
    if effect.rate_limit is not None:
        call.gateway.rate_limits.note_hit("corp")
        return Refusal(ErrCode.FREQUENCY_LIMIT)
    return None


def code_of(errcode: int, errmsg: str | None) -> Code:
    known = BY_NUMBER.get(errcode)
    return Code(errcode, errmsg or (known.text if known is not None else "planned fault"))


def _what(met: Met) -> str:
    """What the fault does, for the journal."""
    effect = met.effect
    done = []
    if met.delay_seconds:
        done.append(f"the answer was delayed by {met.delay_seconds * 1_000:.0f} ms")
    if effect.errcode is not None:
        done.append(f"it answered {effect.errcode} in place of the operation")
    elif effect.http_status is not None:
        done.append(f"it answered HTTP {effect.http_status} in place of the operation")
    elif effect.disconnect == "before":
        done.append("the connection was closed before anything was done")
    elif effect.disconnect == "mid_body":
        done.append("the operation was carried out and the connection closed in the middle of the answer")
    elif effect.disconnect == "after_commit":
        done.append("the operation was carried out and the connection closed without an answer")
    elif effect.expire_token:
        done.append("the token has expired")
    elif effect.rate_limit is not None:
        done.append(f"the limit of the {effect.rate_limit} was hit; blocked until {met.blocked_until}")
    return ", ".join(done)


def _look_again(call: Call) -> None:
    """Notes which paths still have a fault. The call is committed, so nothing may fail here."""
    server = call.gateway.server
    try:
        with server.database.transaction() as tx:
            note_faulty_paths(server.context(tx, call.corp_id))
    except Exception as error:
        # The next call of the path finds no fault and looks again.
        log.warning("the faulty paths of %s were not noted: %s", call.corp_id, type(error).__name__)
