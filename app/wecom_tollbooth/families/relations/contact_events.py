"""The events that bring welcome codes: a customer was added, or agreed to the message archive."""

import json

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.contacts import (
    AddExternalContact,
    AddHalfExternalContact,
    MsgAuditApproved,
)
from wecom_tollbooth.callbacks.receivers import receivers
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.phones.screens import show, write_message
from wecom_tollbooth.families.relations.tables import MEMBER_GREETING, WELCOME_CODE, WelcomeCode
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.acts import Act

_USED = CompiledStatement(
    sa.select(WELCOME_CODE.c.used_at)
    .where(
        WELCOME_CODE.c.corp_id == bindparam("corp"),
        WELCOME_CODE.c.external_userid == bindparam("customer"),
        WELCOME_CODE.c.userid == bindparam("member"),
        WELCOME_CODE.c.used_at.is_not(None),
    )
    .limit(1)
)

_GREETING = CompiledStatement(
    sa.select(MEMBER_GREETING.c.content).where(
        MEMBER_GREETING.c.corp_id == bindparam("corp"), MEMBER_GREETING.c.userid == bindparam("member")
    )
)

Added = type[AddExternalContact] | type[AddHalfExternalContact]


def raise_added(
    act: Act,
    event: Added,
    userid: str,
    external_userid: str,
    *,
    state: str = "",
    greets: bool = False,
    confirms: bool = False,
) -> str:
    """Notifies each app that sees the member; returns the first welcome code, or "".

    `greets`: the customer may be greeted, by whichever app first sends with its own code, or at once where an
    admin has set a welcome message for the member. `confirms`: a pending contact, who was greeted so before.
    """
    greeting = _GREETING.one(act.db, corp=act.corp_id, member=userid) if greets else None
    if greeting is not None and not confirms:
        show(act, write_message(act, "welcome", userid, json.loads(greeting[0])), [external_userid])
    with_welcome_code = greets and greeting is None
    codes = []
    for receiver in receivers(act, event, member=userid):
        code = (
            _new_welcome_code(act, receiver.agentid, userid, external_userid) if with_welcome_code else None
        )
        raised = event(UserID=userid, ExternalUserID=external_userid, State=state or None, WelcomeCode=code)
        emit(act, raised, to=receiver)
        codes.append(code or "")
    return codes[0] if codes else ""


def raise_approved(act: Act, userid: str, external_userid: str, *, greets: bool) -> str:
    """Notifies each app that sees the member of the consent; returns the first welcome code, or "".

    `greets`: the customer may be greeted, unless an admin has set a welcome message for the member.
    """
    with_welcome_code = greets and _GREETING.one(act.db, corp=act.corp_id, member=userid) is None
    codes = []
    for receiver in receivers(act, MsgAuditApproved, member=userid):
        code = (
            _new_welcome_code(act, receiver.agentid, userid, external_userid) if with_welcome_code else None
        )
        raised = MsgAuditApproved(UserID=userid, ExternalUserID=external_userid, WelcomeCode=code)
        emit(act, raised, to=receiver)
        codes.append(code or "")
    return codes[0] if codes else ""


def has_been_greeted(act: Act, userid: str, external_userid: str) -> bool:
    """Whether a welcome message was sent with a code of the two's present relation."""
    act.db.flush()
    return _USED.one(act.db, corp=act.corp_id, customer=external_userid, member=userid) is not None


def _new_welcome_code(act: Act, agentid: int, userid: str, external_userid: str) -> str:
    code = ids.draw(act.seed, "welcome_code", act.next_id(), 43)
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
