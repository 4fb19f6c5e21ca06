"""/docs in a real browser."""

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import RunningServer

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
SWAGGER = "static-offline-docs/swagger-ui"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium of this machine; a machine without it skips the test."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    api = pytest.importorskip("playwright.sync_api", reason="no playwright (pip install playwright)")
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


class Reader:
    """A tab, with what it asked for and what went wrong in it."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.address = address
        self.asked: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def open(self, rest: str = "") -> None:
        self.page.goto(f"{self.address}/docs{rest}")

    def search(self, words: str) -> list[str]:
        """The paths that are shown for these words."""
        self.page.fill("#search", words)
        return [text for text in self.page.locator(".entry:visible code").all_inner_texts() if text]

    @property
    def visible_entries(self) -> int:
        return int(self.page.locator(".entry:visible").count())

    def check(self) -> None:
        assert self.errors == []
        assert [url for url in self.asked if not url.startswith((self.address, "data:", "blob:"))] == []


@pytest.fixture(params=["zh-CN", "en-US"])
def reader(request: pytest.FixtureRequest, browser: Any, server: RunningServer) -> Iterator[Reader]:
    context = browser.new_context(locale=request.param)
    context.set_default_timeout(30_000)
    reader = Reader(context.new_page(), server.base_url)
    yield reader
    context.close()
    reader.check()


def test_groups_are_collapsed_and_a_search_finds_by_path_chinese_and_english(reader: Reader) -> None:
    reader.open()
    assert reader.page.locator(".group").count() > 30
    assert reader.visible_entries == 0
    mark_tag = "/cgi-bin/externalcontact/mark_tag"
    for words in ("contact/mark_tag", "编辑客户企业标签", "Tag a customer"):
        assert mark_tag in reader.search(words), words
    assert reader.search("mark_tag 没有这个词") == []
    assert reader.page.locator("#nothing").is_visible()
    reader.search("")
    assert reader.visible_entries == 0
    reader.page.keyboard.press("Escape")
    reader.page.locator("h1").click()
    reader.page.keyboard.press("/")
    assert reader.page.evaluate("document.activeElement.id") == "search"
    assert not [url for url in reader.asked if SWAGGER in url or "openapi.json" in url]


def test_an_operation_opens_in_the_language_and_can_be_tried(reader: Reader, corp: Any) -> None:
    is_chinese = reader.page.evaluate("navigator.language").startswith("zh")
    reader.open("#gettoken")
    details = reader.page.locator("#gettoken .details")
    details.get_by_text("试用" if is_chinese else "Try it out", exact=True).click()
    for name, value in (("corpid", corp.corpid), ("corpsecret", corp.apps[0]["secret"])):
        field = details.locator(f"tr[data-param-name={name}] input")
        field.fill(value)
        field.press("Tab")
        reader.page.wait_for_timeout(400)  # Swagger UI takes over what was typed a moment later
    details.locator(".execute").click()
    assert "access_token" in details.locator(".live-responses-table .highlight-code").first.inner_text()
    labels = details.locator(".opblock-section-header").first.inner_text()
    assert bool(re.search("[\u4e00-\u9fff]", labels)) == is_chinese
    # The token is filled in for the next operation.
    reader.search("get_follow_user_list")
    reader.page.locator("#externalcontact_get_follow_user_list > summary").click()
    following = reader.page.locator("#externalcontact_get_follow_user_list .details")
    assert following.locator("tr[data-param-name=access_token] input").input_value() != ""
    following.locator(".try-out__btn").click()
    following.locator(".execute").click()
    assert "follow_user" in following.locator(".live-responses-table .highlight-code").first.inner_text()


def test_the_other_language_shows_the_same_place(reader: Reader) -> None:
    reader.open("#get_clock")
    reader.search("clock")
    language = reader.page.evaluate("document.documentElement.lang")
    other = "en" if language == "zh-CN" else "zh-CN"
    reader.page.locator(f"a.language[lang='{other}']").click()
    reader.page.wait_for_function(f"document.documentElement.lang == '{other}'")
    assert reader.page.input_value("#search") == "clock"
    assert reader.page.locator("#get_clock").get_attribute("open") is not None


def test_axe_finds_nothing_serious(reader: Reader) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    reader.open("#externalcontact_mark_tag")
    reader.page.wait_for_selector(".details .opblock-section-header")
    found = axe.run(reader.page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_nothing_is_cut_off_on_a_phone(browser: Any, server: RunningServer) -> None:
    context = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{server.base_url}/docs?q=mark_tag#externalcontact_mark_tag")
    page.wait_for_selector(".details .opblock-section-header")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
