"""Table, funnel, record and switch of the follow-up board, its states, languages and widths."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from bench.process import ServerProcess
from tests.console.board.conftest import Open, Sandbox

pytestmark = pytest.mark.slow

BOARD = "**/cgi-bin/externalcontact/follow_up/board*"


def rows(page: Any) -> list[str]:
    return [row.get_attribute("data-row") for row in page.locator("[data-row]").all()]


def test_the_table_is_filtered_sorted_and_has_an_address(sandbox: Sandbox, open_page: Open) -> None:
    page = open_page(sandbox.address("?view=table"))
    page.get_by_role("button", name="Amount").click()
    wanted = [one["follow_up_id"] for one in sandbox.call("list", sort="amount", order="desc")["follow_ups"]]
    page.wait_for_function("(id) => document.querySelector('[data-row]')?.dataset.row === id", arg=wanted[0])
    assert rows(page) == wanted[: len(rows(page))]
    page.get_by_label("Overdue only").check()
    wanted = [
        one["follow_up_id"]
        for one in sandbox.call("list", sort="amount", order="desc", overdue=True)["follow_ups"]
    ]
    page.wait_for_function("(id) => document.querySelector('[data-row]')?.dataset.row === id", arg=wanted[0])
    again = open_page(page.url)
    expect(again.locator(f"[data-row={wanted[0]}]")).to_be_visible()
    assert rows(again)[:5] == wanted[:5]
    expect(again.get_by_label("Overdue only")).to_be_checked()


def test_the_table_finds_text(sandbox: Sandbox, open_page: Open) -> None:
    title = sandbox.call("list", limit=1)["follow_ups"][0]["title"]
    page = open_page(sandbox.address("?view=table"))
    page.get_by_role("searchbox").fill(title)
    wanted = {one["follow_up_id"] for one in sandbox.call("list", text=title)["follow_ups"]}
    page.wait_for_function(
        "(count) => document.querySelectorAll('[data-row]').length === count", arg=len(wanted)
    )
    assert set(rows(page)) == wanted
    page.get_by_role("searchbox").fill("没有这样的话")
    expect(page.locator(".fb-rows")).to_contain_text("No record matches")


def test_the_funnel_shows_the_statistics(sandbox: Sandbox, open_page: Open) -> None:
    numbers = sandbox.call("statistics")
    page = open_page(sandbox.address("?view=funnel"))
    expect(page.locator(".fb-figures b").first).to_have_text(str(numbers["total"]))
    counts = page.locator(".fb-funnel li p:first-of-type b").all_inner_texts()
    assert [int(count) for count in counts] == [stage["count"] for stage in numbers["stages"]]
    page.get_by_role("button", name="overdue").click()
    expect(page.locator("[data-row]").first).to_be_visible()
    assert "overdue=1" in page.url


def test_a_member_has_a_board_of_their_own(sandbox: Sandbox, open_page: Open) -> None:
    userid = sandbox.call("list", limit=1)["follow_ups"][0]["userid"]
    wanted = [stage["count"] for stage in sandbox.call("board", userid=userid)["stages"]]
    page = open_page(sandbox.address(f"?userid={userid}"))
    expect(page.locator(".fb-head .fb-count").first).to_have_text(str(wanted[0]))
    page.get_by_label("Member").select_option("")
    expect(page.locator(".fb-head .fb-count").first).not_to_have_text(str(wanted[0]))
    assert "userid" not in page.url


def test_a_record_has_an_address_a_log_and_a_next_time(sandbox: Sandbox, open_page: Open) -> None:
    id_ = sandbox.column("untouched")[7]
    page = open_page(sandbox.address(f"?record={id_}"))
    panel = page.locator(".fb-panel")
    record = sandbox.call("get", follow_up_id=id_)["follow_up"]
    expect(panel.locator("h2")).to_have_text(record["title"])
    link = panel.get_by_role("link", name=record["external_userid"])
    expect(link).to_have_attribute("href", re.compile(f"/customers/{record['external_userid']}$"))
    panel.locator("textarea").fill("约了周五")
    panel.get_by_role("button", name="Visit").click()
    expect(panel.locator(".fb-logs li").first).to_contain_text("约了周五")
    panel.get_by_role("button", name="In a week").click()
    expect(panel.locator("details")).to_contain_text("Updated")
    planned = sandbox.call("get", follow_up_id=id_)["follow_up"]["next_time"]
    now = sandbox.control("GET", "clock")["now"]
    assert 6.9 * 86_400 < planned - now <= 7 * 86_400
    panel.get_by_role("button", name="Close").click()
    assert "record" not in page.url


def test_an_unknown_record_says_so(sandbox: Sandbox, open_page: Open) -> None:
    page = open_page(sandbox.address("?record=fu0000000000000000"))
    expect(page.locator(".fb-panel")).to_contain_text("There is no such record (990001)")


def test_the_switch_slows_the_corp_down_above_400_records(server: ServerProcess, open_page: Open) -> None:
    sandbox = Sandbox(server, customers=700, follow_ups=700)
    page = open_page(sandbox.address())
    switch = page.get_by_role("switch")
    switch.click()
    expect(page.locator(".fb-latency")).to_contain_text("700 records, above 400: a board waits about 300 ms")
    assert sandbox.control("GET", "latency")["profile"]["threshold"] == 400
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator(".fb-took")).to_have_text(re.compile(r"board (2[4-9]\d|[3-9]\d\d) ms|board .* s"))
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    assert sandbox.control("GET", "latency")["profile"] is None


def test_an_empty_board_says_how_to_fill_it(server: ServerProcess, open_page: Open) -> None:
    sandbox = Sandbox(server, customers=0)
    page = open_page(sandbox.address())
    expect(page.locator(".fb-state")).to_contain_text("no follow-ups yet")
    page.get_by_label("Fill up to").select_option("400")
    expect(page.locator(".fb-card").first).to_be_visible()
    assert sum(sandbox.counts()) == 400


def test_a_failure_is_shown_and_tried_again(sandbox: Sandbox, open_page: Open) -> None:
    page = open_page(f"{sandbox.base_url}/console/", complaints=True)
    page.route(BOARD, lambda route: route.abort())
    page.goto(sandbox.address())
    expect(page.locator(".fb-state[role=alert]")).to_contain_text("can't be reached")
    page.unroute(BOARD)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".fb-card").first).to_be_visible()


def test_the_read_only_mode_changes_nothing(sandbox: Sandbox, open_page: Open) -> None:
    page = open_page(f"{sandbox.base_url}/console/")
    page.context.add_cookies(
        [{"name": "tollbooth_console_mode", "value": "read_only", "url": sandbox.base_url}]
    )
    page.goto(sandbox.address())
    first = page.locator(".fb-card").first
    expect(first).to_have_attribute("draggable", "false")
    expect(page.locator(".fb-log, .fb-card select")).to_have_count(0)
    expect(page.get_by_role("switch")).to_be_disabled()
    page.locator("#fb-tab-funnel").click()
    expect(page.locator(".fb-figures")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("locale", "said"), [("zh-CN", "全部成员"), ("en", "All members")])
@pytest.mark.parametrize("view", ["board", "table", "funnel"])
def test_each_view_fits_in_both_languages(
    sandbox: Sandbox, open_page: Open, view: str, locale: str, said: str, width: int
) -> None:
    page = open_page(sandbox.address(f"?view={view}"), width=width, locale=locale)
    seen = {"board": ".fb-card", "table": "[data-row]", "funnel": ".fb-stage"}[view]
    expect(page.locator(seen).first).to_be_visible()
    assert said in page.locator(".fb").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    raw = re.compile(r"\b(?:view|kind|sort|said|errcode|took)_[a-z]+\b|\{\w+\}|undefined|NaN")
    assert raw.findall(page.locator(".fb").inner_text()) == []
