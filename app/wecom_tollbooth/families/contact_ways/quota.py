"""Caps on the number of contact ways and group join ways of a corp.

500,000 contact ways and group join ways together; temporary contact ways do not count towards that and have
their own limit of 100,000 a day (pages 92228 and 92229, 2026-08). The counts are stored, because counting
half a million rows would slow down each creation.
"""

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, insert_missing
from wecom_tollbooth.families.contact_ways.tables import WAY_COUNT
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world import clock

TEMPORARY_A_DAY = 100_000

_LASTING = "lasting"

_BEGIN = CompiledStatement(lambda dialect: insert_missing(dialect, WAY_COUNT))
_TAKE = CompiledStatement(
    sa.update(WAY_COUNT)
    .where(
        WAY_COUNT.c.corp_id == bindparam("of_corp_id"),
        WAY_COUNT.c.kind == bindparam("of_kind"),
        WAY_COUNT.c.count < bindparam("most"),
    )
    .values(count=WAY_COUNT.c.count + sa.literal_column("1"))
)
_GIVE_BACK = CompiledStatement(
    sa.update(WAY_COUNT)
    .where(WAY_COUNT.c.corp_id == bindparam("of_corp_id"), WAY_COUNT.c.kind == bindparam("of_kind"))
    .values(count=WAY_COUNT.c.count - sa.literal_column("1"))
)


def take_lasting(call: Call) -> None:
    """Counts one more contact way or group join way. Raises 41045 at the corp's limit."""
    _take(call, _LASTING, call.settings.contact_way_cap)


def give_back_lasting(call: Call) -> None:
    """Counts one contact way or group join way less after a deletion."""
    _GIVE_BACK.run(call.db, of_corp_id=call.corp_id, of_kind=_LASTING)


def take_temporary(call: Call) -> None:
    """Counts one more temporary way today. Raises 41045 at the daily limit."""
    _take(call, f"temporary/{clock.day_of(call.now)}", TEMPORARY_A_DAY)


def _take(call: Call, kind: str, most: int) -> None:
    _BEGIN.run(call.db, corp_id=call.corp_id, kind=kind, count=0)
    if not _TAKE.run(call.db, of_corp_id=call.corp_id, of_kind=kind, most=most):
        raise Refusal(ErrCode.CONTACT_WAY_CAP_REACHED, detail=f"{kind}: there are {most}, the most")
