"""Errors of the database are refusals of the control API, in its own form."""

import sqlite3
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.conftest import RunningServer


def answer_when(server: RunningServer, monkeypatch: pytest.MonkeyPatch, error: Exception) -> httpx.Response:
    async def failing(*_: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(server.server, "run", failing)
        # Not by the client of other tests: after a 500, uvicorn closes the connection.
        return httpx.get(f"{server.base_url}/_sim/corps", timeout=60)


class NumericValueOutOfRange(Exception):
    """Named as psycopg's."""


class DeadlockDetected(Exception):
    """Named as psycopg's."""


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (
            sqlite3.OperationalError("database or disk is full"),
            503,
            "does not answer: database or disk is full",
        ),
        (
            sa.exc.OperationalError("SELECT 1", {}, sqlite3.OperationalError("away")),
            503,
            "does not answer: away",
        ),
        (DeadlockDetected(), 503, "try once more"),
        (NumericValueOutOfRange(), 422, "beyond what the database can keep"),
        (OverflowError("Python int too large to convert to SQLite INTEGER"), 422, "beyond what the database"),
        (KeyError("x"), 500, "an error of the simulator (KeyError)"),
    ],
)
def test_each_kind_of_error_has_its_status_and_sentence(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, sentence: str
) -> None:
    answer = answer_when(server, monkeypatch, error)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert sentence in answer.json()["error"]
