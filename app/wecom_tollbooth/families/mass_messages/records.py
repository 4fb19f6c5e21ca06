"""获取群发记录列表: the mass messages that the corp and its members made."""

from typing import Any, NotRequired, cast

import orjson
import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.db import json_list
from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.mass_messages.family import family
from wecom_tollbooth.families.mass_messages.results import page_size
from wecom_tollbooth.families.mass_messages.tables import (
    BY_CORP,
    BY_MEMBER,
    GROUP,
    MASS_MESSAGE,
    MASS_TASK,
    SINGLE,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required_number
from wecom_tollbooth.world.clock import DAY

PAGE, LARGEST_PAGE = 50, 100
LONGEST_SECONDS = 31 * DAY
"""The month that start_time and end_time may be apart."""
ALL = 2
"""`filter_type`: of the corp and of members."""


class ListRequest(RequestModel):
    chat_type: str | None = optional(doc="single (default) or group")
    start_time: int = required_number(ge=0)
    end_time: int = required_number(ge=0, doc="at most a month after start_time")
    creator: str | None = optional(doc="userid of who made it")
    filter_type: int | None = optional(ge=BY_CORP, le=ALL, doc="0 of the corp, 1 of members, 2 all (default)")
    limit: int | None = optional(doc="up to 100; default 50, also in place of a larger one")
    cursor: str | None = optional(doc="next_cursor of the page before")


class TextShown(TypedDict):
    content: str


class ImageShown(TypedDict, total=False):
    media_id: str
    pic_url: str


class LinkShown(TypedDict, total=False):
    title: str
    picurl: str
    desc: str
    url: str


class MiniprogramShown(TypedDict, total=False):
    title: str
    appid: str
    page: str


class FileShown(TypedDict):
    media_id: str


class AttachmentShown(TypedDict):
    msgtype: str
    image: NotRequired[ImageShown]
    link: NotRequired[LinkShown]
    miniprogram: NotRequired[MiniprogramShown]
    video: NotRequired[FileShown]
    file: NotRequired[FileShown]


class MessageShown(TypedDict):
    msgid: str
    creator: NotRequired[str]
    create_time: int
    create_type: int
    text: NotRequired[TextShown]
    attachments: NotRequired[list[AttachmentShown]]


class ListReply(TypedDict):
    next_cursor: str
    group_msg_list: list[MessageShown]


@family.post(
    "/cgi-bin/externalcontact/get_groupmsg_list_v2",
    doc="93338",
    meter="message.list",
    permission=Permission.MASS_MESSAGE,
    errors=(ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_PARAMETER, ErrCode.INVALID_CURSOR),
    sample={
        "chat_type": "single",
        "start_time": 1605171726,
        "end_time": 1605172726,
        "creator": "zhangshan",
        "filter_type": 1,
        "limit": 50,
        "cursor": "CURSOR",
    },
)
def get_groupmsg_list_v2(call: Call, body: ListRequest) -> ListReply:
    """获取群发记录列表 / List mass messages

    The messages made between the two times, newest first. An app with a visible range gets those that members
    in it made or are to send. A message made through the API has no creator.
    """
    chat_type = body.chat_type or SINGLE
    if chat_type not in (SINGLE, GROUP):
        raise Refusal(ErrCode.INVALID_PARAMETER, "chat_type invalid", detail=f"{chat_type[:60]!r}")
    if not body.start_time <= body.end_time <= body.start_time + LONGEST_SECONDS:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            "time invalid",
            detail="end_time must follow start_time by at most a month (31 days)",
        )
    filter_type = ALL if body.filter_type is None else body.filter_type
    asked = [chat_type, body.start_time, body.end_time, body.creator, filter_type]
    query = (
        sa.select(MASS_MESSAGE)
        .where(
            MASS_MESSAGE.c.corp_id == call.corp_id,
            MASS_MESSAGE.c.chat_type == chat_type,
            MASS_MESSAGE.c.create_time.between(body.start_time, body.end_time),
        )
        .order_by(MASS_MESSAGE.c.create_time.desc(), MASS_MESSAGE.c.seq.desc())
    )
    if body.creator:
        query = query.where(MASS_MESSAGE.c.creator == body.creator)
    if filter_type in (BY_CORP, BY_MEMBER):
        query = query.where(MASS_MESSAGE.c.create_type == filter_type)
    if body.cursor:
        query = query.where(_behind(*position_of(call, asked, body.cursor)))
    visible = visible_userids(call)
    if visible is not None:
        query = query.where(_concerns(call, sorted(visible)))
    size = page_size(body.limit, PAGE, LARGEST_PAGE)
    rows = call.db.execute(query.limit(size + 1)).all()
    page = rows[:size]
    more = make_cursor(call, asked, [page[-1].create_time, page[-1].seq]) if len(rows) > size else ""
    return {"next_cursor": more, "group_msg_list": [_shown(row) for row in page]}


def _behind(create_time: int, seq: int) -> sa.ColumnElement[bool]:
    return (MASS_MESSAGE.c.create_time < create_time) | (
        (MASS_MESSAGE.c.create_time == create_time) & (MASS_MESSAGE.c.seq < seq)
    )


def _concerns(call: Call, visible: list[str]) -> sa.ColumnElement[bool]:
    """The message is by one of these members, or one of them has to send it."""
    these = json_list(call.db.dialect, "visible").params(visible=orjson.dumps(visible).decode())
    of_them = sa.exists().where(
        MASS_TASK.c.corp_id == MASS_MESSAGE.c.corp_id,
        MASS_TASK.c.message == MASS_MESSAGE.c.seq,
        MASS_TASK.c.userid.in_(these),
    )
    return MASS_MESSAGE.c.creator.in_(these) | of_them


def _shown(row: Any) -> MessageShown:
    shown: MessageShown = {
        "msgid": row.msgid,
        "create_time": row.create_time,
        "create_type": row.create_type,
    }
    if row.creator:
        shown["creator"] = row.creator
    if "text" in row.content:
        shown["text"] = row.content["text"]
    if "attachments" in row.content:
        shown["attachments"] = [_without_cover(one) for one in row.content["attachments"]]
    return shown


def _without_cover(attachment: Any) -> AttachmentShown:
    """The attachment; a mini-program is shown without its cover's media_id (page 93338)."""
    miniprogram = attachment.get("miniprogram")
    if miniprogram is None:
        return cast(AttachmentShown, attachment)
    kept = {name: value for name, value in miniprogram.items() if name != "pic_media_id"}
    return {"msgtype": "miniprogram", "miniprogram": cast(MiniprogramShown, kept)}
