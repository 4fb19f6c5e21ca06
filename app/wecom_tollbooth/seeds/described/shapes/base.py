"""What the shapes of a seed file share: strictness, and times."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from typing_extensions import TypeAliasType

from wecom_tollbooth.world.clock import DAY, HOUR, MINUTE, SHANGHAI
from wecom_tollbooth.world.strict_numbers import StrictNumbers

UINT32 = 2**32 - 1

_AGO = re.compile(r"-([0-9]{1,6})([dhm])")
_UNITS = {"d": DAY, "h": HOUR, "m": MINUTE}


class SeedModel(StrictNumbers):
    """Unknown fields are refused; a number is taken for a text, because YAML has mobile: 13800000000."""

    # Built at the first use, so that a server that gets no seed file does not start later.
    model_config = ConfigDict(
        extra="forbid",
        coerce_numbers_to_str=True,
        defer_build=True,
    )


def _readable(moment: int | str) -> int | str:
    if isinstance(moment, str) and not _AGO.fullmatch(moment):
        try:
            datetime.fromisoformat(moment)
        except ValueError:
            raise ValueError(
                "write unix seconds, a time such as 2026-08-01 09:30 (Asia/Shanghai) or "
                "2026-08-01T09:30:00+08:00, or -30d, -12h, -5m for so long ago"
            ) from None
    return moment


Moment = TypeAliasType(
    "Moment",
    Annotated[
        int | str,
        AfterValidator(_readable),
        Field(
            description="unix 秒，或 2026-08-01 09:30（东八区）、2026-08-01T09:30:00+08:00，"
            "或 -30d、-12h、-5m 表示此前多久 / unix seconds, a time (Asia/Shanghai unless it names an "
            "offset), or -30d, -12h, -5m: so long ago"
        ),
    ],
)
"""A time, absolute or before the time at which the corp is made."""


def seconds(moment: int | str, now: int) -> int:
    """The moment in unix seconds. Raises ValueError outside of what a date can be."""
    if isinstance(moment, int):
        return moment
    ago = _AGO.fullmatch(moment)
    if ago is not None:
        return now - int(ago[1]) * _UNITS[ago[2]]
    at = datetime.fromisoformat(moment)
    return int((at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).timestamp())
