"""Login codes: issued by the login pages, taken once by the app (pages 91022 and 91023, 2026-08)."""

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.identity.tables import LOGIN_CODE, LoginCode
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.clock import MINUTE
from wecom_tollbooth.world.context import Context

SECONDS_VALID = 5 * MINUTE
LENGTH = 43
BASE, PRIVATE_INFO = "snsapi_base", "snsapi_privateinfo"
WEB = "web_login"
"""`scope` of a code of the QR login, which never brings a user_ticket."""
MINI_PROGRAM = "mini_program"
"""`scope` of a js_code of wx.qy.login."""
VERIFICATION = "second_verification"
"""`scope` of a code that the page of the second verification gets."""
ONLY_FOR = {
    MINI_PROGRAM: "miniprogram/jscode2session",
    VERIFICATION: "auth/get_tfa_info",
}
"""Codes that no other operation takes, by their scope."""

_TAKE = CompiledStatement(
    sa.update(LOGIN_CODE)
    .where(
        LOGIN_CODE.c.corp_id == bindparam("corp"),
        LOGIN_CODE.c.code == bindparam("given"),
        LOGIN_CODE.c.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
)


def issue_code(
    context: Context, person: str, *, is_member: bool, scope: str, host: str, agentid: int | None
) -> str:
    """A new code for the person who logs in on the page of `host`."""
    code = context.draw("login_code", LENGTH)
    context.db.session.add(
        LoginCode(
            corp_id=context.corp_id,
            code=code,
            agentid=agentid,
            person=person,
            is_member=is_member,
            scope=scope,
            host=host,
            issued_at=context.now,
        )
    )
    context.db.flush()
    return code


def take_code(call: Call, code: str, *scopes: str) -> LoginCode:
    """The code, which works no more from now on. Raises 40029.

    With `scopes`, it has one of them; otherwise it is of a login page.
    """
    found = call.db.session.get(LoginCode, (call.corp_id, code))
    if found is None:
        raise Refusal(ErrCode.INVALID_OAUTH_CODE, detail="no login page handed out this code")
    if found.scope not in scopes if scopes else found.scope in ONLY_FOR:
        raise Refusal(
            ErrCode.INVALID_OAUTH_CODE,
            detail=f"the code is for {ONLY_FOR.get(found.scope, 'auth/getuserinfo')}, not for this operation",
        )
    if call.now - found.issued_at > SECONDS_VALID:
        raise Refusal(
            ErrCode.INVALID_OAUTH_CODE,
            detail=f"the code is {call.now - found.issued_at} s old; it is good for {SECONDS_VALID} s",
        )
    if not _TAKE.run(call.db, corp=call.corp_id, given=code, now=call.now):
        raise Refusal(ErrCode.INVALID_OAUTH_CODE, detail="the code was used already; it is good once")
    return found
