"""GET /_sim/ready says when calls can't be answered, and why, while /_sim/health goes on answering."""

import asyncio
import resource
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bench.process import TOLLBOOTH, ServerProcess
from tests.conftest import ON_POSTGRESQL, Databases, RunningServer
from wecom_tollbooth import readiness

only_sqlite = pytest.mark.skipif(ON_POSTGRESQL, reason="about a file of SQLite")
only_postgresql = pytest.mark.skipif(not ON_POSTGRESQL, reason="about PostgreSQL")


@pytest.fixture
def file(databases: Databases, tmp_path: Path) -> Path:
    """A migrated file that a test may treat badly."""
    path = tmp_path / "world.db"
    Path(databases.new_url().removeprefix("sqlite:///")).rename(path)
    return path


def reason(server: RunningServer) -> str:
    """Why the server is not ready; it must answer calls that need no database."""
    answer = server.sim.get("/ready")
    assert answer.status_code == 503
    assert server.sim.get("/health").json()["status"] == "ok"
    told: str = answer.json()["error"]
    assert "\n" not in told
    return told


def test_a_server_that_reads_and_writes_is_ready(server: RunningServer) -> None:
    for _ in range(2):
        answer = server.sim.get("/ready")
        assert answer.status_code == 200, answer.text
        assert answer.json()["database"] == server.server.database.dialect
        assert answer.json()["status"] == "ok"


@only_sqlite
def test_a_database_that_cannot_be_written_is_not_ready(start_server: Any) -> None:
    server = start_server()
    with server.server.database.transaction() as tx:
        driver = tx.driver
    driver.execute("PRAGMA query_only = on")
    assert "attempt to write a readonly database; make the file and its folder writable" in reason(server)
    driver.execute("PRAGMA query_only = off")
    assert server.sim.get("/ready").status_code == 200


@only_sqlite
def test_a_database_that_another_program_locks_is_not_ready_after_the_deadline(
    start_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "SECONDS_TO_ANSWER", 0.2)
    server = start_server()
    with closing(sqlite3.connect(server.settings.sqlite_file)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "has not answered within 0.2 s" in reason(server)
        other.execute("ROLLBACK")
    monkeypatch.setattr(readiness, "SECONDS_TO_ANSWER", 20)
    assert server.sim.get("/ready").status_code == 200


@only_sqlite
@pytest.mark.parametrize(
    ("happens", "told"), [("delete", "deleted or moved away"), ("move", "deleted"), ("replace", "replaced")]
)
def test_a_missing_file_is_named_in_the_answer_and_logged_once(
    start_server: Any, file: Path, caplog: pytest.LogCaptureFixture, happens: str, told: str
) -> None:
    server = start_server(database_url=f"sqlite:///{file}")
    assert server.sim.get("/ready").status_code == 200
    elsewhere = file.with_name("elsewhere.db")
    if happens == "delete":
        file.unlink()
    else:
        file.rename(elsewhere)
    if happens == "replace":
        file.write_bytes(elsewhere.read_bytes())
    for _ in range(2):
        assert reason(server).startswith(f"{file} was {told}")
    logged = [record for record in caplog.records if record.name == "tollbooth.database"]
    assert [record.getMessage().startswith(f"{file} was {told}") for record in logged] == [True]
    if happens == "move":
        elsewhere.rename(file)
        assert server.sim.get("/ready").status_code == 200


@only_sqlite
def test_the_wal_of_the_database_is_watched_too(start_server: Any, file: Path) -> None:
    server = start_server(database_url=f"sqlite:///{file}")
    for _ in range(2):
        assert server.sim.get("/ready").status_code == 200
    file.with_name("world.db-wal").unlink()
    assert reason(server).startswith(f"{file}-wal was deleted")


@only_sqlite
def test_the_file_is_checked_without_a_request(
    start_server: Any, file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "SECONDS_BETWEEN_LOOKS", 0.001)
    server = start_server(database_url=f"sqlite:///{file}")
    file.unlink()
    assert _eventually(lambda: "world.db was deleted" in caplog.text)
    assert server.sim.get("/health").status_code == 200


def _eventually(holds: Any) -> bool:
    async def wait() -> bool:
        for _ in range(2_000):
            if holds():
                return True
            await asyncio.sleep(0.005)
        return False

    return asyncio.run(wait())


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServerProcess]:
    running = ServerProcess(TOLLBOOTH, tmp_path)
    running.start()
    yield running
    running.stop()


@only_sqlite
@pytest.mark.skipif(sys.platform != "linux", reason="prlimit is Linux's")
def test_without_room_for_the_log_the_server_is_not_ready_until_there_is(
    process: ServerProcess, tmp_path: Path
) -> None:
    """A limit on the size of files stands for a full disk: a write that makes one longer fails."""
    with httpx.Client(base_url=f"{process.base_url}/_sim", timeout=60) as sim:
        assert sim.post("/corps", json={}).status_code == 200
        pid = process.pid
        size = (tmp_path / "tollbooth.db-wal").stat().st_size
        unlimited = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, unlimited[1]))
        answer = sim.get("/ready")
        assert (answer.status_code, sim.get("/health").status_code) == (503, 200)
        assert "tollbooth.db: disk I/O error; make room on its disk" in answer.json()["error"]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
        assert sim.get("/ready").status_code == 200


def test_many_who_ask_at_once_share_a_check(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    checks: list[int] = []
    monkeypatch.setattr(readiness, "touch", lambda *_: checks.append(1))

    async def ask_often(asked: readiness.Readiness) -> list[str | None]:
        return [await asked.problem() for _ in range(20)]

    async def all_at_once() -> list[list[str | None]]:
        asked = readiness.Readiness(server.server.database, None)
        return await asyncio.gather(*[ask_often(asked) for _ in range(10)])

    assert asyncio.run(all_at_once()) == [[None] * 20] * 10
    assert 20 <= len(checks) < 100


@only_postgresql
def test_a_postgresql_that_is_away_or_only_reads_is_not_ready(start_server: Any, databases: Any) -> None:
    server = start_server()
    name = sa.make_url(server.settings.database_url).database
    databases._postgres.psql(f"ALTER DATABASE {name} SET default_transaction_read_only = on;")
    assert "cannot execute UPDATE in a read-only transaction; name the primary server" in reason(server)
    databases._postgres.psql(f"ALTER DATABASE {name} RESET default_transaction_read_only;")
    databases._postgres.psql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false;")
    assert "is not currently accepting connections; wait until" in reason(server)
    databases._postgres.psql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true;")
    assert server.sim.get("/ready").status_code == 200
