"""The server that a test run starts for itself."""

import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from pytest_tollbooth import LocalServer

PACKAGE = Path(__file__).parents[2] / "app" / "pytest_tollbooth"


def test_it_serves_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("TOLLBOOTH_ADMIN_TOKEN", "of another server")
    with LocalServer(rate_limits="on") as server:
        corp = server.new_corp()
        corp.get("department/list")
        assert list(tmp_path.glob("tollbooth-*/tollbooth.db"))
    assert not list(tmp_path.iterdir())
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.base_url)


def test_a_setting_that_is_wrong_is_told() -> None:
    with pytest.raises(RuntimeError, match=r"did not start:\n.*TOLLBOOTH_RATE_LIMIT: no such setting"):
        LocalServer(rate_limit="on")


@pytest.mark.slow
def test_it_ends_with_a_test_run_that_is_killed() -> None:
    script = (
        "from pytest_tollbooth import LocalServer; print(LocalServer()._process.pid, flush=True); input()"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    server = psutil.Process(int(run.stdout.readline()))
    run.kill()
    run.wait()
    deadline = time.monotonic() + 10
    while server.is_running() and server.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_ephemeral_server_takes_no_other_database() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "wecom_tollbooth", "serve", "--ephemeral", "--database-url", "sqlite:///x.db"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "--ephemeral has a database of its own" in run.stderr


def test_the_package_imports_nothing_of_the_server() -> None:
    for module in PACKAGE.glob("*.py"):
        assert "wecom_tollbooth" not in module.read_text().replace('"wecom_tollbooth", "serve"', "")


def test_the_plugin_imports_nothing_until_it_is_used() -> None:
    script = (
        "import sys, pytest; before = set(sys.modules); import pytest_tollbooth.plugin; "
        "print(*sorted(set(sys.modules) - before))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["pytest_tollbooth", "pytest_tollbooth.plugin"]
