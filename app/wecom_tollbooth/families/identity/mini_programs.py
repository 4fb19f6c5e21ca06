"""小程序登录: who opened a mini-program in the client (pages 91506 and 91507, 2026-02)."""

import base64
from typing import Any

from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import MEMBER_APPS
from wecom_tollbooth.corps.apps import the_app
from wecom_tollbooth.families.directory.lookup import member_row
from wecom_tollbooth.families.directory.tables import ACTIVE
from wecom_tollbooth.families.identity.codes import MINI_PROGRAM, issue_code, take_code
from wecom_tollbooth.families.identity.family import family
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act

GRANT_TYPE = "authorization_code"
KEY_BYTES = 16
HEX = "0123456789abcdef"


class LoginRequest(RequestModel):
    js_code: str = required(ErrCode.MISSING_OAUTH_CODE, doc="of wx.qy.login; good once, for 5 minutes")
    grant_type: str = required(doc=f"{GRANT_TYPE}, the only one")


class SessionReply(TypedDict):
    corpid: str
    userid: str
    session_key: str


@family.get(
    "/cgi-bin/miniprogram/jscode2session",
    doc="91507",
    meter="directory.read",
    permission=Permission.VISITORS,
    errcode_last=True,
    errors=(ErrCode.MISSING_OAUTH_CODE, ErrCode.INVALID_OAUTH_CODE, ErrCode.INVALID_PARAMETER),
    sample={"js_code": "CODE", "grant_type": GRANT_TYPE},
)
def jscode2session(call: Call, query: LoginRequest) -> SessionReply:
    """小程序登录 code2Session / Log in from a mini program (code2Session)

    Who opened the mini-program, and a session_key of this login. The token is that of the app that the
    mini-program belongs to. A code is good once, for 5 minutes; the act `member_opens_mini_program`
    gives one.
    """
    if query.grant_type != GRANT_TYPE:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            "grant_type invalid",
            detail=f"grant_type {query.grant_type[:60]!r} is not {GRANT_TYPE}, the only one",
        )
    code = take_code(call, query.js_code, MINI_PROGRAM)
    if code.agentid != call.agentid:
        raise Refusal(
            ErrCode.INVALID_OAUTH_CODE,
            detail=f"the code is of the mini-program of app {code.agentid}, not of {call.agentid}",
        )
    key = call.draw("session_key", 2 * KEY_BYTES, HEX)
    return {
        "corpid": call.corp_id,
        "userid": code.person,
        "session_key": base64.b64encode(bytes.fromhex(key)).decode(),
    }


class MiniProgramOpened(ActModel):
    userid: str
    agentid: int


@act("member_opens_mini_program")
def member_opens_mini_program(act: Act, body: MiniProgramOpened) -> dict[str, Any]:
    """成员打开应用的小程序 / A member opens an app's mini-program, whose wx.qy.login gives a code."""
    member = member_row(act, body.userid)
    app = the_app(act, body.agentid)
    if app.kind not in MEMBER_APPS or not app.enabled:
        raise ActRefused(f"app {body.agentid} is not an enabled app that members open")
    if member.status != ACTIVE:
        raise ActRefused(f"{member.userid} is not active or was disabled")
    code = issue_code(act, member.userid, is_member=True, scope=MINI_PROGRAM, host="", agentid=app.agentid)
    return {"userid": member.userid, "code": code}
