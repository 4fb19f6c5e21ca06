"""The log: text or JSON, our lines and uvicorn's alike, with the hint of the call that a line is about."""

import json
import logging
import sys
from logging.config import dictConfig
from typing import Any

import pytest

from tests.conftest import WeCom
from wecom_tollbooth import logs
from wecom_tollbooth.gateway import pipeline
from wecom_tollbooth.logs import JsonFormatter, TextFormatter
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
