"""Parses the project's documents (code blocks, prose, headings, tables), and compares answers with them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "app").rglob("*.md")])
README, README_ZH = ROOT / "README.md", ROOT / "README.zh-CN.md"


PLACEHOLDER_ADDRESS = "http://127.0.0.1:9000/callback"
"""Where the pages' examples receive callbacks."""


@dataclass(frozen=True)
class Block:
    language: str
    text: str


def blocks(document: Path) -> list[Block]:
    """The fenced blocks of a document, in order."""
    fenced = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [Block(*match) for match in fenced.findall(document.read_text(encoding="utf-8"))]


def prose(document: Path) -> str:
    """The document without its fenced blocks."""
    text = document.read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub generates them."""
    made = set()
    for heading in re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE):
        words = re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower())
        made.add(words.replace(" ", "-"))
    return made


def rows(document: Path) -> list[list[str]]:
    """The cells of all table rows of a document."""
    lines = [line for line in prose(document).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named(document: Path) -> str:
    return str(document.relative_to(ROOT))


@dataclass(frozen=True)
class ExampleRequest:
    """`first` is the line with method and path; `content` is the JSON below it, or None."""

    first: str
    method: str
    path: str
    content: Any


def example_request(text: str, receiver: str, seen: Mapping[str, Any]) -> ExampleRequest:
    """The request of an example, with this receiver of callbacks and what was seen for {names}."""
    text = text.replace(PLACEHOLDER_ADDRESS, receiver)
    for name, value in seen.items():
        text = text.replace(f"{{{name}}}", str(value))
    first, _, body = text.partition("\n")
    method, path = first.split()
    return ExampleRequest(first, method, path, json.loads(body) if body.strip() else None)


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
