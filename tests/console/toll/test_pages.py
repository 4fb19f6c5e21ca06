"""The toll in a real browser: from the bill of a month to a single call, what-if, books and the budget."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from pytest_tollbooth.servers import LocalServer
from tests.browsers import chromium
from tests.console.browser.test_accessibility import findings

pytestmark = pytest.mark.slow

PAGES = {
    "": "[data-figure=total]",
    "/lines/customer.list": ".toll-records tbody tr",
    "/lines/contacts": ".toll-records tbody tr",
    "/what-if": ".toll-plot rect",
    "/price-books": ".toll-books",
    "/budget": ".toll-form",
}
"""Each with an element that is there once the page has its content."""
WRAPPED = """() => {
    const found = [];
    const numbers = "#content .number, #content .toll-figure, #content .toll-price";
    for (const one of document.querySelectorAll(numbers)) {
        if (!one.offsetParent || !one.textContent.trim()) continue;
        const range = document.createRange();
        range.selectNodeContents(one);
        const tops = new Set([...range.getClientRects()].map((at) => Math.round(at.top / 12)));
        if (tops.size > 2) found.push(one.textContent.trim());
    }
    if (document.documentElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
    return found;
}"""


class Sandbox:
    """A server in a process, with one corp of 40 customers that calls when it is told to."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=60)
        self.url = url
        made = self.http.post("/_sim/corps", json={"seed": "demo", "members": 3, "customers": 40}).json()
        self.corpid: str = made["corpid"]
        asked = {"corpid": self.corpid, "corpsecret": made["apps"][0]["secret"]}
        self._token: str = self.http.get("/cgi-bin/gettoken", params=asked).json()["access_token"]

    def call(self, times: int, userid: str = "zhangsan") -> None:
        for _ in range(times):
            params = {"access_token": self._token, "userid": userid}
            self.http.get("/cgi-bin/externalcontact/list", params=params)

    def sim(self, path: str, **params: Any) -> Any:
        return self.http.get(f"/_sim/corps/{self.corpid}/{path}", params=params).json()

    def address(self, path: str = "") -> str:
        return f"{self.url}/console/corps/{self.corpid}/toll{path}"


@pytest.fixture(scope="module")
def sandbox(served: LocalServer) -> Sandbox:
    sandbox = Sandbox(served.base_url)
    sandbox.call(60)
    sandbox.call(1, "nobody")
    return sandbox


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture(params=[("zh-CN", 1280)])
def page(browser: Any, sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A tab of this language and width. No console error, and no request to another machine."""
    language, width = request.param
    context = browser.new_context(locale=language, viewport={"width": width, "height": 900})
    context.set_default_timeout(20_000)
    wrong: list[str] = []
    page = context.new_page()
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: wrong.append(asked.url) if _leaves(asked.url, sandbox) else None)
    yield page
    context.close()
    assert wrong == []


def _leaves(url: str, sandbox: Sandbox) -> bool:
    return not url.startswith((sandbox.url, sandbox.url.replace("http", "ws", 1), "data:", "blob:"))


def test_from_the_bill_to_a_single_call(page: Any, sandbox: Sandbox) -> None:
    page.goto(sandbox.address())
    total = page.locator("[data-figure=total]")
    total.wait_for()
    before = sandbox.sim("statement")["total"]
    assert before in total.text_content()
    # The figure rises while calls come in.
    sandbox.call(50)
    after = sandbox.sim("statement")["total"]
    assert float(after) > float(before)
    page.locator("[data-figure=total]", has_text=after).wait_for()
    line = page.locator("tbody tr", has_text="客户·列表")
    assert re.search(r"110 × 0.002 = 0.22", line.text_content())
    line.get_by_role("link").click()
    page.wait_for_url("**/toll/lines/customer.list?month=*")
    rows = page.locator(".toll-records tbody tr")
    rows.nth(49).wait_for()
    assert rows.count() == 50
    page.get_by_role("button", name="再看 50 条").click()
    rows.nth(99).wait_for()
    page.get_by_role("button", name="再看 50 条").click()
    page.locator("text=共 110 条").wait_for()
    rows.nth(109).get_by_role("link").click()
    page.wait_for_url("**/toll/records/*")
    number = page.url.rpartition("/")[2]
    assert sandbox.sim(f"ledger/{number}")["operation"] == "/cgi-bin/externalcontact/list"
    assert "GET /cgi-bin/externalcontact/list" in page.locator("#content").text_content()
    assert '"errmsg": "ok"' in page.locator("pre").last.text_content()
    page.get_by_role("link", name="在调用日志中打开").click()
    page.wait_for_url("**/calls/*")


def test_a_past_month_is_empty_and_has_an_address(page: Any, sandbox: Sandbox) -> None:
    page.goto(sandbox.address())
    page.locator("[data-figure=total]").wait_for()
    page.get_by_role("button", name="上个月").click()
    page.wait_for_url("**/toll?month=*")
    page.locator("text=0.00").first.wait_for()
    month = page.url.rpartition("=")[2]
    assert page.locator("input[type=month]").input_value() == month < sandbox.sim("statement")["month"]
    page.goto(sandbox.address("/lines/customer.list?month=2020-01"))
    page.locator(".state-empty", has_text="没有这一行").wait_for()
    page.goto(sandbox.address("/records/1"))
    page.locator(".state-empty", has_text="没有编号为 1 的记录").wait_for()


def test_what_if_follows_its_sliders_and_keeps_them_in_its_address(page: Any, sandbox: Sandbox) -> None:
    page.goto(sandbox.address("/what-if"))
    figure = page.locator("[data-figure=article-toll]")
    figure.wait_for()
    small = figure.text_content()
    slider = page.get_by_label("首月联系人")
    assert slider.get_attribute("aria-valuetext") == "40"
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "(before) => document.querySelector('[data-figure=article-toll]').textContent !== before", arg=small
    )
    contacts = int(slider.get_attribute("aria-valuetext").replace(",", ""))
    assert contacts > 100_000
    page.wait_for_url(f"**/what-if?contacts={contacts}&**")
    asked = {"contacts": contacts, "calls": {"customer.list": "2.75"}, "price_books": ["wecom-2025"]}
    expected = sandbox.http.post("/_sim/estimate", json=asked).json()["estimates"][0]["year"]["total"]
    page.reload()
    page.locator("[data-figure=wecom-2025]", has_text=f"{float(expected):,.2f}").wait_for()
    assert page.locator(".toll-plot rect").count() >= 24


def test_a_budget_is_set_spent_paid_and_deleted(page: Any, sandbox: Sandbox) -> None:
    page.goto(sandbox.address("/budget"))
    page.locator("text=还没有预算").wait_for()
    page.get_by_label("每月金额").fill("0.05")
    page.get_by_label("拦截后续调用").check()
    page.get_by_role("button", name="保存").click()
    page.locator(".chip.bad", has_text="701063").wait_for()
    assert sandbox.sim("budget")["blocked"]
    page.get_by_role("button", name="付清已花的").click()
    page.locator(".chip.good").wait_for()
    spent = sandbox.sim("budget")["spent"]
    sandbox.call(5)
    assert sandbox.sim("budget")["spent"] > spent
    page.locator("[data-figure=spent]", has_text=sandbox.sim("budget")["spent"]).wait_for()
    page.get_by_role("button", name="删除预算").click()
    page.locator("text=还没有预算").wait_for()
    assert sandbox.http.get(f"/_sim/corps/{sandbox.corpid}/budget").status_code == 404


def test_price_books_are_side_by_side(page: Any, sandbox: Sandbox) -> None:
    page.goto(sandbox.address("/price-books"))
    page.locator(".toll-books").wait_for()
    columns = page.locator(".toll-books thead th").all_text_contents()
    assert columns == ["计量项", "article-toll", "wecom-2022", "wecom-2025"]
    month = page.locator(".toll-books tbody tr").nth(1)
    assert f"{sandbox.sim('statement')['total']} CNY" in month.locator("td").nth(1).text_content()
    price = page.locator(".toll-books tr", has_text="link_contacts").locator("td").nth(3)
    assert "1 / 位" in price.text_content()
    source = price.get_by_text("获客助手，未核实")
    assert not source.is_visible()
    price.locator("summary").click()
    assert source.is_visible()


@pytest.mark.parametrize(
    "page",
    [("zh-CN", 1280), ("zh-CN", 390), ("en", 1280), ("en", 390)],
    indirect=True,
    ids=["zh-1280", "zh-390", "en-1280", "en-390"],
)
def test_every_page_fits_in_both_languages(page: Any, sandbox: Sandbox) -> None:
    for path, content in PAGES.items():
        page.goto(sandbox.address(path))
        page.locator(content).first.wait_for()
        assert page.evaluate(WRAPPED) == [], path
        assert page.locator(".state-error").count() == 0, path
        assert findings(page) == [], path
        texts = page.locator("#content").inner_text()
        assert ("账单" in texts) == (page.evaluate("navigator.language") == "zh-CN"), path
