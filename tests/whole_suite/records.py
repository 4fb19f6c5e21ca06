"""Checks of what the whole suite has seen, only after all of it has run."""

from collections.abc import Callable
from typing import Any

import pytest


def is_whole(config: pytest.Config) -> bool:
    """Whether the whole suite was asked for: no path, no -k, no part of it that failed last."""
    picked = config.option.keyword or config.getoption("lf", False) or config.option.collectonly
    return config.args_source == pytest.Config.ArgsSource.TESTPATHS and not picked


class WholeSuiteCheck:
    """Collects `seen` from the workers of pytest-xdist, and fails the run if something is missing.

    `missing` returns a sentence for each, shown under the heading `title`.
    """

    def __init__(
        self, name: str, title: str, seen: set[tuple[Any, ...]], missing: Callable[[], list[str]]
    ) -> None:
        self._name = name
        self._title = title
        self._seen = seen
        self._missing = missing

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Merges what a finished worker has seen."""
        self._seen.update(tuple(one) for one in getattr(node, "workeroutput", {}).get(self._name, ()))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        config = session.config
        if hasattr(config, "workerinput"):
            config.workeroutput[self._name] = sorted(self._seen)  # type: ignore[attr-defined]
        elif exitstatus == pytest.ExitCode.OK and is_whole(config) and self._missing():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        missing = self._missing() if is_whole(config) else []
        if missing:
            terminalreporter.section(self._title, red=True)
            for line in missing:
                terminalreporter.line(line)
