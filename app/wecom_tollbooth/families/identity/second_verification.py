"""二次验证: a page of the corp checks members before they may go on (pages 99499, 99500, 99521, 2026-02)."""

from typing import Any
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit, urlunsplit

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory import directory_events
from wecom_tollbooth.families.directory.acts import checked_range
from wecom_tollbooth.families.directory.lookup import FoundMember, member_row, the_member, the_visible_member
from wecom_tollbooth.families.directory.subscriptions import apps_may_change
from wecom_tollbooth.families.directory.tables import ACTIVE, DISABLED, MEMBER, NOT_ACTIVATED
from wecom_tollbooth.families.directory.visibility import members_in_range, sees
from wecom_tollbooth.families.identity.codes import BASE, PRIVATE_INFO, VERIFICATION, issue_code, take_code
from wecom_tollbooth.families.identity.family import family
from wecom_tollbooth.families.identity.tables import (
    TFA_CODE,
    LoginCode,
    TfaCode,
    UnverifiedMember,
    VerificationPage,
)
from wecom_tollbooth.families.phones.screens import CANCELLED, PASSED, WAITING, set_state, show, write_message
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, required
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act
from wecom_tollbooth.world.clock import MINUTE
from wecom_tollbooth.world.context import Context

TFA_SECONDS = 5 * MINUTE
TFA_LENGTH = 43
CONCURRENCY = 20
"""Calls of a corp that may be under way at once (pages 99499 and 99500)."""
OAUTH = "/connect/oauth2/authorize"
URL_CHARS = 1024


# --- 获取用户二次验证信息 --------------------------------------------------------------------------------


class TfaInfoRequest(RequestModel):
    code: str = required(ErrCode.MISSING_OAUTH_CODE, doc="that the page got; good once, for 5 minutes")


class TfaInfoReply(TypedDict):
    userid: str
    tfa_code: str


@family.post(
    "/cgi-bin/auth/get_tfa_info",
    doc="99499",
    meter="directory.read",
    permission=Permission.VERIFICATION,
    concurrency=CONCURRENCY,
    errors=(
        ErrCode.MISSING_OAUTH_CODE,
        ErrCode.INVALID_OAUTH_CODE,
        ErrCode.OUTSIDE_VERIFICATION,
        ErrCode.VERIFICATION_DOMAIN_DIFFERS,
        ErrCode.NO_VERIFICATION_PAGE,
    ),
    sample={"code": "CODE"},
)
def get_tfa_info(call: Call, body: TfaInfoRequest) -> TfaInfoReply:
    """获取用户二次验证信息 / Get the two-factor data of a user

    Who is to be verified, with a tfa_code that is good once, for 5 minutes. To the 通讯录同步 secret, or to
    the self-built app whose OAuth address is the page; the member is then in its visible range, and the code
    is of that app. The act `admin_sets_second_verification` sets the page, `member_meets_second_verification`
    leads a member to it.
    """
    page = call.db.session.get(VerificationPage, call.corp_id)
    if page is None:
        raise Refusal(
            ErrCode.NO_VERIFICATION_PAGE, detail="no admin has set a page (admin_sets_second_verification)"
        )
    code = take_code(call, body.code, BASE, PRIVATE_INFO, VERIFICATION)
    _refuse_foreign_code(call, code, page)
    if not code.is_member or not _concerns(call, page, code.person) or not sees(call, code.person):
        raise Refusal(
            ErrCode.OUTSIDE_VERIFICATION,
            detail=f"{code.person} is not in the range of the verification, or not in that of the app",
        )
    tfa_code = call.draw("tfa_code", TFA_LENGTH)
    call.db.session.add(
        TfaCode(
            corp_id=call.corp_id,
            tfa_code=tfa_code,
            agentid=call.agentid,
            userid=code.person,
            issued_at=call.now,
        )
    )
    return {"userid": code.person, "tfa_code": tfa_code}


def _refuse_foreign_code(call: Call, code: LoginCode, page: VerificationPage) -> None:
    """Raises 40029 for a code of another app, 40209 for one that went to a host other than the page's."""
    if call.app_kind == AppKind.CONTACTS_SYNC:
        return
    if code.agentid != call.agentid:
        raise Refusal(
            ErrCode.INVALID_OAUTH_CODE,
            detail=f"the code is for {f'app {code.agentid}' if code.agentid else 'no app'}, "
            f"not for {call.agentid}; the page must be an OAuth address of the app",
        )
    host = _target(page.url).netloc.lower()
    if code.host != host:
        raise Refusal(
            ErrCode.VERIFICATION_DOMAIN_DIFFERS, detail=f"the code went to {code.host}, the page is on {host}"
        )


def _concerns(context: Context, page: VerificationPage, userid: str) -> bool:
    members = members_in_range(context.db, context.corp_id, page.concerns)
    return members is None or userid in members


# --- 使用二次验证 ---------------------------------------------------------------------------------------

_USE = CompiledStatement(
    sa.update(TFA_CODE)
    .where(
        TFA_CODE.c.corp_id == bindparam("corp"),
        TFA_CODE.c.tfa_code == bindparam("given"),
        TFA_CODE.c.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
)


class TfaPassedRequest(RequestModel):
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64)
    tfa_code: str = required(doc="of auth/get_tfa_info; good once, for 5 minutes")


@family.post(
    "/cgi-bin/user/tfa_succ",
    doc="99500",
    meter="directory.write",
    permission=Permission.VERIFICATION,
    concurrency=CONCURRENCY,
    errors=(
        ErrCode.MISSING_USERID,
        ErrCode.USERID_NOT_FOUND,
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_TFA_CODE,
    ),
    sample={"userid": "zhangsan", "tfa_code": "TFA_CODE"},
)
def tfa_succ(call: Call, body: TfaPassedRequest) -> Done:
    """使用二次验证 / Finish the two-factor verification

    The member passes, and may use the client again.
    """
    member = the_member(call, body.userid, ErrCode.USERID_NOT_FOUND)
    found = call.db.session.get(TfaCode, (call.corp_id, body.tfa_code))
    if found is None or found.agentid != call.agentid or found.userid != member.userid:
        raise Refusal(
            ErrCode.INVALID_TFA_CODE,
            detail=f"auth/get_tfa_info answered no such code for {member.userid} to this app",
        )
    if call.now - found.issued_at > TFA_SECONDS:
        detail = f"the code is {call.now - found.issued_at} s old; it is good for {TFA_SECONDS} s"
        raise Refusal(ErrCode.INVALID_TFA_CODE, detail=detail)
    if not _USE.run(call.db, corp=call.corp_id, given=body.tfa_code, now=call.now):
        raise Refusal(ErrCode.INVALID_TFA_CODE, detail="the code was used already; it is good once")
    _pass(call, member.userid)
    return {}


def _pass(context: Context, userid: str) -> None:
    waiting = context.db.session.get(UnverifiedMember, (context.corp_id, userid))
    if waiting is not None:
        set_state(context, waiting.message_id, PASSED)
        context.db.session.delete(waiting)


# --- 登录二次验证 ---------------------------------------------------------------------------------------


class LoginPassedRequest(RequestModel):
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64)


@family.get(
    "/cgi-bin/user/authsucc",
    doc="90203",
    meter="directory.write",
    permission=Permission.VERIFICATION,
    errors=(ErrCode.MISSING_USERID, ErrCode.USERID_NOT_FOUND, ErrCode.NO_PRIVILEGE),
    sample={"userid": "zhangsan"},
)
def authsucc(call: Call, query: LoginPassedRequest) -> Done:
    """登录二次验证 / Finish the second verification of a login

    The member passes the verification of their login. Who comes into the corp for the first time becomes
    active: update_user, subscribe. A self-built app sees the member.
    """
    member = the_visible_member(call, query.userid, unknown=ErrCode.USERID_NOT_FOUND)
    if member.status == NOT_ACTIVATED:
        _activate(call, member)
    _pass(call, member.userid)
    return {}


def _activate(call: Call, member: FoundMember) -> None:
    before = directory_events.member_snapshot(call, member.userid)
    with apps_may_change(call, [member.userid]):
        call.db.execute(
            sa.update(MEMBER)
            .where(MEMBER.c.corp_id == call.corp_id, MEMBER.c.userid == member.userid)
            .values(status=ACTIVE, status_when_enabled=ACTIVE)
        )
    directory_events.member_changed(call, before, by_assistant=False)


# --- acts ------------------------------------------------------------------------------------------------


class SecondVerification(ActModel):
    url: str = Field(max_length=URL_CHARS)
    userid: list[str] = Field(default=[], max_length=1000)
    partyid: list[int] = Field(default=[], max_length=1000)
    everyone: bool = False


@act("admin_sets_second_verification")
def admin_sets_second_verification(act: Act, body: SecondVerification) -> dict[str, Any]:
    """管理员设置二次验证 / An admin sets the page of the second verification and whom it concerns."""
    found = act.db.session.get(VerificationPage, act.corp_id)
    if not body.url:
        if found is not None:
            act.db.session.delete(found)
        return {"url": ""}
    if not _is_address(body.url):
        raise ActRefused("url: give an http or https address, or an OAuth address with its redirect_uri")
    page = found or VerificationPage(corp_id=act.corp_id, url=body.url)
    page.url = body.url
    page.concerns = None if body.everyone else checked_range(act, body.userid, body.partyid)
    act.db.session.add(page)
    return {"url": page.url}


class MetVerification(ActModel):
    userid: str


@act("member_meets_second_verification")
def member_meets_second_verification(act: Act, body: MetVerification) -> dict[str, Any]:
    """成员触发二次验证 / A member is led to the page of the second verification, which gets a code."""
    page = act.db.session.get(VerificationPage, act.corp_id)
    if page is None:
        raise ActRefused("no admin has set a page; perform admin_sets_second_verification")
    member = member_row(act, body.userid)
    if member.status == DISABLED:
        raise ActRefused(f"{member.userid} was disabled")
    if not _concerns(act, page, member.userid):
        raise ActRefused(f"the verification doesn't concern {member.userid}")
    target = _target(page.url)
    agentid, state = _of_oauth(page.url)
    code = issue_code(
        act,
        member.userid,
        is_member=True,
        scope=VERIFICATION,
        host=target.netloc.lower(),
        agentid=agentid,
    )
    added = urlencode({"code": code} if state is None else {"code": code, "state": state})
    address = urlunsplit(target._replace(query=f"{target.query}&{added}" if target.query else added))
    _wait(act, member.userid, address)
    return {"userid": member.userid, "code": code, "address": address}


def _wait(act: Act, userid: str, address: str) -> None:
    """Shows the task on the member's phone; an earlier one is cancelled."""
    earlier = act.db.session.get(UnverifiedMember, (act.corp_id, userid))
    if earlier is not None:
        set_state(act, earlier.message_id, CANCELLED)
    message_id = write_message(act, "verification_task", userid, {"address": address})
    show(act, message_id, [userid], WAITING)
    waiting = earlier or UnverifiedMember(corp_id=act.corp_id, userid=userid, message_id=message_id)
    waiting.message_id = message_id
    act.db.session.add(waiting)


def _is_address(url: str) -> bool:
    try:
        target = _target(url)
        return target.scheme in ("http", "https") and bool(target.hostname)
    except ValueError:
        return False


def _target(url: str) -> SplitResult:
    """The page that gets the code: of an OAuth address its redirect_uri."""
    split = urlsplit(url)
    if split.path == OAUTH:
        return urlsplit(_first(split.query, "redirect_uri"))
    return split


def _of_oauth(url: str) -> tuple[int | None, str | None]:
    """agentid and state of an OAuth address; None where it has none, as of any other page."""
    split = urlsplit(url)
    if split.path != OAUTH:
        return None, None
    agentid, state = _first(split.query, "agentid"), _first(split.query, "state")
    return (int(agentid) if agentid.isdecimal() and len(agentid) < 19 else None), state


def _first(query: str, name: str) -> str:
    return parse_qs(query).get(name, [""])[0]
