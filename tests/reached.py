"""Every errcode that an operation declares is answered to some test: looked at when the whole suite has run.

What is declared is what docs/coverage.md shows. Answers are noted where httpx, which all tests call with,
receives them. Of a part of the suite nothing is asked.
"""

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.operation import load_families

ON_POSTGRESQL_ALONE = frozenset({int(ErrCode.CONFLICTING_CHANGE), int(ErrCode.CONCURRENT_WRITE)})
"""On SQLite calls run one after the other, so two never get in each other's way."""

REACHED: set[tuple[str, int]] = set()
"""Path and errcode of every refusal that was seen, by this process or by a worker that has ended."""


def note(answer: httpx.Response) -> None:
    """Remembers what the answer refuses with, if it is one of the API's."""
    errcode = answer.headers.get("error-code", "0")
    if errcode != "0" and answer.request.url.path.startswith("/cgi-bin/"):
        REACHED.add((answer.request.url.path, int(errcode)))


def unreached(reached: set[tuple[str, int]], *, on_postgresql: bool) -> Iterator[str]:
    """The errcodes that are declared and were not answered, each with its operation."""
    excused = frozenset[int]() if on_postgresql else ON_POSTGRESQL_ALONE
    for operation in load_families():
        paths = (operation.path, *operation.aliases)
        seen = {errcode for path, errcode in reached if path in paths}
        for code in sorted(set(operation.errors) - seen - excused):
            yield f"{operation.path} declares {int(code)} {code.name}, which no test was answered"


def is_whole(config: pytest.Config) -> bool:
    """Whether the whole suite was asked for: no path, no -k, no part of it that failed last."""
    picked = config.option.keyword or config.getoption("lf", False) or config.option.collectonly
    return config.args_source == pytest.Config.ArgsSource.TESTPATHS and not picked


def is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    send = httpx.Client.send

    def noted(self: httpx.Client, *arguments: Any, **options: Any) -> httpx.Response:
        answer = send(self, *arguments, **options)
        note(answer)
        return answer

    httpx.Client.send = noted  # type: ignore[method-assign]
    config.add_cleanup(lambda: setattr(httpx.Client, "send", send))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of pytest-xdist has ended: what it saw is seen."""
    REACHED.update((path, errcode) for path, errcode in getattr(node, "workeroutput", {}).get("reached", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    config = session.config
    if is_worker(config):
        config.workeroutput["reached"] = sorted(REACHED)  # type: ignore[attr-defined]
    elif exitstatus == pytest.ExitCode.OK and is_whole(config) and _missing():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    missing = _missing() if is_whole(config) else []
    if missing:
        terminalreporter.section("errcodes that no test reached", red=True)
        for line in missing:
            terminalreporter.line(line)


def _missing() -> list[str]:
    return list(unreached(REACHED, on_postgresql=os.environ.get("TOLLBOOTH_TEST_DATABASE") == "postgresql"))
