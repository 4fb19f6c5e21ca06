"""A tree of the project, and its server as a process."""

import os
import re
import subprocess
import tempfile
import threading
from pathlib import Path
from queue import Empty, Queue

SECONDS_TO_START = 120
SECONDS_TO_STOP = 20
SEED = "1"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
_ANOTHER_NAME = "TOLLBOOTH_DATABASE_URL"
"""Trees that read only DATABASE_URL refuse this setting."""


class NotStarted(Exception):
    """The tree's program ended or printed nothing; the text has its last lines."""


class Tree:
    """A folder with sources, and the Python that runs them."""

    def __init__(self, folder: Path, python: str) -> None:
        renamed = (folder / "app" / "wecom_tollbooth").is_dir()
        self._package = "wecom_tollbooth" if renamed else "app"
        self._sources = (folder / "app" if renamed else folder).resolve()
        self._python = python
        self._both_names = renamed
        self._scratch = tempfile.TemporaryDirectory(prefix="answers-")

    def close(self) -> None:
        self._scratch.cleanup()

    def migrate(self, url: str) -> None:
        done = self._once(url)
        if done.returncode and self._refuses_the_setting(done.stderr):
            done = self._once(url)
        if done.returncode:
            raise NotStarted(done.stderr[-3000:])

    def serve(self, url: str, settings: dict[str, str]) -> "Server":
        try:
            return self._served(url, settings)
        except NotStarted as reason:
            if not self._refuses_the_setting(str(reason)):
                raise
            return self._served(url, settings)

    def _served(self, url: str, settings: dict[str, str]) -> "Server":
        process = subprocess.Popen(
            self._command("serve", "--port", "0"),
            cwd=self._scratch.name,
            env=self._environment(url, settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        return Server(process)

    def _once(self, url: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self._command("migrate"),
            cwd=self._scratch.name,
            env=self._environment(url, {}),
            capture_output=True,
            text=True,
            check=False,
        )

    def _refuses_the_setting(self, said: str) -> bool:
        refused = self._both_names and f"{_ANOTHER_NAME}: no such setting" in said
        self._both_names = self._both_names and not refused
        return refused

    def _command(self, *words: str) -> list[str]:
        return [self._python, "-m", self._package, *words]

    def _environment(self, url: str, settings: dict[str, str]) -> dict[str, str]:
        outside = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TOLLBOOTH_", "PYTHON")) and name != "DATABASE_URL"
        }
        named = {"DATABASE_URL": url, **({_ANOTHER_NAME: url} if self._both_names else {})}
        return {
            **outside,
            **named,
            "PYTHONPATH": str(self._sources),
            "PYTHONUNBUFFERED": "1",
            "TOLLBOOTH_SEED": SEED,
            **settings,
        }


class Server:
    """A running server; `port` is where it listens on loopback."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._said: list[str] = []
        self._lines: Queue[str | None] = Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.port = self._port()

    @property
    def last_output(self) -> str:
        return "\n".join(self._said[-30:])

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.append(line.rstrip("\n"))
            self._lines.put(line)
        self._lines.put(None)

    def _port(self) -> int:
        while True:
            try:
                line = self._lines.get(timeout=SECONDS_TO_START)
            except Empty:
                line = None
            if line is None:
                self.stop()
                raise NotStarted(self.last_output or "it printed nothing")
            match = _ADDRESS.search(line)
            if match:
                return int(match[1])
