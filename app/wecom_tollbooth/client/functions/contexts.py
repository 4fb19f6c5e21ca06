"""Where the page was opened, and for whom (pages 94315, 100746, 100747)."""

from typing import Any

from wecom_tollbooth.client.functions.registry import Invocation, failed, function
from wecom_tollbooth.corps.app_kinds import MARKETING_APPS
from wecom_tollbooth.corps.tables import App
from wecom_tollbooth.families.relations.lifecycle import relation_of

ENTRIES = ("normal", "contact_profile", "single_chat_tools", "group_chat_tools", "chat_attachment")
OF_A_CUSTOMER = frozenset({"contact_profile", "single_chat_tools"})
OF_A_GROUP = frozenset({"group_chat_tools"})


@function("getContext")
def get_context(call: Invocation) -> dict[str, Any]:
    return {"entry": call.webview.entry}


@function("getCurExternalContact", identity="app", entries=OF_A_CUSTOMER, of_customers=True)
def get_cur_external_contact(call: Invocation) -> dict[str, Any]:
    external_userid = call.webview.external_userid or ""
    identity = call.webview.app_identity or {}
    app = call.act.db.session.get_one(App, (call.act.corp_id, identity["agentid"]))
    relation = relation_of(call.act, call.userid, external_userid)
    brought = relation is not None and relation.source_agentid == app.agentid
    if app.kind in MARKETING_APPS and not brought:
        raise failed(
            f"营销获客应用只能获取它带来的客户，{external_userid} 不是",
            f"a 营销获客 app sees only customers that it brought, not {external_userid}",
            "fail no permission",
        )
    return {"userId": external_userid}


@function("getCurExternalChat", identity="app", entries=OF_A_GROUP, of_customers=True)
def get_cur_external_chat(call: Invocation) -> dict[str, Any]:
    return {"chatId": call.webview.chat_id}
