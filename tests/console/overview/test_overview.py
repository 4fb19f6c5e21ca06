"""The overview in a real browser: figures that follow each call, and how to get started."""

from typing import Any

import pytest

from pytest_tollbooth.corp import Corp
from pytest_tollbooth.receiver import Receiver
from tests.console.conftest import Open
from wecom_tollbooth.console.guard import MODE_COOKIE

pytestmark = pytest.mark.slow


def figure(tab: Any, name: str) -> str:
    return str(tab.locator(f"section[aria-labelledby=ov-{name}] .ov-figure").inner_text())


@pytest.mark.parametrize(("language", "title"), [("zh-CN", "概况"), ("en-US", "Overview")])
def test_figures_follow_the_calls(corp: Corp, open_console: Open, language: str, title: str) -> None:
    corp.control("PUT", "/contact_limit", limit=40)
    corp.get("externalcontact/get_follow_user_list")
    tab = open_console(f"/corps/{corp.corpid}/", language=language)
    tab.wait_for_selector(".ov-figure")
    assert title in tab.title()
    assert figure(tab, "contacts") == "12"
    assert "40" in tab.locator("section[aria-labelledby=ov-contacts]").inner_text()
    before = tab.locator(".ov-bill").get_attribute("data-total")
    for _ in range(20):
        corp.get("externalcontact/list", userid="zhangsan")
    corp.control("POST", "/faults", path="externalcontact/list", then={"errcode": 45009})
    with pytest.raises(AssertionError):
        corp.get("externalcontact/list", userid="zhangsan")
    code = tab.locator("section[aria-labelledby=ov-errors] li")
    code.wait_for()
    assert "45009" in code.inner_text()
    assert code.locator("a").get_attribute("href").endswith(f"/corps/{corp.corpid}/calls?errcode=45009")
    after = tab.locator(".ov-bill").get_attribute("data-total")
    assert float(after) > float(before)
    assert after == corp.bill()["total"]
    assert int(tab.locator(".ov-bars").get_attribute("aria-label").count("3")) >= 1


def test_a_snippet_has_this_corp_and_its_app(corp: Corp, open_console: Open) -> None:
    tab = open_console(f"/corps/{corp.corpid}/?sdk=java", language="en-US")
    code = tab.locator("#ov-code pre")
    code.wait_for()
    assert f'config.setBaseApiUrl("{corp.base_url}")' in code.inner_text()
    assert corp.secret in code.inner_text()
    tab.locator("#ov-tab-java").press("ArrowRight")
    assert tab.locator("#ov-tab-go").get_attribute("aria-selected") == "true"
    assert "sdk=go" in tab.url
    other = corp.control("GET", "")["apps"][1]
    tab.locator(".ov-app select").select_option(str(other["agentid"]))
    assert f'WithApp("{other["secret"]}", {other["agentid"]})' in code.inner_text()
    assert f"agentid={other['agentid']}" in tab.url


def test_an_address_is_saved_when_it_is_verified(corp: Corp, open_console: Open) -> None:
    app = corp.control("GET", "")["apps"][0]
    tab = open_console(f"/corps/{corp.corpid}/", language="en-US")
    address = tab.locator(".ov-form input[type=url]")
    with Receiver(corp.corpid, app["callback_token"], app["encoding_aes_key"]) as receiver:
        address.fill(receiver.url)
        tab.locator(".ov-primary").click()
        tab.wait_for_function("document.querySelector('.ov-said').textContent.startsWith('Saved')")
        assert corp.control("GET", "")["apps"][0]["callback_url"] == receiver.url


def test_an_address_that_fails_its_check_is_not_saved(browser: Any, corp: Corp) -> None:
    # Not by open_console: a browser logs a refusal as an error.
    app = corp.control("GET", "")["apps"][0]
    tab = browser.new_page(locale="zh-CN")
    tab.goto(f"{corp.base_url}/console/corps/{corp.corpid}/")
    with Receiver(corp.corpid, app["callback_token"], app["encoding_aes_key"]) as receiver:
        tab.locator(".ov-form input[type=url]").fill(receiver.url)
        tab.locator(".ov-form input").nth(1).fill("anothertoken")
        tab.locator(".ov-primary").click()
        tab.wait_for_function("document.querySelector('.ov-said').textContent.startsWith('没有保存')")
    assert "the address was not accepted" in tab.locator(".ov-said").inner_text()
    assert corp.control("GET", "")["apps"][0]["callback_url"] == ""
    tab.close()


def test_modes_hide_secrets_and_change_nothing(corp: Corp, open_console: Open) -> None:
    tab = open_console(f"/corps/{corp.corpid}/", language="en-US")
    tab.context.add_cookies(
        [
            {
                "name": MODE_COOKIE,
                "value": "read_only-and-presenter",
                "url": f"{corp.base_url}/console",
            }
        ]
    )
    tab.reload()
    tab.locator("#ov-code pre").wait_for()
    shown = tab.content()
    for secret in (corp.secret, corp.control("GET", "")["apps"][0]["encoding_aes_key"]):
        assert secret not in shown
    assert tab.locator(".ov-primary").is_disabled()


def test_nothing_is_cut_off_on_a_phone_and_a_new_corp_says_so(open_console: Open, served: Any) -> None:
    corp = served.new_corp(seed="empty")
    tab = open_console(f"/corps/{corp.corpid}/", language="zh-CN", width=390)
    tab.wait_for_selector(".ov-figure")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert tab.locator(".ov-empty").count() >= 2
    corp.delete()
