"""Sending a message of an app into its group (page 90248, 2026-02)."""

from typing import Any

from wecom_tollbooth.families.app_chats.chats import OF_ONE_CHAT, refuse_partial_sight, the_chat
from wecom_tollbooth.families.app_chats.family import family
from wecom_tollbooth.families.app_chats.limits import refuse_over_persons, within_limits
from wecom_tollbooth.families.app_chats.membership import present
from wecom_tollbooth.families.app_chats.mentions import mentioned
from wecom_tollbooth.families.app_messages.content import TEXT_BYTES, content_of, cut, refuse_long
from wecom_tollbooth.families.app_messages.send import BODY_AT_MOST
from wecom_tollbooth.families.app_messages.shapes import (
    MarkdownGiven,
    MediaGiven,
    MpNewsGiven,
    TextCardGiven,
    VideoGiven,
)
from wecom_tollbooth.families.phones.screens import show, write_message
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required

TYPES = ("text", "image", "voice", "video", "file", "textcard", "news", "mpnews", "markdown")


class TextGiven(RequestModel):
    content: str | None = optional(doc="required, at most 2048 bytes; <@userid> mentions a member")
    mentioned_list: list[str] | None = optional(doc="userids, or @all")


class ArticleGiven(RequestModel):
    title: str | None = optional(doc="required; over 128 bytes it is cut")
    description: str | None = optional(doc="over 512 bytes it is cut")
    url: str | None = optional(doc="required")
    picurl: str | None = optional()


class NewsGiven(RequestModel):
    articles: list[ArticleGiven] | None = optional(doc="1 to 8")


class SendRequest(RequestModel):
    chatid: str = required(ErrCode.MISSING_CHATID)
    msgtype: str = required(ErrCode.INVALID_MESSAGE_TYPE, doc="says which of the following objects counts")
    text: TextGiven | None = optional()
    image: MediaGiven | None = optional()
    voice: MediaGiven | None = optional()
    video: VideoGiven | None = optional()
    file: MediaGiven | None = optional()
    textcard: TextCardGiven | None = optional()
    news: NewsGiven | None = optional()
    mpnews: MpNewsGiven | None = optional()
    markdown: MarkdownGiven | None = optional()
    safe: int | None = optional(doc="1: confidential")


@family.post(
    "/cgi-bin/appchat/send",
    doc="90248",
    checked="2026-02",
    meter="message.write",
    permission=Permission.SELF_BUILT_ANY,
    body_limit=BODY_AT_MOST,
    errors=(
        *OF_ONE_CHAT,
        ErrCode.INVALID_MEDIA_ID,
        ErrCode.INVALID_MESSAGE_TYPE,
        ErrCode.INVALID_PARAMETER,
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.NEWS_CANNOT_BE_CONFIDENTIAL,
        ErrCode.MISSING_MEDIA_ID,
        ErrCode.MISSING_URL,
        ErrCode.MISSING_TITLE,
        ErrCode.MISSING_DESCRIPTION,
        ErrCode.EMPTY_CONTENT,
        ErrCode.CONTENT_TOO_LARGE,
        ErrCode.TOO_MANY_ARTICLES,
        ErrCode.FREQUENCY_LIMIT,
        ErrCode.AUTHOR_TOO_LONG,
    ),
    sample={
        "chatid": "CHATID",
        "msgtype": "text",
        "text": {
            "content": "你的快递已到\n请携带工卡前往邮件中心领取",
            "mentioned_list": ["wangqing", "@all"],
        },
        "safe": 0,
    },
)
def send(call: Call, body: SendRequest) -> Done:
    """应用推送消息到群聊 / Send an app message to a group chat

    Shows the message on the phones of the group's members. The settings limit_app_chat_minute and
    limit_app_chat_hour limit the persons that a corp's apps reach. Above limit_app_chat_member_minute and
    limit_app_chat_member_day a member no longer gets messages of the app, and the call succeeds.
    """
    refuse_partial_sight(call)
    chat = the_chat(call, body.chatid)
    members = present(call, chat.members, chat.owner)[0]
    message = {"chat_id": chat.chat_id, "chat_name": chat.name, **_content(call, body, members)}
    refuse_over_persons(call, len(members))
    receivers = within_limits(call, members)
    show(call, write_message(call, "chat_message", str(call.agentid), message), receivers)
    return {}


def _content(call: Call, body: SendRequest, members: list[str]) -> dict[str, Any]:
    """The message as members see it, with those whom it mentions."""
    text = body.text
    if body.msgtype == "text" and text and text.content:
        refuse_long(text.content, TEXT_BYTES, "text.content", ErrCode.CONTENT_TOO_LARGE)
    if body.safe not in (None, 0, 1):
        raise Refusal(
            ErrCode.INVALID_PARAMETER, "safe invalid", detail=f"safe {body.safe} is neither 0 nor 1"
        )
    content = content_of(call, body, TYPES)
    if card := content.get("textcard"):
        card |= {"title": cut(card["title"], 128), "description": cut(card["description"], 512)}
    written = content[body.msgtype].get("content", "") if body.msgtype in ("text", "markdown") else ""
    named = (text.mentioned_list or []) if body.msgtype == "text" and text else []
    found = mentioned(call, written, members, userids=named)
    return {**content, "mentioned": found} if found else content
