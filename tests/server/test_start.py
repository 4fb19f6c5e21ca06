"""Starting and stopping the real command as a process, and the errors at start."""

import os
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import httpx
import psutil
import pytest
from typer.testing import CliRunner

from tests.conftest import RunningServer, running_postgresql
from wecom_tollbooth.cli import app
from wecom_tollbooth.migrate import newest_revision

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_START = 60
SECONDS_TO_STOP = 30


class Tollbooth:
    """A process `tollbooth WORDS` in a folder, with only the given settings; the test's end stops it."""

    def __init__(self, folder: Path, *words: str, **environment: str) -> None:
        outside = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("TOLLBOOTH_") and name != "DATABASE_URL"
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wecom_tollbooth", *words],
            cwd=folder,
            env={**outside, "PYTHONPATH": str(ROOT / "app"), "PYTHONUNBUFFERED": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.lines: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def next_line(self) -> str:
        try:
            return self.lines.get(timeout=SECONDS_TO_START)
        except Empty:
            self.process.kill()
            raise AssertionError(f"nothing was printed; stderr: {self._errors()}") from None

    def address(self) -> str:
        """The address that the server prints when it listens."""
        match = re.search(r"http://\S+", self.next_line())
        assert match is not None
        return match[0]

    def ended(self) -> tuple[int, str]:
        """The exit code and stderr, after the process has ended by itself."""
        code = self.process.wait(SECONDS_TO_START)
        return code, self._errors()

    def stop(self, by: int = signal.SIGTERM, *, whole_group: bool = False) -> tuple[int, str]:
        (os.killpg if whole_group else os.kill)(self.process.pid, by)
        code = self.process.wait(SECONDS_TO_STOP)
        return code, self._errors()

    def _errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()


@pytest.fixture
def tollbooth(tmp_path: Path) -> Iterator[Any]:
    """`tollbooth("serve", "--port", "0", TOLLBOOTH_SEED="2")` starts a process in the test's folder."""
    started: list[Tollbooth] = []

    def start(*words: str, **environment: str) -> Tollbooth:
        started.append(Tollbooth(tmp_path, *words, **environment))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait()


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """`refused("serve", "--port", "0")`: exit code and single error line of a command that must not start."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str, **environment: str) -> tuple[int, str]:
        ended = CliRunner().invoke(app, words, env=environment)
        assert ended.stdout == ""
        assert ended.stderr.startswith("tollbooth: ")
        assert ended.stderr.count("\n") == 1
        return ended.exit_code, ended.stderr.removeprefix("tollbooth: ").strip()

    return run


def health(address: str) -> int:
    return httpx.get(f"{address}/_sim/health").status_code


def answers(address: str) -> bool:
    try:
        return health(address) == 200
    except httpx.TransportError:
        return False


def answers_and_stops(server: Tollbooth, address: str, by: int) -> tuple[int, str]:
    """Exit code and stderr of a server that answers, and is stopped while a client stays connected."""
    with httpx.Client(base_url=address) as client_that_stays_connected:
        answer = client_that_stays_connected.get("/_sim/health")
        assert answer.json()["status"] == "ok"
        assert "server" not in answer.headers
        return server.stop(by)


def test_a_second_server_on_the_same_file_is_refused_until_the_first_stops(
    tollbooth: Any, refused: Any, tmp_path: Path
) -> None:
    first = tollbooth("serve", "--port", "0")
    first.address()
    for command in (("serve", "--port", "0"), ("demo", "--port", "0"), ("migrate",)):
        code, line = refused(*command, TOLLBOOTH_DATABASE_URL=f"sqlite:///{tmp_path}/tollbooth.db")
        assert code == 2
        assert f"in use by another tollbooth (process {first.process.pid})" in line
    first.stop(signal.SIGKILL)
    again = tollbooth("serve", "--port", "0")
    assert answers_and_stops(again, again.address(), signal.SIGTERM) == (0, "")


def test_serve_listens_on_the_given_host_and_leaves_a_bare_database_url_alone(
    tollbooth: Any, tmp_path: Path
) -> None:
    """The variable is reported in one line. A start costs two seconds, so one has to do for both."""
    outside = {"DATABASE_URL": f"sqlite:///{tmp_path}/product.db"}
    server = tollbooth("serve", TOLLBOOTH_PORT="0", TOLLBOOTH_HOST="::1", **outside)
    address = server.address()
    assert address.startswith("http://[::1]:")
    code, told = answers_and_stops(server, address, signal.SIGINT)
    assert (code, told.count("\n")) == (0, 1)
    assert told.startswith("tollbooth: environment: 不读取 DATABASE_URL")
    assert not (tmp_path / "product.db").exists()
    assert (tmp_path / "tollbooth.db").exists()


def test_a_taken_port_is_refused(refused: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, line = refused("serve", "--port", str(port))
    assert code == 1
    assert line.startswith(f"command line: --port: 127.0.0.1:{port}: Address already in use; ")


def test_an_unavailable_host_is_refused(refused: Any) -> None:
    token = {"TOLLBOOTH_ADMIN_TOKEN": "t"}
    code, line = refused("serve", "--port", "0", "--host", "192.0.2.1", **token)
    assert (code, "192.0.2.1" in line) == (1, True)
    code, line = refused("serve", "--port", "0", "--host", "no host", **token)
    assert (code, line.startswith("command line: --host: no host: ")) == (1, True)


def test_several_workers_on_sqlite_are_refused(refused: Any) -> None:
    code, line = refused("serve", "--workers", "2")
    assert code == 2
    assert line.startswith("command line: --workers: SQLite is one file with one writer")


def test_listening_off_loopback_without_an_admin_token_is_refused(refused: Any) -> None:
    code, line = refused("serve", "--host", "0.0.0.0")
    assert code == 2
    assert "set TOLLBOOTH_ADMIN_TOKEN" in line


def test_a_broken_price_book_is_refused_with_file_and_key(refused: Any, tmp_path: Path) -> None:
    book = tmp_path / "book.toml"
    book.write_text('name = "mine"\ntitle = \n', encoding="utf-8")
    code, line = refused("serve", "--port", "0", "--price-book", str(book))
    assert code == 2
    assert line.startswith(f"{book}: not valid TOML: ")
    assert "line 2" in line
    code, line = refused("serve", "--port", "0", TOLLBOOTH_PRICE_BOOK="nobody")
    assert (code, "use one of article-toll" in line) == (2, True)


def test_a_database_of_a_newer_version_is_refused_unchanged(refused: Any, tmp_path: Path) -> None:
    CliRunner().invoke(app, ["migrate"])
    with closing(sqlite3.connect(tmp_path / "tollbooth.db")) as database:
        database.execute("UPDATE tollbooth_version SET version_num = '9999'")
        database.commit()
        for command in (("serve", "--port", "0"), ("migrate",)):
            code, line = refused(*command)
            assert code == 2
            assert line == (
                f"default: TOLLBOOTH_DATABASE_URL: tollbooth.db: the database is at revision 9999, newer "
                f"than this program ({newest_revision()}); use the newer program, or another database"
            )
        assert database.execute("SELECT version_num FROM tollbooth_version").fetchall() == [("9999",)]


def test_a_file_that_is_not_a_database_is_refused_unchanged(refused: Any, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("not a database, and longer than a header of SQLite is " * 10)
    code, line = refused("serve", "--port", "0", "--database-url", f"sqlite:///{file}")
    assert code == 2
    assert line == f"command line: --database-url: {file}: file is not a database; name another file"
    assert file.read_text().startswith("not a database")


@pytest.mark.parametrize("name", ["nowhere/tollbooth.db", "folder"])
def test_a_database_file_that_cannot_be_created_is_refused(refused: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    code, line = refused("serve", "--port", "0", "--database-url", f"sqlite:///{name}")
    assert code == 2
    assert line.startswith("command line: --database-url: ")


def test_migrate_creates_the_schema_once(tmp_path: Path) -> None:
    for _ in range(2):
        done = CliRunner().invoke(app, ["migrate", "--database-url", f"sqlite:///{tmp_path}/new.db"])
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout.strip().endswith(f"at revision {newest_revision()}")
    assert (tmp_path / "new.db").is_file()


def test_demo_creates_its_corp_once_and_prints_commands_that_work(tollbooth: Any) -> None:
    def started() -> tuple[Tollbooth, list[str]]:
        one = tollbooth("demo", "--port", "0", "--customers", "12")
        lines = [one.next_line()]
        while "Ctrl-C" not in lines[-1]:
            lines.append(one.next_line())
        return one, lines

    def corpid(lines: list[str]) -> str:
        return next(line.split()[1] for line in lines if line.split()[0] == "corpid")

    first, lines = started()
    assert len(lines) <= 12
    to_try = "\n".join(line for line in lines if line.startswith(("  token=", "  curl ")))
    tried = subprocess.run(["sh", "-c", to_try], capture_output=True, text=True, timeout=60, check=True)
    assert tried.stdout.startswith('{"errcode":0,"errmsg":"ok","external_contact":{')
    assert first.stop() == (0, "")
    second, again = started()
    assert corpid(again) == corpid(lines)
    address = lines[0].split()[3]
    assert httpx.get(again[0].split()[3] + "/_sim/corps").json()["corps"][0]["corpid"] == corpid(lines)
    assert address.startswith("http://127.0.0.1:")
    assert second.stop(signal.SIGINT) == (0, "")


def test_the_first_page_links_to_docs_health_and_corps(server: RunningServer) -> None:
    with httpx.Client(base_url=server.base_url) as browser:
        page = browser.get("/")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        links = re.findall(r'href="([^"]+)"', page.text)
        assert {"/docs", "/_sim/health", "/_sim/corps"} <= set(links)
        for link in links:
            assert browser.get(link).status_code == 200
        assert not re.findall(r'(?:src|href)="https?:', page.text)
        assert browser.get("/favicon.ico").status_code == 204
        assert browser.get("/nothing").status_code == 404


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """The URL of an empty PostgreSQL database, also when the suite runs on SQLite."""
    with running_postgresql() as running:
        yield running.get_uri()


@pytest.mark.postgresql
def test_two_workers_share_a_migrated_postgresql(
    tollbooth: Any, refused: Any, postgresql: str, tmp_path: Path
) -> None:
    start = ("serve", "--port", "0", "--workers", "2", "--database-url", postgresql)
    code, line = refused(*start)
    assert (code, line.endswith("run `tollbooth migrate`")) == (2, True)

    both = [tollbooth("migrate", TOLLBOOTH_DATABASE_URL=postgresql) for _ in range(2)]
    assert [one.ended() for one in both] == [(0, ""), (0, "")]

    server = tollbooth(*start, TOLLBOOTH_TOKEN_EXPIRES_IN="300")
    address = server.address()
    made = httpx.post(f"{address}/_sim/corps", json={}, timeout=60).json()
    secret = {"corpid": made["corpid"], "corpsecret": made["apps"][0]["secret"]}
    tokens = [httpx.get(f"{address}/cgi-bin/gettoken", params=secret).json() for _ in range(20)]
    assert {token["access_token"] for token in tokens} == {tokens[0]["access_token"]}
    assert {token["expires_in"] for token in tokens} <= set(range(240, 301))  # slow on a busy machine
    assert server.stop(signal.SIGINT, whole_group=True) == (0, "")

    again = tollbooth(*start, "--tls-port", "0")
    address = again.address()
    https = re.search(r"→ 127\.0\.0\.1:(\d+)", again.next_line())
    assert https is not None
    trusted = ssl.create_default_context(cafile=str(tmp_path / "tollbooth-tls" / "ca.pem"))
    for _ in range(6):  # whichever worker takes it
        assert httpx.get(f"https://localhost:{https[1]}/_sim/health", verify=trusted).status_code == 200
    assert health(address) == 200
    _wait_for_two_workers(again.process.pid)
    again.stop(signal.SIGKILL)
    deadline = time.monotonic() + SECONDS_TO_STOP
    while answers(address) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not answers(address)


def test_an_unreachable_postgresql_is_refused(refused: Any) -> None:
    for command in (("serve", "--port", "0"), ("serve", "--port", "0", "--workers", "2"), ("migrate",)):
        code, line = refused(*command, TOLLBOOTH_DATABASE_URL="postgresql://127.0.0.1:1/tollbooth")
        assert code == 2
        assert line.startswith("environment: TOLLBOOTH_DATABASE_URL: 127.0.0.1:1/tollbooth: connection ")
        assert line.endswith("; start PostgreSQL there, or correct the address")


def _wait_for_two_workers(pid: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_STOP
    while True:
        workers = [
            child
            for child in psutil.Process(pid).children(recursive=True)
            if any("spawn_main" in word for word in child.cmdline())
        ]
        if len(workers) == 2:
            return
        assert time.monotonic() < deadline, f"{len(workers)} workers"
        time.sleep(0.1)
