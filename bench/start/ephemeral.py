"""`python -m bench.start.ephemeral`: `tollbooth serve --ephemeral` to its first answered call.

Beside it a process that only imports the libraries, `import fastapi, sqlmodel, uvicorn`, in turn within one
run: the ratio of the times is the median over the pairs. Processor time, which other programs disturb
less, stands beside it. Families and the control API are imported when they are first asked for, so the time
until the first corp is made stands beside it too. Exits 1 when a target is missed.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, replace

import psutil

from bench.process import ROOT

TIMES = 1.6
MIB = 40.0
LIBRARIES = "import fastapi, sqlmodel, uvicorn"
FIRST_CALL = "/cgi-bin/gettoken"
JSON = "application/json"
SECONDS = 60


@dataclass(frozen=True)
class Start:
    """Wall-clock seconds, processor seconds, and memory in MiB (resident)."""

    wall: float
    processor: float
    memory: float
    first_corp: float = 0.0
    """Wall-clock seconds until the answer to the first POST /_sim/corps."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.start.ephemeral", description=__doc__)
    parser.add_argument("--pairs", type=int, default=9, help="starts of each (9)")
    pairs = parser.parse_args().pairs
    before = os.getloadavg()[0]
    _server(), _libraries()  # the first start compiles
    measured = [(_server(), _libraries()) for _ in range(pairs)]
    times = statistics.median(server.wall / libraries.wall for server, libraries in measured)
    processor = statistics.median(server.processor / libraries.processor for server, libraries in measured)
    more = statistics.median(server.memory - libraries.memory for server, libraries in measured)
    for label, one in (("server", 0), ("libraries", 1)):
        print(
            f"{label:10} {statistics.median(pair[one].wall for pair in measured):.2f} s, "
            f"processor {statistics.median(pair[one].processor for pair in measured):.2f} s, "
            f"{statistics.median(pair[one].memory for pair in measured):.0f} MiB"
        )
    corp = statistics.median(server.first_corp / libraries.wall for server, libraries in measured)
    passed = times <= TIMES and more <= MIB
    print(f"start, times the libraries: {times:.2f}, target ≤ {TIMES}; in processor time {processor:.2f}")
    print(f"memory above the libraries: {more:.0f} MiB, target ≤ {MIB:.0f}: {'pass' if passed else 'miss'}")
    print(f"until the first corp is made, times the libraries: {corp:.2f}")
    print(f"load average {before:.1f} before, {os.getloadavg()[0]:.1f} after")
    return 0 if passed else 1


def _server() -> Start:
    arguments = ["wecom_tollbooth", "serve", "--ephemeral", "--port", "0"]
    with tempfile.TemporaryDirectory() as folder:
        begun, process = _started(["-m", *arguments], folder)
        try:
            assert process.stdout is not None
            match = re.search(r"http://\S+", process.stdout.readline())
            assert match is not None, "the server didn't start; see its output above"
            urllib.request.urlopen(match[0] + FIRST_CALL, timeout=SECONDS).close()
            start = _measured(begun, process)
            asked = urllib.request.Request(match[0] + "/_sim/corps", b"{}", {"Content-Type": JSON})
            urllib.request.urlopen(asked, timeout=SECONDS).close()
            return replace(start, first_corp=time.perf_counter() - begun)
        finally:
            process.terminate()
            process.wait(SECONDS)


def _libraries() -> Start:
    begun, process = _started(["-c", f"{LIBRARIES}; print(flush=True); input()"], None)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        return _measured(begun, process)
    finally:
        process.kill()
        process.wait(SECONDS)


def _measured(begun: float, process: "subprocess.Popen[str]") -> Start:
    wall, looked_at = time.perf_counter() - begun, psutil.Process(process.pid)
    used = looked_at.cpu_times()
    return Start(wall, used.user + used.system, looked_at.memory_info().rss / 2**20)


def _started(arguments: list[str], folder: str | None) -> tuple[float, "subprocess.Popen[str]"]:
    begun = time.perf_counter()
    return begun, subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT / "app"), "PATH": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


if __name__ == "__main__":
    sys.exit(main())
