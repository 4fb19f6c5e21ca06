"""The texts of the customers' pages: scripts name those that exist, in both languages alike."""

import re
from pathlib import Path

import pytest

pytest.importorskip("nicegui", reason="the extra `console` is not installed")

from wecom_tollbooth.console import pages
from wecom_tollbooth.console.pages.customers.texts import LIST_TEXTS, ONE_TEXTS
from wecom_tollbooth.console.words import Texts

BROWSER = Path(pages.__path__[0]) / "customers" / "browser"
NAMED = re.compile(r"""\bt\(['"](\w+)['"]""")
PLACES = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize(
    ("file", "texts"),
    [("customer_list.js", LIST_TEXTS), ("customer_view.js", ONE_TEXTS)],
    ids=["list", "one"],
)
def test_each_text_that_a_script_names_exists(file: str, texts: Texts) -> None:
    named = set(NAMED.findall((BROWSER / file).read_text(encoding="utf-8")))
    assert len(named) > 10
    assert named <= texts.keys()
    for zh, en in texts.values():
        assert sorted(PLACES.findall(zh)) == sorted(PLACES.findall(en))
        assert zh
        assert en
