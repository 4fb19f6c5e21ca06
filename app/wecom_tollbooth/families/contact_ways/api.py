"""「联系我」: permanent and temporary QR codes and mini-program buttons by which customers add members.

Source: page 92228 (2026-08). Numbers, texts, lists and conclusions that are zero or empty count as absent,
because Go clients send unset fields that way.
"""

from typing import NotRequired

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.contact_ways import quota
from wecom_tollbooth.families.contact_ways.conclusions import ConclusionsShape, shown
from wecom_tollbooth.families.contact_ways.family import family
from wecom_tollbooth.families.contact_ways.fields import QR_CODE, SINGLE, WAY_ERRORS, WayRequest, write
from wecom_tollbooth.families.contact_ways.qr_code import image_address
from wecom_tollbooth.families.contact_ways.tables import CONTACT_WAY, ContactWay
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import UINT32, Done, RequestModel, optional, required, required_number
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.clock import DAY

SAMPLE_CONCLUSIONS = {
    "text": {"content": "文本消息内容"},
    "image": {"media_id": "MEDIA_ID"},
    "link": {
        "title": "消息标题",
        "picurl": "https://example.pic.com/path",
        "desc": "消息描述",
        "url": "https://example.link.com/path",
    },
    "miniprogram": {
        "title": "消息标题",
        "pic_media_id": "MEDIA_ID",
        "appid": "wx8bd80126147dfAAA",
        "page": "/path/index.html",
    },
}


# --- 配置客户联系「联系我」方式 --------------------------------------------------------------------


class AddContactWayRequest(WayRequest):
    type: int = required_number(ErrCode.MISSING_CONTACT_WAY_TYPE, doc="1 one member, 2 several")
    scene: int = required_number(ErrCode.MISSING_CONTACT_WAY_SCENE, doc="1 mini-program button, 2 QR code")
    is_temp: bool | None = optional(doc="temporary session, with one member; default false")
    is_exclusive: bool | None = optional(doc="customers of one external corp all come to the same member")


class AddContactWayReply(TypedDict):
    config_id: str
    qr_code: NotRequired[str]


@family.post(
    "/cgi-bin/externalcontact/add_contact_way",
    doc="92228",
    meter="customer.write",
    permission=Permission.CONTACT_WAY,
    errors=(
        ErrCode.MISSING_CONTACT_WAY_TYPE,
        ErrCode.INVALID_CONTACT_WAY_TYPE,
        ErrCode.MISSING_CONTACT_WAY_SCENE,
        ErrCode.INVALID_CONTACT_WAY_SCENE,
        *WAY_ERRORS,
        ErrCode.CONTACT_WAY_CAP_REACHED,
        ErrCode.API_FORBIDDEN,
    ),
    aliases=("/cgi-bin/crm/add_contact_way",),
    sample={
        "type": 1,
        "scene": 1,
        "style": 1,
        "remark": "渠道客户",
        "skip_verify": True,
        "state": "teststate",
        "user": ["zhangsan", "lisi", "wangwu"],
        "party": [2, 3],
        "is_temp": True,
        "expires_in": 86400,
        "chat_expires_in": 86400,
        "unionid": "oxTWIuGaIt6gTKsQRLau2M0AAAA",
        "is_exclusive": True,
        "mark_source": True,
        "conclusions": SAMPLE_CONCLUSIONS,
    },
)
def add_contact_way(call: Call, body: AddContactWayRequest) -> AddContactWayReply:
    """配置客户联系「联系我」方式 / Create a contact way

    Keep the config_id, which is needed for changes and deletion. `qr_code` is returned for scene 2 only. A
    temporary contact way has one member, ends once a customer was added through it, and is limited to the
    medical industry. A corp has at most 500,000, and 100,000 temporary ones a day. The page's sample
    breaks its own rules: type 1 with three members.
    """
    _refuse_wrong_kind(call, body)
    way = ContactWay(
        corp_id=call.corp_id,
        config_id=ids.draw(call.seed, "config_id", call.next_id(), 32, "0123456789abcdef"),
        created_by=call.agentid,
        created_at=call.now,
        type=body.type,
        scene=body.scene,
        is_temp=bool(body.is_temp),
        is_exclusive=bool(body.is_exclusive),
    )
    write(call, way, body)
    if way.is_temp:
        quota.take_temporary(call)
    else:
        quota.take_lasting(call)
    call.db.session.add(way)
    reply: AddContactWayReply = {"config_id": way.config_id}
    if way.scene == QR_CODE:
        reply["qr_code"] = image_address(call.request.base_url, way.corp_id, way.config_id)
    return reply


def _refuse_wrong_kind(call: Call, body: AddContactWayRequest) -> None:
    """Raises 41037 to 41040 (0 counts as missing), and refuses what a temporary contact way can't have."""
    for value, missing, invalid in (
        (body.type, ErrCode.MISSING_CONTACT_WAY_TYPE, ErrCode.INVALID_CONTACT_WAY_TYPE),
        (body.scene, ErrCode.MISSING_CONTACT_WAY_SCENE, ErrCode.INVALID_CONTACT_WAY_SCENE),
    ):
        if not value:
            raise Refusal(missing, detail="0 counts as absent; give 1 or 2")
        if value not in (1, 2):
            raise Refusal(invalid, detail=f"{value}: give 1 or 2")
    if not body.is_temp:
        return
    if not call.settings.medical_trade:
        raise Refusal(ErrCode.API_FORBIDDEN, detail="is_temp: the corp is not of the medical trade")
    if body.type != SINGLE:
        raise Refusal(ErrCode.INVALID_CONTACT_WAY_TYPE, detail="a temporary way has one member: type 1")


# --- 获取企业已配置的「联系我」方式 ----------------------------------------------------------------


class ConfigIdRequest(RequestModel):
    config_id: str = required(ErrCode.MISSING_CONFIG_ID)


class ContactWayShape(TypedDict):
    config_id: str
    type: int
    scene: int
    style: NotRequired[int]
    remark: str
    skip_verify: bool
    state: str
    qr_code: NotRequired[str]
    user: list[str]
    party: list[int]
    is_temp: bool
    is_exclusive: bool
    expires_in: NotRequired[int]
    chat_expires_in: NotRequired[int]
    unionid: NotRequired[str]
    mark_source: NotRequired[bool]
    conclusions: NotRequired[ConclusionsShape]


class GetContactWayReply(TypedDict):
    contact_way: ContactWayShape


@family.post(
    "/cgi-bin/externalcontact/get_contact_way",
    doc="92228",
    meter="customer.read",
    permission=Permission.CONTACT_WAY,
    errors=(ErrCode.MISSING_CONFIG_ID, ErrCode.INVALID_CONFIG_ID),
    aliases=("/cgi-bin/crm/get_contact_way",),
    sample={"config_id": "42b34949e138eb6e027c123cba77fad7"},
)
def get_contact_way(call: Call, body: ConfigIdRequest) -> GetContactWayReply:
    """获取企业已配置的「联系我」方式 / Get a contact way

    `style` is returned for scene 1, `qr_code` for scene 2; expiry, unionid and conclusions for temporary
    ones; an image in the conclusions as pic_url. An app can read those of every app; only the 营销获客
    app that created it gets mark_source.
    """
    way = _way(call, body.config_id)
    shape: ContactWayShape = {
        "config_id": way.config_id,
        "type": way.type,
        "scene": way.scene,
        "remark": way.remark,
        "skip_verify": way.skip_verify,
        "state": way.state,
        "user": way.users,
        "party": way.parties,
        "is_temp": way.is_temp,
        "is_exclusive": way.is_exclusive,
    }
    if way.scene == QR_CODE:
        shape["qr_code"] = image_address(call.request.base_url, way.corp_id, way.config_id)
    else:
        shape["style"] = way.style
    if way.is_temp:
        shape["expires_in"] = way.expires_in
        shape["chat_expires_in"] = way.chat_expires_in
        shape["unionid"] = way.unionid
        if way.conclusions:
            shape["conclusions"] = shown(call, way.conclusions)
    if call.app_kind == AppKind.MARKETING and way.created_by == call.agentid:
        shape["mark_source"] = way.mark_source
    return {"contact_way": shape}


def _way(call: Call, config_id: str, *, lock: bool = False) -> ContactWay:
    """Returns the contact way; with `lock`, locked until the call is answered. Raises 41044."""
    way = call.db.session.get(ContactWay, (call.corp_id, config_id), with_for_update=lock or None)
    if way is None:
        raise Refusal(
            ErrCode.INVALID_CONFIG_ID, detail=f"this corp has no contact way {config_id!r}, or no longer"
        )
    return way


def _own_way(call: Call, config_id: str) -> ContactWay:
    """Returns the calling app's own contact way, locked until the call is answered. Raises 41044."""
    way = _way(call, config_id, lock=True)
    if way.created_by != call.agentid:
        raise Refusal(
            ErrCode.INVALID_CONFIG_ID, detail=f"app {way.created_by} made it, not app {call.agentid}"
        )
    return way


# --- 获取企业已配置的「联系我」列表 ----------------------------------------------------------------

_LISTED = CompiledStatement(
    sa.select(CONTACT_WAY.c.created_at, CONTACT_WAY.c.config_id)
    .where(
        CONTACT_WAY.c.corp_id == bindparam("corp_id"),
        CONTACT_WAY.c.is_temp.is_(False),
        sa.tuple_(CONTACT_WAY.c.created_at, CONTACT_WAY.c.config_id)
        > sa.tuple_(bindparam("after_time"), bindparam("after_config_id")),
        CONTACT_WAY.c.created_at <= bindparam("end_time"),
    )
    .order_by(CONTACT_WAY.c.created_at, CONTACT_WAY.c.config_id)
    .limit(bindparam("limit"))
)
LIST_DEFAULT, LIST_MAX = 100, 1000
LISTED_DAYS = 90
LISTED_SINCE = 1_625_846_400
"""2021-07-10 in Asia/Shanghai: older contact ways are not listed."""


class ListContactWayRequest(RequestModel):
    start_time: int | None = optional(doc="of creation; default 90 days ago")
    end_time: int | None = optional(doc="of creation; default now")
    cursor: str | None = optional(doc="next_cursor of the page before")
    limit: int | None = optional(doc="default 100, at most 1000; a larger one counts as 1000")


class ListedContactWay(TypedDict):
    config_id: str


class ListContactWayReply(TypedDict):
    contact_way: list[ListedContactWay]
    next_cursor: str


@family.post(
    "/cgi-bin/externalcontact/list_contact_way",
    doc="92228",
    meter="customer.list",
    permission=Permission.CONTACT_WAY,
    errors=(ErrCode.INVALID_TIME_SPAN, ErrCode.INVALID_CURSOR),
    aliases=("/cgi-bin/crm/list_contact_way",),
    sample={"start_time": 1622476800, "end_time": 1625068800, "cursor": "CURSOR", "limit": 1000},
)
def list_contact_way(call: Call, body: ListContactWayRequest) -> ListContactWayReply:
    """获取企业已配置的「联系我」列表 / List contact ways

    Lists the corp's permanent ways, of all apps, created in the given time, oldest first; ways from before
    2021-07-10 are not listed. `next_cursor` is empty on the last page.
    """
    limit = LIST_DEFAULT if not body.limit or body.limit < 0 else min(body.limit, LIST_MAX)
    query = [body.start_time, body.end_time]
    if body.cursor:
        end_time, after_time, after_config_id = position_of(call, query, body.cursor)
    else:
        start_time = body.start_time or call.now - LISTED_DAYS * DAY
        end_time = body.end_time or call.now
        if not 0 <= start_time <= end_time <= UINT32:
            raise Refusal(ErrCode.INVALID_TIME_SPAN, detail=f"from {start_time} to {end_time} is no span")
        after_time, after_config_id = max(start_time, LISTED_SINCE), ""
    rows = _LISTED.all(
        call.db,
        corp_id=call.corp_id,
        after_time=after_time,
        after_config_id=after_config_id,
        end_time=end_time,
        limit=limit + 1,
    )
    return {
        "contact_way": [{"config_id": config_id} for _, config_id in rows[:limit]],
        "next_cursor": make_cursor(call, query, [end_time, *rows[limit - 1]]) if len(rows) > limit else "",
    }


# --- 更新企业已配置的「联系我」方式 ----------------------------------------------------------------


class UpdateContactWayRequest(WayRequest):
    config_id: str = required(ErrCode.MISSING_CONFIG_ID)


@family.post(
    "/cgi-bin/externalcontact/update_contact_way",
    doc="92228",
    meter="customer.write",
    permission=Permission.CONTACT_WAY,
    errors=(ErrCode.MISSING_CONFIG_ID, ErrCode.INVALID_CONFIG_ID, *WAY_ERRORS),
    aliases=("/cgi-bin/crm/update_contact_way",),
    sample={
        "config_id": "42b34949e138eb6e027c123cba77fAAA",
        "remark": "渠道客户",
        "skip_verify": True,
        "style": 1,
        "state": "teststate",
        "user": ["zhangsan", "lisi", "wangwu"],
        "party": [2, 3],
        "expires_in": 86400,
        "chat_expires_in": 86400,
        "unionid": "oxTWIuGaIt6gTKsQRLau2M0AAAA",
        "mark_source": True,
        "conclusions": {
            **SAMPLE_CONCLUSIONS,
            "miniprogram": {**SAMPLE_CONCLUSIONS["miniprogram"], "page": "/path/index"},
        },
    },
)
def update_contact_way(call: Call, body: UpdateContactWayRequest) -> Done:
    """更新企业已配置的「联系我」方式 / Change a contact way

    Given values replace the stored ones, lists as a whole; absent and empty values change nothing. Type,
    scene, is_temp and is_exclusive cannot change. Only the app that created it can update it, and a
    temporary one only until it ends.
    """
    way = _own_way(call, body.config_id)
    if way.ended_at(call.now) is not None:
        raise Refusal(ErrCode.INVALID_CONFIG_ID, detail="the temporary way is over and cannot be edited")
    write(call, way, body)
    call.db.session.add(way)
    return {}


# --- 删除企业已配置的「联系我」方式 ----------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/del_contact_way",
    doc="92228",
    meter="customer.write",
    permission=Permission.CONTACT_WAY,
    errors=(ErrCode.MISSING_CONFIG_ID, ErrCode.INVALID_CONFIG_ID),
    aliases=("/cgi-bin/crm/del_contact_way",),
    sample={"config_id": "42b34949e138eb6e027c123cba77fAAA"},
)
def del_contact_way(call: Call, body: ConfigIdRequest) -> Done:
    """删除企业已配置的「联系我」方式 / Delete a contact way

    The code or button stops working.
    """
    way = _own_way(call, body.config_id)
    call.db.session.delete(way)
    if not way.is_temp:
        quota.give_back_lasting(call)
    return {}
