"""Of which customers a provider's app gets data, by the rules since 2025-12-18 (page 92109, 2026-02).

In the trial only customers of the month before the authorisation and later ones; of an app that few members
use only the customers of active members; of one that nobody uses none (48011). The corp's own apps, and
营销获客 apps, which see only whom they acquired, have no such limit.
"""

from typing import Any, Literal, NamedTuple

import orjson
import sqlalchemy as sa
from pydantic import Field
from sqlalchemy import bindparam

from wecom_tollbooth.corps.app_kinds import PROVIDER_APPS
from wecom_tollbooth.corps.apps import the_app
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act
from wecom_tollbooth.world.clock import DAY

MONTH = 30 * DAY
"""The month before the authorisation; the page doesn't say how it is counted."""

_STORED = CompiledStatement(
    sa.select(APP.c.customer_limit).where(
        APP.c.corp_id == bindparam("corp_id"),
        APP.c.agentid == bindparam("agentid"),
        APP.c.customer_limit.is_not(None),
    )
)


class CustomerLimit(NamedTuple):
    """What an app gets: relations begun at `since` or later, of `members`; None: without this limit."""

    since: int | None = None
    members: frozenset[str] | None = None

    def covers(self, userid: str) -> bool:
        """Whether the app gets customers of this member."""
        return self.members is None or userid in self.members


UNLIMITED = CustomerLimit()


def customer_limit(call: Call) -> CustomerLimit:
    """What the calling app gets; raises 48011 if it gets nothing."""
    if call.app_kind not in PROVIDER_APPS:
        return UNLIMITED
    row = _STORED.one(call.db, corp_id=call.corp_id, agentid=call.agentid)
    if row is None:
        return UNLIMITED
    stored = orjson.loads(row[0])
    if stored["members"] == []:
        raise too_inactive(f"nobody has used app {call.agentid} for long")
    return CustomerLimit(stored["since"], None if stored["members"] is None else frozenset(stored["members"]))


def refuse_uncovered(limit: CustomerLimit, userid: str) -> None:
    """Raises 48011 for a member whose customers the app doesn't get."""
    if not limit.covers(userid):
        raise too_inactive(f"{userid} is not among the members who use the app")


def too_inactive(detail: str) -> Refusal:
    return Refusal(ErrCode.MEMBERS_TOO_INACTIVE, detail=detail)


class PlatformLimitsCustomers(ActModel):
    agentid: int
    limit: Literal["trial", "members", "nobody", "off"]
    userids: list[str] = Field(
        default=[], max_length=1000, description="for members: who uses the app, the active ones"
    )


@act("platform_limits_customers")
def platform_limits_customers(act: Act, body: PlatformLimitsCustomers) -> dict[str, Any]:
    """平台限制服务商应用可获取的客户 / The platform limits whose customers a provider's app gets: 48011.

    trial: those of the month before the authorisation and later; members: those of `userids`; nobody: none;
    off: no limit. Raises nothing.
    """
    app = the_app(act, body.agentid)
    if app.kind not in PROVIDER_APPS:
        raise ActRefused(f"app {body.agentid} is of the kind {app.kind}; only apps of providers are limited")
    if (body.limit == "members") != bool(body.userids):
        raise ActRefused("userids belongs to the limit members, which needs it")
    members = sorted({the_member(act, userid).userid for userid in body.userids})
    limits: dict[str, dict[str, Any] | None] = {
        "trial": {"since": app.created_at - MONTH, "members": None},
        "members": {"since": None, "members": members},
        "nobody": {"since": None, "members": []},
        "off": None,
    }
    app.customer_limit = limits[body.limit]
    act.db.session.add(app)
    return {"agentid": body.agentid, "limit": body.limit}
