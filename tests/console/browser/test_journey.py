"""A demo from the first visit to the bill, led by the menu as by somebody who has never seen the console."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from pytest_tollbooth.corp import Corp
from pytest_tollbooth.servers import LocalServer

pytestmark = pytest.mark.slow

WORDS = {
    "zh-CN": {"play": "扮演客户", "board": "跟进看板", "toll": "计费", "name": "姓名", "scan": "扫码并添加"},
    "en": {
        "play": "Play the customer",
        "board": "Follow-up board",
        "toll": "Toll",
        "name": "Name",
        "scan": "Scan and add",
    },
}


@pytest.fixture
def shop(served: LocalServer) -> Iterator[Corp]:
    """A corp with customers that are followed up, and a contact way on a poster."""
    made = served.new_corp(name="旅程", seed="demo", members=5, customers=12, follow_ups=12, activity=False)
    made.post("externalcontact/add_contact_way", type=1, scene=2, user=["zhangsan"], remark="海报")
    yield made
    made.delete()


def bill(tab: Any) -> Decimal:
    figure = tab.locator("[data-figure=total]")
    figure.wait_for()
    found = re.search(r"\d[\d,]*\.\d+", figure.text_content())
    assert found is not None
    return Decimal(found[0].replace(",", ""))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_from_the_first_visit_to_the_bill(shop: Corp, open_console: Any, language: str) -> None:
    words = WORDS[language]
    tab = open_console("/", language=language)

    def go_to(page: str) -> None:
        tab.get_by_role("navigation").first.get_by_role("link", name=words[page], exact=True).click()

    tab.get_by_role("link", name=shop.corpid).click()
    go_to("toll")
    before = bill(tab)

    go_to("play")
    tab.locator(".play-chosen img").wait_for()
    tab.get_by_label(words["name"], exact=True).fill("周小川")
    tab.get_by_role("button", name=words["scan"]).click()
    tab.locator(".phone-item[data-kind=welcome]").wait_for()
    assert tab.locator(".phone-name").text_content() == "周小川"

    go_to("board")
    card = tab.locator(".fb-card").first
    card.focus()
    moved = card.get_attribute("data-card")
    stage = shop.post("externalcontact/follow_up/get", follow_up_id=moved)["follow_up"]["stage_id"]
    tab.keyboard.press("Alt+ArrowRight")
    tab.locator(f"[data-card='{moved}'][aria-busy=false]").wait_for()
    now = shop.post("externalcontact/follow_up/get", follow_up_id=moved)["follow_up"]["stage_id"]
    assert now != stage

    go_to("toll")
    assert bill(tab) > before
    assert bill(tab) == Decimal(shop.bill()["total"])
