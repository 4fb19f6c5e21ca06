"""Runs unmodified clients with the lines that `tollbooth tls trust` prints."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tls.conftest import Front
from wecom_tollbooth.tls.recipes import recipes

URL = "https://qyapi.weixin.qq.com/cgi-bin/gettoken"
EXPECTED = '"errcode":41004'
KEPT = ("PATH", "HOME", "SYSTEMROOT", "LANG")
SECONDS_TO_FETCH = 240


def variables(front: Front, recipe: str) -> dict[str, str]:
    [found] = [one for one in recipes(front.authority, front.proxy_port) if one.name == recipe]
    return found.variables


def run(front: Front, recipe: str, *command: str, cwd: Path | None = None) -> str:
    """The output of a command in a clean environment with the variables of the recipe."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**kept, **variables(front, recipe)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def needs(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


def fetch(what: str, *command: str, cwd: Path) -> None:
    """Gets a library by its language's own tool; skips the test where that can't reach any."""
    try:
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, timeout=SECONDS_TO_FETCH, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"{what} did not arrive in {SECONDS_TO_FETCH} s")
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines() or ["no reason given"]
        pytest.skip(f"{what} can't be fetched: {said[0][:200]}")
