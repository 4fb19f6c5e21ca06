"""`tollbooth load follow-up` against an existing system with its own data."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.conftest import Corp, RunningServer
from wecom_tollbooth.cli import app
from wecom_tollbooth.loadtest import runs
from wecom_tollbooth.loadtest.runs import Plan, RunFailed, Timing

MIX = """
name = "reading"
think_seconds = [0.0, 0.02]

[[begin]]
name = "token"
method = "GET"
path = "/cgi-bin/gettoken?corpid={corpid}&corpsecret={secret}"
keep = { token = "access_token" }

[[begin]]
name = "members"
method = "GET"
path = "/cgi-bin/externalcontact/get_follow_user_list?access_token={token}"
keep = { userid = "follow_user.*" }

[[step]]
name = "page"
weight = 3
path = "/cgi-bin/externalcontact/batch/get_by_user?access_token={token}"
body = { userid_list = ["{userid}"], limit = 5 }
keep = { customer = "external_contact_list.*.external_contact" }

[[step]]
name = "customer"
method = "GET"
path = "/cgi-bin/externalcontact/get?access_token={token}&external_userid={customer.external_userid}"

[[step]]
name = "stranger"
method = "GET"
path = "/cgi-bin/externalcontact/get?access_token={token}&external_userid=wm0"
"""


def load(corp: Corp, folder: Path, *options: str) -> Result:
    mix = folder / "reading.toml"
    mix.write_text(MIX, encoding="utf-8")
    return CliRunner().invoke(
        app,
        [
            *("load", "follow-up", "--mix", str(mix), "--url", corp.server.base_url),
            *("--corpid", corp.corpid, "--secret", corp.apps[0]["secret"]),
            *("--users", "4", "--seconds", "1", "--out", str(folder / "out"), *options),
        ],
    )


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_a_custom_mix_runs_against_a_system_with_its_own_data(
    corp: Corp, tmp_path: Path, workers: int
) -> None:
    asked = load(corp, tmp_path, "--workers", str(workers), "--json")
    assert asked.exit_code == 0, asked.output
    # Progress is on stderr, so that the JSON is alone on stdout.
    assert re.search(r"^1/1 tollbooth as it is\n(.*\n)*  [\d,]+ 次调用 calls, p50", asked.stderr)
    loaded = json.loads(asked.stdout)
    assert loaded == json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    (run,) = loaded["runs"]
    assert {"token", "members", "page", "customer", "stranger"} == run["steps"].keys()
    charged = corp.sim("usage")["calls"]["by_operation"]
    got = charged["/cgi-bin/externalcontact/get"]
    # Counted on both sides; a call in progress when the time was up is in the ledger only.
    assert 0 <= got["charged"] - run["steps"]["customer"]["calls"] <= 4
    assert 0 <= got["refused"] - run["steps"]["stranger"]["calls"] <= 4
    stranger = run["steps"]["stranger"]
    assert stranger["failures"] == stranger["calls"] > 0
    assert [why.partition(":")[0] for why in stranger["reasons"]] == ["errcode 40096"]
    assert run["steps"]["page"]["failures"] == 0
    assert 0 < run["everything"]["p50_ms"] <= run["everything"]["p99_ms"] <= run["everything"]["max_ms"]


@pytest.mark.slow
def test_each_size_runs_under_each_latency_profile(server: RunningServer, tmp_path: Path) -> None:
    asked = CliRunner().invoke(
        app,
        [
            *("load", "follow-up", "--contacts", "30,5", "--profiles", "article-2025,none", "--json"),
            *("--users", "3", "--seconds", "2", "--url", server.base_url, "--out", str(tmp_path)),
        ],
    )
    assert asked.exit_code == 0, asked.output
    runs = json.loads(asked.stdout)["runs"]
    assert [(run["contacts"], run["profile"]) for run in runs] == [
        (5, "article-2025"),
        (5, "none"),
        (30, "article-2025"),
        (30, "none"),
    ]
    for run in runs:
        assert run["everything"]["failures"] == 0, run["everything"]["reasons"]
        assert "board" in run["steps"]
    assert (tmp_path / "report.png").exists()
    left = [corp["name"] for corp in server.sim.get("/corps").json()["corps"]]
    assert not [name for name in left if name.startswith("压测")]


def test_runs_that_cannot_start_are_reported_in_one_line(corp: Corp, tmp_path: Path) -> None:
    for options, words in (
        (("--mix", "nowhere.toml"), "nowhere.toml"),
        (("--url", "http://127.0.0.1:9"), "every call failed: no answer"),
        (("--secret", "wrong"), "every call failed: errcode 40001"),
        (("--out", str(Path(__file__) / "out")), "--out"),
    ):
        asked = load(corp, tmp_path, *options)
        assert asked.exit_code != 0
        assert words in asked.output
        assert "Traceback" not in asked.output


@pytest.mark.parametrize("contacts", ["", "0", "many", "400,2000000"])
def test_invalid_sizes_are_refused_before_anything_is_created(contacts: str) -> None:
    asked = CliRunner().invoke(app, ["load", "follow-up", "--contacts", contacts])
    assert asked.exit_code == 2
    assert "--contacts" in asked.output


@pytest.mark.parametrize(
    "options",
    [
        ("--profiles", "none,slow"),
        ("--profiles", ","),
        ("--corpid", "ww0"),
        ("--out", str(Path(__file__) / "x")),
    ],
)
def test_invalid_options_are_refused_before_anything_is_created(options: tuple[str, str]) -> None:
    asked = CliRunner().invoke(app, ["load", "follow-up", "--contacts", "5", *options])
    assert asked.exit_code == 2
    assert options[0] in asked.output


@pytest.mark.slow
def test_the_report_has_the_runs_before_a_failed_one(
    server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driven: list[Plan] = []

    def drive_once(plan: Plan, folder: Path, _: object) -> tuple[Timing, dict[str, Timing]]:
        driven.append(plan)
        if len(driven) > 1:
            raise RunFailed("the second failed")
        timing = Timing(1, 0, 1.0, 2.0, 3.0, 4.0, 5.0)
        return timing, {"board": timing}

    monkeypatch.setattr(runs, "drive", drive_once)
    asked = CliRunner().invoke(
        app,
        [
            *(
                "load",
                "follow-up",
                "--contacts",
                "5",
                "--url",
                server.base_url,
                "--out",
                str(tmp_path / "out"),
            ),
        ],
    )
    assert asked.exit_code == 1
    assert "the second failed; the report has the runs before" in asked.output
    (run,) = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["runs"]
    assert (run["profile"], run["contacts"]) == ("none", 5)
    left = [corp["name"] for corp in server.sim.get("/corps").json()["corps"]]
    assert not [name for name in left if name.startswith("压测")]
