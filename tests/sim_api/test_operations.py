"""/_sim/operations: the registry as the console, the docs and other people's tests read it."""

from collections.abc import Callable
from typing import Any

from tests.conftest import RunningServer, WeCom

StartServer = Callable[..., RunningServer]

FIELDS = {
    "path", "method", "aliases", "family", "family_title_zh", "family_title_en", "extension", "title", "doc",
    "checked", "fidelity", "permission", "meter", "price", "price_model", "currency", "limit", "errors",
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
        "doc": "https://developer.work.weixin.qq.com/document/path/92113",
        "checked": "2026-08",
        "fidelity": "official",
        "permission": "customer_base",
        "meter": "customer.list",
        "price": "0.002",
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


def test_gettoken_is_limited_by_address_alone(server: RunningServer) -> None:
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
