"""docs/faults.md and docs/strict.md: every call and command runs and answers what the page shows."""

import json
import re
import shlex
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from tests.conftest import RunningServer
from tests.project.markdown import DOCS, assert_part, blocks, example_request, first_values
from wecom_tollbooth.cli import app

PAGES = ("faults", "strict")
CLOSED = "connection closed"


@pytest.mark.parametrize("page", PAGES)
def test_both_pages_have_the_same_calls(page: str) -> None:
    assert blocks(DOCS / f"{page}.md") == blocks(DOCS / f"{page}.zh-CN.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_call_and_command_of_the_page_runs(
    page: str, start_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.chdir(tmp_path)  # the developer's `.env` is not read
    server: RunningServer = start_server()
    seen: dict[str, Any] = {}
    steps = blocks(DOCS / f"{page}.md")
    for place, step in enumerate(steps):
        shown = steps[place + 1] if place + 1 < len(steps) else step
        if step.language == "http":
            seen |= call(server, step.text, shown.language, shown.text.strip(), seen)
        elif step.language == "sh":
            for command in step.text.splitlines():
                run(server, command.replace("{corpid}", seen["corpid"]))


def call(server: RunningServer, text: str, language: str, shown: str, seen: dict[str, Any]) -> dict[str, Any]:
    asked = example_request(text, "", seen)
    url = server.base_url + asked.path
    if shown == CLOSED:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.request(asked.method, url, json=asked.content)
        return {}
    answer = httpx.request(asked.method, url, json=asked.content, timeout=60)
    status = re.fullmatch(r"HTTP (\d+)", shown)
    assert answer.status_code == (int(status[1]) if status else 200), f"{asked.first}: {answer.text}"
    if status:
        return {}
    reply = answer.json()
    if language == "json":
        assert_part(asked.first, json.loads(shown), reply)
    return first_values(reply)


def run(server: RunningServer, command: str) -> None:
    program, *words = shlex.split(command)
    assert program == "tollbooth"
    done = CliRunner().invoke(app, [*words, "--url", server.base_url])
    assert done.exit_code == 0, f"{command}: {done.output}"
