"""A fault that repeats: one traceback of a kind in a minute, and a count."""

import logging
import threading
from collections.abc import Iterator
from logging.config import dictConfig
from typing import Any

import httpx
import pytest

from tests.conftest import RunningServer, WeCom
from wecom_tollbooth import logs
from wecom_tollbooth.gateway import pipeline
from wecom_tollbooth.gateway.steps import tokens
from wecom_tollbooth.logs import RepeatedErrors
from wecom_tollbooth.logs.repeated_errors import KINDS_AT_MOST
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world import clock

TRACEBACK = "Traceback (most recent call last)"


class Kept(logging.Handler):
    """The messages that pass the filter."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.messages: list[str] = []
        self.counted = threading.Event()
        self.repeated = RepeatedErrors(seconds)
        self.addFilter(self.repeated)

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())
        if "left out of the log" in record.getMessage():
            self.counted.set()


@pytest.fixture
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    handler = Kept(getattr(request, "param", 60))
    loggers = [logging.getLogger("tollbooth.worker"), logging.getLogger("tollbooth.logs")]
    for logger in loggers:
        logger.addHandler(handler)
    yield handler
    for logger in loggers:
        logger.removeHandler(handler)


def fail(error: type[Exception], times: int) -> None:
    for number in range(times):
        try:
            raise error
        except Exception:
            logging.getLogger("tollbooth.worker").exception("round %d failed", number)


def test_a_kind_is_the_exception_and_its_place(kept: Kept) -> None:
    fail(ValueError, 30)
    fail(KeyError, 20)
    logging.getLogger("tollbooth.worker").error("without a traceback")
    logging.getLogger("tollbooth.worker").error("without a traceback")
    assert kept.messages == ["round 0 failed"] * 2 + ["without a traceback"] * 2
    kept.repeated.flush()
    counted = sorted(kept.messages[4:])
    assert [message.partition(" at ")[0] for message in counted] == ["KeyError", "ValueError"]
    assert "test_repeated_errors.py:" in counted[0]
    assert ": 19 more of it within 60 s" in counted[0]
    assert ": 29 more of it within 60 s" in counted[1]


def test_the_place_of_a_database_error_is_who_asked(kept: Kept, server: RunningServer) -> None:
    def of_clock() -> None:
        clock.read(no_transaction)

    def of_gateway() -> None:
        tokens.known_corp(no_transaction, "QXd3MQ")

    class Broken:
        dialect, engine, reads_only = "sqlite", server.server.database.engine, False

        @property
        def cursor(self) -> Any:
            raise OSError("disk full")

    no_transaction: Any = Broken()
    for work in (of_clock, of_gateway):
        for _ in range(3):
            try:
                work()
            except OSError:
                logging.getLogger("tollbooth.worker").exception("failed")
    kept.repeated.flush()
    places = sorted(message.split(":")[0] for message in kept.messages if " at " in message)
    assert places == ["OSError at gateway/steps/tokens.py", "OSError at world/clock.py"]


@pytest.mark.parametrize("kept", [0.05], indirect=True)
def test_the_count_is_logged_and_the_next_traceback_passes(kept: Kept) -> None:
    fail(ValueError, 3)
    assert kept.counted.wait(10)
    assert kept.messages[0] == "round 0 failed"
    assert kept.messages[1].endswith(": 2 more of it within 0.05 s, left out of the log")
    fail(ValueError, 1)
    assert kept.messages[2] == "round 0 failed"


def test_kinds_without_number_are_counted_as_one(kept: Kept) -> None:
    for number in range(KINDS_AT_MOST + 50):
        fail(type(f"Error{number}", (Exception,), {}), 1)
    assert len(kept.messages) == KINDS_AT_MOST + 1
    kept.repeated.flush()
    assert kept.messages[-1].startswith("other errors: 49 more of it")


@pytest.fixture
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before


@pytest.mark.usefixtures("restored_logging")
def test_it_holds_for_the_gateway_the_control_api_and_the_worker(
    server: RunningServer, wecom: WeCom, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("broken on purpose")

    dictConfig(logs.configuration(Settings()))
    monkeypatch.setattr(pipeline, "STEPS", (*pipeline.STEPS[:1], fails))
    monkeypatch.setattr(server.server, "run", fails)
    for _ in range(20):
        assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == -1
    assert capsys.readouterr().err.count(TRACEBACK) == 1
    for _ in range(20):
        assert httpx.get(f"{server.base_url}/_sim/clock").status_code == 500
    assert capsys.readouterr().err.count("RuntimeError: broken on purpose") == 1
    fail(ValueError, 20)
    assert capsys.readouterr().err.count(TRACEBACK) == 1
    of_the_handler = logging.getLogger().handlers[0].filters
    (repeated,) = [one for one in of_the_handler if isinstance(one, RepeatedErrors)]
    repeated.flush()
    assert capsys.readouterr().err.count(": 19 more of it within 60 s") == 3
