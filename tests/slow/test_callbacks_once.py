"""Several workers deliver from one PostgreSQL that loses sessions and restarts, and workers are killed.

Nothing is lost, each app's events arrive in their order, and an event is repeated only by a kill.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from bench.process import TOLLBOOTH, ServerProcess
from tests.callbacks.listeners import Listener
from tests.conftest import Databases, running_postgresql
from tests.slow.test_lost_sessions import end_sessions

SEED = 20261130
LISTENERS = 4
TERMINATIONS, RESTARTS, KILLS = 20, 3, 5

pytestmark = pytest.mark.slow


class Stage:
    """A server with several workers, its database, and corps that listen."""

    def __init__(self, folder: Path, workers: int, postgres: Any, environment: dict[str, str]) -> None:
        self.postgres = postgres
        self.url = Databases(folder, postgres).new_url()
        self.server = ServerProcess(
            TOLLBOOTH,
            folder,
            {**environment, "TOLLBOOTH_DATABASE_URL": self.url, "TOLLBOOTH_WORKERS": str(workers)},
        )
        self.server.start()
        self.listeners = [Listener(self.server.base_url) for _ in range(LISTENERS)]
        self.rng = random.Random(SEED)

    def end_sessions(self) -> None:
        end_sessions(self.url)

    def restart_postgresql(self) -> None:
        self.postgres.stop()
        time.sleep(self.rng.uniform(0, 1))
        self.postgres.ensure_postgres_running()

    def kill_worker(self) -> None:
        workers = [child for child in psutil.Process(self.server.pid).children() if _is_worker(child)]
        self.rng.choice(workers).kill()

    def disturb(self, times: int, disturbance: Callable[[], None], pause: float) -> None:
        """Lets the corps act while something happens `times` times, and waits for all callbacks."""
        threads = [listener.act_until_stopped() for listener in self.listeners]
        for _ in range(times):
            time.sleep(self.rng.uniform(pause / 2, pause))
            disturbance()
        time.sleep(1)
        for listener in self.listeners:
            listener.stop()
        for thread in threads:
            thread.join(60)
        for listener in self.listeners:
            listener.wait_until_nothing_waits()

    def figures(self) -> dict[str, int]:
        return {
            "answered": sum(len(listener.answered) for listener in self.listeners),
            "unanswered": sum(listener.unanswered for listener in self.listeners),
            "heard": sum(len(listener.heard()) for listener in self.listeners),
            "lost": sum(len(listener.lost()) for listener in self.listeners),
            "repeated": sum(listener.repeated() for listener in self.listeners),
            "out of order": sum(listener.out_of_order() for listener in self.listeners),
        }


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.Error:  # killed before, and not yet replaced
        return False


@contextmanager
def staged(folder: Path, workers: int, environment: dict[str, str] | None = None) -> Iterator[Stage]:
    with running_postgresql() as postgres:
        stage = Stage(folder, workers, postgres, environment or {})
        try:
            yield stage
        finally:
            for listener in stage.listeners:
                listener.close()
            stage.server.stop()


@pytest.mark.parametrize("workers", [2, 4])
def test_an_event_is_repeated_only_by_a_kill(
    tmp_path: Path, workers: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with staged(tmp_path, workers) as stage:
        for name, times, disturbance, pause in (
            ("sessions", TERMINATIONS, stage.end_sessions, 0.8),
            ("restarts", RESTARTS, stage.restart_postgresql, 3.0),
        ):
            stage.disturb(times, disturbance, pause)
            found = stage.figures()
            with capsys.disabled():
                print(f"\n{workers} workers, after {times} {name}: {found}")
            assert (found["lost"], found["repeated"], found["out of order"]) == (0, 0, 0)
            assert found["answered"] > 100
        stage.disturb(KILLS, stage.kill_worker, 4.0)
        found = stage.figures()
        with capsys.disabled():
            print(f"{workers} workers, after {KILLS} kills: {found}")
        assert (found["lost"], found["out of order"]) == (0, 0)
        assert found["repeated"] <= KILLS * LISTENERS, "one event of each queue at most"
