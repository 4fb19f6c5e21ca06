"""/_sim/events: the registry of callback events as other people's tests read it."""

from typing import Any

from tests.conftest import RunningServer
from wecom_tollbooth.callbacks.events import EVENTS


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
        "operations": [],
        "not_sent": [],
    }


def test_an_event_names_the_operations_that_lead_to_it(server: RunningServer) -> None:
    assert events(server)["change_external_contact", "transfer_fail"]["operations"] == [
        "/cgi-bin/externalcontact/resigned/transfer_customer",
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
