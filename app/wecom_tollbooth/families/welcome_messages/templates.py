"""入群欢迎语素材: the templates from which members choose how their groups greet newcomers (page 92366)."""

from typing import Any, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.attachments.message_content import (
    Content,
    FileGiven,
    ImageGiven,
    LinkGiven,
    MiniprogramGiven,
    TextGiven,
    check_part,
    refuse_long,
)
from wecom_tollbooth.families.directory.tables import ACTIVE, MEMBER
from wecom_tollbooth.families.group_chats.owners import owners_seen
from wecom_tollbooth.families.group_chats.tables import GROUP_CHAT
from wecom_tollbooth.families.media.pictures import picture_url, publish
from wecom_tollbooth.families.phones.screens import CANCELLED, WAITING, set_state_from, show, write_message
from wecom_tollbooth.families.welcome_messages.family import family
from wecom_tollbooth.families.welcome_messages.tables import (
    GROUP_WELCOME,
    GROUP_WELCOME_TEMPLATE,
    GroupWelcomeTemplate,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required

TEMPLATES = 100
TEXT_BYTES = 3000
KINDS = ("image", "link", "miniprogram", "file", "video")
"""Besides a text, a template has one of these: the first that is given."""

_LOCK = sa.select(sa.func.pg_advisory_xact_lock(740_011, sa.func.hashtext(sa.bindparam("corp_id"))))
"""So that calls at once can't make more than 100; SQLite has one transaction at a time."""

ERRORS_OF_CONTENT = (
    ErrCode.PARAMETERS_EMPTY,
    ErrCode.INVALID_PARAMETER,
    ErrCode.INVALID_MEDIA_ID,
    ErrCode.MINI_PROGRAM_NOT_ASSOCIATED,
)
IMAGE = {"media_id": "MEDIA_ID", "pic_url": "http://p.qpic.cn/pic_wework/3474110808/7a6344sdadfwehe42060/0"}
LINK = {
    "title": "消息标题",
    "picurl": "https://example.pic.com/path",
    "desc": "消息描述",
    "url": "https://example.link.com/path",
}
MINIPROGRAM = {
    "title": "消息标题",
    "pic_media_id": "MEDIA_ID",
    "appid": "wx8bd80126147dfAAA",
    "page": "/path/index",
}
FILE = {"media_id": "1Yv-zXfHjSjU-7LH-GwtYqDGS-zz6w22KmWAT5COgP7o"}
SAMPLE = {
    "text": {"content": "亲爱的%NICKNAME%用户，你好"},
    "image": IMAGE,
    "link": LINK,
    "miniprogram": MINIPROGRAM,
    "file": FILE,
    "video": {"media_id": "MEDIA_ID"},
    "agentid": 1000014,
}


class TemplateGiven(RequestModel):
    text: TextGiven | None = optional(doc="at most 3000 bytes; %NICKNAME% becomes the name of the newcomer")
    image: ImageGiven | None = optional(doc="counts before the other four")
    link: LinkGiven | None = optional()
    miniprogram: MiniprogramGiven | None = optional()
    file: FileGiven | None = optional()
    video: FileGiven | None = optional()
    agentid: int | None = optional(doc="only for old suites of several apps; ignored here")


def _content(call: Call, given: TemplateGiven) -> Content:
    """The content in its stored form. Raises 40063, 40058 and 40007 as families/attachments does."""
    content: Content = {}
    written = (given.text.content if given.text else None) or ""
    refuse_long(written, TEXT_BYTES, "text.content")
    if written:
        content["text"] = {"content": written}
    for kind in KINDS:
        part: RequestModel | None = getattr(given, kind)
        fields = {name: value for name, value in (part.model_dump() if part else {}).items() if value}
        if fields:
            media = check_part(call, kind, fields, field=kind, use="group_welcome")
            if kind == "image":
                publish(call, media)
            content["attachments"] = [{"msgtype": kind, kind: fields}]
            break
    if not content:
        raise Refusal(
            ErrCode.PARAMETERS_EMPTY, detail=f"text, {', '.join(KINDS[:-1])} and {KINDS[-1]} are all empty"
        )
    return content


def _the_template(call: Call, template_id: str) -> GroupWelcomeTemplate:
    """The template; raises 40037 for an unknown or deleted one."""
    found = call.db.session.get(GroupWelcomeTemplate, (call.corp_id, template_id), with_for_update=True)
    if found is None:
        raise Refusal(
            ErrCode.INVALID_TEMPLATE_ID, detail=f"there is no group welcome template {template_id!r}"
        )
    return found


def _own_template(call: Call, template_id: str) -> GroupWelcomeTemplate:
    """As _the_template; raises also 41058 for a template of another app."""
    found = _the_template(call, template_id)
    if found.created_by != call.agentid:
        raise Refusal(
            ErrCode.NO_RIGHT_TO_TEMPLATE, detail=f"{template_id} was made by the app {found.created_by}"
        )
    return found


# --- 添加入群欢迎语素材 ----------------------------------------------------------------------------------


class AddRequest(TemplateGiven):
    notify: int | None = optional(ge=0, le=1, doc="0: members are not told to apply it")


class AddReply(TypedDict):
    template_id: str


@family.post(
    "/cgi-bin/externalcontact/group_welcome_template/add",
    doc="92366",
    meter="message.write",
    permission=Permission.GROUP_WELCOME,
    errors=(ErrCode.GROUP_WELCOME_TEMPLATE_CAP_REACHED, *ERRORS_OF_CONTENT),
    sample={**SAMPLE, "notify": 1},
)
def add_group_welcome_template(call: Call, body: AddRequest) -> AddReply:
    """添加入群欢迎语素材 / Add a welcome template for groups

    A text, and one of image, link, miniprogram, file and video: the first that is given. A corp has at most
    100 templates. Unless `notify` is 0, the owners of customer groups whom the app sees find it on their
    phones.
    """
    content = _content(call, body)
    _refuse_too_many(call)
    template_id = call.new_id("msg")
    message_id = None if body.notify == 0 else _notify_owners(call, template_id, content)
    call.db.execute(
        sa.insert(GROUP_WELCOME_TEMPLATE).values(
            corp_id=call.corp_id,
            template_id=template_id,
            created_by=call.agentid,
            content=content,
            message_id=message_id,
        )
    )
    return {"template_id": template_id}


def _refuse_too_many(call: Call) -> None:
    if call.db.dialect == "postgresql":
        call.db.execute(_LOCK, {"corp_id": call.corp_id})
    of_corp = GROUP_WELCOME_TEMPLATE.c.corp_id == call.corp_id
    count = call.db.execute(
        sa.select(sa.func.count()).select_from(GROUP_WELCOME_TEMPLATE).where(of_corp)
    ).scalar_one()
    if count >= TEMPLATES:
        raise Refusal(
            ErrCode.GROUP_WELCOME_TEMPLATE_CAP_REACHED,
            detail=f"the corp has {count} group welcome templates, and {TEMPLATES} are the most there can be",
        )


def _notify_owners(call: Call, template_id: str, content: Content) -> int:
    query = (
        sa.select(GROUP_CHAT.c.owner)
        .join(MEMBER, (MEMBER.c.corp_id == GROUP_CHAT.c.corp_id) & (MEMBER.c.userid == GROUP_CHAT.c.owner))
        .where(
            GROUP_CHAT.c.corp_id == call.corp_id,
            GROUP_CHAT.c.dismissed_at.is_(None),
            MEMBER.c.status == ACTIVE,
            owners_seen(call),
        )
        .distinct()
        .order_by(GROUP_CHAT.c.owner)
    )
    body = {"template_id": template_id, **content}
    message_id = write_message(call, "group_welcome_task", str(call.agentid), body)
    show(call, message_id, list(call.db.execute(query).scalars()), WAITING)
    return message_id


# --- 编辑入群欢迎语素材 ----------------------------------------------------------------------------------


class EditRequest(TemplateGiven):
    template_id: str = required(ErrCode.INVALID_TEMPLATE_ID)


@family.post(
    "/cgi-bin/externalcontact/group_welcome_template/edit",
    doc="92366",
    meter="message.write",
    permission=Permission.GROUP_WELCOME,
    errors=(ErrCode.INVALID_TEMPLATE_ID, ErrCode.NO_RIGHT_TO_TEMPLATE, *ERRORS_OF_CONTENT),
    sample={"template_id": "msgXXXXXXX", **SAMPLE},
)
def edit_group_welcome_template(call: Call, body: EditRequest) -> Done:
    """编辑入群欢迎语素材 / Change a welcome template for groups

    Replaces the whole content of a template of this app. Groups to which it is applied greet with it.
    """
    template = _own_template(call, body.template_id)
    template.content = _content(call, body)
    call.db.session.add(template)
    return {}


# --- 获取入群欢迎语素材 ----------------------------------------------------------------------------------


class TextShape(TypedDict):
    content: str


class ImageShape(TypedDict):
    pic_url: str


class LinkShape(TypedDict):
    title: str
    picurl: NotRequired[str]
    desc: NotRequired[str]
    url: str


class MiniprogramShape(TypedDict):
    title: str
    pic_media_id: str
    appid: str
    page: str


class FileShape(TypedDict):
    media_id: str


class GetRequest(RequestModel):
    template_id: str = required(ErrCode.INVALID_TEMPLATE_ID)


class GetReply(TypedDict):
    text: NotRequired[TextShape]
    image: NotRequired[ImageShape]
    link: NotRequired[LinkShape]
    miniprogram: NotRequired[MiniprogramShape]
    file: NotRequired[FileShape]
    video: NotRequired[FileShape]


@family.post(
    "/cgi-bin/externalcontact/group_welcome_template/get",
    doc="92366",
    meter="message.read",
    permission=Permission.GROUP_WELCOME,
    errors=(ErrCode.INVALID_TEMPLATE_ID,),
    sample={"template_id": "msgXXXXXXX"},
)
def get_group_welcome_template(call: Call, body: GetRequest) -> GetReply:
    """获取入群欢迎语素材 / Get a welcome template for groups

    The content of a template of any app; an image is shown by its address.
    """
    content = _the_template(call, body.template_id).content
    reply: Any = {"text": content["text"]} if "text" in content else {}
    for attachment in content.get("attachments", []):
        kind = attachment["msgtype"]
        reply[kind] = attachment[kind]
        if kind == "image":
            reply[kind] = {"pic_url": picture_url(call, attachment[kind])}
    shown: GetReply = reply
    return shown


# --- 删除入群欢迎语素材 ----------------------------------------------------------------------------------


class DelRequest(RequestModel):
    template_id: str = required(ErrCode.INVALID_TEMPLATE_ID)
    agentid: int | None = optional(doc="only for old suites of several apps; ignored here")


@family.post(
    "/cgi-bin/externalcontact/group_welcome_template/del",
    doc="92366",
    meter="message.write",
    permission=Permission.GROUP_WELCOME,
    errors=(ErrCode.INVALID_TEMPLATE_ID, ErrCode.NO_RIGHT_TO_TEMPLATE),
    sample={"template_id": "msgXXXXXXX", "agentid": 1000014},
)
def del_group_welcome_template(call: Call, body: DelRequest) -> Done:
    """删除入群欢迎语素材 / Delete a welcome template for groups

    Deletes a template of this app. Groups to which it is applied greet newcomers no more.
    """
    template = _own_template(call, body.template_id)
    call.db.execute(
        sa.delete(GROUP_WELCOME).where(
            GROUP_WELCOME.c.corp_id == call.corp_id, GROUP_WELCOME.c.template_id == template.template_id
        )
    )
    call.db.session.delete(template)
    if template.message_id is not None:
        set_state_from(call, template.message_id, WAITING, CANCELLED)
    return {}
