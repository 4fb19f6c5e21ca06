"""Every errcode that an operation declares is answered to some test: looked at when the whole suite has run.

What is declared is what docs/coverage.md shows. Answers are noted where httpx receives them, and by the tests
that call in process. The check needs the whole suite on SQLite; the run on PostgreSQL, which leaves out what
the database doesn't change, is asked for the codes that only PostgreSQL can answer.
"""

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from wecom_tollbooth.families import load_families
from wecom_tollbooth.gateway.errcodes import ErrCode

from tests.whole_suite import WholeSuiteCheck

ON_POSTGRESQL_ALONE = frozenset({int(ErrCode.CONFLICTING_CHANGE), int(ErrCode.CONCURRENT_WRITE)})
"""On SQLite calls run one after the other, so two never get in each other's way."""

REACHED: set[tuple[str, int]] = set()
"""Path and errcode of every refusal that was seen, by this process or by a worker that has ended."""


def note(path: str, errcode: str) -> None:
    """Remembers what an answer refuses with, if it is one of the API's."""
    if errcode != "0" and path.startswith("/cgi-bin/"):
        REACHED.add((path, int(errcode)))


def unreached(reached: set[tuple[str, int]], *, on_postgresql: bool) -> Iterator[str]:
    """The errcodes that are declared and were not answered, each with its operation."""
    for operation in load_families():
        paths = (operation.path, *operation.aliases)
        seen = {errcode for path, errcode in reached if path in paths}
        declared = {code for code in operation.errors if (code in ON_POSTGRESQL_ALONE) is on_postgresql}
        for code in sorted(declared - seen):
            yield f"{operation.path} declares {int(code)} {code.name}, which no test was answered"


def pytest_configure(config: pytest.Config) -> None:
    send = httpx.Client.send

    def noted(self: httpx.Client, *arguments: Any, **options: Any) -> httpx.Response:
        answer = send(self, *arguments, **options)
        note(answer.request.url.path, answer.headers.get("error-code", "0"))
        return answer

    httpx.Client.send = noted  # type: ignore[method-assign]
    config.add_cleanup(lambda: setattr(httpx.Client, "send", send))
    check = WholeSuiteCheck("reached", "errcodes that no test reached", REACHED, _missing)
    config.pluginmanager.register(check)


def _missing() -> list[str]:
    return list(unreached(REACHED, on_postgresql=os.environ.get("TOLLBOOTH_TEST_DATABASE") == "postgresql"))
