"""The texts of the follow-up board: each that its scripts name exists, in both languages alike."""

import re
from pathlib import Path

import pytest

pytest.importorskip("nicegui", reason="the extra `console` is not installed")

from wecom_tollbooth.console.pages.board import BROWSER, texts

NAMED = re.compile(r"""\b(?:t|text)\(["']([a-z_0-9]+)["'](?:\)|,)""")
BUILT = re.compile(r"""\b(?:t|text)\((?:["']([a-z_]+_)["'] \+|`([a-z_]+_)\$\{)""")
PLACES = re.compile(r"\{(\w+)\}")


def scripts() -> list[Path]:
    return sorted(BROWSER.rglob("*.js"))


def test_each_text_that_a_script_names_exists() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in scripts())
    named, built = set(NAMED.findall(source)), {a or b for a, b in BUILT.findall(source)}
    assert named - texts.TEXTS.keys() == set()
    assert {start for start in built if not any(name.startswith(start) for name in texts.TEXTS)} == set()
    begun = (*built, "errcode_", "by_")
    assert {name for name in texts.TEXTS if name not in named and not name.startswith(begun)} == set()


@pytest.mark.parametrize("name", texts.TEXTS)
def test_both_languages_have_the_same_places(name: str) -> None:
    text = texts.TEXTS[name]
    assert text.zh
    assert text.en
    assert sorted(PLACES.findall(text.zh)) == sorted(PLACES.findall(text.en))
