"""`make family`, `operation`, `event` and `act` write working code, and tests that fail until filled in."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.markdown import DOCS, ROOT, blocks

COMMANDS = [
    block.text.strip()
    for block in blocks(DOCS / "architecture.md")
    if re.match("make (family|operation|event|act) ", block.text)
]
"""The commands of the how-to, in its order."""

NEW_TESTS = (
    "tests/families/licences/test_license_active_account.py",
    "tests/callbacks/pages/test_rename_user.py",
    "tests/families/licences/test_admin_orders_licences.py",
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with all four pieces started."""
    folder = tmp_path_factory.mktemp("project")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("app", "bench", "migrations", "tests", "tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("pyproject.toml", "Makefile"):
        shutil.copy(ROOT / name, folder)
    assert len(COMMANDS) == 4
    for command in COMMANDS:
        # This Python in the place of .venv, which the copy doesn't have.
        make = [
            *shlex.split(command),
            f"BIN={Path(sys.executable).parent}",
            "--old-file=.venv/.installed-development",
        ]
        subprocess.run(make, cwd=folder, env=environment(folder), check=True, capture_output=True)
    return folder


def environment(folder: Path) -> dict[str, str]:
    path = os.pathsep.join((str(folder / "app"), str(folder)))
    # The suite's plugins take longer to import than the three tests to run.
    return {**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
    )


def test_a_scaffold_passes_the_linters(copy: Path) -> None:
    assert run(copy, "ruff", "check", ".").stdout.strip() == "All checks passed!"
    assert run(copy, "ruff", "format", "--check", ".").returncode == 0


@pytest.mark.slow
def test_the_tests_of_a_scaffold_fail_until_it_is_filled_in(copy: Path) -> None:
    ran = run(copy, "pytest", "-p", "no:cacheprovider", *NEW_TESTS)
    assert "3 failed" in ran.stdout, ran.stdout
    for reason in ("page 95553", "the example of the page", "NotImplementedError"):
        assert reason in ran.stdout


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (("operation", "nobody", "tag/create"), "there is no family 'nobody'; make family NAME=nobody"),
        (("operation", "directory", "tag/none"), "/cgi-bin/tag/none is not in"),
        (("family", "directory", "通讯录", "Directory"), "there is a family directory already"),
        (("event", "directory", "change_nothing", "update_tag"), "no group of events with event ="),
        (("act", "directory", "Wave"), "'Wave': use lower-case letters"),
    ],
)
def test_an_invalid_scaffold_is_refused_with_a_sentence(command: tuple[str, ...], reason: str) -> None:
    refused = run(ROOT, "tools.scaffold", *command)
    assert (refused.returncode, reason in refused.stderr) == (2, True), refused.stderr
