"""The pages about budgets: every call in them runs, in the same order in both languages."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.project.markdown import DOCS, blocks

PAGES = (DOCS / "toll.md", DOCS / "toll.zh-CN.md")
LIST = "externalcontact/list"


def test_both_pages_have_the_same_calls() -> None:
    english, chinese = (blocks(page) for page in PAGES)
    assert english == chinese


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_calls_on_the_page_run(server: RunningServer, page: Path) -> None:
    seen: dict[str, Any] = {}
    answer: dict[str, Any] = {}
    for block in blocks(page):
        if block.language == "json":
            expected = json.loads(block.text)
            assert {key: answer.get(key) for key in expected} == expected
        if block.language != "http":
            continue
        if "access_token" in block.text and answer.get("alerts_sent") == [90] and not answer["blocked"]:
            seen["access_token"] = spend_what_is_left(server, seen)
        text = block.text
        for name in re.findall(r"\{(\w+)\}", text):
            text = text.replace(f"{{{name}}}", str(seen[name]))
        first, _, body = text.partition("\n")
        method, path = first.split()
        answer = httpx.request(
            method, server.base_url + path, json=json.loads(body) if body else None, timeout=60
        ).json()
        if "apps" in answer:
            seen |= {"corpid": answer["corpid"], "apps": answer["apps"]}


def spend_what_is_left(server: RunningServer, seen: dict[str, Any]) -> str:
    """Makes the three calls that the page mentions; returns their token."""
    wecom: WeCom = Corp(server, {"corpid": seen["corpid"], "apps": seen["apps"]}).client()
    assert [wecom.get(LIST, userid="zhangsan")["errcode"] for _ in range(3)] == [0, 0, 0]
    return wecom.token
