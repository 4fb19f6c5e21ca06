"""Events about customers: who receives them, and change_external_contact with its welcome codes."""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from sqlmodel import select

from wecom_tollbooth.callbacks import outbox
from wecom_tollbooth.corps.app_kinds import CUSTOMER_APPS
from wecom_tollbooth.corps.tables import App
from wecom_tollbooth.families.directory.visibility import members_in_range
from wecom_tollbooth.families.relations.tables import WelcomeCode
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.acts import Act


def receivers(act: Act, userid: str | None = None, *, agentid: int | None = None) -> Iterator[App]:
    """The apps that an event goes to: enabled ones that 客户联系 lists and that see the member.

    `agentid` narrows it to the app that made the link or way which the event is about.
    """
    apps = act.db.session.exec(select(App).where(App.corp_id == act.corp_id).order_by(sa.text("agentid")))
    for app in apps:
        if not app.enabled or app.kind not in CUSTOMER_APPS or agentid not in (None, app.agentid):
            continue
        visible = members_in_range(act.db, act.corp_id, app.visible)
        if userid is None or visible is None or userid in visible:
            yield app


def raise_event(
    act: Act,
    app: App,
    event: str,
    change_type: str,
    fields: Mapping[str, outbox.Value],
    *,
    change_type_last: bool = False,
) -> None:
    """Puts one event for one app into the outbox."""
    number = outbox.put(
        act.db,
        corp_id=act.corp_id,
        agentid=app.agentid,
        url=app.callback_url,
        now=act.now,
        event=event,
        change_type=change_type,
        fields=fields,
        change_type_last=change_type_last,
    )
    act.callbacks.append(number)


def raise_contact_event(
    act: Act,
    change_type: str,
    userid: str,
    external_userid: str,
    *,
    state: str = "",
    source: str = "",
    with_welcome_code: bool = False,
) -> str:
    """change_external_contact to every app that sees the member. Returns the first welcome code, or ""."""
    welcome_code = ""
    for app in receivers(act, userid):
        fields: dict[str, str | int] = {"UserID": userid, "ExternalUserID": external_userid}
        if source:
            fields["Source"] = source
        if state:
            fields["State"] = state
        if with_welcome_code:
            fields["WelcomeCode"] = code = _new_welcome_code(act, app.agentid, userid, external_userid)
            welcome_code = welcome_code or code
        raise_event(act, app, "change_external_contact", change_type, fields)
    return welcome_code


def _new_welcome_code(act: Act, agentid: int, userid: str, external_userid: str) -> str:
    code = ids.draw(act.settings.seed, "welcome_code", act.next_id(), 43)
    act.db.session.add(
        WelcomeCode(
            corp_id=act.corp_id,
            code=code,
            agentid=agentid,
            userid=userid,
            external_userid=external_userid,
            issued_at=act.now,
        )
    )
    return code
