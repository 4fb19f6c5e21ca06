"""Clock, faults, snapshots and acts, used as somebody does who gives a demo."""

from typing import Any

import pytest

from pytest_tollbooth.corp import Corp

pytestmark = pytest.mark.slow


def path(corp: Corp, page: str) -> str:
    return f"/corps/{corp.corpid}/{page}"


def test_the_clock_moves_and_stands(open_console: Any, corp: Corp) -> None:
    before = corp.now()
    tab = open_console(path(corp, "sandbox"))
    tab.get_by_role("button", name="+1 天").click()
    tab.get_by_text("自己的时钟").wait_for()
    assert before + 86_400 <= corp.now() < before + 2 * 86_400
    tab.get_by_role("button", name="停住").click()
    tab.get_by_text("已停住").wait_for()
    assert corp.control("GET", "/clock")["frozen"]


def test_a_corp_goes_back_to_a_snapshot_and_to_its_seed(open_console: Any, corp: Corp) -> None:
    def customers() -> int:
        listed: int = len(corp.get("externalcontact/list", userid="zhangsan")["external_userid"])
        return listed

    corp.act("member_adds_customer", userid="zhangsan")
    at_snapshot = customers()
    tab = open_console(path(corp, "sandbox"), language="en")
    tab.get_by_label("Name").fill("before")
    tab.get_by_role("button", name="Take a snapshot").click()
    tab.get_by_text("Snapshot before is taken").wait_for()
    corp.act("member_adds_customer", userid="zhangsan")
    tab.get_by_role("button", name="Restore before").click()
    tab.get_by_text("Back at before").wait_for()
    assert customers() == at_snapshot
    tab.get_by_role("button", name="Back to the seed").click()
    tab.get_by_role("dialog").get_by_role("button", name="Back to the seed").click()
    tab.get_by_text("Back at the seed").wait_for()
    assert customers() == at_snapshot - 1


def test_a_planned_fault_fires_and_is_counted(open_console: Any, corp: Corp) -> None:
    tab = open_console(path(corp, "sandbox?path=externalcontact/get_follow_user_list"), language="en")
    tab.get_by_role("button", name="Plan", exact=True).click()
    tab.get_by_text("fired 0 times").wait_for()
    fault = corp.control("GET", "/faults")["faults"][0]
    assert (fault["path"], fault["then"]) == ("externalcontact/get_follow_user_list", {"errcode": -1})
    tab.get_by_role("button", name="Delete externalcontact").click()
    tab.get_by_text("No fault is planned").wait_for()
    assert corp.control("GET", "/faults")["faults"] == []


def test_the_articles_latency_is_switched_on(open_console: Any, corp: Corp) -> None:
    tab = open_console(path(corp, "sandbox"), language="en")
    tab.get_by_text("article-2025 (the article's lag)").click()
    tab.get_by_role("button", name="Apply").click()
    tab.get_by_text("The latency has changed").wait_for()
    assert corp.control("GET", "/latency")["profile"] is not None


def test_an_act_is_found_and_performed_by_its_form(open_console: Any, corp: Corp) -> None:
    tab = open_console(path(corp, "acts"))
    tab.get_by_label("搜索动作").fill("添加客户")
    tab.get_by_text("成员添加客户", exact=True).click()
    tab.get_by_label("userid", exact=True).fill("zhangsan")
    tab.get_by_label("name", exact=True).fill("周小川")
    tab.get_by_role("button", name="执行").click()
    answer = tab.get_by_role("status").inner_text()
    assert "external_userid" in answer
    listed = corp.get("externalcontact/list", userid="zhangsan")["external_userid"]
    assert any(one in answer for one in listed)


def test_what_an_act_refuses_is_told(open_console: Any, corp: Corp) -> None:
    tab = open_console(path(corp, "acts/member_adds_customer?userid=nobody"), language="en")
    tab.get_by_role("button", name="Perform").click()
    tab.get_by_text("nobody").first.wait_for()


def test_a_new_corp_is_made_on_the_first_screen(open_console: Any, corp: Corp) -> None:
    tab = open_console("/", language="en")
    tab.get_by_label("Name").fill("Made here")
    tab.get_by_role("button", name="Make it").click()
    tab.wait_for_url("**/corps/**")
    found = tab.url.split("/corps/")[1].split("/")[0]
    assert found != corp.corpid


@pytest.mark.parametrize("page", ["sandbox", "acts/member_adds_customer"])
def test_nothing_scrolls_sideways_on_a_phone(open_console: Any, corp: Corp, page: str) -> None:
    tab = open_console(path(corp, page), width=390)
    tab.get_by_role("heading", level=1).wait_for()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
