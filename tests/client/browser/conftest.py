"""A real browser, led through our proxy, so that WeCom's origins are the real ones.

The browser lives for one module: while it runs, nothing else in the process can use asyncio.run.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browsers import chromium
from tests.client.browser.sidebar import EVIL_HOST, HOST, Sidebar, serving
from tests.conftest import RunningServer
from tests.families.factories import act
from wecom_tollbooth.client.devices import USER_AGENTS
from wecom_tollbooth.settings import Settings

LED_HERE = ", ".join(f"MAP {host} 127.0.0.1" for host in (HOST, EVIL_HOST))


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with the HTTPS port and the proxy."""
    folder = tmp_path_factory.mktemp("browser")
    server = RunningServer(
        Settings(
            database_url=f"sqlite:///{folder}/tollbooth.db",
            unknown_media="accept",
            tls=True,
            tls_port=0,
            proxy=True,
            proxy_port=0,
            tls_folder=str(folder / "tls"),
        )
    )
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium of this machine; a machine without it skips the test."""
    with chromium(f"--host-resolver-rules={LED_HERE}") as running:
        yield running


@pytest.fixture
def sidebar(front: RunningServer) -> Iterator[Sidebar]:
    corp = front.make_corp(seed="demo", members=3, customers=12)
    act(corp, "member_adds_customer", userid="zhangsan")  # whom the seed may have left without any
    with serving(corp) as running:
        yield running


@pytest.fixture
def page(browser: Any, front: RunningServer) -> Iterator[Any]:
    """A tab in a profile of its own, with the user agent of the desktop client."""
    proxy = {
        "server": f"http://127.0.0.1:{front.settings.proxy_port}",
        "bypass": f"127.0.0.1,localhost,.localhost,{HOST},{EVIL_HOST}",
    }
    context = browser.new_context(
        proxy=proxy, ignore_https_errors=True, user_agent=USER_AGENTS["desktop"], locale="zh-CN"
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
