"""WeCom's own libraries, unmodified from npm, in the client page and with our login pages."""

import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.client.browser.sidebar import Sidebar
from tests.conftest import RunningServer

pytestmark = pytest.mark.slow

SECONDS = 120


def packed(folder: Path, package: str, name: str) -> str:
    """A file of a package as it is published; the test is skipped where npm cannot fetch it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm on this machine")
    fetched = subprocess.run(
        [npm, "pack", "--silent", package], cwd=folder, capture_output=True, text=True, timeout=SECONDS
    )
    if fetched.returncode != 0:
        pytest.skip(f"npm cannot fetch {package}: {fetched.stderr.strip()[-200:]}")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        found = archive.extractfile(f"package/{name}")
        assert found is not None
        return found.read().decode()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> str:
    return packed(tmp_path_factory.mktemp("jssdk"), "@wecom/jssdk@2", "dist/wecom.global.prod.js")


@pytest.fixture
def product(sidebar: Sidebar, library: str) -> Sidebar:
    sidebar.library = library
    return sidebar


def test_it_knows_its_customer_and_sends_through_the_injected_bridge(
    page: Any, front: RunningServer, product: Sidebar
) -> None:
    customer = product.wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    address = product.address("/npm?tab=1", host="127.0.0.1")
    given = urlencode({"external_userid": customer, "url": address, "inject": "1"})
    page.goto(f"{front.base_url}/_sim/client/{product.corp.corpid}/zhangsan?{given}")
    frame = page.frame_locator("#screen iframe")
    frame.locator("#log", has_text="done").wait_for()
    assert frame.locator("#who").text_content() == f"single_chat_tools · {customer}"
    assert frame.locator("body").evaluate("() => ww.SDK_VERSION").startswith("2.")
    frame.get_by_role("button", name="桂花乌龙").click()
    frame.locator("#log", has_text="sendChatMessage:ok").wait_for()
    shown = product.corp.sim(f"phones/{customer}")["items"]
    assert [item["body"]["text"]["content"] for item in shown] == ["桂花乌龙今天上市，欢迎试饮"]
    calls = product.corp.sim("webview_calls", userid="zhangsan")["calls"]
    assert [call["name"] for call in calls] == [
        "agentConfig",
        "getContext",
        "getCurExternalContact",
        "sendChatMessage",
    ]
    assert all(call["params"]["verifySignature"] for call in calls[1:])


def test_a_call_that_fails_rejects_with_the_reason(page: Any, front: RunningServer, product: Sidebar) -> None:
    address = product.address("/npm", host="127.0.0.1")
    given = urlencode({"url": address, "inject": "1"})
    page.goto(f"{front.base_url}/_sim/client/{product.corp.corpid}/zhangsan?{given}")
    frame = page.frame_locator("#screen iframe")
    frame.locator("#log", has_text="getCurExternalContact:fail").wait_for()
    assert "getContext:ok" in frame.locator("#log").text_content()


def test_its_login_panel_logs_in(page: Any, product: Sidebar) -> None:
    page.goto(product.address("/npm-panel"))
    page.frame_locator("#panel iframe").get_by_text("lisi").click()
    page.locator("#log", has_text="visitor=lisi").wait_for()


def test_jweixin_runs_unchanged_too(
    page: Any, front: RunningServer, sidebar: Sidebar, tmp_path: Path
) -> None:
    sidebar.library = packed(tmp_path, "weixin-js-sdk@1.6", "index.js")
    customer = sidebar.wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    address = sidebar.address("/npm-wx", host="127.0.0.1")
    given = urlencode({"external_userid": customer, "url": address, "inject": "1", "device": "mobile"})
    page.goto(f"{front.base_url}/_sim/client/{sidebar.corp.corpid}/zhangsan?{given}")
    frame = page.frame_locator("#screen iframe")
    frame.locator("#log", has_text="done").wait_for()
    assert frame.locator("#who").text_content() == f"single_chat_tools · {customer}"
    assert 'check {"previewImage":true}' in frame.locator("#log").text_content()
    frame.get_by_role("button", name="桂花乌龙").click()
    frame.locator("#log", has_text="sendChatMessage:ok").wait_for()
