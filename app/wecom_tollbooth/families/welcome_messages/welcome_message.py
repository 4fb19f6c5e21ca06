"""发送新客户欢迎语: the message that greets a customer who has just been added."""

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps.app_kinds import CUSTOMER_APPS, AppKind
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import CompiledStatement, is_locked
from wecom_tollbooth.families.attachments.message_content import (
    SAMPLE_ATTACHMENTS,
    AttachmentGiven,
    ImageGiven,
    LinkGiven,
    MiniprogramGiven,
    TextGiven,
    content_of,
)
from wecom_tollbooth.families.directory.lookup import the_visible_member
from wecom_tollbooth.families.message_archive.consent import waits_for_consent
from wecom_tollbooth.families.phones.screens import show, write_message
from wecom_tollbooth.families.relations.tables import ACT_RECORD, WELCOME_CODE
from wecom_tollbooth.families.welcome_messages.family import family
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required

SECONDS_TO_SEND = 20
"""How long a code works (page 92137)."""

_FIND = CompiledStatement(
    sa.select(
        WELCOME_CODE.c.agentid,
        WELCOME_CODE.c.userid,
        WELCOME_CODE.c.external_userid,
        WELCOME_CODE.c.issued_at,
    ).where(WELCOME_CODE.c.corp_id == bindparam("corp"), WELCOME_CODE.c.code == bindparam("wanted"))
)
_OF_THE_TWO = (
    (WELCOME_CODE.c.corp_id == bindparam("corp"))
    & (WELCOME_CODE.c.external_userid == bindparam("customer"))
    & (WELCOME_CODE.c.userid == bindparam("member"))
)
_LOCK = CompiledStatement(sa.select(WELCOME_CODE.c.used_at).where(_OF_THE_TWO).with_for_update(nowait=True))
_USE = CompiledStatement(sa.update(WELCOME_CODE).where(_OF_THE_TWO).values(used_at=bindparam("at")))
_TALKED = CompiledStatement(
    sa.select(ACT_RECORD.c.id)
    .where(
        ACT_RECORD.c.corp_id == bindparam("corp"),
        ACT_RECORD.c.userid == bindparam("member"),
        (ACT_RECORD.c.kind == "message_in") | (ACT_RECORD.c.kind == "message_out"),
        ACT_RECORD.c.at >= bindparam("since"),
        ACT_RECORD.c.external_userid == bindparam("customer"),
    )
    .limit(1)
)


class SendRequest(RequestModel):
    welcome_code: str = required(ErrCode.MISSING_WELCOME_CODE, doc="of the event; works for 20 seconds, once")
    text: TextGiven | None = optional()
    attachments: list[AttachmentGiven] | None = optional(doc="at most 9")
    image: ImageGiven | None = optional(doc="the older form, read without attachments")
    link: LinkGiven | None = optional(doc="the older form, likewise, and without image")
    miniprogram: MiniprogramGiven | None = optional(doc="the older form, likewise, and without link")


@family.post(
    "/cgi-bin/externalcontact/send_welcome_msg",
    doc="92137",
    meter="message.write",
    permission=Permission.WELCOME,
    errors=(
        ErrCode.MISSING_WELCOME_CODE,
        ErrCode.INVALID_WELCOME_CODE,
        ErrCode.ALREADY_CHATTING,
        ErrCode.ARCHIVE_NOT_AGREED,
        ErrCode.WELCOME_BEING_SENT,
        ErrCode.NO_PRIVILEGE,
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.TOO_MANY_ATTACHMENTS,
        ErrCode.INVALID_ATTACHMENT_TYPE,
        ErrCode.INVALID_MEDIA_ID,
        ErrCode.MINI_PROGRAM_NOT_ASSOCIATED,
    ),
    sample={
        "welcome_code": "CALLBACK_CODE",
        "text": {"content": "文本消息内容"},
        "attachments": SAMPLE_ATTACHMENTS,
    },
)
def send_welcome_msg(call: Call, body: SendRequest) -> Done:
    """发送新客户欢迎语 / Send a welcome message

    Greets a customer who was just added, with the code of the event: within 20 seconds of the simulator's
    clock, and once. Of several apps that got a code each, the first that calls sends (41051 for the others).
    The customer's phone shows text and attachments as one item.
    """
    content = content_of(call, body.text, body.attachments or _older_form(body))
    userid, external_userid = _the_two(call, body.welcome_code)
    message_id = write_message(call, "welcome", userid, content)
    show(call, message_id, [external_userid])
    return {}


def _older_form(body: SendRequest) -> list[AttachmentGiven]:
    """The one attachment of the older form of this call, which had a field for each kind."""
    for msgtype in ("image", "link", "miniprogram"):
        part: RequestModel | None = getattr(body, msgtype)
        fields = {name: value for name, value in (part.model_dump() if part else {}).items() if value}
        if fields:
            return [AttachmentGiven.model_validate({"msgtype": msgtype, msgtype: fields})]
    return []


def _the_two(call: Call, code: str) -> tuple[str, str]:
    """Uses up the codes of the member and the customer whom `code` belongs to.

    Raises 41050, 41051, 41053, 41096.
    """
    row = _FIND.one(call.db, corp=call.corp_id, wanted=code)
    if row is None or (row[0] != call.agentid and not _is_for_all_apps(call, row[0])):
        raise Refusal(ErrCode.INVALID_WELCOME_CODE, detail="no event of this app has brought this code")
    _, userid, external_userid, issued_at = row
    pair = {"corp": call.corp_id, "member": userid, "customer": external_userid}
    try:
        codes = _LOCK.all(call.db, **pair)
    except Exception as error:
        if not is_locked(error):
            raise
        raise Refusal(
            ErrCode.WELCOME_BEING_SENT,
            detail=f"another call is sending a welcome message from {userid} to {external_userid}",
        ) from None
    if any(used_at is not None for (used_at,) in codes):
        raise Refusal(
            ErrCode.ALREADY_CHATTING, detail=f"{external_userid} has had the welcome message of {userid}"
        )
    if call.now > issued_at + SECONDS_TO_SEND:
        raise Refusal(
            ErrCode.INVALID_WELCOME_CODE,
            detail=f"the code is {call.now - issued_at} seconds old and works for {SECONDS_TO_SEND}",
        )
    the_visible_member(call, userid, unknown=ErrCode.NO_PRIVILEGE)
    if _TALKED.one(call.db, **pair, since=issued_at) is not None:
        raise Refusal(ErrCode.ALREADY_CHATTING, detail=f"{external_userid} and {userid} are talking already")
    if waits_for_consent(call, userid, external_userid):
        raise Refusal(
            ErrCode.ARCHIVE_NOT_AGREED,
            detail=f"conversations of {userid} are archived and {external_userid} has not agreed yet",
        )
    _USE.run(call.db, **pair, at=call.now)
    return userid, external_userid


def _is_for_all_apps(call: Call, agentid: int) -> bool:
    """Whether the code came by the callback of 客户联系, whose secret may call nothing in newer corps."""
    if call.app_kind not in CUSTOMER_APPS:
        return False
    query = sa.select(APP.c.kind).where(APP.c.corp_id == call.corp_id, APP.c.agentid == agentid)
    return call.db.execute(query).scalar() == AppKind.CUSTOMER_CONTACT_LEGACY
