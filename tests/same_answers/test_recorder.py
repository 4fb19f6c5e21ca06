"""The recorder itself: a tree compares equal to itself, and a changed answer is reported."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.same_answers.allowed import read_allowed
from tests.same_answers.comparison import compare, report_lines
from tests.same_answers.exchanges import Line, read_lines, write_line, written
from tests.same_answers.recorder import Recorder
from tests.same_answers.requests.walker import Walker
from tests.same_answers.stage import stage

TREE = Path(__file__).resolve().parents[2]
CALLS = [
    'POST /_sim/corps\n{"seed": "demo", "customers": 5}',
    "GET /cgi-bin/gettoken?corpid={corpid}&corpsecret={secret}",
    "GET /cgi-bin/externalcontact/list?access_token={access_token}&userid=zhangsan",
    *["GET /cgi-bin/externalcontact/get?access_token={access_token}&external_userid={external_userid}"] * 10,
    *['POST /cgi-bin/externalcontact/get_corp_tag_list?access_token={access_token}\n{"tag_id": 5}'] * 10,
    *['POST /_sim/corps/{corpid}/acts\n{"act": "member_adds_customer", "userid": "lisi"}'] * 3,
    "GET /_sim/corps/{corpid}/calls",
    "GET /_sim/corps/{corpid}/callbacks",
    "GET /_sim/corps/{corpid}/statement",
]
ALLOWED = '[[allowed]]\nname = "text of success"\npath = "^/cgi-bin/"\nwhat = "changed"\nwhere = "errmsg$"\n'


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 calls, including the one that freezes the clock."""
    file = tmp_path_factory.mktemp("recorded") / "recording.jsonl.gz"
    with stage(TREE, sys.executable, "sqlite") as played, written(file) as lines:
        write_line(lines, {"kind": "head", "database": "sqlite"})
        recorder = Recorder(played, lines)
        recorder.server()
        Walker(recorder).follow(CALLS)
    assert recorder.calls == len(CALLS) + 1
    return file


def changed_recording(recording: Path, change: Callable[[Line], None]) -> Path:
    file = recording.with_name("changed.jsonl.gz")
    with written(file) as lines:
        for line in read_lines(recording):
            if line["kind"] == "call" and line["request"]["target"].startswith("/cgi-bin/gettoken"):
                change(line["answer"])
            write_line(lines, line)
    return file


@pytest.mark.slow
def test_the_one_changed_call_of_30_is_reported(recording: Path, tmp_path: Path) -> None:
    def change(answer: Line) -> None:
        answer["status"] = 418
        answer["body"] = answer["body"].replace('"errmsg":"ok"', '"errmsg":"fine"')

    allowed = tmp_path / "allowed.toml"
    allowed.write_text(ALLOWED, encoding="utf-8")
    report = compare(
        changed_recording(recording, change), TREE, sys.executable, allowed=read_allowed(allowed)
    )
    assert list(report.found) == [("GET /cgi-bin/gettoken", "status", "")], "\n".join(report_lines(report))
    assert report.allowed == {"text of success": 1}
    assert report.calls == len(CALLS) + 1
    assert not report.same
    assert any("old: 418" in line for line in report_lines(report))
