"""`tollbooth faults plan`, `list`, `clear`."""

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import ask, cells, failure
from tests.conftest import Corp, WeCom

LIST = "externalcontact/get_follow_user_list"


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory, so that the developer's `.env` is not read."""
    monkeypatch.chdir(tmp_path)


def test_a_fault_is_planned_listed_and_cleared(corp: Corp, wecom: WeCom) -> None:
    words = ("plan", corp.corpid, LIST, "errcode=-1", "errmsg=-7", 'delay_ms={"median": 1, "p99": 2}')
    ask(corp.server, "faults", *words, "--times", "2")
    assert wecom.get(LIST)["errmsg"].startswith("-7, hint")
    (fault,) = json.loads(ask(corp.server, "faults", "list", corp.corpid, "--json"))["faults"]
    shown = cells(ask(corp.server, "faults", "list", corp.corpid), str(fault["id"]))
    assert shown[1:2] + shown[-3:] == [LIST, "2", "0", "1"]
    assert fault["then"] == {"errcode": -1, "errmsg": "-7", "delay_ms": {"median": 1.0, "p99": 2.0}}
    assert ask(corp.server, "faults", "clear", corp.corpid, str(fault["id"])).split()[-1] == str(fault["id"])
    assert wecom.get(LIST)["errcode"] == 0
    assert "Deleted 0" in ask(corp.server, "faults", "clear", corp.corpid)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("errcode",), "is not FIELD=VALUE"),
        (("errcode=1", "errcode=2"), "given twice"),
        (("errcode=many",), "errcode"),
        (("http_status=502", "errcode=-1"), "contradict"),
    ],
)
def test_a_wrong_effect_is_refused_in_one_line(corp: Corp, words: tuple[str, ...], named: str) -> None:
    code, line = failure("faults", "plan", corp.corpid, LIST, *words, "--url", corp.server.base_url)
    assert code != 0
    assert named in line
