"""学校通知: how parents subscribe to a school's notices, and their external_userids."""

from typing import NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction, upsert
from wecom_tollbooth.families.school_notices.tables import (
    SCHOOL_NOTICE,
    SCHOOL_PARENT,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import Family
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, required, required_number
from wecom_tollbooth.world import ids, qr

family = Family("school_notices", "学校通知", "School notices")


MAY_JOIN, MAY_NOT_JOIN = 1, 2
BIG, MIDDLE, THUMB = 1200, 430, 258
"""Pixels per side of the three images (page 92320)."""


# --- 获取「学校通知」二维码 -------------------------------------------------------------------------------


class QrCodeReply(TypedDict):
    qrcode_big: str
    qrcode_middle: str
    qrcode_thumb: str


@family.get(
    "/cgi-bin/externalcontact/get_subscribe_qr_code",
    doc="92320",
    meter="customer.read",
    permission=Permission.SCHOOL_NOTICE,
    errors=(ErrCode.CORP_NOT_VERIFIED,),
)
def get_subscribe_qr_code(call: Call, query: RequestModel) -> QrCodeReply:
    """获取「学校通知」二维码 / Get the QR code of school notices

    URLs of one QR code in three sizes, the same in every call. Needs the setting corp_verified.
    """
    _refuse_unverified(call)
    code = ids.draw(call.seed, f"school_notice/{call.corp_id}", 0, 16)
    text = f"https://work.weixin.qq.com/school/subscribe/{code}"
    return {
        "qrcode_big": qr.address(call.request.base_url, text, BIG),
        "qrcode_middle": qr.address(call.request.base_url, text, MIDDLE),
        "qrcode_thumb": qr.address(call.request.base_url, text, THUMB),
    }


def _refuse_unverified(call: Call) -> None:
    """Raises 43009 if the setting corp_verified is off."""
    if not call.settings.corp_verified:
        raise Refusal(ErrCode.CORP_NOT_VERIFIED, detail="TOLLBOOTH_CORP_VERIFIED is off")


# --- 设置关注「学校通知」的模式 ----------------------------------------------------------------------------


class SetModeRequest(RequestModel):
    subscribe_mode: int = required_number(ErrCode.INVALID_SUBSCRIBE_MODE, doc="1 may join, 2 may not")


@family.post(
    "/cgi-bin/externalcontact/set_subscribe_mode",
    doc="92318",
    meter="customer.write",
    permission=Permission.SCHOOL_NOTICE,
    errors=(ErrCode.INVALID_SUBSCRIBE_MODE, ErrCode.CORP_NOT_VERIFIED),
    sample={"subscribe_mode": 1},
)
def set_subscribe_mode(call: Call, body: SetModeRequest) -> Done:
    """设置关注「学校通知」的模式 / Set how school notices are subscribed to

    Whether parents may subscribe by scanning the code and filling in a form. Needs the setting corp_verified.
    """
    _refuse_unverified(call)
    if body.subscribe_mode not in (MAY_JOIN, MAY_NOT_JOIN):
        raise Refusal(ErrCode.INVALID_SUBSCRIBE_MODE, detail=f"{body.subscribe_mode} is neither 1 nor 2")
    call.db.execute(
        upsert(call.db.dialect, SCHOOL_NOTICE, ["corp_id"]),
        {"corp_id": call.corp_id, "subscribe_mode": body.subscribe_mode},
    )
    return {}


# --- 获取关注「学校通知」的模式 ----------------------------------------------------------------------------


class GetModeReply(TypedDict):
    subscribe_mode: int


@family.get(
    "/cgi-bin/externalcontact/get_subscribe_mode",
    doc="92318",
    meter="customer.read",
    permission=Permission.SCHOOL_NOTICE,
    errors=(ErrCode.CORP_NOT_VERIFIED,),
)
def get_subscribe_mode(call: Call, query: RequestModel) -> GetModeReply:
    """获取关注「学校通知」的模式 / Get how school notices are subscribed to

    1 until it is set. Needs the setting corp_verified.
    """
    _refuse_unverified(call)
    return {"subscribe_mode": mode_of(call.db, call.corp_id)}


def mode_of(db: Transaction, corp_id: str) -> int:
    """The school's mode, by default MAY_JOIN: whether parents may subscribe by scanning."""
    stored = sa.select(SCHOOL_NOTICE.c.subscribe_mode).where(SCHOOL_NOTICE.c.corp_id == corp_id)
    return db.execute(stored).scalar() or MAY_JOIN


# --- 手机号转外部联系人ID（家校沟通） ----------------------------------------------------------------------


class MobilesRequest(RequestModel):
    mobiles: list[str] = required(max_items=100, doc="mobile numbers of parents, up to 100")


class ParentFound(TypedDict):
    mobile: str
    external_userid: str
    foreign_key: NotRequired[str]


class ParentNotFound(TypedDict):
    errcode: int
    errmsg: str
    mobile: str


class ParentsReply(TypedDict):
    success_list: list[ParentFound]
    fail_list: list[ParentNotFound]


@family.post(
    "/cgi-bin/externalcontact/batch_to_external_userid",
    doc="92506",
    checked=None,
    meter="customer.list",
    permission=Permission.SCHOOL_NOTICE,
    errors=(ErrCode.INVALID_PARAMETER, ErrCode.PARAMETERS_EMPTY),
    row_errors=(ErrCode.RECORD_NOT_FOUND,),
    sample={"mobiles": ["10000000000", "10000000001"]},
)
def batch_to_external_userid(call: Call, body: MobilesRequest) -> ParentsReply:
    """手机号转外部联系人ID（家校沟通） / Convert phone numbers to external_userid (schools)

    The parents who subscribed with these numbers; other numbers are in `fail_list`, with errcode 60136 each.
    """
    mobiles = list(dict.fromkeys(body.mobiles))
    query = sa.select(SCHOOL_PARENT).where(
        SCHOOL_PARENT.c.corp_id == call.corp_id, SCHOOL_PARENT.c.mobile.in_(mobiles)
    )
    parents = {row.mobile: row for row in call.db.execute(query)}
    reply: ParentsReply = {"success_list": [], "fail_list": []}
    for mobile in mobiles:
        parent = parents.get(mobile)
        if parent is None:
            code = ErrCode.RECORD_NOT_FOUND
            reply["fail_list"].append({"errcode": int(code), "errmsg": code.text, "mobile": mobile})
            continue
        found: ParentFound = {"mobile": mobile, "external_userid": parent.external_userid}
        if parent.foreign_key:
            found["foreign_key"] = parent.foreign_key
        reply["success_list"].append(found)
    return reply
