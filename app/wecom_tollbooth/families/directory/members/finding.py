"""手机号获取userid, 邮箱获取userid (pages 95402 and 95895, 2026-02)."""

import sqlalchemy as sa

from wecom_tollbooth.billing.ledger import day_number
from wecom_tollbooth.billing.tables import USAGE_TOTAL
from wecom_tollbooth.families.directory.family import family
from wecom_tollbooth.families.directory.members.openids import UseridReply
from wecom_tollbooth.families.directory.rules import canonical_email, canonical_mobile
from wecom_tollbooth.families.directory.tables import BIZ_MAIL, MEMBER
from wecom_tollbooth.families.directory.visibility import sees
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required

WRONG_PER_CENT = 20
"""Of the corp's member cap: so many wrong guesses on a day are allowed."""
BIZ, PERSONAL = 1, 2
MOBILE_BYTES = range(5, 33)


# --- 手机号获取userid -----------------------------------------------------------------------------------


class MobileRequest(RequestModel):
    mobile: str = required(ErrCode.INVALID_MOBILE, doc="5 to 32 bytes")


@family.post(
    "/cgi-bin/user/getuserid",
    doc="91693",
    meter="directory.read",
    permission=Permission.DIRECTORY_IDS,
    errors=(ErrCode.INVALID_MOBILE, ErrCode.USER_NOT_FOUND, ErrCode.FREQUENCY_LIMIT),
    sample={"mobile": "13430388888"},
)
def get_userid_by_mobile(call: Call, body: MobileRequest) -> UseridReply:
    """手机号获取 userid / Find a userid by phone number

    The member in the visible range with this number. After wrong numbers on a day for over 20% of the corp's
    member cap, the rest of the day answers 45009.
    """
    _refuse_guessing(call)
    mobile = canonical_mobile(body.mobile) if len(body.mobile.encode()) in MOBILE_BYTES else None
    if mobile is None:
        raise Refusal(ErrCode.INVALID_MOBILE, detail=f"mobile: {body.mobile[:60]!r} is no number")
    query = sa.select(MEMBER.c.userid).where(MEMBER.c.corp_id == call.corp_id, MEMBER.c.mobile == mobile)
    return {"userid": _found(call, call.db.execute(query).scalar())}


# --- 邮箱获取userid -------------------------------------------------------------------------------------


class EmailRequest(RequestModel):
    email: str = required(ErrCode.INVALID_EMAIL)
    email_type: int | None = optional(ge=BIZ, le=PERSONAL, doc="1: 企业邮箱, the default; 2: email")


@family.post(
    "/cgi-bin/user/get_userid_by_email",
    doc="95895",
    meter="directory.read",
    permission=Permission.DIRECTORY_IDS,
    errors=(
        ErrCode.INVALID_EMAIL,
        ErrCode.INVALID_PARAMETER,
        ErrCode.USER_NOT_FOUND,
        ErrCode.FREQUENCY_LIMIT,
    ),
    sample={"email": "12345@qq.com", "email_type": 1},
)
def get_userid_by_email(call: Call, body: EmailRequest) -> UseridReply:
    """邮箱获取 userid / Find a userid by e-mail address

    The member in the visible range with this 企业邮箱 or an alias of it, or with `email_type` 2 this email.
    Wrong addresses count as wrong numbers of user/getuserid do, apart from these.
    """
    _refuse_guessing(call)
    email = canonical_email(body.email)
    if email is None:
        raise Refusal(ErrCode.INVALID_EMAIL, detail=f"email: {body.email[:60]!r} is no address")
    if body.email_type == PERSONAL:
        query = sa.select(MEMBER.c.userid).where(MEMBER.c.corp_id == call.corp_id, MEMBER.c.email == email)
    else:
        query = sa.select(BIZ_MAIL.c.userid).where(
            BIZ_MAIL.c.corp_id == call.corp_id, BIZ_MAIL.c.address == email
        )
    return {"userid": _found(call, call.db.execute(query).scalar())}


# --- both -----------------------------------------------------------------------------------------------


def _found(call: Call, userid: str | None) -> str:
    """Raises 46004 for nobody, and for a member outside the visible range: nothing is given away."""
    if userid is None or not sees(call, userid):
        raise Refusal(ErrCode.USER_NOT_FOUND, detail="no member whom the app sees has it")
    return userid


def _refuse_guessing(call: Call) -> None:
    """Raises 45009 if the operation answered 46004 too often today."""
    if not call.settings.rate_limits:
        return
    wrong = sa.select(sa.func.sum(USAGE_TOTAL.c.quantity)).where(
        USAGE_TOTAL.c.corp_id == call.corp_id,
        USAGE_TOTAL.c.day == day_number(call.now),
        USAGE_TOTAL.c.meter == call.operation.meter,
        USAGE_TOTAL.c.operation == call.operation.path,
        USAGE_TOTAL.c.errcode == ErrCode.USER_NOT_FOUND,
    )
    count = int(call.db.execute(wrong).scalar() or 0)
    if count * 100 > call.settings.member_cap * WRONG_PER_CENT:
        raise Refusal(
            ErrCode.FREQUENCY_LIMIT,
            detail=f"{count} wrong guesses today are over {WRONG_PER_CENT}% of the corp's member cap",
        )
