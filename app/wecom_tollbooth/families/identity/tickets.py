"""jsapi_ticket: what an app's pages sign with for wx.config and wx.agentConfig (page 90506, 2024-11)."""

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement, insert_into
from wecom_tollbooth.families.identity.family import family
from wecom_tollbooth.families.identity.tables import JS_TICKET
from wecom_tollbooth.families.windows.counting import refuse_over_calls
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, required
from wecom_tollbooth.world.clock import HOUR
from wecom_tollbooth.world.context import Context

SECONDS_VALID = 2 * HOUR
LENGTH = 86
OF_THE_CORP = 0
"""Stands where an agentid would: the corp's ticket is the same whichever app asks."""
AGENT_CONFIG = "agent_config"
FETCHES_OF_CORP, FETCHES_OF_APP = 400, 100
"""An hour (page 90506)."""

_FIND = CompiledStatement(
    sa.select(JS_TICKET.c.ticket, JS_TICKET.c.issued_at).where(
        JS_TICKET.c.corp_id == bindparam("corp_id"), JS_TICKET.c.agentid == bindparam("agentid")
    )
)


def _keeping(dialect: str) -> sa.ClauseElement:
    """Replaces an expired ticket; one that another call has just renewed stays."""
    row = insert_into(dialect, JS_TICKET).values(
        {column.name: bindparam(column.name) for column in JS_TICKET.columns}
    )
    return row.on_conflict_do_update(
        index_elements=["corp_id", "agentid"],
        set_={"ticket": row.excluded.ticket, "issued_at": row.excluded.issued_at},
        where=JS_TICKET.c.issued_at <= row.excluded.issued_at - SECONDS_VALID,
    )


_KEEP = CompiledStatement(_keeping)


class TicketReply(TypedDict):
    ticket: str
    expires_in: int


@family.get(
    "/cgi-bin/get_jsapi_ticket",
    doc="90506",
    meter="credentials",
    errors=(ErrCode.FREQUENCY_LIMIT,),
    sample={},
)
def get_jsapi_ticket(call: Call, query: RequestModel) -> TicketReply:
    """获取企业的 jsapi_ticket / Get the jsapi_ticket of the corp

    The corp's ticket, with which a page signs for wx.config; the same until it expires. At most 400 fetches
    an hour for the corp, 100 for an app.
    """
    return _ticket(call, OF_THE_CORP)


class TypeRequest(RequestModel):
    type: str = required(ErrCode.INVALID_TICKET_TYPE, doc="agent_config, the only one")


@family.get(
    "/cgi-bin/ticket/get",
    doc="90506",
    meter="credentials",
    errors=(ErrCode.INVALID_TICKET_TYPE, ErrCode.FREQUENCY_LIMIT),
    sample={"type": "agent_config"},
)
def get_ticket(call: Call, query: TypeRequest) -> TicketReply:
    """获取应用的 jsapi_ticket / Get the jsapi_ticket of the app

    The app's ticket, with which a page signs for wx.agentConfig; no other app may use it. The same until it
    expires. At most 400 fetches an hour for the corp, 100 for an app.
    """
    if query.type != AGENT_CONFIG:
        raise Refusal(ErrCode.INVALID_TICKET_TYPE, detail=f"type {query.type[:60]!r} is not {AGENT_CONFIG!r}")
    return _ticket(call, call.agentid)


def _ticket(call: Call, agentid: int) -> TicketReply:
    refuse_over_calls(call, "tickets of the corp", HOUR, FETCHES_OF_CORP)
    refuse_over_calls(call, f"tickets of app {call.agentid}", HOUR, FETCHES_OF_APP)
    found = ticket_of(call, agentid)
    if found is None:
        new = {"ticket": call.draw("js_ticket", LENGTH), "issued_at": call.now}
        _KEEP.run(call.db, corp_id=call.corp_id, agentid=agentid, **new)
        found = ticket_of(call, agentid)
        assert found is not None
    ticket, expires_at = found
    return {"ticket": ticket, "expires_in": expires_at - call.now}


def ticket_of(context: Context, agentid: int) -> tuple[str, int] | None:
    """The valid ticket of an app, or of the corp, and when it expires; None if nobody fetched one."""
    row = _FIND.one(context.db, corp_id=context.corp_id, agentid=agentid)
    if row is None or row[1] + SECONDS_VALID <= context.now:
        return None
    return row[0], row[1] + SECONDS_VALID
