"""The texts of the overview: each that its scripts name exists, in both languages alike."""

import re
from pathlib import Path

import pytest

from wecom_tollbooth.console.pages.overview import texts

BROWSER = Path(texts.__file__).parent / "browser"
NAMED = re.compile(r"""\b(?:t|text)\(["']([a-z_]+)["'](?:\)|,)""")
CHOSEN = re.compile(r"""\bt\(saved\.url \? "([a-z_]+)" : "([a-z_]+)"\)""")
PLACES = re.compile(r"\{(\w+)\}")


def test_exactly_the_texts_that_scripts_name_exist() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(BROWSER.rglob("*.js")))
    named = set(NAMED.findall(source)) | {name for names in CHOSEN.findall(source) for name in names}
    statuses = {f"status_{one}" for one in ("no_address", "idle", "sending", "failing", "paused")}
    assert named | statuses == set(texts.TEXTS)


@pytest.mark.parametrize("name", texts.TEXTS)
def test_both_languages_have_the_same_places(name: str) -> None:
    text = texts.TEXTS[name]
    assert text.zh
    assert text.en
    assert sorted(PLACES.findall(text.zh)) == sorted(PLACES.findall(text.en))
