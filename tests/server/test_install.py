"""The package as users install it: the wheel beside their own program, uvx, pipx, make run."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.project.markdown import ROOT
from tests.server.test_start import SECONDS_TO_STOP, health

OWN_APP = 'ANSWER = "the user\'s own backend"\n'


def clean_environment(**values: str) -> dict[str, str]:
    """The environment of a user without our settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TOLLBOOTH_") and name not in ("PYTHONPATH", "VIRTUAL_ENV", "DATABASE_URL")
    }
    return {**kept, **values}


def run(*command: str | Path, cwd: Path, **values: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=clean_environment(**values), capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def serving(*command: str | Path, cwd: Path, **values: str) -> Iterator[str]:
    """The base address of a server that the command starts."""
    running = subprocess.Popen(
        command,
        cwd=cwd,
        env=clean_environment(**values),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        process_group=0,
    )
    try:
        assert running.stdout is not None
        address = next(filter(None, (re.search(r"http://\S+", line) for line in running.stdout)))
        yield address[0]
    finally:
        os.killpg(running.pid, 15)
        running.wait(SECONDS_TO_STOP)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    run(*pip, "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def new_venv(folder: Path) -> Path:
    """A venv that borrows this Python's dependencies, so that nothing is downloaded. Returns its bin."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    (site,) = (folder / "lib").glob("python*/site-packages")
    borrowed = [path for path in sys.path if path.endswith("site-packages")]
    (site / "dependencies.pth").write_text("\n".join(borrowed), encoding="utf-8")
    return folder / "bin"


def test_the_wheel_contains_only_our_own_packages(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert tops - {f"wecom_tollbooth-{version}.dist-info"} == {"wecom_tollbooth", "pytest_tollbooth"}


def test_the_wheel_and_a_backend_named_app_do_not_conflict(wheel: Path, tmp_path: Path) -> None:
    """The user's folder has a package `app`, as most FastAPI backends have, and is on the path."""
    backend = tmp_path / "backend"
    (backend / "app").mkdir(parents=True)
    (backend / "app" / "__init__.py").write_text("", encoding="utf-8")
    (backend / "app" / "main.py").write_text(OWN_APP, encoding="utf-8")
    binaries = new_venv(tmp_path / "venv")
    pip = (sys.executable, "-m", "pip", "--quiet", "--python", binaries / "python")
    run(*pip, "install", "--no-deps", "--no-compile", wheel, cwd=tmp_path)

    assert "TOLLBOOTH" in run(binaries / "tollbooth", "settings", cwd=backend, PYTHONPATH=".")
    answer = "import app.main, wecom_tollbooth.main; print(app.main.ANSWER)"
    assert run(binaries / "python", "-c", answer, cwd=backend, PYTHONPATH=".") == "the user's own backend\n"
    with serving(binaries / "tollbooth", "serve", "--port", "0", cwd=backend, PYTHONPATH=".") as address:
        assert health(address) == 200


@pytest.fixture(scope="module")
def uv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of uv's commands, in a venv of its own."""
    folder = tmp_path_factory.mktemp("uv") / "venv"
    run(sys.executable, "-m", "venv", folder, cwd=folder.parent)
    run(folder / "bin/python", "-m", "pip", "install", "--quiet", "uv", "pipx", cwd=folder.parent)
    return folder / "bin"


@pytest.mark.slow
def test_uvx_runs_the_demo_from_a_clone(uv: Path, tmp_path: Path) -> None:
    path = os.pathsep.join((str(uv), os.environ["PATH"]))
    command = (uv / "uvx", "--from", f"{ROOT}[console]", "tollbooth", "demo", "--port", "0")
    with serving(*command, cwd=tmp_path, PATH=path) as address:
        assert health(address) == 200


@pytest.mark.slow
def test_pipx_installs_the_command(uv: Path, tmp_path: Path) -> None:
    home = {"PIPX_HOME": str(tmp_path / "pipx"), "PIPX_BIN_DIR": str(tmp_path / "bin")}
    run(uv / "pipx", "install", ROOT, cwd=tmp_path, **home)
    assert run(tmp_path / "bin" / "tollbooth", "--version", cwd=tmp_path).startswith("tollbooth ")


@pytest.mark.slow
@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_make_run_installs_only_what_running_needs(uv: Path, tmp_path: Path, installer: str) -> None:
    clone = tmp_path / "clone"
    run("git", "clone", "--quiet", ROOT, clone, cwd=tmp_path)
    path = os.pathsep.join([*([str(uv)] if installer == "uv" else []), os.environ["PATH"]])
    with serving("make", "run", "PORT=0", cwd=clone, PATH=path) as address:
        assert health(address) == 200
    (site,) = (clone / ".venv" / "lib").glob("python*/site-packages")
    installed = {path.name for path in site.iterdir()}
    assert {"fastapi", "psycopg"} <= installed
    assert not {"pytest", "locust", "matplotlib", "mypy"} & installed
