"""config, agentConfig and checkJsApi: who the page is and what it may call (pages 90509, 90514, 94313)."""

from typing import Any

from wecom_tollbooth.client import domains, signatures
from wecom_tollbooth.client.earlier_calls import earlier
from wecom_tollbooth.client.framed_pages import real_address
from wecom_tollbooth.client.functions.registry import (
    DETAILS,
    FUNCTIONS,
    Failed,
    Invocation,
    failed,
    function,
    text_of,
    web_name,
)
from wecom_tollbooth.client.functions.rights import customer_right_problem
from wecom_tollbooth.client.problems import Problem
from wecom_tollbooth.client.signatures import Signed
from wecom_tollbooth.client.tickets import OF_THE_CORP, right_ticket, suspects
from wecom_tollbooth.corps.app_kinds import MEMBER_APPS, THIRD_PARTY_APPS
from wecom_tollbooth.corps.tables import App
from wecom_tollbooth.families.directory.visibility import members_in_range

OPENED_BY_MEMBERS = MEMBER_APPS | THIRD_PARTY_APPS
INVALID_SIGNATURE, INVALID_DOMAIN = 40093, 80001
OTHER_CORP, INVALID_AGENTID, NO_PRIVILEGE = 92002, 40056, 60011


@function("preVerifyJSAPI", identity="none")
def config(call: Invocation) -> dict[str, Any]:
    """wx.config: the corp's identity, with the corp's ticket."""
    names = _names(call, "verifyJsApiList")
    call.webview.corp_identity = None
    try:
        _refuse_other_corp(call, text_of(call.params, "verifyAppId", "appId"))
        _refuse_signature(call, OF_THE_CORP, _verified(call))
    except Failed as refusal:
        # As seen on phones: the reason is not in err_msg.
        raise Failed("fail", *refusal.problems, data={"err_Info": refusal.reason}) from None
    call.webview.corp_identity = {"apis": names}
    return {"checkResult": _check_result(call, names)}


@function("agentConfig", identity="none")
def agent_config(call: Invocation) -> dict[str, Any]:
    """wx.agentConfig: the app's identity, with the app's ticket."""
    names = _names(call, "jsApiList")
    call.webview.app_identity = None
    _refuse_other_corp(call, text_of(call.params, "corpid"))
    app = _app(call, text_of(call.params, "agentid"))
    params = call.params  # which may have those of config beside its own
    signed = Signed(call.address, *(text_of(params, name) for name in ("nonceStr", "timestamp", "signature")))
    _refuse_signature(call, app.agentid, signed)
    call.webview.app_identity = {"agentid": app.agentid, "apis": names}
    return {"checkResult": _check_result(call, names)}


@function("checkJsApi", identity="none")
def check_js_api(call: Invocation) -> dict[str, Any]:
    names = call.params.get("jsApiList")
    asked = [str(name) for name in names] if isinstance(names, list) else []
    return {"checkResult": {name: _exists(name) for name in asked}}


def refuse_foreign_signature(call: Invocation) -> None:
    """Refuses a call whose own signature was not seen at config or agentConfig, and is not right."""
    if not text_of(call.params, "verifySignature"):
        return
    signed = _verified(call)
    if [signed.noncestr, signed.timestamp, signed.signature] in call.webview.checked:
        return
    identity = call.webview.app_identity
    owners = [identity["agentid"], OF_THE_CORP] if identity else [OF_THE_CORP]
    problems: list[Problem] = []
    for agentid in owners:
        problems = _signature_problems(call, agentid, signed)
        if not problems:
            return
    raise Failed(f"invalid signature {DETAILS}{INVALID_SIGNATURE}", *problems)


def _verified(call: Invocation) -> Signed:
    """What WeCom's scripts send with config, and after it with every call."""
    names = ("verifyNonceStr", "verifyTimestamp", "verifySignature")
    return Signed(call.address, *(text_of(call.params, name) for name in names))


def _names(call: Invocation, field: str) -> list[str]:
    """The documented names of the functions that the page wants. Raises Failed without any."""
    given = call.params.get(field)
    names = [web_name(name) for name in given if isinstance(name, str)] if isinstance(given, list) else []
    if not names:
        raise failed("jsApiList 为空", "jsApiList is empty")
    return names


def _refuse_other_corp(call: Invocation, corp_id: str) -> None:
    if corp_id == call.act.corp_id:
        return
    raise failed(
        f"corpid {corp_id[:60]!r} 不是成员所在的企业 {call.act.corp_id}",
        f"the corpid {corp_id[:60]!r} is not the member's corp {call.act.corp_id}",
        f"invalid corpid {DETAILS}{OTHER_CORP}",
    )


def _app(call: Invocation, agentid: str) -> App:
    """The app, which the member sees. Raises Failed."""
    act = call.act
    number = int(agentid) if agentid.isascii() and agentid.isdigit() and len(agentid) < 19 else -1
    app = act.db.session.get(App, (act.corp_id, number))
    if app is None or app.kind not in OPENED_BY_MEMBERS or not app.enabled:
        raise failed(
            f"agentid {agentid[:40]!r} 不是该企业启用的、可由成员打开的应用",
            f"the agentid {agentid[:40]!r} is not an enabled app of this corp that members open",
            f"invalid agentid {DETAILS}{INVALID_AGENTID}",
        )
    visible = members_in_range(act.db, act.corp_id, app.visible)
    if visible is not None and call.userid not in visible:
        raise failed(
            f"成员 {call.userid} 不在应用的可见范围内",
            f"{call.userid} is outside the app's visible range",
            f"no privilege {DETAILS}{NO_PRIVILEGE}",
        )
    return app


def _refuse_signature(call: Invocation, agentid: int, signed: Signed) -> None:
    call.webview.checked = [
        *call.webview.checked,
        [signed.noncestr, signed.timestamp, signed.signature],
    ][-20:]
    of_domain = domains.find_problems(
        real_address(call.act.db, call.address),
        domains.trusted_domains(call.act.db, call.act.corp_id, None if agentid == OF_THE_CORP else agentid),
    )
    of_signature = _signature_problems(call, agentid, signed)
    if of_domain:
        raise Failed(f"invalid url domain {DETAILS}{INVALID_DOMAIN}", *of_domain, *of_signature)
    if of_signature:
        raise Failed(f"invalid signature {DETAILS}{INVALID_SIGNATURE}", *of_signature)


def _signature_problems(call: Invocation, agentid: int, signed: Signed) -> list[Problem]:
    others = earlier(call.act, call.webview.id, suspects(call.act, agentid))
    return signatures.find_problems(right_ticket(call.act, agentid), signed, others)


def _exists(name: str) -> bool:
    return any(web_name(known) == web_name(name) for known in FUNCTIONS.names())


def _check_result(call: Invocation, names: list[str]) -> dict[str, bool]:
    """Which of the functions the client has, and the app may call."""
    found = {}
    for name in names:
        declared = FUNCTIONS.find(name)
        has_right = declared is None or not declared.of_customers or customer_right_problem(call) is None
        found[name] = _exists(name) and has_right
    return found
