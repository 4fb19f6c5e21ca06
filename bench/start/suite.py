"""`python -m bench.start.suite`: 200 tests of the example project under `-n 4`.

The tests of docs/examples/pytest, copied to 200, as a suite of somebody's product: four processes with a
server each, and a corp for each test. Seconds are those of the whole command. Exits 1 when the target is
missed.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.process import ROOT

TESTS, PROCESSES = 200, 4
TARGET_SECONDS = 20.0
PROJECT = ROOT / "docs" / "examples" / "pytest"
TRIMMED = f"def pytest_collection_modifyitems(items):\n    del items[{TESTS}:]\n"
# Plugins of this project's own development, which a product's environment doesn't have.
WITHOUT = ("schemathesis", "locust", "faker", "anyio", "hypothesispytest", "cacheprovider")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.start.suite", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs, of which the median counts (5)")
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="suite-") as name:
        folder = Path(name)
        write_suite(folder)
        seconds = [run(folder) for _ in range(parser.parse_args().runs)]
    median = statistics.median(seconds)
    passed = median < TARGET_SECONDS
    print(f"{TESTS} tests, -n {PROCESSES}: " + ", ".join(f"{one:.1f}" for one in seconds) + " s")
    print(f"median {median:.1f} s, target < {TARGET_SECONDS:.0f} s: {'pass' if passed else 'miss'}")
    print(f"load average {before:.1f} before, {os.getloadavg()[0]:.1f} after")
    return 0 if passed else 1


def write_suite(folder: Path) -> None:
    """The example project with copies of its test file that make 200 tests or a few more."""
    shutil.copy(PROJECT / "shop.py", folder)
    source = (PROJECT / "test_shop.py").read_text(encoding="utf-8")
    in_one = len(re.findall(r"^def test_", source, re.MULTILINE))
    for number in range(-(-TESTS // in_one)):
        (folder / f"test_shop_{number:02}.py").write_text(source, encoding="utf-8")
    (folder / "conftest.py").write_text(TRIMMED, encoding="utf-8")


def run(folder: Path) -> float:
    """Seconds of one run. Raises AssertionError if a test fails or is missing."""
    options = [word for plugin in WITHOUT for word in ("-p", f"no:{plugin}")]
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(PROCESSES), *options, str(folder)]
    begun = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT / "app"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begun
    assert f"{TESTS} passed" in done.stdout, done.stdout[-3_000:] + done.stderr[-3_000:]
    return seconds


if __name__ == "__main__":
    sys.exit(main())
