"""创建企业群发: a message is accepted and its receivers are checked; the tasks are made later."""

from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.billing.seats import take_seats
from wecom_tollbooth.families.attachments.message_content import (
    SAMPLE_ATTACHMENTS,
    AttachmentGiven,
    FileGiven,
    ImageGiven,
    LinkGiven,
    MiniprogramGiven,
    TextGiven,
    content_of,
)
from wecom_tollbooth.families.directory.lookup import the_follower
from wecom_tollbooth.families.mass_messages.dispatch import schedule_tasks
from wecom_tollbooth.families.mass_messages.family import family
from wecom_tollbooth.families.mass_messages.receivers import (
    Selection,
    acquired_by,
    anybody,
    groups_of,
    possible_senders,
    reachable,
)
from wecom_tollbooth.families.mass_messages.tables import GROUP, SINGLE, MassMessage
from wecom_tollbooth.families.providers.licences import unlicensed
from wecom_tollbooth.families.tag_library.tables import TAG
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional

CUSTOMERS, GROUPS, TAGS_OF_A_GROUP = 10_000, 2_000, 100
URL_BYTES = 2048


class TagGroupGiven(RequestModel):
    tag_list: list[str] | None = optional(
        doc="tag ids, also of rule groups, up to 100; one of them is enough"
    )


class TagFilter(RequestModel):
    group_list: list[TagGroupGiven] | None = optional(doc="a customer needs a tag of each element")


class AddMessageRequest(RequestModel):
    chat_type: str | None = optional(doc="single (default): to customers; group: to customer groups")
    external_userid: list[str] | None = optional(
        doc="customers, up to 10000; only with single, tag_filter is then ignored"
    )
    chat_id_list: list[str] | None = optional(
        doc="groups of the sender, up to 2000; only with group; absent: the sender chooses"
    )
    tag_filter: TagFilter | None = optional(doc="only with single")
    sender: str | None = optional(doc="userid of who sends; needed with group; alone: all its customers")
    allow_select: bool | None = optional(doc="whether members may choose customers; only with single")
    text: TextGiven | None = optional()
    attachments: list[AttachmentGiven] | None = optional(doc="up to 9")
    image: ImageGiven | None = optional(doc="the older form (page 92698), read without attachments")
    link: LinkGiven | None = optional(doc="the older form, likewise")
    miniprogram: MiniprogramGiven | None = optional(doc="the older form, likewise")
    video: FileGiven | None = optional(doc="the older form, likewise")


class AddMessageReply(TypedDict):
    fail_list: list[str]
    msgid: str


@family.post(
    "/cgi-bin/externalcontact/add_msg_template",
    doc="92135",
    meter="message.write",
    permission=Permission.MASS_MESSAGE,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_USERID,
        ErrCode.INVALID_MEDIA_ID,
        ErrCode.MINI_PROGRAM_NOT_ASSOCIATED,
        ErrCode.INVALID_TAGID,
        ErrCode.NO_CUSTOMER_TO_SEND,
        ErrCode.TOO_MANY_ATTACHMENTS,
        ErrCode.INVALID_ATTACHMENT_TYPE,
        ErrCode.NO_PRIVILEGE,
        ErrCode.NOT_EXTERNAL_CONTACT,
        ErrCode.NO_INTEROP_LICENSE,
        ErrCode.MISSING_EXTERNAL_USERID,
    ),
    aliases=("/cgi-bin/crm/add_msg_template",),
    sample={
        "chat_type": "single",
        "external_userid": ["woAJ2GCAAAXtWyujaWJHDDGi0mACAAAA", "wmqfasd1e1927831123109rBAAAA"],
        "chat_id_list": ["wr2GCAAAXtWyujaWJHDDGasdadAAA"],
        "tag_filter": {
            "group_list": [
                {"tag_list": ["ete19278asuMT123109rBAAAA", "ete19MT12278109UYteaBAAAA"]},
                {"tag_list": ["eteIlKKHSDfuMT18Kg9rBAAAA"]},
            ]
        },
        "sender": "zhangsan",
        "allow_select": True,
        "text": {"content": "文本消息内容"},
        "attachments": SAMPLE_ATTACHMENTS,
    },
)
def add_msg_template(call: Call, body: AddMessageRequest) -> AddMessageReply:
    """创建企业群发 / Create a mass message

    Makes a task for each member who is to send; nothing reaches a customer before the member confirms (act
    member_confirms_group_message). Who can't receive is in fail_list: strangers, customers whom nobody here
    can reach, with `sender` also customers of others, groups of others. The tasks are made a second later by
    the simulator's clock; until then reading them answers 41063.
    """
    chat_type = body.chat_type or SINGLE
    if chat_type not in (SINGLE, GROUP):
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            "chat_type invalid",
            detail=f"{chat_type[:60]!r} is neither single nor group",
        )
    content = content_of(call, body.text, _attachments(body), url_bytes=URL_BYTES)
    chosen = _customers if chat_type == SINGLE else _groups
    selection, failed = chosen(call, body)
    message = MassMessage(
        corp_id=call.corp_id,
        seq=call.next_id(),
        msgid=call.new_id("msg"),
        chat_type=chat_type,
        agentid=call.agentid,
        create_time=call.now,
        allow_select=bool(body.allow_select) and chat_type == SINGLE,
        content=content,
        selection=dict(selection),
    )
    call.db.session.add(message)
    schedule_tasks(call, message.seq)
    return {"fail_list": failed, "msgid": message.msgid}


def _attachments(body: AddMessageRequest) -> list[AttachmentGiven] | None:
    """The attachments; without any, those of the older form, which had a field for each kind."""
    if body.attachments:
        return body.attachments
    older: list[dict[str, Any]] = []
    for msgtype in ("image", "link", "miniprogram", "video"):
        part: RequestModel | None = getattr(body, msgtype)
        if part is not None and any(part.model_dump().values()):
            older.append({"msgtype": msgtype, msgtype: part.model_dump(exclude_none=True)})
    return [AttachmentGiven.model_validate(one) for one in older]


def _customers(call: Call, body: AddMessageRequest) -> tuple[Selection, list[str]]:
    """Who is selected of the corp's customers, and which of those named can't be reached."""
    _refuse_too_many("external_userid", body.external_userid, CUSTOMERS)
    tags = [group.tag_list for group in (body.tag_filter.group_list or [])] if body.tag_filter else []
    filtered = [list(dict.fromkeys(some)) for some in tags if some]
    if not (body.sender or body.external_userid or filtered):
        detail = "sender, external_userid and tag_filter are all empty"
        raise Refusal(ErrCode.MISSING_EXTERNAL_USERID, detail=detail)
    selection = acquired_by(call)
    if body.sender:
        selection["sender"] = _sender(call, body.sender)
        take_seats(call, [selection["sender"]])
    else:
        selection["senders"] = possible_senders(call)
    if body.external_userid:
        named = list(dict.fromkeys(body.external_userid))
        found = reachable(call, selection, named)
        if not found:
            raise _nobody("nobody whom the app sees can send to any of the customers named")
        selection["customers"] = sorted(found)
        return selection, [customer for customer in named if customer not in found]
    for some in tags:
        _refuse_too_many("tag_filter.group_list.tag_list", some, TAGS_OF_A_GROUP)
    if filtered:
        _refuse_unknown_tags(call, {tag for some in filtered for tag in some})
        selection["tags"] = filtered
    if not anybody(call, selection):
        raise _nobody("no customer is selected whom a member that the app sees can send to")
    return selection, []


def _groups(call: Call, body: AddMessageRequest) -> tuple[Selection, list[str]]:
    """Which groups are selected, and which of those named are not groups of the sender."""
    _refuse_too_many("chat_id_list", body.chat_id_list, GROUPS)
    if not body.sender:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="a message to groups needs sender")
    sender = _sender(call, body.sender)
    take_seats(call, [sender])
    owned = groups_of(call.db, call.corp_id, sender)
    named = list(dict.fromkeys(body.chat_id_list or []))
    found = [chat_id for chat_id in named if chat_id in owned]
    if not (found if named else owned):
        raise _nobody(f"{sender} owns none of the groups" if named else f"{sender} owns no group")
    selection: Selection = {"sender": sender}
    if named:
        selection["groups"] = found
    return selection, [chat_id for chat_id in named if chat_id not in owned]


def _refuse_too_many(name: str, given: list[str] | None, most: int) -> None:
    """Raises 40058. A list counts only where the page says that it has an effect."""
    if given is not None and len(given) > most:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            f"{name} exceed max size {most}",
            detail=f"{name}: {len(given)} elements are over the limit of {most}",
        )


def _sender(call: Call, userid: str) -> str:
    """The member; raises 40003, 60011 outside the visible range, 84061 without customers, 701008."""
    sender = the_follower(call, userid).userid
    if unlicensed(call, [sender]):
        raise Refusal(ErrCode.NO_INTEROP_LICENSE, detail=f"{sender} has no valid interop account")
    return sender


def _refuse_unknown_tags(call: Call, tags: set[str]) -> None:
    """Raises 40068 for a tag that neither the corp nor one of its rule groups has."""
    query = sa.select(TAG.c.tag_id).where(
        TAG.c.corp_id == call.corp_id, TAG.c.tag_id.in_(tags), TAG.c.deleted_at.is_(None)
    )
    unknown = sorted(tags - {tag_id for (tag_id,) in call.db.execute(query)})
    if unknown:
        raise Refusal(ErrCode.INVALID_TAGID, detail=f"{unknown[0][:60]!r} is no tag of this corp")


def _nobody(detail: str) -> Refusal:
    return Refusal(ErrCode.NO_CUSTOMER_TO_SEND, detail=detail)
