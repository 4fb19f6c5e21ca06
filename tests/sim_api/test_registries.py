"""/_sim/operations and /_sim/events: the registries, as the console, documents and other tests read them."""

from collections.abc import Callable
from typing import Any

from tests.conftest import RunningServer, WeCom
from wecom_tollbooth.callbacks.events import EVENTS

# --- operations ------------------------------------------------------------------------------------------


StartServer = Callable[..., RunningServer]

FIELDS = {
    "path", "method", "aliases", "family", "family_title_zh", "family_title_en", "extension", "title",
    "title_en", "doc", "checked", "fidelity", "permission", "meter", "price", "priced", "price_model",
    "currency", "limit", "errors",
}  # fmt: skip


def operations(server: RunningServer) -> dict[str, dict[str, Any]]:
    answer = server.sim.get("/operations")
    assert answer.status_code == 200, answer.text
    return {operation["path"]: operation for operation in answer.json()["operations"]}


def test_every_operation_of_the_registry_is_listed_once_with_all_its_fields(server: RunningServer) -> None:
    listed = server.sim.get("/operations").json()["operations"]
    assert [operation["path"] for operation in listed] == [o.path for o in server.gateway.operations]
    assert all(set(operation) == FIELDS for operation in listed)


def test_an_operation_lists_its_fields_and_price(server: RunningServer) -> None:
    operation = operations(server)["/cgi-bin/externalcontact/list"]
    errors = operation.pop("errors")
    assert {"errcode": 84061, "errmsg": "not external contact"} in errors
    assert operation == {
        "path": "/cgi-bin/externalcontact/list",
        "method": "GET",
        "aliases": ["/cgi-bin/crm/get_external_contact_list"],
        "family": "customers",
        "family_title_zh": "客户管理",
        "family_title_en": "Customers",
        "extension": False,
        "title": "获取客户列表",
        "title_en": "List the customers of a member",
        "doc": "https://developer.work.weixin.qq.com/document/path/92113",
        "checked": "2026-08",
        "fidelity": "official",
        "permission": "customer_base",
        "meter": "customer.list",
        "price": "0.002",
        "priced": True,
        "price_model": "per_unit",
        "currency": "CNY",
        "limit": {
            "per_corp_minute": 10_000,
            "per_corp_hour": 150_000,
            "per_ip_minute": 20_000,
            "per_ip_hour": 600_000,
            "concurrency": 5,
        },
    }


def test_gettoken_is_limited_only_by_address(server: RunningServer) -> None:
    assert operations(server)["/cgi-bin/gettoken"]["limit"] == {
        "per_ip_minute": 20_000,
        "per_ip_hour": 600_000,
        "concurrency": 5,
    }


def test_operations_list_the_limits_in_force(start_server: StartServer) -> None:
    server = start_server(limit_per_corp_minute=3, limit_concurrency=1)
    limit = operations(server)["/cgi-bin/externalcontact/get_follow_user_list"]["limit"]
    assert (limit["per_corp_minute"], limit["concurrency"]) == (3, 1)
    server.sim.post("/clock", json={"freeze": True})
    wecom: WeCom = server.make_corp().client()
    served = [wecom.get("externalcontact/get_follow_user_list")["errcode"] for _ in range(5)]
    assert served == [0] * limit["per_corp_minute"] + [45009] * 2


def test_operations_list_no_limits_if_they_are_off(start_server: StartServer) -> None:
    assert all(o["limit"] is None for o in operations(start_server(rate_limits=False)).values())


# --- events ----------------------------------------------------------------------------------------------


def events(server: RunningServer) -> dict[tuple[str, str], dict[str, Any]]:
    answer = server.sim.get("/events")
    assert answer.status_code == 200, answer.text
    return {(event["event"], event["change_type"]): event for event in answer.json()["events"]}


def test_every_event_of_the_registry_is_listed(server: RunningServer) -> None:
    assert list(events(server)) == [(event.event, event.change_type()) for event in EVENTS]


def test_an_event_shows_its_fields_in_order_with_its_page(server: RunningServer) -> None:
    event = events(server)["customer_acquisition", "quota_expire_soon"]
    receivers_en, receivers_zh = event.pop("receivers_en"), event.pop("receivers_zh")
    assert "可调用接口的应用" in receivers_en
    assert "可调用接口的应用" in receivers_zh
    assert [(field["name"], field["type"], field["cdata"]) for field in event.pop("fields")] == [
        ("ChangeType", "text", True),
        ("ExpireTime", "number", False),
        ("ExpireQuotaNum", "number", False),
    ]
    assert event == {
        "event": "customer_acquisition",
        "change_type": "quota_expire_soon",
        "title_zh": "获客额度即将过期",
        "title_en": "Part of the quota expires in 14, 7, 3, 2 or 1 days",
        "extension": False,
        "doc": "https://developer.work.weixin.qq.com/document/path/97299",
        "checked": "2026-08",
        "takes_reply": False,
        "operations": [],
        "not_sent": [],
    }


def test_an_event_says_whether_it_takes_a_passive_reply(server: RunningServer) -> None:
    listed = events(server)
    takes = {event or change_type for (event, change_type), one in listed.items() if one["takes_reply"]}
    assert {"message", "enter_agent", "subscribe", "click"} <= takes
    assert not {"unsubscribe", "scancode_push", "change_external_contact"} & takes
    assert listed["message", "text"]["title_zh"] == "文本消息"


def test_an_event_names_the_operations_that_lead_to_it(server: RunningServer) -> None:
    assert events(server)["change_external_contact", "transfer_fail"]["operations"] == [
        "/cgi-bin/externalcontact/resigned/transfer_customer",
        "/cgi-bin/externalcontact/transfer",
        "/cgi-bin/externalcontact/transfer_customer",
    ]


def test_fields_of_objects_are_shown_in_them(server: RunningServer) -> None:
    fields = {field["name"]: field for field in events(server)["change_contact", "create_user"]["fields"]}
    assert fields["ChangeType"]["constant"] == "create_user"
    assert fields["Name"]["optional"] is True
    assert [field["name"] for field in fields["ExtAttr"]["fields"]] == ["Name", "Type", "Text", "Web"]
    assert fields["ExtAttr"]["fields"][2]["fields"][0]["description_zh"] == "文本内容"


def test_an_event_of_our_own_is_an_extension_without_a_page(server: RunningServer) -> None:
    event = events(server)["tollbooth_budget", "alert"]
    assert (event["extension"], event["doc"], event["checked"]) == (True, None, None)
