"""When SQLite's log is copied into the file."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wecom_tollbooth.db import Database, checkpoints
from wecom_tollbooth.settings import Settings

LIMIT_SECONDS = 10


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database that is served, whose log is copied in each 50 pages and to its end from 200 on."""
    monkeypatch.setattr(checkpoints, "POLL_SECONDS", 0.005)
    monkeypatch.setattr(checkpoints, "COPY_EACH", 50)
    monkeypatch.setattr(checkpoints, "FINISH_FROM", 200)
    database = Database(Settings(database_url=f"sqlite:///{tmp_path / 'log.db'}"))
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("CREATE TABLE id_block (name TEXT PRIMARY KEY, reserved_to INTEGER NOT NULL)")
        driver.execute("INSERT INTO id_block VALUES ('row', 0)")
        driver.execute("CREATE TABLE text (text TEXT)")
    database.serve()
    yield database
    database.close()


def write(database: Database, pages: int) -> None:
    """One transaction of about so many pages."""
    with database.transaction() as tx:
        tx.cursor.executemany("INSERT INTO text VALUES (?)", [("x" * 3_500,)] * pages)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def pages(database: Database) -> tuple[int, int]:
    assert database._checkpoints is not None
    return database._checkpoints._pages()


def test_a_short_log_is_not_copied(database: Database) -> None:
    write(database, 10)
    time.sleep(0.05)
    in_log, copied = pages(database)
    assert 10 <= in_log < 50
    assert copied == 0


def test_a_longer_log_is_copied(database: Database) -> None:
    write(database, 60)
    until(lambda: pages(database)[1] >= 60)
    assert not database.writes_too_fast


def test_a_long_log_is_begun_again_under_unbroken_writing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "COPY_EACH", 100_000)
    lengths = [0]

    def is_begun_again() -> bool:
        write(database, 5)
        lengths.append(pages(database)[0])
        return lengths[-1] < lengths[-2]

    until(is_begun_again)
    assert max(lengths) >= 200


def test_long_work_pauses_until_a_long_log_is_copied(database: Database) -> None:
    write(database, 250)
    until(lambda: not database.writes_too_fast)
    in_log, copied = pages(database)
    assert in_log >= 250
    assert copied == in_log


def test_the_file_of_the_log_is_not_cut_when_it_is_begun_again(database: Database, tmp_path: Path) -> None:
    write(database, 250)
    until(lambda: not database.writes_too_fast)
    before = (tmp_path / "log.db-wal").stat().st_size
    write(database, 5)
    assert pages(database)[0] < 50
    assert (tmp_path / "log.db-wal").stat().st_size == before


ASK_FOR_LOCK = """
import fcntl, sys
with open(sys.argv[1], "r+b") as index:
    fcntl.lockf(index, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 128)
"""


@pytest.mark.skipif(os.name != "posix", reason="POSIX locks")
def test_sqlite_keeps_its_lock_on_the_index_of_the_log(database: Database, tmp_path: Path) -> None:
    """Who could take it would cut the index short, and the server would die of SIGBUS."""
    write(database, 1)
    for _ in range(3):
        assert not database.writes_too_fast
    asking = [sys.executable, "-c", ASK_FOR_LOCK, str(tmp_path / "log.db-shm")]
    asked = subprocess.run(asking, stderr=subprocess.PIPE, check=False)
    assert b"BlockingIOError" in asked.stderr
