"""Calls, live, in a real browser."""

import re
from typing import Any

import httpx
import pytest

from pytest_tollbooth.corp import Corp

pytestmark = pytest.mark.slow

HINT = re.compile(r"\d{25}")


def call_list(corp: Corp, userid: str) -> Any:
    params = {"access_token": corp.token(), "userid": userid}
    return httpx.get(f"{corp.base_url}/cgi-bin/externalcontact/list", params=params).json()


def list_of_nobody(corp: Corp) -> str:
    """A refused call, and its hint."""
    reply = call_list(corp, "nobody")
    found = HINT.search(reply["errmsg"])
    assert found, reply
    return found[0]


def rows(tab: Any) -> Any:
    return tab.locator("table.live-rows tbody tr")


def test_a_call_appears_while_the_page_is_open(corp: Corp, open_console: Any) -> None:
    tab = open_console(f"/corps/{corp.corpid}/calls")
    tab.get_by_text("还没有调用", exact=False).wait_for()
    corp.token()
    list_of_nobody(corp)
    row = rows(tab).filter(has_text="there is no member 'nobody'")
    row.wait_for()
    shown = row.inner_text()
    assert "externalcontact/list" in shown
    assert "获取客户列表" in shown
    assert "40003" in shown
    assert rows(tab).filter(has_text="gettoken").count() >= 1


def test_a_hint_in_an_errmsg_leads_to_its_call(corp: Corp, open_console: Any) -> None:
    hint = list_of_nobody(corp)
    tab = open_console(f"/corps/{corp.corpid}/calls", language="en")
    tab.get_by_label("Paste an errmsg").fill(f"invalid userid, hint: [{hint}], from ip: 127.0.0.1")
    tab.get_by_role("button", name="Find the call").click()
    panel = tab.get_by_role("dialog", name="Call")
    panel.get_by_text("there is no member 'nobody' in this corp").wait_for()
    panel.get_by_text("refused, free").wait_for()
    assert tab.url.endswith(f"/calls/{hint}")
    assert "userid=nobody" in panel.inner_text()
    assert panel.get_by_role("link", name="developer.work.weixin.qq.com/document/path/92113").count() == 1
    tab.keyboard.press("Escape")
    panel.wait_for(state="detached")
    tab.go_back()
    panel.wait_for()


def test_the_link_of_a_call_opens_it_on_a_phone(corp: Corp, open_console: Any) -> None:
    tab = open_console(f"/corps/{corp.corpid}/calls/{list_of_nobody(corp)}", width=390)
    tab.get_by_role("dialog").get_by_text("40003", exact=True).first.wait_for()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_fault_is_planned_for_the_operation_of_a_call(corp: Corp, open_console: Any) -> None:
    tab = open_console(f"/corps/{corp.corpid}/calls/{list_of_nobody(corp)}", language="en")
    panel = tab.get_by_role("dialog")
    panel.get_by_text("Plan a fault for this").click()
    panel.get_by_label("Fault").select_option("busy")
    panel.get_by_role("button", name="Plan the fault").click()
    panel.get_by_text("is planned", exact=False).wait_for()
    assert call_list(corp, "zhangsan")["errcode"] == -1


def test_filters_select_and_a_paused_list_stays(corp: Corp, open_console: Any) -> None:
    list_of_nobody(corp)
    tab = open_console(f"/corps/{corp.corpid}/calls", language="en")
    rows(tab).nth(1).wait_for()
    tab.get_by_label("Only refused").check()
    rows(tab).nth(1).wait_for(state="detached")
    assert tab.url.endswith("?refused=true")
    tab.get_by_role("button", name="Pause").click()
    list_of_nobody(corp)
    tab.wait_for_timeout(800)
    assert rows(tab).count() == 1
    tab.get_by_role("button", name="Go on").click()
    rows(tab).nth(1).wait_for()


def test_at_most_200_rows_are_kept(corp: Corp, open_console: Any) -> None:
    tab = open_console(f"/corps/{corp.corpid}/calls")
    for _ in range(260):
        corp.get("externalcontact/list", userid="zhangsan")
    last = list_of_nobody(corp)
    tab.locator(f'a[href$="{last}"]').wait_for()
    assert rows(tab).count() <= 200
