"""Takes the pictures of the login page, the client page and a bill for docs/images: python -m tools.pictures

Needs Chromium and playwright. The pages are those of a server of its own, with a small sidebar around it.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.billing.books import as_toml, price_of, shipped_book
from tests.client.browser.sidebar import HOST, Sidebar, serving
from tests.conftest import RunningServer
from wecom_tollbooth.client.devices import USER_AGENTS
from wecom_tollbooth.settings import Settings

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZE = {"width": 1180, "height": 800}
COLOURS = 96
LANGUAGES = {"zh-CN": "client.zh-CN.png", "en": "client.png"}
BILLS = {"zh-CN": "bill.zh-CN.png", "en": "bill.png"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(
            Settings(
                database_url=f"sqlite:///{folder}/tollbooth.db",
                unknown_media="accept",
                tls=True,
                tls_port=0,
                proxy=True,
                proxy_port=0,
                tls_folder=f"{folder}/tls",
            )
        )
        with sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
            )
            for language, name in LANGUAGES.items():
                corp = server.make_corp(seed="demo", members=4, customers=16)
                with serving(corp) as sidebar:
                    _take_client(browser, server, sidebar, language, name)
            _take_login(browser, server)
            _take_bills(browser, server)
            browser.close()
        server.stop()


def _take_client(browser: Any, server: RunningServer, sidebar: Sidebar, language: str, name: str) -> None:
    """A signature with a fragment is refused, then the page is opened as it should be and sends."""
    customer = sidebar.wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    page = _tab(browser, server, language)
    given = {"external_userid": customer, "url": sidebar.address("/wx?sign=fragment#/customer")}
    page.goto(f"{server.base_url}/_sim/client/{sidebar.corp.corpid}/zhangsan?{urlencode(given)}")
    frame = page.frame_locator("#screen iframe")
    frame.locator("#log", has_text="done").wait_for()
    page.locator("#url").fill(sidebar.address("/wx"))
    page.locator("#address button[type=submit]").click()
    frame.locator("#log", has_text="getCurExternalContact:ok").wait_for()
    frame.get_by_role("button", name="桂花乌龙").click()
    page.locator("#messages .body").wait_for()
    _save(page, name)


def _take_login(browser: Any, server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", members=4, customers=3)
    page = _tab(browser, server, "zh-CN", {"width": 640, "height": 620})
    query = {"appid": corp.corpid, "response_type": "code", "scope": "snsapi_base"}
    query["agentid"] = str(corp.apps[0]["agentid"])
    redirect = quote("https://crm.example.test/cb", safe="")
    address = f"{server.base_url}/connect/oauth2/authorize?{urlencode(query)}&redirect_uri={redirect}"
    page.goto(address)
    _save(page, "login.png")


def _take_bills(browser: Any, server: RunningServer) -> None:
    """Half a day's calls under the books of WeCom, with one line unfolded to its tiers."""
    corp = server.make_corp(seed="scrm-400", name="瑞杯茶饮（演示）")
    wecom = corp.client()
    for _ in range(61):
        wecom.get("externalcontact/list", userid="zhangsan")
    wecom.get("externalcontact/list", userid="nobody")
    book = shipped_book()
    tiers = [{"up_to": 20, "unit_price": "0.02"}, {"unit_price": "0.01"}]
    price = price_of(book, "customer.list")
    price.clear()
    price |= {
        "meter": "customer.list",
        "model": "graduated",
        "tiers": tiers,
        "source": "An example of tiers: the first 20 calls cost most",
        "source_zh": "阶梯的例子：前 20 次调用最贵",
    }
    for language, name in BILLS.items():
        page = _tab(browser, server, language, {"width": 1000, "height": 960})
        posted = server.sim.post(
            f"/corps/{corp.corpid}/statement",
            params={"format": "html", "lang": language[:2]},
            json={"price_books": [as_toml(book)]},
        )
        page.set_content(posted.text)
        page.locator("summary").nth(1).click()
        _save(page, name)


def _tab(browser: Any, server: RunningServer, language: str, size: dict[str, int] = SIZE) -> Any:
    context = browser.new_context(
        proxy={"server": f"http://127.0.0.1:{server.settings.proxy_port}", "bypass": f"127.0.0.1,{HOST}"},
        ignore_https_errors=True,
        user_agent=USER_AGENTS["desktop"],
        viewport=size,
        locale=language,
        timezone_id="Asia/Shanghai",
    )
    return context.new_page()


def _save(page: Any, name: str) -> None:
    """As a PNG with few colours, which is a third as large."""
    page.mouse.move(0, 0)
    path = IMAGES / name
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()
