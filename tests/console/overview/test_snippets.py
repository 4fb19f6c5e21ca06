"""The snippets of the overview: those that claim to be tested are run here, and all name each value."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pytest_tollbooth.corp import Corp
from tests.project.markdown import ROOT
from wecom_tollbooth.console.pages.overview.snippets import SNIPPETS, TESTED

BY_ID = {one.id: one for one in SNIPPETS}
BASE = "http://127.0.0.1:8000"


def filled(id: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda found: values.get(found[1], found[0]), BY_ID[id].code)


def values_of(corp: Corp) -> dict[str, str]:
    return {"base": corp.base_url, "corpid": corp.corpid, "secret": corp.secret}


def run_python(code: str, _: Path) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def run_node(code: str, folder: Path) -> str:
    if shutil.which("node") is None:
        pytest.skip("no Node on this machine")
    file = folder / "shop.mjs"
    file.write_text(code, encoding="utf-8")
    return subprocess.run(["node", str(file)], check=True, capture_output=True, text=True).stdout


def run_shell(code: str, _: Path) -> str:
    if shutil.which("curl") is None:
        pytest.skip("no curl on this machine")
    return subprocess.run(["sh", "-c", code], check=True, capture_output=True, text=True).stdout


RUN: dict[str, Callable[[str, Path], str]] = {"python": run_python, "node": run_node, "curl": run_shell}


@pytest.mark.slow
@pytest.mark.parametrize("id", RUN)
def test_a_snippet_makes_its_first_call(corp: Corp, tmp_path: Path, id: str) -> None:
    assert "zhangsan" in RUN[id](filled(id, values_of(corp)), tmp_path)
    last = corp.control("GET", "/calls")["calls"][0]
    assert last["request"]["path"] == "/cgi-bin/externalcontact/get_follow_user_list"
    assert last["answer"]["errcode"] == 0


def test_exactly_those_that_run_here_say_so() -> None:
    assert {one.id for one in SNIPPETS if one.about == TESTED} == set(RUN)


def test_each_snippet_has_the_address_the_corp_and_the_secret() -> None:
    for one in SNIPPETS:
        assert {"base", "corpid", "secret"} <= set(re.findall(r"\{([a-z_]+)\}", one.code)), one.id


@pytest.mark.parametrize(
    ("id", "setting"),
    [
        ("java", 'config.setBaseApiUrl("{base}")'),
        ("go", 'workwx.WithQYAPIHost("{base}")'),
        ("php", "'http' => ['base_uri' => '{base}/']"),
        ("python", 'return self._fetch_access_token(self.API_BASE_URL + "gettoken", params)'),
    ],
)
def test_the_readme_sets_the_same(id: str, setting: str) -> None:
    assert setting in BY_ID[id].code
    assert setting.format(base=BASE) in (ROOT / "README.md").read_text(encoding="utf-8")
