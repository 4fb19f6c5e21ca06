"""The log: text or JSON, our lines and uvicorn's alike, with the hint of the call that a line is about."""

import io
import json
import logging
import sys
from logging.config import dictConfig
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.conftest import Corp, WeCom
from wecom_tollbooth import logs
from wecom_tollbooth.cli import app, serve, server_process
from wecom_tollbooth.gateway import pipeline
from wecom_tollbooth.logs import CallFormatter, JsonFormatter, TextFormatter
from wecom_tollbooth.settings import Settings

HINT = "1760000000000000000000042"


def a_record(**extra: Any) -> logging.LogRecord:
    try:
        raise ValueError("行\nline")
    except ValueError:
        error = sys.exc_info()
    return logging.getLogger("tollbooth.gateway").makeRecord(
        "tollbooth.gateway", logging.ERROR, __file__, 1, "%s failed", ("/cgi-bin/x",), error, extra=extra
    )


def test_text_ends_the_first_line_with_the_hint() -> None:
    first, *traceback = TextFormatter().format(a_record(hint=HINT)).splitlines()
    assert first.endswith(f" ERROR tollbooth.gateway: /cgi-bin/x failed, hint: [{HINT}]")
    assert traceback[0].startswith("Traceback")
    assert "hint" not in TextFormatter().format(a_record())


def test_a_message_begins_no_line_of_its_own() -> None:
    record = logging.makeLogRecord({"name": "x", "levelname": "ERROR", "msg": "%s", "args": ("a\n\x1b[2Jb",)})
    assert TextFormatter().format(record).endswith(r" ERROR x: a\x0a\x1b[2Jb")


def test_json_is_one_line_with_the_hint_and_the_traceback() -> None:
    line = JsonFormatter().format(a_record(hint=HINT, corpid="ww1", where=object))
    assert "\n" not in line
    told = json.loads(line)
    assert told.pop("traceback").endswith("ValueError: 行\nline")
    assert told.pop("time").endswith("Z")
    assert told == {
        "level": "ERROR",
        "logger": "tollbooth.gateway",
        "message": "/cgi-bin/x failed",
        "hint": HINT,
        "corpid": "ww1",
        "where": "<class 'object'>",
    }


@pytest.fixture
def restored_logging() -> Any:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    calls = logging.getLogger("tollbooth.calls")
    calls.handlers.clear()
    calls.setLevel("NOTSET")
    calls.propagate = True


@pytest.mark.usefixtures("restored_logging")
@pytest.mark.parametrize("name", ["tollbooth.worker", "uvicorn.error"])
def test_one_configuration_holds_for_our_loggers_and_uvicorns(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dictConfig(logs.configuration(Settings(log_format="json")))
    logging.getLogger(name).warning("it rains")
    assert json.loads(capsys.readouterr().err)["message"] == "it rains"
    dictConfig(logs.configuration(Settings()))
    logging.getLogger(name).warning("it rains")
    assert capsys.readouterr().err.endswith(f" WARNING {name}: it rains\n")


def test_an_error_in_a_call_is_logged_with_the_hint_of_its_answer(
    wecom: WeCom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(pipeline, "STEPS", (*pipeline.STEPS[:1], fails))
    reply = wecom.get("externalcontact/get_follow_user_list")
    (record,) = [one for one in caplog.records if one.name == "tollbooth.gateway"]
    assert reply["errcode"] == -1
    assert f"hint: [{record.__dict__['hint']}]" in reply["errmsg"]


# --- a line a call ---------------------------------------------------------------------------------------


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def logged_calls() -> Any:
    """The records of the calls that are made in the test."""
    log, kept = logging.getLogger("tollbooth.calls"), Kept()
    before = log.level
    log.addHandler(kept)
    log.setLevel("INFO")
    yield kept.records
    log.removeHandler(kept)
    log.setLevel(before)


def test_each_call_is_a_line_with_the_reason_of_a_refusal(
    start_server: Any, logged_calls: list[logging.LogRecord]
) -> None:
    server = start_server(log_calls=True)
    corp: Corp = server.make_corp(seed="demo")
    wecom = corp.client()
    wecom.get("externalcontact/list", userid="zhangsan")
    refused = wecom.get("externalcontact/list", userid="nobody")
    wecom.http.get("no/such/path%1b%5b2J", params={"access_token": wecom.token})
    token, listed, not_listed, unknown = [record.__dict__ for record in logged_calls]
    assert [one["errcode"] for one in (token, listed, not_listed, unknown)] == [0, 0, 40003, 404]
    assert [one["corpid"] for one in (listed, not_listed, unknown)] == [corp.corpid] * 3
    assert token["operation"] == "/cgi-bin/gettoken"
    assert (listed["reason"], listed["ms"] > 0) == ("", True)
    assert "nobody" in not_listed["reason"]
    assert f"hint: [{not_listed['hint']}]" in refused["errmsg"]
    line = CallFormatter().format(logged_calls[2])
    assert line.split()[1:4] == [corp.corpid, "externalcontact/list", "40003"]
    assert line.endswith(not_listed["reason"])
    shown = CallFormatter().format(logged_calls[3])
    assert "\x1b" not in shown
    assert "no/such/path\\x1b[2J" in shown
    assert json.loads(JsonFormatter().format(logged_calls[2]))["reason"] == not_listed["reason"]


def test_calls_are_not_logged_unless_wanted(wecom: WeCom, logged_calls: list[logging.LogRecord]) -> None:
    wecom.get("externalcontact/get_follow_user_list")
    assert logged_calls == []


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_of_calls_have_colours_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    record = logging.makeLogRecord(
        {"corpid": "ww1", "operation": "/cgi-bin/x", "errcode": 40003, "ms": 1.25, "reason": "why"}
    )
    assert "\x1b" not in CallFormatter().format(record)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", Terminal())
    coloured = CallFormatter().format(record)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = CallFormatter().format(record)
    monkeypatch.undo()
    assert "\x1b[" in coloured
    assert "\x1b" not in plain


@pytest.mark.parametrize(
    ("command", "options", "terminal", "logged"),
    [
        ("demo", [], True, True),
        ("demo", [], False, False),
        ("demo", ["--no-log-calls"], True, False),
        ("demo", ["--log-calls"], False, True),
        ("serve", [], True, False),
        ("serve", ["--log-calls"], True, True),
    ],
)
def test_the_demo_logs_calls_by_itself_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, command: str, options: list[str], terminal: bool, logged: bool
) -> None:
    given: list[Settings] = []
    monkeypatch.setattr(server_process, "run_server", lambda settings, *_, **__: given.append(settings))
    monkeypatch.setattr(serve, "is_terminal", lambda: terminal)
    done = CliRunner().invoke(app, [command, "--database-url", "sqlite:///:memory:", *options])
    assert done.exit_code == 0, done.output
    assert [settings.log_calls for settings in given] == [logged]
