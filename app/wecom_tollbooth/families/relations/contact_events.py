"""change_external_contact with its welcome codes."""

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.contacts import (
    AddExternalContact,
    AddHalfExternalContact,
    DelExternalContact,
    DelFollowUser,
    EditExternalContact,
)
from wecom_tollbooth.callbacks.receivers import receivers
from wecom_tollbooth.families.relations.tables import WelcomeCode
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.acts import Act

Added = type[AddExternalContact] | type[AddHalfExternalContact]

_ADDED: dict[str, Added] = {
    "add_external_contact": AddExternalContact,
    "add_half_external_contact": AddHalfExternalContact,
}
_CHANGED = {"edit_external_contact": EditExternalContact, "del_follow_user": DelFollowUser}


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
    if change_type in _ADDED:
        return raise_added(
            act,
            _ADDED[change_type],
            userid,
            external_userid,
            state=state,
            with_welcome_code=with_welcome_code,
        )
    if change_type == "del_external_contact":
        emit(act, DelExternalContact(UserID=userid, ExternalUserID=external_userid, Source=source or None))
    else:
        emit(act, _CHANGED[change_type](UserID=userid, ExternalUserID=external_userid))
    return ""


def raise_added(
    act: Act,
    event: Added,
    userid: str,
    external_userid: str,
    *,
    state: str = "",
    with_welcome_code: bool = False,
) -> str:
    """Tells every app that sees the member, each with a welcome code of its own. Returns the first, or ""."""
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
