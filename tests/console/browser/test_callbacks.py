"""Callbacks, live, in a real browser."""

import re
from typing import Any

import pytest

from pytest_tollbooth.corp import Corp

pytestmark = pytest.mark.slow

ADD = "add_external_contact"


def rows(tab: Any) -> Any:
    return tab.locator("table.live-rows tbody tr")


def callbacks(corp: Corp) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = corp.control("GET", "/callbacks", event="change_external_contact")[
        "callbacks"
    ]
    return [one for one in found if one["agentid"] == corp.agentid]


def test_an_event_appears_with_its_xml(corp: Corp, open_console: Any) -> None:
    tab = open_console(f"/corps/{corp.corpid}/callbacks", language="en")
    tab.get_by_text("No event yet", exact=False).wait_for()
    came = corp.act("member_adds_customer", userid="zhangsan")
    rows(tab).filter(has_text=ADD).first.get_by_role("link").click()
    panel = tab.get_by_role("dialog", name="Event")
    xml = panel.get_by_label("Plain XML")
    xml.wait_for()
    assert f"<ExternalUserID><![CDATA[{came['external_userid']}]]></ExternalUserID>" in xml.inner_text()
    assert "<Encrypt><![CDATA[" in panel.get_by_label("Encrypted request").inner_text()
    assert re.search(r"/callbacks/\d+$", tab.url)


def test_the_form_verifies_an_address_and_events_are_delivered(corp: Corp, open_console: Any) -> None:
    with corp.receive_callbacks() as receiver:
        url = receiver.url
        corp.control("PUT", f"/apps/{corp.agentid}/callback", url="")
        tab = open_console(f"/corps/{corp.corpid}/callbacks")
        tab.get_by_text("设置回调地址").click()
        tab.get_by_label("回调地址（留空则只留存、不发送）").fill(url)
        tab.get_by_role("button", name="验证并保存").click()
        tab.get_by_text("验证通过，已保存。").wait_for()
        corp.act("member_adds_customer", userid="zhangsan")
        receiver.wait_for(ADD)
        delivered = rows(tab).filter(has_text="已送达").first
        delivered.wait_for()
        assert "HTTP 200" in delivered.inner_text()
        tab.locator(".endpoint").filter(has_text=url).wait_for()


def test_events_are_repeated_and_sent_in_another_order(corp: Corp, open_console: Any) -> None:
    for _ in range(2):
        corp.act("member_adds_customer", userid="zhangsan")
    first = [one["id"] for one in callbacks(corp)]
    tab = open_console(f"/corps/{corp.corpid}/callbacks?agentid={corp.agentid}", language="en")
    for number in first:
        tab.get_by_label(f"Select event {number}").check()
    tab.get_by_role("button", name="Duplicate ×2").click()
    tab.get_by_text("4 sent again.").wait_for()
    assert sorted(one["copy_of"] for one in callbacks(corp)[2:]) == sorted(first * 2)
    rows(tab).nth(5).wait_for()


def test_delivery_faults_are_set(corp: Corp, open_console: Any) -> None:
    tab = open_console(f"/corps/{corp.corpid}/callbacks", language="en", width=390)
    tab.get_by_text("Inject delivery faults").click()
    tab.get_by_label("Extra copies of each event").fill("1")
    tab.get_by_role("button", name="Save", exact=True).click()
    tab.get_by_text("Saved", exact=True).wait_for()
    assert corp.control("GET", "/callbacks/delivery_faults")["duplicate"] == 1
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
