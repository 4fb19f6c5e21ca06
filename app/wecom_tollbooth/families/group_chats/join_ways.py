"""「加入群聊」: codes and mini-program plugins by which people come into customer groups (page 92229)."""

from typing import NotRequired

from typing_extensions import TypedDict

from wecom_tollbooth.families.contact_ways import quota
from wecom_tollbooth.families.group_chats.changes import HEXADECIMAL
from wecom_tollbooth.families.group_chats.family import family
from wecom_tollbooth.families.group_chats.lookup import the_visible_group
from wecom_tollbooth.families.group_chats.tables import GroupJoinWay
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required, required_number
from wecom_tollbooth.world import ids, qr

PLUGIN, QR_CODE = 1, 2
"""The scenes: a mini-program's plugin, or a QR code."""
REMARK_CHARS = 30
MOST_GROUPS = 5
PIXELS = 400
PAGE = "/_sim/scan/join_way"

SAMPLE = {
    "scene": 2,
    "remark": "aa_remark",
    "auto_create_room": 1,
    "room_base_name": "销售客服群",
    "room_base_id": 10,
    "chat_id_list": ["wraXsOO1MIfqaFOWb0XrglcNdDAz5lfE", "wrlYqqaDD4LgrOisYALFLlM4A2QiUMc"],
    "state": "klsdup3kj3s1",
    "mark_source": True,
}


class JoinWayRequest(RequestModel):
    scene: int = required_number(
        ErrCode.MISSING_CONTACT_WAY_SCENE, doc="1 plugin of a mini-program, 2 QR code"
    )
    remark: str | None = optional(doc="cut after 30 characters")
    auto_create_room: int | None = optional(
        ge=0, le=1, doc="1 (default): a new group is made when all are full"
    )
    room_base_name: str | None = optional(max_chars=40, doc="what the names of new groups begin with")
    room_base_id: int | None = optional(ge=0, doc="the number of the first new group")
    chat_id_list: list[str] = required(
        max_items=MOST_GROUPS, too_long=ErrCode.TOO_MANY_GROUPS_OF_WAY, doc="groups, up to 5"
    )
    state: str | None = optional(max_chars=30, doc="comes back in member_list[].state")
    mark_source: bool | None = optional(doc="for 营销获客 apps; default true")


WAY_ERRORS = (
    ErrCode.INVALID_PARAMETER,
    ErrCode.PARAMETERS_EMPTY,
    ErrCode.MISSING_CONTACT_WAY_SCENE,
    ErrCode.INVALID_CONTACT_WAY_SCENE,
    ErrCode.TOO_MANY_GROUPS_OF_WAY,
    ErrCode.INVALID_CHAT_ID,
    ErrCode.GROUP_DISSOLVED,
    ErrCode.NOT_A_CUSTOMER_GROUP,
    ErrCode.NO_PRIVILEGE,
)
"""What `_write` and the request's checks refuse with."""


# --- 配置客户群进群方式 ----------------------------------------------------------------------------------


class ConfigIdReply(TypedDict):
    config_id: str


@family.post(
    "/cgi-bin/externalcontact/groupchat/add_join_way",
    doc="92229",
    meter="customer.write",
    permission=Permission.JOIN_WAY,
    errors=(*WAY_ERRORS, ErrCode.CONTACT_WAY_CAP_REACHED),
    sample=SAMPLE,
)
def add_join_way(call: Call, body: JoinWayRequest) -> ConfigIdReply:
    """配置客户群进群方式 / Create a join way for customer groups

    A way has at most 5 groups. The URL of the code comes from get_join_way. Join ways and contact ways
    share one limit (setting contact_way_cap).
    """
    way = GroupJoinWay(
        corp_id=call.corp_id,
        config_id=ids.draw(call.seed, "config_id", call.next_id(), 32, HEXADECIMAL),
        created_by=call.agentid,
        scene=body.scene,
    )
    _write(call, way, body)
    quota.take_lasting(call)
    return {"config_id": way.config_id}


def _write(call: Call, way: GroupJoinWay, body: JoinWayRequest) -> None:
    """Writes all of `body` to the way; absent fields get their default."""
    if body.scene not in (PLUGIN, QR_CODE):
        raise Refusal(ErrCode.INVALID_CONTACT_WAY_SCENE, detail=f"scene {body.scene} is neither 1 nor 2")
    chat_ids = [the_visible_group(call, chat_id).chat_id for chat_id in dict.fromkeys(body.chat_id_list)]
    way.scene = body.scene
    way.remark = (body.remark or "")[:REMARK_CHARS]
    way.auto_create_room = body.auto_create_room != 0
    way.room_base_name = (body.room_base_name or "") if way.auto_create_room else ""
    way.room_base_id = (body.room_base_id or 0) if way.auto_create_room else 0
    way.chat_ids = chat_ids
    way.state = body.state or ""
    way.mark_source = body.mark_source is not False
    call.db.session.add(way)


# --- 获取客户群进群方式配置 ------------------------------------------------------------------------------


class ConfigIdRequest(RequestModel):
    config_id: str = required(ErrCode.MISSING_CONFIG_ID)


class JoinWayShape(TypedDict):
    config_id: str
    scene: int
    remark: str
    auto_create_room: int
    room_base_name: NotRequired[str]
    room_base_id: NotRequired[int]
    chat_id_list: list[str]
    qr_code: str
    state: str
    mark_source: bool


class JoinWayReply(TypedDict):
    join_way: JoinWayShape


@family.post(
    "/cgi-bin/externalcontact/groupchat/get_join_way",
    doc="92229",
    meter="customer.read",
    permission=Permission.JOIN_WAY,
    errors=(ErrCode.MISSING_CONFIG_ID, ErrCode.INVALID_CONFIG_ID),
    sample={"config_id": "7a06f5ef20a87748269301ee982df3e3"},
)
def get_join_way(call: Call, body: ConfigIdRequest) -> JoinWayReply:
    """获取客户群进群方式配置 / Get a join way

    qr_code is the URL of the image, or of the plugin in scene 1. room_base_name and room_base_id are
    returned only if the way creates groups.
    """
    way = _own_way(call, body.config_id)
    page = f"{call.request.base_url}{PAGE}/{way.corp_id}/{way.config_id}"
    shape: JoinWayShape = {
        "config_id": way.config_id,
        "scene": way.scene,
        "remark": way.remark,
        "auto_create_room": int(way.auto_create_room),
        "room_base_name": way.room_base_name,
        "room_base_id": way.room_base_id,
        "chat_id_list": way.chat_ids,
        "qr_code": qr.address(call.request.base_url, page, PIXELS) if way.scene == QR_CODE else page,
        "state": way.state,
        "mark_source": way.mark_source,
    }
    if not way.auto_create_room:
        del shape["room_base_name"], shape["room_base_id"]
    return {"join_way": shape}


def _own_way(call: Call, config_id: str, *, lock: bool = False) -> GroupJoinWay:
    """Returns the way; `lock` locks it until the call is answered. Raises 41044, also for another app's."""
    way = call.db.session.get(GroupJoinWay, (call.corp_id, config_id), with_for_update=lock or None)
    if way is None or way.created_by != call.agentid:
        detail = f"app {call.agentid} made no join way {config_id!r}, or deleted it"
        raise Refusal(ErrCode.INVALID_CONFIG_ID, detail=detail)
    return way


# --- 更新客户群进群方式配置 ------------------------------------------------------------------------------


class UpdateJoinWayRequest(JoinWayRequest):
    config_id: str = required(ErrCode.MISSING_CONFIG_ID)


@family.post(
    "/cgi-bin/externalcontact/groupchat/update_join_way",
    doc="92229",
    meter="customer.write",
    permission=Permission.JOIN_WAY,
    errors=(*WAY_ERRORS, ErrCode.MISSING_CONFIG_ID, ErrCode.INVALID_CONFIG_ID),
    sample={"config_id": "d4b3bff3fd551cfcbf93ad5aa7c8a168", **SAMPLE, "remark": "bb_remark"},
)
def update_join_way(call: Call, body: UpdateJoinWayRequest) -> Done:
    """更新客户群进群方式配置 / Change a join way

    Replaces the whole way: absent fields get their default.
    """
    _write(call, _own_way(call, body.config_id, lock=True), body)
    return {}


# --- 删除客户群进群方式配置 ------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/groupchat/del_join_way",
    doc="92229",
    meter="customer.write",
    permission=Permission.JOIN_WAY,
    errors=(ErrCode.MISSING_CONFIG_ID, ErrCode.INVALID_CONFIG_ID),
    sample={"config_id": "c575cb15f0ae25cb260095cbdbffa4f1"},
)
def del_join_way(call: Call, body: ConfigIdRequest) -> Done:
    """删除客户群进群方式配置 / Delete a join way

    The code stops working; groups and people stay.
    """
    call.db.session.delete(_own_way(call, body.config_id, lock=True))
    quota.give_back_lasting(call)
    return {}
