"""Ranges of days, as statistics take them: both ends rounded down to 0:00 in Asia/Shanghai."""

from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.clock import DAY

LONGEST_SPAN_DAYS, OLDEST_DAYS = 30, 180


def span_of_days(call: Call, start_time: int, end_time: int) -> tuple[int, int]:
    """First second of the first day and first second after the last day, which is included.

    Raises 600018 if the end is before the start, for over 30 days, and for days over 180 days ago.
    """
    first, last = clock.start_of_day(start_time), clock.start_of_day(end_time)
    too_old = first < clock.start_of_day(call.now) - OLDEST_DAYS * DAY
    if last < first or last - first > LONGEST_SPAN_DAYS * DAY or too_old:
        raise Refusal(
            ErrCode.INVALID_TIME_SPAN,
            detail=f"at most {LONGEST_SPAN_DAYS} days, of the last {OLDEST_DAYS} days, and start before end",
        )
    return first, last + DAY
