"""学校通知: how parents come to follow the notices of a school."""

import sqlalchemy as sa
from typing_extensions import TypedDict

from app.db import upsert
from app.families.school_notices.tables import SchoolNotice
from app.gateway.call import Call
from app.gateway.errcodes import ErrCode, Refusal
from app.gateway.operation import Family
from app.gateway.permissions import Permission
from app.gateway.shapes import Done, RequestModel, required_number
from app.world import ids, qr

family = Family("school_notices", "学校通知", "School notices")

NOTICE: sa.Table = SchoolNotice.__table__  # type: ignore[attr-defined]

MAY_JOIN, MAY_NOT_JOIN = 1, 2
BIG, MIDDLE, THUMB = 1200, 430, 258
"""Sides of the three images, pixels (page 92320)."""


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
    """获取「学校通知」二维码

    Addresses of one QR code, the same at every call, in three sizes. Errors: 43009.
    """
    _refuse_unverified(call)
    code = ids.draw(call.settings.seed, f"school_notice/{call.corp_id}", 0, 16)
    text = f"https://work.weixin.qq.com/school/subscribe/{code}"
    return {
        "qrcode_big": qr.address(call.request.base_url, text, BIG),
        "qrcode_middle": qr.address(call.request.base_url, text, MIDDLE),
        "qrcode_thumb": qr.address(call.request.base_url, text, THUMB),
    }


def _refuse_unverified(call: Call) -> None:
    """43009 while the corps of this server count as unverified (setting corp_verified)."""
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
    """设置关注「学校通知」的模式

    Whether parents may join by scanning and filling in. Errors: 65001 (neither 1 nor 2), 43009.
    """
    _refuse_unverified(call)
    if body.subscribe_mode not in (MAY_JOIN, MAY_NOT_JOIN):
        raise Refusal(ErrCode.INVALID_SUBSCRIBE_MODE, detail=f"{body.subscribe_mode} is neither 1 nor 2")
    call.db.execute(
        upsert(call.db.dialect, NOTICE, ["corp_id"]),
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
    """获取关注「学校通知」的模式

    1 until it was set. Errors: 43009.
    """
    _refuse_unverified(call)
    stored = sa.select(NOTICE.c.subscribe_mode).where(NOTICE.c.corp_id == call.corp_id)
    return {"subscribe_mode": call.db.execute(stored).scalar() or MAY_JOIN}
