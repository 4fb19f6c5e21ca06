"""The page of a statement in a real browser: on a phone, on a desk, and on paper."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.billing.books import price_of, write_book
from tests.billing.test_statement_formats import tiered_book
from tests.browsers import chromium
from tests.conftest import Corp, RunningServer
from wecom_tollbooth.settings import Settings

pytestmark = pytest.mark.slow

# Each visible number whose text takes more than one line, and each element that leaves the page.
FLAWS = """() => {
    const found = [];
    for (const one of document.querySelectorAll(".n, .due b")) {
        if (!one.offsetParent || !one.textContent.trim()) continue;
        const range = document.createRange();
        range.selectNodeContents(one);
        const tops = new Set([...range.getClientRects()].map((at) => Math.round(at.top / 4)));
        if (tops.size > 1) found.push("wraps: " + one.textContent.trim());
        const { right } = range.getBoundingClientRect();
        if (right > innerWidth) found.push("outside: " + one.textContent.trim());
    }
    if (document.documentElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
    return found;
}"""


@pytest.fixture(scope="module")
def corp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corp]:
    """A corp with tiers, bands, packages, and amounts of millions."""
    folder = tmp_path_factory.mktemp("bill")
    book = tiered_book()
    price_of(book, "directory.read")["unit_price"] = "999999"
    settings = Settings(
        database_url=f"sqlite:///{folder}/tollbooth.db", price_book=write_book(folder / "book.toml", book)
    )
    server = RunningServer(settings)
    corp = server.make_corp(seed="demo", members=3, customers=120)
    wecom = corp.client()
    for _ in range(12):
        wecom.get("externalcontact/get_follow_user_list")
        wecom.get("department/list")
    wecom.get("externalcontact/list", userid="nobody")
    yield corp
    server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_amount_wraps_and_the_page_is_marked(
    browser: Any, corp: Corp, lang: str, width: int, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{corp.server.base_url}/_sim/corps/{corp.corpid}/statement?format=html&lang={lang}")
    assert page.evaluate(FLAWS) == []
    for line in page.locator("summary").all():
        line.click()
    assert page.evaluate(FLAWS) == []
    assert page.locator(".due b").text_content() == f"{float(corp.sim('statement')['total']):,.2f} CNY"
    # The mark stays in view wherever the reader has scrolled to.
    page.mouse.wheel(0, 5000)
    page.wait_for_function("scrollY > 0 || document.documentElement.scrollHeight <= innerHeight")
    mark = page.locator(".simulated b")
    assert "模拟账单" in mark.text_content()
    assert mark.bounding_box()["y"] < 60
    page.screenshot(path=str(tmp_path / f"bill-{lang}-{width}.png"))
    assert errors == []
    page.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_printed_page_is_stamped(browser: Any, corp: Corp, lang: str) -> None:
    page = browser.new_page()
    page.goto(f"{corp.server.base_url}/_sim/corps/{corp.corpid}/statement?format=html&lang={lang}")
    for line in page.locator("summary").all():
        line.click()
    page.emulate_media(media="print")
    stamp = page.locator(".stamp")
    assert stamp.is_visible()
    # What is fixed is printed on each page.
    assert stamp.evaluate("(one) => getComputedStyle(one).position") == "fixed"
    assert not page.locator(".simulated").is_visible()
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type ?/Page\b", printed)) > 1
    page.close()
