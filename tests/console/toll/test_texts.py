"""The texts of the toll: each that a script names exists, in both languages alike."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

pytest.importorskip("nicegui", reason="the extra `console` is not installed")

from wecom_tollbooth.console.pages import toll
from wecom_tollbooth.console.words import Text

SCRIPTS = Path(toll.__file__).parent / "browser"
TEXTS: Mapping[str, Mapping[str, Text]] = {
    "statement.js": toll.bill.TEXTS,
    "records.js": toll.lines.TEXTS,
    "what_if.js": toll.what_if.TEXTS,
    "budget.js": toll.budget.TEXTS,
}
NAMED = re.compile(r"\btexts\.([a-z_0-9]+)")
PLACES = re.compile(r"\{(\w+)\}")


def test_each_text_that_a_script_names_exists() -> None:
    assert {path.name for path in SCRIPTS.glob("*.js")} == set(TEXTS)
    for script, texts in TEXTS.items():
        named = set(NAMED.findall((SCRIPTS / script).read_text(encoding="utf-8")))
        assert named - texts.keys() == set(), script


@pytest.mark.parametrize(
    "texts", [*TEXTS.values(), toll.books.TEXTS, toll.what_if.SLIDERS], ids=[*TEXTS, "books", "sliders"]
)
def test_both_languages_have_the_same_places(texts: Mapping[str, Text]) -> None:
    for name, text in texts.items():
        assert text.zh, name
        assert text.en, name
        assert sorted(PLACES.findall(text.zh)) == sorted(PLACES.findall(text.en)), name
