"""Servers that tests use: one that runs already, or one of the test run's own."""

import os
import subprocess
import sys
import tempfile
import threading
from base64 import b64encode
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pytest_tollbooth.control import Control
from pytest_tollbooth.corp import Corp

SECONDS_TO_START = 60
SECONDS_TO_STOP = 10
LINES_KEPT = 40
"""Of what the server printed, to say why it did not start."""


COMMAND = (
    *(sys.executable, "-m", "wecom_tollbooth", "serve", "--ephemeral", "--port", "0"),
    "--until-stdin-closes",  # so that it ends with this process, however that ends
)


Seed = str | Path | dict[str, Any]
"""The name of a seed, a seed file or an exported corp, or what a seed file would say."""


class Tollbooth:
    """A running server."""

    is_temporary = False
    """Whether it ends with the test run, with all its data."""

    def __init__(self, base_url: str, admin_token: str | None = None) -> None:
        self.control = Control(base_url, admin_token)

    @property
    def base_url(self) -> str:
        """The address to give to the program under test in place of https://qyapi.weixin.qq.com."""
        return self.control.base_url

    def new_corp(self, **wanted: Any) -> Corp:
        """A new corp: by default a chain of tea shops with 5 members and no customers.

        `wanted` are the fields of POST /_sim/corps: name, seed, members, customers, follow_ups, activity,
        key, starts_at. With a `seed` nothing is left out of it; one of the type Path is a seed file, or an
        exported corp if its name ends in .tollbooth.
        """
        if isinstance(seed := wanted.get("seed"), Path):
            wanted["seed"] = _read(seed)
        usual = {} if seed is not None else {"seed": "demo", "customers": 0, "activity": False}
        made = self.control.send("POST", "/corps", **(usual | wanted))
        return Corp(self.control, made)

    def corp(self, corpid: str) -> Corp:
        """A corp that the server has already."""
        return Corp(self.control, self.control.get(f"/corps/{corpid}"))

    def close(self) -> None:
        self.control.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _read(seed: Path) -> dict[str, str]:
    if seed.suffix == ".tollbooth":
        return {"export": b64encode(seed.read_bytes()).decode()}
    return {"file": seed.read_text(encoding="utf-8")}


class LocalServer(Tollbooth):
    """A server of one's own, on a free port of loopback, whose data are gone when it is closed.

    `settings` are TOLLBOOTH_ settings by their names in small letters: `rate_limits="on"`. Those of the
    environment are not read, so that a test run does not depend on where it runs. Raises RuntimeError with
    what the server printed if it doesn't start.
    """

    is_temporary = True

    def __init__(self, **settings: Any) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TOLLBOOTH_")}
        environment |= {f"TOLLBOOTH_{name.upper()}": str(value) for name, value in settings.items()}
        self._folder = tempfile.TemporaryDirectory(prefix="tollbooth-")
        self._process = subprocess.Popen(
            COMMAND,
            env=environment,
            cwd=self._folder.name,  # no .env of the project's is read
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._printed: deque[str] = deque(maxlen=LINES_KEPT)
        self._address: str | None = None
        self._started = threading.Event()
        threading.Thread(target=self._read, name="tollbooth-output", daemon=True).start()
        if not self._started.wait(SECONDS_TO_START) or self._address is None:
            self._end()
            raise RuntimeError("WeCom Tollbooth did not start:\n" + "".join(self._printed))
        super().__init__(self._address)

    def close(self) -> None:
        super().close()
        self._end()

    def _read(self) -> None:
        """Reads what the server prints, up to its address and on, so that it never waits for a reader."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._printed.append(line)
            if self._address is None and line.startswith("WeCom Tollbooth "):
                self._address = next((word for word in line.split() if word.startswith("http://")), None)
                self._started.set()
        self._started.set()

    def _end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()
