"""Which app a member uses."""

from typing import NamedTuple

from wecom_tollbooth.corps.app_kinds import MEMBER_APPS
from wecom_tollbooth.corps.apps import the_app
from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.directory.tables import ACTIVE
from wecom_tollbooth.families.directory.visibility import members_in_range
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused


class InApp(ActModel):
    """An act of a member in an app."""

    agentid: int
    userid: str


class AppUse(NamedTuple):
    agentid: int
    userid: str
    """As the directory spells it."""


def app_of_member(act: Act, given: InApp) -> AppUse:
    """The app and the member who uses it. Raises ActRefused unless the member has the app in the client."""
    app = the_app(act, given.agentid)
    if app.kind not in MEMBER_APPS:
        raise ActRefused(f"app {app.agentid} is of the kind {app.kind}, which members don't use")
    if not app.enabled:
        raise ActRefused(f"app {app.agentid} is disabled")
    member = the_member(act, given.userid)
    if member.status != ACTIVE:
        raise ActRefused(f"{member.userid} is not active (status {member.status})")
    visible = members_in_range(act.db, act.corp_id, app.visible)
    if visible is not None and member.userid not in visible:
        raise ActRefused(f"{member.userid} is outside the visible range of app {app.agentid}")
    return AppUse(app.agentid, member.userid)
