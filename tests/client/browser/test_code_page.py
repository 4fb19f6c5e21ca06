"""The page behind a code in a real browser: somebody scans it, and sees the welcome message arrive."""

from typing import Any

import pytest

from tests.conftest import RunningServer
from tests.families.contact_ways.ways import new_way
from tests.families.factories import act

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server with an admin token."""
    from wecom_tollbooth.settings import Settings

    folder = tmp_path_factory.mktemp("codes")
    server = RunningServer(Settings(database_url=f"sqlite:///{folder}/tollbooth.db", admin_token="sesame"))
    server.sim.headers["Authorization"] = "Bearer sesame"
    yield server
    server.stop()


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_a_scan_by_a_new_and_by_a_known_customer(browser: Any, own: RunningServer, language: str) -> None:
    corp = own.make_corp(seed="demo", activity=False)
    act(corp, "admin_sets_welcome_message", userid="zhangsan", text="欢迎光临")
    known = act(corp, "member_adds_customer", userid="lisi", name="赵无极")["external_userid"]
    config_id = new_way(corp.client())
    context = browser.new_context(locale=language, viewport={"width": 390, "height": 800})
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{own.base_url}/_sim/scan/contact_way/{corp.corpid}/{config_id}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    page.get_by_label("姓名" if language == "zh-CN" else "Name").fill("王小美")
    button = page.get_by_role("button", name="扫码并添加" if language == "zh-CN" else "Scan and add")
    button.press("Enter")
    token = page.get_by_label("管理令牌" if language == "zh-CN" else "Admin token")
    token.fill("wrong")
    token.press("Enter")
    page.locator(".problem", has_text="不对" if language == "zh-CN" else "wrong").wait_for()
    token.fill("sesame")
    token.press("Enter")
    page.locator("#said", has_text="王小美").wait_for()
    page.locator("#items", has_text="欢迎光临").wait_for()
    assert not token.is_visible()

    page.get_by_label("已有客户" if language == "zh-CN" else "A known customer").check()
    page.locator("#find").fill("无极")
    page.locator("#external_userid option", has_text="赵无极").wait_for(state="attached")
    page.locator("#external_userid").select_option(known)
    button.click()
    page.locator("#said", has_text="赵无极").wait_for()
    page.locator("#items", has_text="欢迎光临").wait_for()
    button.click()
    page.locator(".problem", has_text="already").wait_for()
    assert problems == []
    followers = corp.client().get("externalcontact/get", external_userid=known)["follow_user"]
    assert {one["userid"] for one in followers} == {"lisi", "zhangsan"}
    context.close()
