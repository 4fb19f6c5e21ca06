"""The texts of the phone and of playing customers: scripts name those that exist, in both languages alike."""

import re
from pathlib import Path

import pytest

pytest.importorskip("nicegui", reason="the extra `console` is not installed")

from wecom_tollbooth.console import pages, phone
from wecom_tollbooth.console.pages.play.words import TEXTS
from wecom_tollbooth.console.phone.words import TEXTS as ON_PHONE

PLAY = Path(pages.__path__[0]) / "play" / "web"
PHONE = Path(phone.__path__[0]) / "web"
NAMED = re.compile(r"""\btexts?(?:\.|\(["'])([a-z]+[a-z_0-9]*)\b(?!\()""")
DID = re.compile(r"""["'](did_[a-z_]+|why_[a-z]+)["']""")
PLACES = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize(("folder", "texts"), [(PLAY, TEXTS), (PHONE, ON_PHONE)], ids=["play", "phone"])
def test_each_text_that_a_script_names_exists(folder: Path, texts: dict[str, tuple[str, str]]) -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.js")))
    named = {name for name in (*NAMED.findall(source), *DID.findall(source)) if not name.endswith("_")}
    assert len(named) > 10
    assert named - texts.keys() - {"content"} == set()
    for text in texts.values():
        zh, en = text
        assert zh
        assert en
        assert sorted(PLACES.findall(zh)) == sorted(PLACES.findall(en))
