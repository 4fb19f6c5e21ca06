"""Sending a message of an app (page 90236, 2026-02)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.app_messages import limits
from wecom_tollbooth.families.app_messages.cards.response_codes import issue
from wecom_tollbooth.families.app_messages.cards.rules import TASK_CARDS, can_call_back
from wecom_tollbooth.families.app_messages.content import content_of
from wecom_tollbooth.families.app_messages.duplicates import digest_of, name_message, sent_before
from wecom_tollbooth.families.app_messages.family import family
from wecom_tollbooth.families.app_messages.id_names import put_names
from wecom_tollbooth.families.app_messages.receivers import Receivers, find_receivers, named
from wecom_tollbooth.families.app_messages.senders import check_agent, refuse_without_address
from wecom_tollbooth.families.app_messages.shapes import SendReply, SendRequest
from wecom_tollbooth.families.app_messages.tables import APP_MESSAGE
from wecom_tollbooth.families.mini_programs.lookup import refuse_unassociated
from wecom_tollbooth.families.phones.screens import show, write_message
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import BodyLimit
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.world.ids import LETTERS

MSGID_CHARS = 63
BODY_AT_MOST = BodyLimit(12 * 2**20, ErrCode.BODY_TOO_LARGE)
"""Eight articles of 666 KiB, with escapes, fill more than the usual 2 MiB."""

_WRITE = CompiledStatement(
    sa.insert(APP_MESSAGE).values({column.name: bindparam(column.name) for column in APP_MESSAGE.columns})
)
_TASK = CompiledStatement(
    sa.select(APP_MESSAGE.c.message_id).where(
        APP_MESSAGE.c.corp_id == bindparam("corp"),
        APP_MESSAGE.c.agentid == bindparam("app"),
        APP_MESSAGE.c.task_id == bindparam("task"),
    )
)


@family.post(
    "/cgi-bin/message/send",
    doc="90236",
    checked="2026-02",
    meter="message.write",
    permission=Permission.APP_MESSAGE,
    own_limits=True,
    body_limit=BODY_AT_MOST,
    errors=(
        ErrCode.INVALID_MEDIA_ID,
        ErrCode.MINI_PROGRAM_NOT_ASSOCIATED,
        ErrCode.INVALID_MESSAGE_TYPE,
        ErrCode.USERID_LIST_TOO_LONG,
        ErrCode.INVALID_AGENTID,
        ErrCode.NEWS_CANNOT_BE_CONFIDENTIAL,
        ErrCode.MISSING_MEDIA_ID,
        ErrCode.MISSING_URL,
        ErrCode.MISSING_AGENTID,
        ErrCode.MISSING_TITLE,
        ErrCode.MISSING_DESCRIPTION,
        ErrCode.NOTICE_WITHOUT_APPID,
        ErrCode.NOTICE_ITEM_COUNT,
        ErrCode.NOTICE_ITEM_KEY,
        ErrCode.NOTICE_ITEM_VALUE,
        ErrCode.NOTICE_PAGE,
        ErrCode.INVALID_TASK_ID,
        ErrCode.INVALID_BUTTON_KEY,
        ErrCode.MISSING_BUTTON_KEY,
        ErrCode.MISSING_BUTTON_NAME,
        ErrCode.CARD_MISSING_KEYNAME,
        ErrCode.CARD_MISSING_URL,
        ErrCode.CARD_MISSING_MEDIA_ID,
        ErrCode.CARD_MISSING_APPID,
        ErrCode.INVALID_CARD_TYPE,
        ErrCode.CARD_MISSING_TITLE,
        ErrCode.CARD_HORIZONTAL_LIST,
        ErrCode.CARD_VERTICAL_LIST,
        ErrCode.CARD_OPTION_LIST,
        ErrCode.CARD_BUTTON_TEXT,
        ErrCode.CARD_BUTTON_KEY,
        ErrCode.CARD_OPTION_ID,
        ErrCode.CARD_OPTION_TEXT,
        ErrCode.CARD_JUMP_LIST,
        ErrCode.CARD_QUESTION_KEY,
        ErrCode.CARD_IMAGE_URL,
        ErrCode.CARD_ACTION,
        ErrCode.CARD_SUBMIT_KEY,
        ErrCode.CARD_SELECT_LIST,
        ErrCode.CARD_USERID,
        ErrCode.CARD_MENU_KEY_REPEATED,
        ErrCode.APP_NEEDS_CALLBACK_URL,
        ErrCode.EMPTY_CONTENT,
        ErrCode.CONTENT_TOO_LARGE,
        ErrCode.TOO_MANY_ARTICLES,
        ErrCode.AUTHOR_TOO_LONG,
        ErrCode.ALL_RECEIVERS_INVALID,
        ErrCode.NO_RECEIVER,
        ErrCode.TOO_MANY_PARTIES,
        ErrCode.TOO_MANY_TAGS,
        ErrCode.NO_RIGHT_ON_APP,
    ),
    sample={
        "touser": "zhangsan|lisi",
        "toparty": "1",
        "totag": "1 | 2",
        "msgtype": "text",
        "agentid": 1000002,
        "text": {
            "content": "你的快递已到，请携带工卡前往邮件中心领取。\n出发前可查看"
            '<a href="https://work.weixin.qq.com">邮件中心视频实况</a>，聪明避开排队。'
        },
        "safe": 0,
        "enable_id_trans": 0,
        "enable_duplicate_check": 0,
        "duplicate_check_interval": 1800,
    },
)
def send(call: Call, body: SendRequest) -> SendReply:
    """发送应用消息 / Send an app message

    Shows the message on the phones of members, departments and their members, or with @all everybody whom the
    app sees. Receivers that don't exist or are not visible are named in the reply and the others get it.
    Cards that members can press also return a `response_code`, valid for 72 hours and one update.
    """
    check_agent(call, body.agentid, needed=body.msgtype != "miniprogram_notice")
    who = named(body.touser, body.toparty, body.totag)
    content = content_of(call, body)
    refuse_unassociated(call, content, body.msgtype)
    if body.msgtype == "miniprogram_notice" and who.everyone:
        raise Refusal(
            ErrCode.INVALID_PARAMETER, "touser invalid", detail="@all can't get a miniprogram_notice"
        )
    receivers = find_receivers(call, who)
    reply = _named_in_reply(receivers)
    digest = digest_of(body)
    if digest is not None:
        msgid = sent_before(call, digest, body.duplicate_check_interval)
        if msgid is not None:
            return {**reply, "msgid": msgid}
    task_id = _checked_task(call, content)
    limits.refuse_over_day(call, len(receivers.userids))
    if body.enable_id_trans:
        put_names(call, body.msgtype, content[body.msgtype])
    message_id, msgid = _write(call, content, task_id, limits.within_limits(call, receivers.userids))
    if digest is not None:
        name_message(call, digest, message_id)
    reply["msgid"] = msgid
    if body.msgtype == "template_card" and can_call_back(content["template_card"]):
        reply["response_code"] = issue(call, message_id)
    return reply


def _checked_task(call: Call, content: dict[str, Any]) -> str | None:
    """The card's task_id. Raises 43012 for an app without a callback address, 42014 for a task_id in use."""
    msgtype = content["msgtype"]
    if msgtype not in ("template_card", *TASK_CARDS):
        return None
    card = content[msgtype]
    if msgtype in TASK_CARDS or can_call_back(card):
        refuse_without_address(call)
    task_id: str | None = card.get("task_id")
    if task_id and _TASK.one(call.db, corp=call.corp_id, app=call.agentid, task=task_id):
        raise Refusal(
            ErrCode.INVALID_TASK_ID, detail=f"the app has sent a card with task_id {task_id!r} before"
        )
    return task_id


def _write(call: Call, content: dict[str, Any], task_id: str | None, userids: list[str]) -> tuple[int, str]:
    """Shows the message to the members; its id and its msgid."""
    msgid = call.draw("msgid", MSGID_CHARS, LETTERS + "-_")
    message_id = write_message(call, "app_message", str(call.agentid), {**content, "msgid": msgid})
    show(call, message_id, userids)
    limits.count_receivers(call, content["msgtype"], len(userids))
    _WRITE.run(
        call.db,
        corp_id=call.corp_id,
        message_id=message_id,
        agentid=call.agentid,
        msgid=msgid,
        msgtype=content["msgtype"],
        sent_at=call.now,
        task_id=task_id,
    )
    return message_id, msgid


def _named_in_reply(receivers: Receivers) -> SendReply:
    """Who is not reached; userids in lower case."""
    reply: SendReply = {}
    if receivers.invalid_users:
        reply["invaliduser"] = "|".join(receivers.invalid_users).lower()
    if receivers.invalid_parties:
        reply["invalidparty"] = "|".join(receivers.invalid_parties)
    if receivers.invalid_tags:
        reply["invalidtag"] = "|".join(receivers.invalid_tags)
    if receivers.unlicensed:
        reply["unlicenseduser"] = "|".join(receivers.unlicensed).lower()
    return reply
