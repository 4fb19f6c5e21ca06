"""Whether a call is one that the page, its app and the member may make."""

from wecom_tollbooth.client.functions.registry import Failed, Function, Invocation, web_name
from wecom_tollbooth.client.problems import Problem
from wecom_tollbooth.corps.app_kinds import CUSTOMER_APPS, MARKETING_APPS, PROVIDER_APPS
from wecom_tollbooth.corps.tables import App
from wecom_tollbooth.families.directory.lookup import find_member

WITH_CUSTOMERS = CUSTOMER_APPS | PROVIDER_APPS | MARKETING_APPS
NOT_CONFIGURED = {"desktop": "fail_nopermission", "mobile": "the permission value is offline verifying"}
"""By device: page 90509 has both for a function that config did not ask for."""


def refuse(call: Invocation, function: Function) -> None:
    """Raises Failed for a call without the identity, the entry or the right that the function needs."""
    if function.on_mobile_alone and call.webview.device != "mobile":
        raise Failed(
            "function not exist",
            Problem(
                "call", f"{function.name} 仅在移动端可用", f"{function.name} is there on mobile devices alone"
            ),
        )
    if function.identity != "none":
        _refuse_without_identity(call, function)
    if function.entries and call.webview.entry not in function.entries:
        entries = sorted(function.entries)
        raise Failed(
            "fail without context of external contact",
            Problem(
                "call",
                f"页面从 {call.webview.entry} 打开，{function.name} 需要 {'、'.join(entries)}",
                f"the page was opened from {call.webview.entry}; {function.name} needs {', '.join(entries)}",
            ),
        )
    problem = customer_right_problem(call) if function.of_customers else None
    if problem is not None:
        raise Failed("fail no permission", problem)


def _refuse_without_identity(call: Invocation, function: Function) -> None:
    of_app, of_corp = call.webview.app_identity, call.webview.corp_identity
    identities = [of_app] if function.identity == "app" else [of_app, of_corp]
    proven = [identity for identity in identities if identity is not None]
    if any(web_name(function.name) in identity["apis"] for identity in proven):
        return
    wanted = "agentConfig" if function.identity == "app" else "agentConfig 或 config"
    wanted_en = "agentConfig" if function.identity == "app" else "agentConfig or config"
    problem = (
        Problem(
            "call",
            f"{wanted} 的 jsApiList 中没有 {function.name}",
            f"{function.name} is not in the jsApiList of {wanted_en}",
        )
        if proven
        else Problem("call", f"{wanted} 还没有成功", f"{wanted_en} has not succeeded yet")
    )
    raise Failed(NOT_CONFIGURED[call.webview.device], problem)


def customer_right_problem(call: Invocation) -> Problem | None:
    """Why the app or the member has no right on customers; None if both have it."""
    identity = call.webview.app_identity
    if identity is not None:
        app = call.act.db.session.get_one(App, (call.act.corp_id, identity["agentid"]))
        if app.kind not in WITH_CUSTOMERS:
            return Problem(
                "call",
                f"应用 {app.agentid} 不在「客户联系」可调用接口的应用中",
                f"the app {app.agentid} has no right on customers (客户联系)",
            )
    member = find_member(call.act, call.userid)
    if member is None or not member.may_have_customers:
        return Problem(
            "call",
            f"成员 {call.userid} 不在「客户联系」的使用范围内",
            f"{call.userid} is not in 客户联系's range of use",
        )
    return None
