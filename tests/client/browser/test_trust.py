"""Chromium with the options that `tollbooth tls trust chromium` prints."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.browsers import CHROMIUM
from tests.conftest import RunningServer
from wecom_tollbooth.tls.authority import Authority
from wecom_tollbooth.tls.recipes import browser_options

pytestmark = pytest.mark.slow


def test_it_reaches_wecoms_hosts_here_and_others_as_always(front: RunningServer) -> None:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    api = pytest.importorskip("playwright.sync_api", reason="no playwright (pip install playwright)")
    authority = Authority(Path(front.settings.tls_folder))
    options = shlex.split(browser_options(authority, front.settings.proxy_port))
    profile = next(option for option in options if option.startswith("--user-data-dir="))
    with api.sync_playwright() as playwright:
        context: Any = playwright.chromium.launch_persistent_context(
            profile.partition("=")[2],
            executable_path=CHROMIUM,
            args=["--no-sandbox", *(option for option in options if option != profile)],
        )
        page = context.new_page()
        script = page.goto("https://res.wx.qq.com/open/js/jweixin-1.2.0.js")
        assert (script.status, "WeixinJSBridge" in script.text()) == (200, True)
        assert page.goto(f"{front.base_url}/_sim/health").status == 200
        context.close()
