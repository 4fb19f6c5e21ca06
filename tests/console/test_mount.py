"""What /console says where there is no console."""

import asyncio
from typing import Any

import httpx
import pytest

from wecom_tollbooth.console import mount
from wecom_tollbooth.console.mount import ConsoleMount
from wecom_tollbooth.settings import Settings


def page_of(settings: Settings, scheme: str = "http") -> httpx.Response:
    async def asked() -> httpx.Response:
        transport: Any = httpx.ASGITransport(ConsoleMount(settings))
        async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://127.0.0.1:8123") as client:
            return await client.get("/console/")

    return asyncio.run(asked())


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mount, "is_installed", lambda: False)
    answer = page_of(Settings(workers=1))
    assert answer.status_code == 503
    assert answer.text.count("pip install &#x27;wecom-tollbooth[console]&#x27;") == 2


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_with_several_workers_it_names_the_command(scheme: str) -> None:
    settings = Settings(workers=2, database_url="postgresql://example.test/name", port=8123)
    answer = page_of(settings, scheme)
    assert answer.status_code == 503
    assert answer.text.count("tollbooth console --url http://127.0.0.1:8123") == 2
