"""获取客户群详情, and the conversion of a mini-program's opengid to a chat_id."""

from typing import NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.billing.seats import take_seats
from wecom_tollbooth.corps.app_kinds import THIRD_PARTY_APPS
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.group_chats.family import family
from wecom_tollbooth.families.group_chats.lookup import the_visible_group
from wecom_tollbooth.families.group_chats.tables import EXTERNAL, GROUP_CHAT, GROUP_STAY
from wecom_tollbooth.families.providers.licences import unlicensed
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required

# --- 获取客户群详情 --------------------------------------------------------------------------------------


class GroupRequest(RequestModel):
    chat_id: str = required(ErrCode.INVALID_PARAMETER, doc="customer group")
    need_name: int | None = optional(ge=0, le=1, doc="1: with the names of the people; default 0")


class Invitor(TypedDict):
    userid: str


class GroupMember(TypedDict):
    userid: str
    type: int
    unionid: NotRequired[str]
    join_time: int
    join_scene: int
    state: NotRequired[str]
    invitor: NotRequired[Invitor]
    group_nickname: str
    name: NotRequired[str]


class GroupAdmin(TypedDict):
    userid: str


class GroupDetail(TypedDict):
    chat_id: str
    name: str
    owner: str
    create_time: int
    notice: NotRequired[str]
    member_list: list[GroupMember]
    admin_list: list[GroupAdmin]
    member_version: str


class GroupReply(TypedDict):
    group_chat: GroupDetail


@family.post(
    "/cgi-bin/externalcontact/groupchat/get",
    doc="92122",
    meter="customer.read",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_CHAT_ID,
        ErrCode.GROUP_DISSOLVED,
        ErrCode.NOT_A_CUSTOMER_GROUP,
        ErrCode.NO_PRIVILEGE,
        ErrCode.NO_INTEROP_LICENSE,
    ),
    sample={"chat_id": "wrnUxR3YUYIkN45fay5hWO9rUnGKci", "need_name": 1},
)
def get_group_chat(call: Call, body: GroupRequest) -> GroupReply:
    """获取客户群详情 / Get a customer group

    Returns the group and the people in it, in the order of joining. unionid is only for WeChat users of a
    corp with a bound developer account (setting unionid_bound), and not for third-party apps; invitor only
    if a member of the corp invited; notice only if there is one. member_version is CurMemVer of the last
    event.
    """
    chat = the_visible_group(call, body.chat_id)
    if unlicensed(call, [chat.owner]):
        why = f"{chat.owner}, the owner, has no valid interop account"
        raise Refusal(ErrCode.NO_INTEROP_LICENSE, detail=why)
    take_seats(call, [chat.owner])
    detail: GroupDetail = {
        "chat_id": chat.chat_id,
        "name": chat.name,
        "owner": chat.owner,
        "create_time": chat.create_time,
        "notice": chat.notice,
        "member_list": _people(call, chat.chat_id, with_names=body.need_name == 1),
        "admin_list": [{"userid": userid} for userid in chat.admins],
        "member_version": chat.member_version,
    }
    if not chat.notice:
        del detail["notice"]
    return {"group_chat": detail}


def _people(call: Call, chat_id: str, *, with_names: bool) -> list[GroupMember]:
    query = (
        sa.select(
            GROUP_STAY,
            EXTERNAL_CONTACT.c.unionid,
            sa.func.coalesce(MEMBER.c.name, EXTERNAL_CONTACT.c.name).label("name"),
        )
        .outerjoin(
            MEMBER,
            (GROUP_STAY.c.type != EXTERNAL)
            & (MEMBER.c.corp_id == GROUP_STAY.c.corp_id)
            & (MEMBER.c.userid == GROUP_STAY.c.person_id),
        )
        .outerjoin(
            EXTERNAL_CONTACT,
            (GROUP_STAY.c.type == EXTERNAL)
            & (EXTERNAL_CONTACT.c.corp_id == GROUP_STAY.c.corp_id)
            & (EXTERNAL_CONTACT.c.external_userid == GROUP_STAY.c.person_id),
        )
        .where(
            GROUP_STAY.c.corp_id == call.corp_id,
            GROUP_STAY.c.chat_id == chat_id,
            GROUP_STAY.c.left_at.is_(None),
        )
        .order_by(GROUP_STAY.c.seq)
    )
    unionids = call.settings.unionid_bound and call.app_kind not in THIRD_PARTY_APPS
    return [_person(row, with_name=with_names, with_unionid=unionids) for row in call.db.execute(query)]


def _person(row: sa.Row[tuple[object, ...]], *, with_name: bool, with_unionid: bool) -> GroupMember:
    person: GroupMember = {
        "userid": row.person_id,
        "type": row.type,
        "unionid": row.unionid,
        "join_time": row.joined_at,
        "join_scene": row.join_scene,
        "group_nickname": row.group_nickname,
    }
    if not with_unionid or not row.unionid:
        del person["unionid"]
    if row.state:
        person["state"] = row.state
    if row.invitor:
        person["invitor"] = {"userid": row.invitor}
    if with_name:
        person["name"] = row.name or ""
    return person


# --- 客户群opengid转换 -----------------------------------------------------------------------------------


class OpengidRequest(RequestModel):
    opengid: str = required(doc="what a mini-program calls the group")


class ChatIdReply(TypedDict):
    chat_id: str


@family.post(
    "/cgi-bin/externalcontact/opengid_to_chatid",
    doc="94822",
    meter="customer.read",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_OPENGID,
        ErrCode.GROUP_DISSOLVED,
        ErrCode.NO_PRIVILEGE,
        ErrCode.NOT_A_CUSTOMER_GROUP_OF_THE_PLATFORM,
    ),
    sample={"opengid": "oAHQIGDg"},
)
def opengid_to_chatid(call: Call, body: OpengidRequest) -> ChatIdReply:
    """客户群opengid转换 / Convert opengid to chat_id

    Returns the customer group of the opengid that wx.getGroupEnterInfo gives a mini-program.
    """
    query = sa.select(GROUP_CHAT.c.chat_id).where(
        GROUP_CHAT.c.corp_id == call.corp_id, GROUP_CHAT.c.opengid == body.opengid
    )
    chat_id = call.db.execute(query).scalar()
    if chat_id is None:
        raise Refusal(ErrCode.INVALID_OPENGID, detail=f"{body.opengid!r} is no customer group of this corp")
    return {"chat_id": the_visible_group(call, chat_id, ErrCode.NOT_A_CUSTOMER_GROUP_OF_THE_PLATFORM).chat_id}
