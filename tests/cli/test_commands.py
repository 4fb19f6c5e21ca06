"""The commands as typed, mainly those that query a running server."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.conftest import Corp, RunningServer, WeCom
from wecom_tollbooth import __version__
from wecom_tollbooth.cli import app
from wecom_tollbooth.cli.corps import STEPS, steps


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory, so that the developer's `.env` is not read."""
    monkeypatch.chdir(tmp_path)


def run(*words: str, **more: Any) -> Result:
    return CliRunner().invoke(app, words, **more)


def ask(server: RunningServer, *words: str, **more: Any) -> str:
    """The output of `tollbooth WORDS` when it asks `server`."""
    done = run(*words, "--url", server.base_url, **more)
    assert done.exit_code == 0, done.output
    return done.output


def failure(*words: str) -> tuple[int, str]:
    """The exit code and the one line on stderr of a command that fails."""
    done = run(*words)
    assert done.stdout == ""
    assert done.stderr.startswith("tollbooth: ")
    assert done.stderr.count("\n") == 1
    return done.exit_code, done.stderr.strip()


def cells(output: str, start: str) -> list[str]:
    """The cells of the line of a table that starts with `start`."""
    (line,) = [line for line in output.splitlines() if line.strip().startswith(start)]
    return [cell.strip() for cell in line.strip().split("   ") if cell.strip()]


COMMANDS: tuple[str, ...] = (
    "serve",
    "demo",
    "migrate",
    "backup",
    "restore",
    "check",
    "settings",
    "health",
    "corp",
    "seed",
)
COMMANDS += ("act", "phone", "faults", "bill", "estimate", "usage", "calls", "clock", "operations")


def test_the_help_names_every_command_in_two_languages() -> None:
    shown = run("--help").output
    for command in COMMANDS:
        assert f" {command} " in shown
        own = run(command, "--help")
        assert own.exit_code == 0
        assert any("\u4e00" <= letter <= "\u9fff" for letter in own.output)


def test_version_prints_the_version() -> None:
    shown = run("--version")
    assert (shown.exit_code, shown.output) == (0, f"tollbooth {__version__}\n")


SHELLS = {
    "bash": "complete -o default -F _tollbooth_completion tollbooth",
    "zsh": "compdef",
    "fish": "complete",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_scripts_are_shown_for_each_shell(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Typer then takes the shell from the argument; otherwise it looks at the parent process.
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    shown = run("--show-completion", shell, prog_name="tollbooth")
    assert shown.exit_code == 0, shown.output
    assert SHELLS[shell] in shown.output


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("tollbooth led", ["ledger"]),
        ("tollbooth ledger ", ["records", "verify"]),
        ("tollbooth bill --format ", ["table", "json", "csv", "html"]),
    ],
)
def test_the_shell_completes_words(typed: str, completed: list[str]) -> None:
    environment = {"_TOLLBOOTH_COMPLETE": "complete_bash", "COMP_WORDS": typed}
    environment["COMP_CWORD"] = str(len(typed.split(" ")) - 1)
    answer = subprocess.run(
        [sys.executable, "-m", "wecom_tollbooth"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == completed


def test_a_corp_is_created_shown_listed_and_deleted(server: RunningServer) -> None:
    made = ask(server, "corp", "create", "--name", "一家茶店")
    corpid = made.split()[0]
    assert "一家茶店" in made
    assert ask(server, "corp", "show", corpid) == made
    assert cells(ask(server, "corp", "list"), corpid)[1] == "一家茶店"
    assert corpid in ask(server, "corp", "delete", corpid, "--yes")
    assert corpid not in ask(server, "corp", "list")


def test_a_corp_with_a_key_is_the_same_each_time(server: RunningServer) -> None:
    first = ask(server, "corp", "create", "--key", "from/the.command")
    assert "--yes" not in ask(server, "corp", "delete", first.split()[0], "--yes")
    assert ask(server, "corp", "create", "--key", "from/the.command") == first


def test_a_shown_secret_gets_a_token(server: RunningServer) -> None:
    shown = json.loads(ask(server, "corp", "create", "--json"))
    assert WeCom(Corp(server, shown), shown["apps"][0]).token
    printed = ask(server, "corp", "show", shown["corpid"])
    assert cells(printed, "1000002")[-1] == shown["apps"][0]["secret"]


def test_a_corp_is_deleted_only_after_confirmation(server: RunningServer, corp: Corp) -> None:
    asked = run("corp", "delete", corp.corpid, "--url", server.base_url, input="n\n")
    assert asked.exit_code == 1
    assert corp.corpid in ask(server, "corp", "list")
    ask(server, "corp", "delete", corp.corpid, input="y\n")
    assert corp.corpid not in ask(server, "corp", "list")


@pytest.mark.parametrize("count", [0, 1, 4_999, 5_001, 80_000, 80_001, 1_000_000])
def test_the_steps_of_a_seed_add_up_and_each_at_least_doubles_the_rows(count: int) -> None:
    made = steps(count)
    assert sum(made) == count
    assert all(step > 0 for step in made)
    assert len(made) <= STEPS
    for place, step in enumerate(made):
        assert step >= sum(made[:place])


def test_seed_creates_the_requested_numbers_of_members_and_customers(server: RunningServer) -> None:
    made = json.loads(ask(server, "seed", "--members", "2", "--customers", "7", "--json"))
    wecom = Corp(server, made).client()
    users = wecom.get("externalcontact/get_follow_user_list")["follow_user"]
    assert len(users) <= 2
    assert json.loads(ask(server, "usage", made["corpid"], "--json"))["contacts"] == 7


def test_the_bill_shows_each_line_with_its_price_and_a_total_that_is_the_sum(
    server: RunningServer, corp: Corp, wecom: WeCom
) -> None:
    for _ in range(3):
        wecom.get("externalcontact/list", userid="zhangsan")
    shown = ask(server, "bill", corp.corpid)
    statement = corp.sim("statement")
    assert cells(shown, "客户·列表")[1:] == ["3", "0.002", "次 call", "0.01"]
    assert cells(shown, "外部联系人")[1:] == ["40", "0.1", "年 year", "0.33"]
    amounts = [Decimal(line["amount"]) for line in statement["lines"]]
    assert cells(shown, "合计 Total") == ["合计 Total", str(sum(amounts))]
    assert f"{corp.corpid}  {statement['month']}" in shown
    assert "/cgi-bin/externalcontact/list" not in shown


def test_an_explained_bill_shows_the_parts_of_each_line(
    server: RunningServer, corp: Corp, wecom: WeCom
) -> None:
    wecom.get("externalcontact/list", userid="zhangsan")
    wecom.get("externalcontact/list", userid="nobody")
    shown = ask(server, "bill", corp.corpid, "--explain")
    charged, refused = [line for line in shown.splitlines() if "/cgi-bin/externalcontact/list" in line]
    assert charged.split() == ["/cgi-bin/externalcontact/list", "1"]
    assert refused.split()[:2] == ["/cgi-bin/externalcontact/list", "errcode"]
    (the_most,) = corp.sim("statement")["lines"][-2]["made_of"]
    assert the_most["quantity"] == 40
    assert cells(shown, the_most["day"]) == [the_most["day"], "40"]


def test_each_month_has_its_own_bill(server: RunningServer, corp: Corp, wecom: WeCom) -> None:
    wecom.get("externalcontact/list", userid="zhangsan")
    shown = json.loads(ask(server, "bill", corp.corpid, "--month", "2020-02", "--json"))
    assert shown == corp.sim("statement", month="2020-02")
    assert shown["total"] == "0.00"


def test_usage_counts_charged_and_refused_calls(server: RunningServer, corp: Corp, wecom: WeCom) -> None:
    wecom.get("externalcontact/list", userid="zhangsan")
    wecom.get("externalcontact/list", userid="nobody")
    shown = ask(server, "usage", corp.corpid)
    assert cells(shown, "/cgi-bin/externalcontact/list")[1:] == ["1", "1"]
    assert cells(shown, "/cgi-bin/gettoken")[1:] == ["1", "0"]
    assert cells(shown, "合计 Total")[1:] == ["2", "1"]
    assert "contacts: 40" in shown


def test_calls_shows_the_newest_first_and_says_why_one_was_refused(
    server: RunningServer, corp: Corp, wecom: WeCom
) -> None:
    wecom.get("externalcontact/get", external_userid="nobody")
    wecom.get("externalcontact/list", userid="zhangsan")
    lines = [line for line in ask(server, "calls", corp.corpid).splitlines() if "/cgi-bin/" in line]
    assert ["list" in lines[0], "/externalcontact/get " in lines[1], "gettoken" in lines[2]] == [True] * 3
    (refused,) = [
        line for line in ask(server, "calls", corp.corpid, "--refused").splitlines() if "/cgi-bin/" in line
    ]
    (journaled,) = corp.sim("calls", refused=True)["calls"]
    assert f" {journaled['answer']['errcode']} " in refused
    assert journaled["detail"] in refused
    assert len(json.loads(ask(server, "calls", corp.corpid, "--limit", "2", "--json"))["calls"]) == 2


def test_a_corps_clock_is_moved_and_given_back(server: RunningServer) -> None:
    corp = server.make_corp()

    def clock(*words: str) -> dict[str, Any]:
        return dict(json.loads(ask(server, "clock", *words, "--corp", corp.corpid, "--json")))

    assert clock()["follows_server"] is True
    clock("freeze")
    shown = clock("set", "2030-05-09T08:00:00+08:00")
    assert (shown["now"], shown["frozen"], shown["follows_server"]) == (1904515200, True, False)
    assert clock("advance", "2h")["now"] == 1904515200 + 7_200
    assert ask(server, "clock", "--corp", corp.corpid).endswith("已冻结 frozen\n")
    assert clock("follow")["follows_server"] is True
    assert ask(server, "clock", "--corp", corp.corpid).endswith("跟随服务 follows the server\n")


def test_the_clock_is_shown_set_advanced_and_frozen(start_server: Any) -> None:
    server = start_server()

    def clock(*words: str) -> dict[str, Any]:
        return dict(json.loads(ask(server, "clock", *words, "--json")))

    assert clock("set", "2026-08-01T09:00:00+08:00")["now"] // 60 == 1785546000 // 60
    frozen = clock("freeze")
    assert clock() == clock("show") == frozen
    assert clock("advance", "1d2h30m")["now"] == frozen["now"] + 95_400
    assert clock("advance", "45")["now"] == frozen["now"] + 95_445
    assert ask(server, "clock").endswith("已冻结 frozen\n")
    assert clock("run")["frozen"] is False


@pytest.mark.parametrize(
    "words", [("advance",), ("advance", "soon"), ("set",), ("freeze", "60"), ("show", "60"), ("follow",)]
)
def test_an_invalid_time_is_a_usage_error(words: tuple[str, ...]) -> None:
    assert failure("clock", *words)[0] == 2


def test_operations_are_found_by_part_of_their_path_or_title(server: RunningServer) -> None:
    (line,) = [line for line in ask(server, "operations", "gettoken").splitlines() if "/cgi-bin/" in line]
    assert line.split()[:2] == ["GET", "/cgi-bin/gettoken"]
    everything = server.sim.get("/operations").json()
    assert json.loads(ask(server, "operations", "--json")) == everything
    tags = json.loads(ask(server, "operations", "标签", "--json"))["operations"]
    assert 0 < len(tags) < len(everything["operations"])


def test_an_unknown_corp_is_reported_in_one_line_with_exit_code_1(server: RunningServer) -> None:
    for command in (["bill"], ["usage"], ["calls"], ["corp", "show"], ["corp", "delete", "-y"]):
        code, line = failure(*command, "ww0", "--url", server.base_url)
        assert code == 1
        assert "there is no corp 'ww0'" in line


def test_an_invalid_month_is_reported_in_one_line(server: RunningServer, corp: Corp) -> None:
    code, line = failure("bill", corp.corpid, "--month", "08/2026", "--url", server.base_url)
    assert (code, "write YYYY-MM" in line) == (1, True)


def test_an_unreachable_server_is_reported_in_one_line_with_exit_code_1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOLLBOOTH_URL", "http://127.0.0.1:1")
    code, line = failure("corp", "list")
    assert code == 1
    assert line.startswith("tollbooth: http://127.0.0.1:1: no server answers")
    assert "tollbooth serve" in line


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://127.0.0.1", "http://[::1", "http://127.0.0.1:x"])
def test_an_invalid_address_is_reported_in_one_line(url: str) -> None:
    code, _ = failure("health", "--url", url)
    assert code in (1, 2)


def test_another_server_is_reported_in_one_line(server: RunningServer) -> None:
    code, line = failure("corp", "list", "--url", f"{server.base_url}/cgi-bin")
    assert (code, "answered HTTP 404" in line) == (1, True)


def test_usage_errors_have_exit_code_2() -> None:
    for words in (["bill"], ["corp", "create", "--members", "0"], ["serve", "--port", "x"], ["nonsense"]):
        assert run(*words).exit_code == 2


def test_the_admin_token_of_the_environment_opens_the_control_api(
    start_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_server(admin_token="opens-it")
    code, line = failure("corp", "list", "--url", server.base_url)
    assert (code, "Authorization: Bearer" in line) == (1, True)
    monkeypatch.setenv("TOLLBOOTH_ADMIN_TOKEN", "opens-it")
    assert "corpid" in ask(server, "corp", "list")
    assert ask(server, "health").startswith("ok  ")
    assert ask(server, "health", "--ready").startswith("ok  ")
