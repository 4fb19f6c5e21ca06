"""Following a recipe of docs/recipes that is written in HTTP: its calls on a server, and what they answer."""

import json
import re
from typing import Any
from xml.etree import ElementTree

import httpx

from tests.callbacks.receiver import Query, Receiver
from tests.conftest import Corp, RunningServer
from tests.project.markdown import DOCS, Block, blocks, example_request
from wecom_tollbooth.callbacks import crypto

OPENING = [block for block in blocks(DOCS / "recipes.md") if block.language == "http"]
PAGES = [
    path
    for path in sorted((DOCS / "recipes").glob("*.md"))
    if ".zh-CN" not in path.name and "```http" in path.read_text(encoding="utf-8")
]
RECIPES = {path.read_text(encoding="utf-8").partition("\n")[0][2:]: blocks(path) for path in PAGES}
"""The code blocks of each recipe, by heading."""


class Cook:
    """Runs the calls of a recipe on a server and keeps the answers."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.seen: dict[str, Any] = {}
        """The first value of each name in the latest answer that had one."""
        self.answers: list[Any] = []
        self.corp: Corp
        self.receiver = Receiver(self.open_echo)

    def follow(self, steps: list[Block]) -> None:
        for place, step in enumerate(steps):
            if step.language == "http":
                after = steps[place + 1] if place + 1 < len(steps) else Block("", "")
                self.send(step.text, after)

    def send(self, request: str, shown: Block) -> None:
        asked = example_request(request, self.receiver.url, self.seen)
        url = self.server.base_url + asked.path
        answer = httpx.request(asked.method, url, json=asked.content, timeout=60)
        status = re.fullmatch(r"HTTP (\d+)\s*", shown.text)
        assert answer.status_code == (int(status[1]) if status else 200), f"{asked.first}: {answer.text}"
        reply = answer.json() if answer.content else {}
        if shown.language == "json":
            assert_part(asked.first, json.loads(shown.text), reply)
        elif not status:
            assert reply.get("errcode", 0) == 0, f"{asked.first}: {reply}"
        if asked.path == "/_sim/corps":
            self.corp = Corp(self.server, reply)
        self.answers.append(reply)
        self.seen |= first_values(reply)

    def events(self, count: int) -> list[dict[str, str]]:
        """The events that the receiver got, decrypted."""
        key = self.corp.apps[0]["encoding_aes_key"]
        opened = []
        for _, body in self.receiver.wait_for(count, seconds=30):
            sealed = ElementTree.fromstring(body).findtext("Encrypt") or ""
            event = ElementTree.fromstring(crypto.decrypt(key, sealed, self.corp.corpid))
            opened.append({element.tag: element.text or "" for element in event})
        return opened

    def open_echo(self, query: Query) -> bytes:
        key = self.corp.apps[0]["encoding_aes_key"]
        return crypto.decrypt(key, query["echostr"], self.corp.corpid)

    def act(self, name: str, **fields: Any) -> dict[str, Any]:
        answer = self.server.sim.post(f"/corps/{self.corp.corpid}/acts", json={"act": name, **fields})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def first_values(reply: Any) -> dict[str, Any]:
    """The first text or number under each name, outer ones before nested ones."""
    found: dict[str, Any] = {}
    level = [reply]
    while level:
        below: list[Any] = []
        for item in level:
            for name, value in item.items() if isinstance(item, dict) else ():
                first = value[0] if isinstance(value, list) and value else value
                if isinstance(first, str | int):
                    found.setdefault(name, first)
            below += item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        level = below
    return found


def assert_part(where: str, shown: Any, actual: Any) -> None:
    """Asserts that the answer contains what the document shows; "…" is any text, lists are prefixes."""
    if shown == "…":
        assert isinstance(actual, str), where
        assert actual, where
    elif isinstance(shown, dict):
        for name, value in shown.items():
            assert name in actual, f"{where}: {name} is not in {actual}"
            assert_part(f"{where}: {name}", value, actual[name])
    elif isinstance(shown, list) and shown:
        assert len(actual) >= len(shown), f"{where}: {actual}"
        for value, entry in zip(shown, actual, strict=False):
            assert_part(where, value, entry)
    else:
        assert actual == shown, where
