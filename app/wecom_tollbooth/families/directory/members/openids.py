"""userid与openid互换 (page 90202, 2026-02)."""

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.family import family
from wecom_tollbooth.families.directory.lookup import the_visible_member
from wecom_tollbooth.families.directory.tables import (
    DISABLED,
    MEMBER,
    MEMBER_OPENID,
    NOT_ACTIVATED,
)
from wecom_tollbooth.families.directory.visibility import sees
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required

# --- userid转openid -------------------------------------------------------------------------------------


class UseridRequest(RequestModel):
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64)


class OpenidReply(TypedDict):
    openid: str


@family.post(
    "/cgi-bin/user/convert_to_openid",
    doc="90202",
    meter="directory.read",
    permission=Permission.DIRECTORY_IDS,
    errors=(
        ErrCode.MISSING_USERID,
        ErrCode.INVALID_PARAMETER,
        ErrCode.USERID_NOT_FOUND,
        ErrCode.NO_PRIVILEGE,
        ErrCode.NOT_BOUND_TO_WECHAT,
    ),
    sample={"userid": "zhangsan"},
)
def convert_to_openid(call: Call, body: UseridRequest) -> OpenidReply:
    """userid 转换为 openid / Convert userid to openid

    The openid of a member in the visible range, for payments; the same in every call. The member must have
    logged in with WeChat, as everybody has who was ever active here.
    """
    userid = the_visible_member(call, body.userid, unknown=ErrCode.USERID_NOT_FOUND).userid
    statuses = sa.select(MEMBER.c.status, MEMBER.c.status_when_enabled).where(
        MEMBER.c.corp_id == call.corp_id, MEMBER.c.userid == userid
    )
    row = call.db.execute(statuses).one()
    if NOT_ACTIVATED in (row.status, row.status_when_enabled if row.status == DISABLED else None):
        raise Refusal(ErrCode.NOT_BOUND_TO_WECHAT, detail=f"{userid} was never activated")
    known = call.db.execute(
        sa.select(MEMBER_OPENID.c.openid).where(
            MEMBER_OPENID.c.corp_id == call.corp_id, MEMBER_OPENID.c.userid == userid
        )
    ).scalar()
    if known is not None:
        return {"openid": known}
    openid = "o" + call.draw("member_openid", 27)
    call.db.execute(sa.insert(MEMBER_OPENID).values(corp_id=call.corp_id, userid=userid, openid=openid))
    return {"openid": openid}


# --- openid转userid -------------------------------------------------------------------------------------


class OpenidRequest(RequestModel):
    openid: str = required(ErrCode.INVALID_OPENID)


class UseridReply(TypedDict):
    userid: str


@family.post(
    "/cgi-bin/user/convert_to_userid",
    doc="90202",
    meter="directory.read",
    permission=Permission.DIRECTORY_IDS,
    errors=(ErrCode.INVALID_OPENID, ErrCode.NO_PRIVILEGE),
    sample={"openid": "oDjGHs-1yCnGrRovBj2yHij5JAAA"},
)
def convert_to_userid(call: Call, body: OpenidRequest) -> UseridReply:
    """openid 转换为 userid / Convert openid to userid

    The member in the visible range whose openid user/convert_to_openid returned.
    """
    userid = call.db.execute(
        sa.select(MEMBER_OPENID.c.userid).where(
            MEMBER_OPENID.c.corp_id == call.corp_id, MEMBER_OPENID.c.openid == body.openid
        )
    ).scalar()
    if userid is None:
        raise Refusal(ErrCode.INVALID_OPENID, detail="no member of this corp has this openid")
    if not sees(call, userid):
        raise Refusal(ErrCode.NO_PRIVILEGE, detail=f"{userid} is outside the app's visible range")
    return {"userid": userid}
