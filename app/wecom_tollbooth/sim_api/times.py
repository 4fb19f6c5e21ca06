"""Times and months in control calls."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.context import Context


def unix_time(value: Any, earliest: int = clock.EARLIEST) -> int:
    """Unix seconds from a number or ISO 8601 text, which is Asia/Shanghai where it names no zone.

    Raises ValueError with a sentence for the caller.
    """
    seconds = _seconds(value)
    if seconds is None or not earliest <= seconds < clock.LATEST:
        raise ValueError(
            f"{value!r} is not a time from {datetime.fromtimestamp(earliest, UTC).year} to 2099; "
            "write unix seconds, or ISO 8601 such as 2026-08-01T09:00:00+08:00"
        )
    return seconds


def _seconds(value: Any) -> int | None:
    try:
        if isinstance(value, str) and not value.isdecimal():
            at = datetime.fromisoformat(value)
            return int(at.replace(tzinfo=at.tzinfo or clock.SHANGHAI).timestamp())
        return int(value) if isinstance(value, int | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None


def _schema(earliest: int) -> WithJsonSchema:
    seconds = {"type": "integer", "minimum": earliest, "maximum": clock.LATEST - 1}
    return WithJsonSchema({"anyOf": [seconds, {"type": "string", "format": "date-time"}]})


UnixTime = Annotated[int, BeforeValidator(unix_time), _schema(clock.EARLIEST)]
"""Unix seconds or ISO 8601."""
TimeOfCorp = Annotated[
    int,
    BeforeValidator(partial(unix_time, earliest=clock.EARLIEST_OF_CORP)),
    _schema(clock.EARLIEST_OF_CORP),
]
"""The same for a corp's own clock."""


def iso(at: int) -> str:
    """2026-08-01T09:00:00+08:00"""
    return datetime.fromtimestamp(at, clock.SHANGHAI).isoformat()


def the_month(context: Context, month: str | None) -> str:
    """`month`, or the clock's month for None. Raises SimError 422 if it is not a month."""
    if month is None:
        return clock.month_of(context.now)
    try:
        clock.month_bounds(month)
    except ValueError:
        raise SimError(422, f"{month!r} is not a month; write YYYY-MM, such as 2026-08") from None
    return month
