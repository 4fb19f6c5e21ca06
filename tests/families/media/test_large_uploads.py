"""Large uploads need little memory; a kill among uploads leaves no orphan and no row without its file."""

import hashlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from bench.process import TOLLBOOTH, ServerProcess
from tests.conftest import ON_POSTGRESQL
from tests.families.media.file_server import FileServer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(ON_POSTGRESQL, reason="the files are the same, whatever the database"),
]

MB = 1024 * 1024
MOST_MORE = 30 * MB


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServerProcess]:
    started = ServerProcess(
        TOLLBOOTH,
        tmp_path,
        {"TOLLBOOTH_DATABASE_URL": f"sqlite:///{tmp_path / 'world.db'}", "TOLLBOOTH_RATE_LIMITS": "off"},
    )
    started.start()
    yield started
    started.kill()


class Client:
    def __init__(self, process: ServerProcess) -> None:
        self.http = httpx.Client(base_url=process.base_url, timeout=120)
        corp = self.http.post("/_sim/corps", json={}).json()
        login = {"corpid": corp["corpid"], "corpsecret": corp["apps"][0]["secret"]}
        token = self.http.get("/cgi-bin/gettoken", params=login).json()["access_token"]
        self.by_token = {"access_token": token}

    def upload(self, content: bytes) -> dict[str, Any]:
        params = {**self.by_token, "type": "file"}
        answer = self.http.post("/cgi-bin/media/upload", params=params, files={"media": ("a.bin", content)})
        return dict(answer.json())


class Memory:
    """The largest RSS of a process while the block runs, above that at its beginning; bytes."""

    def __init__(self, process: ServerProcess) -> None:
        self._process = psutil.Process(process.pid)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.more = 0

    def __enter__(self) -> "Memory":
        self._before = self._process.memory_info().rss
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.005):
            self.more = max(self.more, self._process.memory_info().rss - self._before)


def test_an_upload_of_20_mb_and_its_download_raise_the_memory_by_under_30_mb(process: ServerProcess) -> None:
    client = Client(process)
    client.upload(b"warm up")
    content = bytes(20 * MB)
    with Memory(process) as memory:
        reply = client.upload(content)
        assert reply["errcode"] == 0
        params = {**client.by_token, "media_id": reply["media_id"]}
        assert client.http.get("/cgi-bin/media/get", params=params).content == content
    assert memory.more < MOST_MORE


def test_200_mb_from_a_url_raise_the_memory_by_under_30_mb(process: ServerProcess) -> None:
    class Zeros(FileServer):
        def part(self, start: int, end: int) -> bytes:
            return bytes(end - start)

    size, digest = 200 * MB, hashlib.md5()
    for _ in range(200):
        digest.update(bytes(MB))
    source = Zeros(size=size)
    client = Client(process)
    client.upload(b"warm up")
    given = {"scene": 1, "type": "file", "filename": "a.bin", "url": source.url, "md5": digest.hexdigest()}
    with Memory(process) as memory:
        path = "/cgi-bin/media/upload_by_url"
        jobid = client.http.post(path, params=client.by_token, json=given).json()["jobid"]
        while (reply := _result(client, jobid))["status"] == 1:
            time.sleep(0.1)
    source.close()
    assert reply["detail"]["errcode"] == 0, reply
    assert memory.more < MOST_MORE


def _result(client: Client, jobid: str) -> dict[str, Any]:
    path = "/cgi-bin/media/get_upload_by_url_result"
    return dict(client.http.post(path, params=client.by_token, json={"jobid": jobid}).json())


def test_a_kill_among_uploads_leaves_what_was_answered_and_nothing_else(
    process: ServerProcess, tmp_path: Path
) -> None:
    client = Client(process)
    answered: dict[str, bytes] = {}
    folder = tmp_path / "world.db.files"

    def upload_many(client: Client, name: int) -> None:
        number = 0
        while True:
            content = f"{name}/{number} ".encode() * 20_000
            try:
                reply = client.upload(content)
            except httpx.HTTPError:
                return
            assert reply["errcode"] == 0
            answered[reply["media_id"]] = content
            number += 1

    for _ in range(5):
        threads = [threading.Thread(target=upload_many, args=(client, name)) for name in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        process.kill()
        for thread in threads:
            thread.join()
        process.start()
        for media_id, content in answered.items():
            params = {**client.by_token, "media_id": media_id}
            assert client.http.get("/cgi-bin/media/get", params=params).content == content
        _wait_for_the_sweep(folder, tmp_path / "world.db")


def _wait_for_the_sweep(folder: Path, database: Path) -> None:
    """Until the folder holds what rows refer to, and nothing else."""
    deadline = time.monotonic() + 20
    while True:
        with sqlite3.connect(database) as connection:
            rows = {name for (name,) in connection.execute("SELECT DISTINCT sha256 FROM media")}
        connection.close()
        found = {path.name for path in folder.iterdir() if path.name != "incoming"}
        left = list((folder / "incoming").iterdir())
        assert rows <= found, "a row without its file"
        if rows == found and not left:
            return
        assert time.monotonic() < deadline, (found - rows, left)
        time.sleep(0.05)
