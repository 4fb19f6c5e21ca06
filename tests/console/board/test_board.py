"""The follow-up board in a browser: cards that move, logs, other people's changes, keys, states."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from bench.console.board_use import column, drag
from bench.process import ServerProcess
from tests.console.board.conftest import Open, Sandbox

pytestmark = pytest.mark.slow

MOVE = "**/cgi-bin/externalcontact/follow_up/move*"
STAGES = ("untouched", "connected", "cooperating", "ended")


def card(page: Any, id_: str) -> Any:
    return page.locator(f"[data-card={id_}]")


def stage(page: Any, id_: str) -> Any:
    return page.locator(f"[data-stage={id_}]")


def counts_shown(page: Any) -> list[int]:
    return [int(text.replace(",", "")) for text in page.locator(".fb-head .fb-count").all_inner_texts()]


def focused(page: Any) -> str:
    id_: str = page.evaluate("document.activeElement.dataset.card || ''")
    return id_


def test_a_dragged_card_is_moved_to_its_place(sandbox: Sandbox, open_page: Open) -> None:
    page = open_page(sandbox.address())
    before = sandbox.counts()
    above = column(page, 1).locator(".fb-card").nth(0).get_attribute("data-card")
    id_ = drag(page, 0, 2, 1, 1)
    expect(stage(page, "connected").locator(f"[data-card={id_}][aria-busy=false]")).to_be_visible()
    assert sandbox.column("connected")[:2] == [above, id_]
    assert counts_shown(page) == sandbox.counts() == [before[0] - 1, before[1] + 1, *before[2:]]


def test_a_refused_move_is_put_back(sandbox: Sandbox, open_page: Open) -> None:
    page = open_page(sandbox.address())
    refusal = {"errcode": 45035, "errmsg": "conflicting change"}
    page.route(MOVE, lambda route: route.fulfill(body=json.dumps(refusal), content_type="application/json"))
    before = sandbox.column("untouched")
    id_ = drag(page, 0, 3, 1, 1)
    expect(page.locator(".fb-notice-error")).to_contain_text("45035")
    expect(stage(page, "untouched").locator(f"[data-card={id_}]")).to_be_visible()
    assert sandbox.column("untouched") == before
    assert counts_shown(page) == sandbox.counts()


def test_two_moves_of_a_card_follow_each_other(sandbox: Sandbox, open_page: Open) -> None:
    page = open_page(sandbox.address())
    asked: list[Any] = []

    def hold_the_first(route: Any) -> None:
        asked.append(route)
        if len(asked) > 1:
            route.continue_()

    page.route(MOVE, hold_the_first)
    id_ = drag(page, 0, 1, 1, 1)
    drag(page, 1, 1, 2, 1)
    page.wait_for_timeout(200)
    assert len(asked) == 1, "the second waits for the first"
    asked[0].continue_()
    expect(stage(page, "cooperating").locator(f"[data-card={id_}][aria-busy=false]")).to_be_visible()
    assert sandbox.stage_of(id_) == "cooperating"


def test_what_others_change_appears_by_itself(sandbox: Sandbox, open_page: Open) -> None:
    page = open_page(sandbox.address())
    expect(page.locator(".fb-card").first).to_be_visible()
    moved, retitled, deleted = sandbox.column("untouched")[1:4]
    sandbox.call("move", follow_up_id=moved, stage_id="connected")
    sandbox.call("update", follow_up_id=retitled, title="改过的标题")
    sandbox.call("delete", follow_up_id=deleted)
    expect(stage(page, "connected").locator(f"[data-card={moved}]")).to_be_visible()
    expect(card(page, retitled)).to_contain_text("改过的标题")
    expect(card(page, deleted)).to_have_count(0)
    assert counts_shown(page) == sandbox.counts()


def test_looking_for_changes_costs_nothing(sandbox: Sandbox, open_page: Open) -> None:
    page = open_page(sandbox.address())
    expect(page.locator(".fb-card").first).to_be_visible()
    page.wait_for_timeout(500)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    page.wait_for_timeout(4_500)
    assert set(asked) == {"follow_ups"}


def test_a_log_entry_takes_two_clicks(sandbox: Sandbox, open_page: Open) -> None:
    page = open_page(sandbox.address())
    first = column(page, 1).locator(".fb-card").first
    id_ = first.get_attribute("data-card")
    first.locator(".fb-log").click()
    page.locator(".fb-quick [data-kind=call]").click()
    expect(page.locator(".fb-notices")).to_contain_text("Logged")
    entry = sandbox.call("get_logs", follow_up_id=id_)["logs"][0]
    assert (entry["kind"], entry["text"]) == ("call", "Called")
    assert entry["by"] == sandbox.call("get", follow_up_id=id_)["follow_up"]["userid"]


def test_keys_choose_move_log_and_open_cards(sandbox: Sandbox, open_page: Open) -> None:
    page = open_page(sandbox.address())
    first, second = sandbox.column("untouched")[:2]
    card(page, first).focus()
    page.keyboard.press("ArrowDown")
    assert focused(page) == second
    page.keyboard.press("Alt+ArrowUp")
    expect(card(page, second)).to_have_attribute("aria-busy", "false")
    assert focused(page) == second
    page.keyboard.press("Alt+ArrowRight")
    expect(stage(page, "connected").locator(f"[data-card={second}][aria-busy=false]")).to_be_visible()
    assert focused(page) == second
    assert sandbox.column("untouched")[0] == first
    assert sandbox.column("connected")[0] == second
    page.keyboard.press("l")
    page.keyboard.type("下周到店")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".fb-notices")).to_contain_text("Logged")
    assert sandbox.call("get_logs", follow_up_id=second)["logs"][0]["text"] == "下周到店"
    page.keyboard.press("Enter")
    expect(page.locator(".fb-panel")).to_contain_text("下周到店")
    page.keyboard.press("Escape")
    expect(page.locator(".fb-panel")).to_have_count(0)
    assert focused(page) == second


def test_a_phone_moves_cards_without_dragging(sandbox: Sandbox, open_page: Open) -> None:
    page = open_page(sandbox.address(), width=390)
    first = column(page, 0).locator(".fb-card").first
    id_ = first.get_attribute("data-card")
    first.locator("select").select_option("connected")
    expect(stage(page, "connected").locator(f"[data-card={id_}][aria-busy=false]")).to_have_count(1)
    assert sandbox.column("connected")[0] == id_


def test_a_column_loads_more_while_it_is_scrolled(sandbox: Sandbox, open_page: Open) -> None:
    page = open_page(sandbox.address())
    expect(page.locator(".fb-card").first).to_be_visible()
    box = column(page, 3).locator(".fb-scroll")
    loaded = "(box) => box.querySelector('ol').offsetHeight / 100"
    assert box.evaluate(loaded) == 50
    number = sandbox.counts()[3]
    for wanted in (100, number):
        box.evaluate("(box) => (box.scrollTop = box.scrollHeight)")
        page.wait_for_function(
            "([box, wanted]) => box.querySelector('ol').offsetHeight / 100 === wanted",
            arg=[box.element_handle(), wanted],
        )
    box.evaluate("(box) => (box.scrollTop = box.scrollHeight)")
    expect(box).to_contain_text("That's all")
    assert page.locator(".fb-card").count() < 100
    seen = box.locator(".fb-card").last.get_attribute("aria-posinset")
    assert int(seen) == number


def test_a_moving_clock_makes_cards_overdue(server: ServerProcess, open_page: Open) -> None:
    sandbox = Sandbox(server, customers=10, follow_ups=10)
    id_ = sandbox.column("untouched")[0]
    now = sandbox.control("GET", "clock")["now"]
    sandbox.call("update", follow_up_id=id_, next_time=now + 3 * 3600)
    page = open_page(sandbox.address())
    assert "fb-soon" in card(page, id_).get_attribute("class")
    sandbox.control("POST", "clock", advance_seconds=2 * 86_400)
    expect(card(page, id_)).to_contain_text(re.compile("4[45] h overdue"))


def test_the_pipeline_says_where_a_card_may_go(server: ServerProcess, open_page: Open) -> None:
    sandbox = Sandbox(server, customers=20, follow_ups=20)
    stages = [
        {"stage_id": one, "name": one, "kind": "lost" if one == "ended" else "open", "next_stage_ids": ways}
        for one, ways in zip(STAGES, (["connected"], ["cooperating"], ["ended"], []), strict=True)
    ]
    sandbox.call("set_pipeline", stages=stages)
    page = open_page(sandbox.address())
    first = column(page, 0).locator(".fb-card").first
    expect(first.locator("option")).to_have_count(2)
    before = sandbox.counts()
    drag(page, 0, 0, 2, 1)
    page.wait_for_timeout(300)
    assert counts_shown(page) == sandbox.counts() == before
    drag(page, 0, 0, 1, 0)
    page.wait_for_timeout(300)
    assert counts_shown(page) == sandbox.counts() == [before[0] - 1, before[1] + 1, *before[2:]]


def test_a_restored_corp_is_read_again(server: ServerProcess, open_page: Open) -> None:
    sandbox = Sandbox(server, customers=20, follow_ups=20)
    page = open_page(sandbox.address())
    before = sandbox.counts()
    sandbox.control("POST", "snapshots", name="start")
    id_ = drag(page, 0, 0, 1, 0)
    expect(stage(page, "connected").locator(f"[data-card={id_}][aria-busy=false]")).to_be_visible()
    sandbox.control("POST", "snapshots/start/restore")
    expect(stage(page, "untouched").locator(f"[data-card={id_}]")).to_be_visible()
    assert counts_shown(page) == sandbox.counts() == before
