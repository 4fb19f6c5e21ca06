"""The pages of docs/recipes, and how their commands and Python are run."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.project.markdown import DOCS, Block, assert_part, blocks

INDEX, INDEX_ZH = DOCS / "recipes.md", DOCS / "recipes.zh-CN.md"
FOLDER = DOCS / "recipes"
CLIENT = FOLDER / "wecom.py"
ADDRESS = "http://127.0.0.1:8000"
END_OF_BLOCK = "\x1e"
QUICKLY = """
import ssl
import httpx._transports.default
from pytest_tollbooth import Tollbooth

certificates = ssl.create_default_context()
httpx._transports.default.create_ssl_context = lambda **_: certificates
Tollbooth.is_temporary = True
"""
"""The conftest of the pages' tests: reading certificates and deleting corps take longer than the tests."""


@dataclass(frozen=True)
class Page:
    """A recipe in English; its Chinese page has the same blocks."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def chinese(self) -> Path:
        return self.path.with_name(f"{self.name}.zh-CN.md")

    @cached_property
    def blocks(self) -> list[Block]:
        return blocks(self.path)

    @property
    def python(self) -> str:
        """The page's code and its tests, as one file."""
        return "\n\n".join(block.text for block in self.blocks if block.language == "python")


PAGES = [Page(path) for path in sorted(FOLDER.glob("[0-9]*.md")) if not path.name.endswith(".zh-CN.md")]


def run_commands(page: Page, base_url: str, folder: Path) -> None:
    """Runs the page's shell blocks in one shell, and compares what each prints with the JSON shown after it.

    The JSON lines shown are the last answers of the block; the other answers must not be refusals.
    """
    shells = [place for place, block in enumerate(page.blocks) if block.language == "sh"]
    opening = next(block.text for block in blocks(INDEX) if block.language == "sh")
    script = [opening] + [
        f"{page.blocks[place].text}printf '{END_OF_BLOCK}'; printf '{END_OF_BLOCK}' >&2\n" for place in shells
    ]
    done = subprocess.run(
        ["bash", "-u"],
        input="".join(script).replace(ADDRESS, base_url),
        env=os.environ | {"no_proxy": "*", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        cwd=folder,
        check=False,
    )
    assert done.stderr.replace(END_OF_BLOCK, "") == ""
    printed = done.stdout.split(END_OF_BLOCK)
    assert len(printed) == len(shells) + 1, done.stdout
    for place, output in zip(shells, printed, strict=False):
        after = page.blocks[place + 1] if place + 1 < len(page.blocks) else Block("", "")
        shown = answers_in(after.text) if after.language == "json" else []
        given = answers_in(output)
        where = f"{page.name}: {page.blocks[place].text}printed {output}"
        assert len(given) >= len(shown), where
        hidden = given[: len(given) - len(shown)]
        assert [one for one in hidden if isinstance(one, dict) and is_refusal(one)] == [], where
        for expected, actual in zip(shown, given[len(hidden) :], strict=True):
            assert_part(where, expected, actual)


def run_tests(files: Mapping[str, str], base_url: str, folder: Path) -> dict[str, list[str]]:
    """Runs files of tests with the plugin, in a process of their own; returns what went wrong in each."""
    shutil.copy(CLIENT, folder)
    (folder / "conftest.py").write_text(QUICKLY, encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", folder),
            *(
                "-p",
                "no:cacheprovider",
                "-p",
                "pytest_tollbooth.plugin",
                "--tb=short",
                "--import-mode=importlib",
            ),
            *("--junitxml=results.xml", "-o", "pythonpath=.", "--tollbooth-url", base_url),
        ],
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        cwd=folder,
        check=False,
    )
    assert (folder / "results.xml").exists(), done.stdout + done.stderr
    failures: dict[str, list[str]] = {}
    for case in ElementTree.parse(folder / "results.xml").iter("testcase"):
        failures.setdefault(case.attrib["classname"], []).extend(result.text or "" for result in case)
    return failures


def answers_in(text: str) -> list[Any]:
    """The JSON values that stand one after the other in the text."""
    found, decoder, text = [], json.JSONDecoder(), text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].strip()
    return found


def is_refusal(answer: dict[str, Any]) -> bool:
    return bool(answer.get("errcode")) or "error" in answer
