"""Which ticket a page should have signed with, and which others it may have."""

import sqlalchemy as sa

from wecom_tollbooth.client.signatures import Suspects
from wecom_tollbooth.families.identity.tables import JS_TICKET
from wecom_tollbooth.families.identity.tickets import OF_THE_CORP, SECONDS_VALID, ticket_of
from wecom_tollbooth.world.context import Context

__all__ = ["OF_THE_CORP", "right_ticket", "suspects"]


def right_ticket(context: Context, agentid: int) -> str | None:
    """The valid ticket of the app, or of the corp for OF_THE_CORP; None if nobody has fetched one."""
    found = ticket_of(context, agentid)
    return found[0] if found else None


def suspects(context: Context, agentid: int) -> Suspects:
    """The corp's other tickets, and this one if it has expired."""
    query = sa.select(JS_TICKET.c.agentid, JS_TICKET.c.ticket, JS_TICKET.c.issued_at).where(
        JS_TICKET.c.corp_id == context.corp_id
    )
    found = []
    for row in context.db.execute(query.order_by(JS_TICKET.c.agentid)):
        whose = (
            ("企业的 jsapi_ticket", "the corp's jsapi_ticket")
            if row.agentid == OF_THE_CORP
            else (f"应用 {row.agentid} 的 jsapi_ticket", f"the jsapi_ticket of app {row.agentid}")
        )
        if row.issued_at + SECONDS_VALID <= context.now:
            found.append((row.ticket, f"已过期的{whose[0]}", f"{whose[1]}, which has expired"))
        elif row.agentid != agentid:
            wanted = (
                ("config 应使用企业的", "config wants the corp's")
                if agentid == OF_THE_CORP
                else (f"agentConfig 应使用应用 {agentid} 的", f"agentConfig wants that of app {agentid}")
            )
            found.append((row.ticket, f"{whose[0]}，{wanted[0]}", f"{whose[1]}; {wanted[1]}"))
    return Suspects(found)
