"""Acts on apps that nobody used for long: the platform closes them, an admin opens them again.

Source: 48006 on page 90313 (2026-07), and the events of page 90240.
"""

from typing import Any

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.app_events import CloseInactiveAgent, ReopenInactiveAgent
from wecom_tollbooth.corps.apps import the_app
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act


class OneApp(ActModel):
    agentid: int


@act("platform_closes_unused_app")
def platform_closes_unused_app(act: Act, body: OneApp) -> dict[str, Any]:
    """长期未使用，应用被临时停用 / The platform closes an app that nobody used: its calls answer 48006."""
    return _set(act, body.agentid, True, CloseInactiveAgent)


@act("admin_reopens_unused_app")
def admin_reopens_unused_app(act: Act, body: OneApp) -> dict[str, Any]:
    """管理员重新启用应用 / An admin opens such an app again: reopen_inactive_agent."""
    return _set(act, body.agentid, False, ReopenInactiveAgent)


def _set(
    act: Act, agentid: int, closed: bool, event: type[CloseInactiveAgent] | type[ReopenInactiveAgent]
) -> dict[str, Any]:
    app = the_app(act, agentid)
    if app.closed_unused == closed:
        raise ActRefused(f"app {agentid} is {'closed already' if closed else 'not closed for lack of use'}")
    app.closed_unused = closed
    act.db.session.add(app)
    emit(act, event(AgentID=agentid), agentid=agentid)
    return {"agentid": agentid}
