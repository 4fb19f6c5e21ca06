"""An app whose receiver is written with wechatpy, and the replies on a phone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import Corp
from tests.families.app_events.wechatpy_app import WechatpyApp

Phone = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def app(corp: Corp) -> Iterator[WechatpyApp]:
    made = WechatpyApp(corp)
    yield made
    made.http.close()


@pytest.fixture
def phone(corp: Corp) -> Phone:
    """The passive replies that a person sees, oldest first: kind, from and body."""

    def read(person: str) -> list[dict[str, Any]]:
        items = [item for item in corp.sim(f"phones/{person}")["items"] if item["kind"] == "passive_reply"]
        return [{name: item[name] for name in ("kind", "from", "body")} for item in items]

    return read
