"""获取访问用户敏感信息: what a member agreed to show (page 95833, 2026-08)."""

from typing import NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import find_member
from wecom_tollbooth.families.directory.members.private_fields import biz_mails, private_fields
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.identity.family import family
from wecom_tollbooth.families.identity.tables import UserTicket
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required
from wecom_tollbooth.world.clock import MINUTE

TICKET_SECONDS = 30 * MINUTE


class DetailRequest(RequestModel):
    user_ticket: str = required(ErrCode.MISSING_USER_TICKET, doc="of auth/getuserinfo; good for 30 minutes")


class DetailReply(TypedDict):
    userid: str
    gender: str
    mobile: NotRequired[str]
    email: NotRequired[str]
    biz_mail: NotRequired[str]
    avatar: NotRequired[str]
    qr_code: NotRequired[str]
    address: NotRequired[str]


@family.post(
    "/cgi-bin/auth/getuserdetail",
    doc="95833",
    meter="directory.read",
    permission=Permission.VISITORS,
    errors=(
        ErrCode.MISSING_USER_TICKET,
        ErrCode.INVALID_USER_TICKET,
        ErrCode.USER_TICKET_EXPIRED,
        ErrCode.USERID_NOT_FOUND,
        ErrCode.NO_PRIVILEGE,
    ),
    sample={"user_ticket": "USER_TICKET"},
)
def getuserdetail(call: Call, body: DetailRequest) -> DetailReply:
    """获取访问用户敏感信息 / Get the sensitive data of a visitor

    The fields that the member agreed to show on the login page: gender, mobile, email, biz_mail, avatar,
    qr_code and address; one that the member doesn't have is empty.
    """
    ticket = call.db.session.get(UserTicket, (call.corp_id, body.user_ticket))
    if ticket is None or ticket.agentid != call.agentid:
        raise Refusal(
            ErrCode.INVALID_USER_TICKET, detail="auth/getuserinfo gave this app no such user_ticket"
        )
    age = call.now - ticket.issued_at
    if age > TICKET_SECONDS:
        raise Refusal(
            ErrCode.USER_TICKET_EXPIRED,
            detail=f"the ticket is {age} s old; it is good for {TICKET_SECONDS} s",
        )
    if find_member(call, ticket.userid) is None:
        raise Refusal(ErrCode.USERID_NOT_FOUND, detail=f"{ticket.userid} is no longer in the corp")
    seen = visible_userids(call)
    if seen is not None and ticket.userid not in seen:
        raise Refusal(ErrCode.NO_PRIVILEGE, detail=f"{ticket.userid} is outside the app's visible range")
    query = sa.select(MEMBER.c.mobile, MEMBER.c.email, MEMBER.c.profile).where(
        MEMBER.c.corp_id == call.corp_id, MEMBER.c.userid == ticket.userid
    )
    member = call.db.execute(query).one()
    biz_mail = biz_mails(call, [ticket.userid]).get(ticket.userid, "")
    shown = private_fields(
        call, call.request.base_url, ticket.userid, member.mobile, member.email, biz_mail, member.profile
    )
    return {
        "userid": ticket.userid,
        "gender": shown["gender"],
        "avatar": shown["avatar"],
        "qr_code": shown["qr_code"],
        "mobile": shown["mobile"],
        "email": shown["email"],
        "biz_mail": shown["biz_mail"],
        "address": shown["address"],
    }
