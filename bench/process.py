"""A server as a separate process on a free port of loopback."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_START = 60
SECONDS_TO_DIE = 10

TOLLBOOTH = ("wecom_tollbooth", "serve")
"""The arguments of `tollbooth serve`."""

NAMES_OF_LIMITS = (
    *("PER_CORP_MINUTE", "PER_CORP_HOUR", "PER_IP_MINUTE", "PER_IP_HOUR", "CONCURRENCY"),
    *("IMAGES_DAY", "IMAGES_MONTH"),
)
LIMITS_ON = {
    "TOLLBOOTH_RATE_LIMITS": "on",
    **{f"TOLLBOOTH_LIMIT_{name}": "1000000000" for name in NAMES_OF_LIMITS},
}
"""Limits that count every call and refuse none."""


class ServerProcess:
    """`python -m` with `arguments`, --host and --port, in the working directory `folder`.

    `environment` is all that it sees of TOLLBOOTH_ settings. It is not started yet: start(),
    kill() and start() again keep the port.
    """

    def __init__(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._environment = {
            **_outside(),
            "PYTHONPATH": f"{ROOT / 'app'}{os.pathsep}{ROOT}",
            **(environment or {}),
        }
        self._command = [sys.executable, "-m", *arguments, "--host", "127.0.0.1", "--port", str(self.port)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it accepts connections."""
        log_path = self._folder / f"server-{self.port}.log"
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + SECONDS_TO_START
        while not self._accepts():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the server did not start:\n{log_path.read_text()[-2000:]}")
            time.sleep(0.005)

    @property
    def pid(self) -> int:
        assert self._process is not None, "start() comes first"
        return self._process.pid

    def kill(self) -> None:
        """Ends it and its workers with SIGKILL."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            # Workers may die a moment later, and accept what would be taken for the next start.
            deadline = time.monotonic() + SECONDS_TO_DIE
            while self._accepts() and time.monotonic() < deadline:
                time.sleep(0.005)

    def stop(self) -> None:
        """Ends it with SIGTERM and waits."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def log(self) -> str:
        """Its output so far, over all its starts."""
        return (self._folder / f"server-{self.port}.log").read_text()

    def _accepts(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _outside() -> dict[str, str]:
    """This process's environment without any settings."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TOLLBOOTH_") and name != "DATABASE_URL"
    }
