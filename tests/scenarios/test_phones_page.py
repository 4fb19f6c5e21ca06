"""docs/phones.md: every command and call of the tea shop's day runs, and prints what the page shows."""

import json
import re
import shlex
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from tests.conftest import Corp, RunningServer
from tests.project.markdown import DOCS, Block, assert_part, blocks, example_request, first_values
from wecom_tollbooth.cli import app

PAGE, PAGE_ZH = DOCS / "phones.md", DOCS / "phones.zh-CN.md"


class Day:
    """Runs the blocks of the page on a server, one after the other."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.seen: dict[str, Any] = {}
        self.printed = ""
        self.answer: Any = {}

    def follow(self, block: Block) -> None:
        match block.language:
            case "sh":
                self.printed = ""
                for command in block.text.splitlines():
                    self.run(command)
            case "http":
                self.call(block.text)
            case "text":
                for line in block.text.splitlines():
                    self.find(line)
            case "json":
                assert_part(block.text, json.loads(self.filled(block.text)), self.answer)

    def filled(self, text: str) -> str:
        for name, value in self.seen.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def run(self, command: str) -> None:
        program, *words = shlex.split(self.filled(command))
        assert program == "tollbooth"
        done = CliRunner().invoke(app, [*words, "--url", self.server.base_url])
        assert done.exit_code == 0, f"{command}: {done.output}"
        self.printed += done.output
        if words[0] == "act":
            came = dict(re.findall(r"^(\w+): (.*)$", done.output, re.MULTILINE))
            self.seen |= came
            self.seen |= {word[5:]: came["external_userid"] for word in words if word.startswith("name=")}

    def call(self, text: str) -> None:
        asked = example_request(text, "", self.seen)
        url = self.server.base_url + asked.path
        answer = httpx.request(asked.method, url, json=asked.content, timeout=60)
        assert answer.status_code == 200, f"{asked.first}: {answer.text}"
        self.answer = answer.json()
        assert self.answer.get("errcode", 0) == 0, f"{asked.first}: {self.answer}"
        self.seen |= first_values(self.answer)

    def find(self, line: str) -> None:
        """Asserts that the line was printed; takes the number that stands for {id}."""
        pattern = re.escape(" ".join(line.split())).replace("…", ".*").replace(r"\{id\}", r"(?P<id>\d+)")
        found = [re.fullmatch(pattern, " ".join(printed.split())) for printed in self.printed.splitlines()]
        matches = [match for match in found if match]
        assert matches, f"{line!r} is not in\n{self.printed}"
        self.seen |= matches[0].groupdict()


def test_both_pages_have_the_same_commands() -> None:
    assert blocks(PAGE) == blocks(PAGE_ZH)


@pytest.fixture
def day(start_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Day:
    monkeypatch.chdir(tmp_path)  # the developer's `.env` is not read
    return Day(start_server())


def test_the_phones_of_the_day_show_what_the_page_says(day: Day) -> None:
    for block in blocks(PAGE):
        day.follow(block)
    corp = Corp(day.server, {"corpid": day.seen["corpid"], "apps": []})

    def kinds_and_states(person: str) -> list[tuple[str, str]]:
        return [(item["kind"], item["state"]) for item in corp.sim(f"phones/{person}")["items"]]

    assert kinds_and_states(day.seen["王芳"]) == [
        ("welcome", "delivered"),
        ("mass_message", "opened"),
        ("moment", "delivered"),
    ]
    assert kinds_and_states(day.seen["李雷"]) == []
    assert kinds_and_states("zhangsan")[-2:] == [
        ("mass_message_task", "confirmed"),
        ("moment_task", "published"),
    ]
    assert kinds_and_states("lisi")[-1] == ("mass_message_task", "ignored")
