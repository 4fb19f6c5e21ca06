"""Temporary sessions: how they start and end, and who may send messages."""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.contact_ways.conclusions import as_message
from wecom_tollbooth.families.contact_ways.family import family
from wecom_tollbooth.families.contact_ways.tables import TEMP_CHAT, ContactWay, TempChat
from wecom_tollbooth.families.directory.lookup import the_visible_member
from wecom_tollbooth.families.phones.screens import show, write_message
from wecom_tollbooth.families.relations.lifecycle import relation_of
from wecom_tollbooth.families.relations.lookups import (
    refuse_unless_brought,
    refuse_unless_related,
    the_customer,
)
from wecom_tollbooth.families.relations.subscribers import Subscriber
from wecom_tollbooth.families.relations.tables import ExternalContact
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, required
from wecom_tollbooth.world.acts import Act, ActRefused
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.scheduled_tasks import schedule, scheduled_task

EXPIRY = "temp_chat_expires"

_DELETE = CompiledStatement(
    sa.delete(TEMP_CHAT).where(
        TEMP_CHAT.c.corp_id == sa.bindparam("corp_id"),
        TEMP_CHAT.c.external_userid == sa.bindparam("external_userid"),
        TEMP_CHAT.c.userid == sa.bindparam("userid"),
    )
)


def begin_session(act: Act, way: ContactWay, external_userid: str, userid: str) -> int:
    chat = TempChat(
        corp_id=act.corp_id,
        external_userid=external_userid,
        userid=userid,
        config_id=way.config_id,
        started_at=act.now,
        expires_at=act.now + way.chat_expires_in,
        conclusions=way.conclusions,
    )
    act.db.session.merge(chat)
    schedule(act, EXPIRY, chat.expires_at, f"{external_userid} {userid}")
    return chat.expires_at


@scheduled_task(EXPIRY)
def temp_chat_expires(act: Act, reference: str) -> None:
    """Ends a session whose time is over. It may have been closed before, or be one that began later."""
    external_userid, _, userid = reference.partition(" ")
    chat = act.db.session.get(TempChat, (act.corp_id, external_userid, userid), with_for_update=True)
    if chat is not None and chat.closed_at is None and chat.expires_at <= act.now:
        _end(act, chat, chat.expires_at)


def _end(context: Context, chat: TempChat, at: int) -> None:
    """Ends the session, once; the customer receives its conclusions."""
    chat.closed_at = at
    context.db.session.add(chat)
    if chat.conclusions:
        message_id = write_message(context, "conclusions", chat.userid, as_message(chat.conclusions))
        show(context, message_id, [chat.external_userid])


def new_session(act: Act, way: ContactWay, contact: ExternalContact) -> dict[str, Any] | None:
    """Starts a session if a contact without one scans a temporary contact way; else returns None."""
    if not way.is_temp:
        return None
    userid = way.users[0]
    chat = act.db.session.get(TempChat, (act.corp_id, contact.external_userid, userid))
    if (
        chat is None
        or chat.ended_at(act.now) is None
        or not have_each_other(act, userid, chat.external_userid)
    ):
        return None
    return {"external_userid": contact.external_userid, "userid": userid}


def have_each_other(act: Act, userid: str, external_userid: str) -> bool:
    row = relation_of(act, userid, external_userid)
    return row is not None and row.ended_at is None and row.deleted_by_customer_at is None


def _refuse_after_session(act: Act, userid: str, external_userid: str) -> None:
    chat = act.db.session.get(TempChat, (act.corp_id, external_userid, userid))
    ended_at = chat.ended_at(act.now) if chat else None
    if ended_at is not None:
        raise ActRefused(f"the temporary session of {userid} and {external_userid} ended at {ended_at}")


def _forget_session(act: Act, userid: str, external_userid: str) -> None:
    """Deletes the session with the relation, so that it doesn't restrict a later relation."""
    act.db.flush()
    if _DELETE.run(act.db, corp_id=act.corp_id, external_userid=external_userid, userid=userid):
        act.db.expire()


TEMPORARY_SESSIONS = Subscriber(
    name="temporary sessions", ended=_forget_session, before_message=_refuse_after_session
)


# --- 结束临时会话 ----------------------------------------------------------------------------------


class CloseTempChatRequest(RequestModel):
    userid: str = required(ErrCode.INVALID_USERID, max_chars=64)
    external_userid: str = required(ErrCode.MISSING_EXTERNAL_USERID)


@family.post(
    "/cgi-bin/externalcontact/close_temp_chat",
    doc="92228",
    meter="customer.write",
    permission=Permission.CONTACT_WAY,
    errors=(
        ErrCode.INVALID_USERID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.MISSING_EXTERNAL_USERID,
        ErrCode.INVALID_EXTERNAL_USERID,
        ErrCode.NOT_EXTERNAL_CONTACT,
        ErrCode.INVALID_PARAMETER,
        ErrCode.NOT_BROUGHT_BY_THE_APP,
    ),
    sample={"userid": "zhangyisheng", "external_userid": "woAJ2GCAAAXtWyujaWJHDDGi0mACHAAA"},
)
def close_temp_chat(call: Call, body: CloseTempChatRequest) -> Done:
    """结束临时会话 / End a temporary chat

    Ends the running temporary session of a member and a customer; the customer receives the conclusions.
    """
    userid = the_visible_member(call, body.userid).userid
    the_customer(call, body.external_userid)
    refuse_unless_related(call, userid, body.external_userid)
    refuse_unless_brought(call, userid, body.external_userid)
    chat = call.db.session.get(TempChat, (call.corp_id, body.external_userid, userid), with_for_update=True)
    if chat is None or chat.ended_at(call.now) is not None:
        raise Refusal(
            ErrCode.NOT_EXTERNAL_CONTACT,
            detail=f"no temporary session of {userid} and {body.external_userid} is running",
        )
    _end(call, chat, call.now)
    return {}
