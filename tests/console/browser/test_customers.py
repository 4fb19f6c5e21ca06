"""The customers' pages in a real browser: pages, filters, search, and everything about one customer."""

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from pytest_tollbooth.corp import Corp

pytestmark = pytest.mark.slow


def rows(tab: Any) -> Any:
    return tab.locator("table.cu-table tbody tr")


def listed(corp: Corp, **asked: Any) -> list[dict[str, Any]]:
    address = f"{corp.base_url}/_sim/corps/{corp.corpid}/customers"
    found: list[dict[str, Any]] = httpx.get(address, params={"limit": 200, **asked}).json()["customers"]
    return found


@pytest.fixture
def many(corp: Corp) -> Corp:
    """A corp with 112 customers, 60 of them with follow-up records."""
    corp.control("POST", "/seed", customers=100, follow_ups=60)
    return corp


@pytest.mark.parametrize(("language", "following"), [("zh-CN", "下一页"), ("en", "Next")])
def test_pages_follow_and_lead_back(many: Corp, open_console: Any, language: str, following: str) -> None:
    everybody = [one["external_userid"] for one in listed(many)]
    tab = open_console(f"/corps/{many.corpid}/customers", language=language)
    expect(rows(tab)).to_have_count(50)
    shown = tab.locator(".cu-id").all_inner_texts()
    tab.get_by_role("button", name=following).click()
    expect(tab.locator(".cu-id").first).to_have_text(everybody[50])
    shown += tab.locator(".cu-id").all_inner_texts()
    tab.get_by_role("button", name=following).click()
    expect(rows(tab)).to_have_count(len(everybody) - 100)
    shown += tab.locator(".cu-id").all_inner_texts()
    assert shown == everybody
    expect(tab.get_by_role("button", name=following)).to_be_disabled()
    tab.go_back()
    expect(tab.locator(".cu-id").first).to_have_text(everybody[50])
    # The address alone leads to the same page.
    tab.reload()
    expect(tab.locator(".cu-id").first).to_have_text(everybody[50])


def test_filters_are_in_the_address_and_narrow_each_other(many: Corp, open_console: Any) -> None:
    tab = open_console(f"/corps/{many.corpid}/customers")
    stage = "untouched"
    tab.get_by_label("阶段").select_option(stage)
    ids = [one["external_userid"] for one in listed(many, stage_id=stage)]
    expect(rows(tab)).to_have_count(min(50, len(ids)))
    tab.get_by_label("成员").select_option("zhangsan")
    ids = [one["external_userid"] for one in listed(many, stage_id=stage, userid="zhangsan")]
    expect(rows(tab)).to_have_count(len(ids))
    assert "userid=zhangsan" in tab.url
    assert "stage_id=untouched" in tab.url
    tab.get_by_role("button", name="清除筛选").click()
    expect(rows(tab)).to_have_count(50)


def test_search_by_keyboard_finds_a_customer_and_leads_to_it(corp: Corp, open_console: Any) -> None:
    one = listed(corp)[5]
    tab = open_console(f"/corps/{corp.corpid}/customers?find=没有这个人")
    tab.get_by_text("没有符合条件的客户").wait_for()
    tab.get_by_label("搜索").fill(one["external_userid"])
    tab.keyboard.press("Enter")
    expect(rows(tab)).to_have_count(1)
    tab.locator("a.cu-name").focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**/customers/{one['external_userid']}")
    expect(tab.locator("h1")).to_have_text(one["name"])


@pytest.mark.parametrize("width", [1280, 390])
def test_a_customer_shows_all_that_is_known(corp: Corp, open_console: Any, width: int) -> None:
    came = corp.act("customer_adds_member", userid="zhangsan", name="王芳")["external_userid"]
    chat_id = corp.act("member_creates_group", userid="zhangsan", name="老客户群")["chat_id"]
    corp.act("join_group", chat_id=chat_id, external_userid=came)
    tab = open_console(f"/corps/{corp.corpid}/customers/{came}", language="en", width=width)
    expect(tab.locator("h1")).to_have_text("王芳")
    for text in ("zhangsan", "老客户群", "add_external_contact", "No follow-up record."):
        expect(tab.locator(".cu-view").get_by_text(text).first).to_be_visible()
    expect(tab.get_by_role("link", name="Open the client")).to_have_attribute(
        "href", f"/_sim/client/{corp.corpid}/zhangsan"
    )
    expect(tab.get_by_role("link", name="add_external_contact").first).to_have_attribute(
        "href", re.compile(r"/console/corps/\w+/callbacks/\d+")
    )
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_empty_and_unknown_are_said(corp: Corp, served: Any, open_console: Any) -> None:
    empty = served.new_corp(seed="empty")
    tab = open_console(f"/corps/{empty.corpid}/customers", language="en")
    tab.get_by_text("There is no customer yet.", exact=False).wait_for()
    tab = open_console(f"/corps/{corp.corpid}/customers/wm0", language="en")
    expect(tab.get_by_role("alert")).to_contain_text("has no customer")
    empty.delete()
