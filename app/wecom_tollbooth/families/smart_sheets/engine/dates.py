"""The spans of days in filters on times. Pure functions, without a database."""

from datetime import datetime, timedelta

from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.clock import SHANGHAI

PREFIX = "DATE_TIME_TYPE_"
_DAYS: dict[str, tuple[int, int]] = {
    "TODAY": (0, 1),
    "TOMORROW": (1, 2),
    "YESTERDAY": (-1, 0),
    "THE_PAST_7_DAYS": (-6, 1),
    "THE_NEXT_7_DAYS": (0, 7),
    "THE_PAST_30_DAYS": (-29, 1),
    "THE_NEXT_30_DAYS": (0, 30),
}
"""The first day and the day after the last, relative to today, which the past days include."""
_LARGEST_MS = 10**14


def span_of(kind: str | None, values: list[str], now: int) -> tuple[int, int]:
    """The first millisecond and the one after the last, in days of Asia/Shanghai.

    DETAIL_DATE is the day of its one value, or all days from that of the first of two values to that of the
    second. Raises 2022018 for an unknown kind or an invalid value.
    """
    name = (kind or PREFIX + "DETAIL_DATE").removeprefix(PREFIX)
    today = _midnight(now)
    if name == "DETAIL_DATE":
        days = [_midnight(_milliseconds(value) // 1000) for value in values]
        if not 1 <= len(days) <= 2:
            raise _bad(f"date_time_value.value needs one or two dates, not {values}")
        return _ms(days[0]), _ms(days[-1] + timedelta(days=1))
    if name in _DAYS:
        first, end = _DAYS[name]
        return _ms(today + timedelta(days=first)), _ms(today + timedelta(days=end))
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    spans = {
        "CURRENT_WEEK": (monday, monday + timedelta(days=7)),
        "LAST_WEEK": (monday - timedelta(days=7), monday),
        "CURRENT_MONTH": (month, (month + timedelta(days=32)).replace(day=1)),
        "LAST_MONTH": ((month - timedelta(days=1)).replace(day=1), month),
    }
    if name not in spans:
        raise _bad(f"{kind!r} is not a kind of date")
    return _ms(spans[name][0]), _ms(spans[name][1])


def _milliseconds(value: str) -> int:
    try:
        number = int(value)
    except ValueError:
        number = _LARGEST_MS
    if not 0 <= number < _LARGEST_MS:
        raise _bad(f"{value!r} is not a unix time in milliseconds")
    return number


def _midnight(at: int) -> datetime:
    return datetime.fromtimestamp(at, SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)


def _ms(at: datetime) -> int:
    return int(at.timestamp()) * 1000


def _bad(why: str) -> Refusal:
    return Refusal(ErrCode.INVALID_DATE_PARAMETER, detail=why)
