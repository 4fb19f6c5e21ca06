"""The events for an added customer, with their welcome codes."""

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.contacts import AddExternalContact, AddHalfExternalContact
from wecom_tollbooth.callbacks.receivers import receivers
from wecom_tollbooth.families.relations.tables import WelcomeCode
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.acts import Act

Added = type[AddExternalContact] | type[AddHalfExternalContact]


def raise_added(
    act: Act,
    event: Added,
    userid: str,
    external_userid: str,
    *,
    state: str = "",
    with_welcome_code: bool = False,
) -> str:
    """Notifies each app that sees the member, with its own welcome code; returns the first code, or ""."""
    codes = []
    for receiver in receivers(act, event, member=userid):
        code = (
            _new_welcome_code(act, receiver.agentid, userid, external_userid) if with_welcome_code else None
        )
        raised = event(UserID=userid, ExternalUserID=external_userid, State=state or None, WelcomeCode=code)
        emit(act, raised, to=receiver)
        codes.append(code or "")
    return codes[0] if codes else ""


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
