"""Checks, after a run of the whole suite, that some test received each errcode that an operation declares.

docs/coverage.md shows the declared errcodes. Answers are recorded where httpx or the suite's own client
receives them, and by tests that call in process. On PostgreSQL, where tests that don't depend on the
database are left out, the check covers only the errcodes that PostgreSQL alone can answer.
"""

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.http_client import NOTED_BY
from tests.whole_suite.records import WholeSuiteCheck
from wecom_tollbooth.families import load_families
from wecom_tollbooth.gateway.errcodes import ErrCode

ON_POSTGRESQL_ALONE = frozenset(
    int(code) for code in (ErrCode.CONFLICTING_CHANGE, ErrCode.CONCURRENT_WRITE, ErrCode.WELCOME_BEING_SENT)
)
"""On SQLite calls run one after the other, so they never conflict."""

REACHED: set[tuple[str, int]] = set()
"""Path and errcode of every refusal, seen by this process or by a worker that has ended."""


def note(path: str, errcode: str) -> None:
    """Records an answer of the API that is a refusal."""
    if errcode != "0" and path.startswith("/cgi-bin/"):
        REACHED.add((path, int(errcode)))


def unreached(reached: set[tuple[str, int]], *, on_postgresql: bool) -> Iterator[str]:
    """A sentence for each declared errcode that no test received."""
    for operation in load_families():
        paths = (operation.path, *operation.aliases)
        seen = {errcode for path, errcode in reached if path in paths}
        declared = {code for code in operation.errors if (code in ON_POSTGRESQL_ALONE) is on_postgresql}
        for code in sorted(declared - seen):
            yield f"{operation.path} declares {int(code)} {code.name}, which no test received"


def pytest_configure(config: pytest.Config) -> None:
    send = httpx.Client.send

    def noted(self: httpx.Client, *arguments: Any, **options: Any) -> httpx.Response:
        answer = send(self, *arguments, **options)
        note(answer.request.url.path, answer.headers.get("error-code", "0"))
        return answer

    httpx.Client.send = noted  # type: ignore[method-assign]
    config.add_cleanup(lambda: setattr(httpx.Client, "send", send))
    NOTED_BY.append(note)
    config.add_cleanup(lambda: NOTED_BY.remove(note))
    check = WholeSuiteCheck("reached", "errcodes that no test reached", REACHED, _missing)
    config.pluginmanager.register(check)


def _missing() -> list[str]:
    return list(unreached(REACHED, on_postgresql=os.environ.get("TOLLBOOTH_TEST_DATABASE") == "postgresql"))
