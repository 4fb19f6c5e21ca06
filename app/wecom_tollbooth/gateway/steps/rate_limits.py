"""The limits on calls: how many of an operation may be under way, and how often it may be called."""

from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal


def refuse_over_limit(call: Call) -> None:
    """Counts the call, once; raises 45033 over the concurrency limit, 45009 over a frequency limit."""
    limits = call.gateway.rate_limits
    if call.request.counted or not limits.are_on:
        return
    call.request.counted = True
    # Without a token no corp is known yet: gettoken has no limit of this kind.
    if call.corp_id:
        call.request.under_way = (call.corp_id, call.operation.path)
        under_way, concurrency = limits.begin(call.request.under_way), limits.concurrency(call.operation)
        if under_way > concurrency:
            limits.note_hit("concurrency")
            raise Refusal(
                ErrCode.CONCURRENCY_LIMIT,
                detail=f"{under_way} calls of {call.operation.path} are under way; {concurrency} may be",
            )
    if not call.operation.own_limits:
        now = call.now
        limits.count(call.corp_id, call.counted_address, call.operation.path, now)
