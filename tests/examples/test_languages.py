"""The helpers for Go, JUnit, Node and PHPUnit, each with its example project.

The projects run in `make test-all`, with the test tools that they name; every run tries the helpers that need
none. Where a tool is missing, the skip says so.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import RunningServer
from tests.project.markdown import DOCS

EXAMPLES = DOCS / "examples"
SECONDS = 300

NODE = """
import { newCorp } from './tollbooth.js'
const corp = await newCorp({ customers: 2 })
await corp.act('member_adds_customer', { userid: 'lisi' })
await corp.waitFor('add_external_contact')
await corp.failNext('*', { errcode: -1 })
await fetch(`${corp.baseUrl}/cgi-bin/gettoken?corpid=${corp.corpid}&corpsecret=${corp.secret}`)
await corp.assertCalled('gettoken', { times: 0 })
await corp.assertCalled('gettoken').then(() => console.log('wrong'), (error) => console.log(error.message))
"""
PHP = """
require 'Tollbooth.php';
$corp = TollboothCorp::make(['customers' => 2]);
$corp->act('member_adds_customer', ['userid' => 'lisi']);
$corp->waitFor('add_external_contact');
$corp->failNext('*', ['errcode' => -1]);
file_get_contents("{$corp->baseUrl}/cgi-bin/gettoken?corpid={$corp->corpid}&corpsecret={$corp->secret}");
echo implode($corp->whatWasNotCalled('gettoken', 1, []));
"""
WHAT_BOTH_PRINT = "gettoken: expected 1 calls with errcode 0, found 0; it was called 1 times otherwise"


def run(server: RunningServer, folder: Path, *command: str) -> str:
    """What the command prints, in a copy of the example; skips where its tool is missing."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not on this machine")
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"TOLLBOOTH_URL": server.base_url},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return output


def copy(name: str, folder: Path) -> Path:
    return Path(shutil.copytree(EXAMPLES / name, folder / name))


def test_the_helper_for_node(server: RunningServer, tmp_path: Path) -> None:
    folder = copy("node", tmp_path)
    (folder / "smoke.js").write_text(NODE)
    assert WHAT_BOTH_PRINT in run(server, folder, "node", "smoke.js")


def test_the_helper_for_php(server: RunningServer, tmp_path: Path) -> None:
    folder = copy("phpunit", tmp_path)
    if "curl" not in run(server, folder, "php", "-m").split():
        pytest.skip("this PHP has no curl")
    assert WHAT_BOTH_PRINT in run(server, folder, "php", "-r", PHP)


def test_the_helper_for_go_compiles(server: RunningServer, tmp_path: Path) -> None:
    run(server, copy("go", tmp_path), "go", "vet", "./...")


@pytest.mark.slow
def test_the_go_project(server: RunningServer, tmp_path: Path) -> None:
    output = run(server, copy("go", tmp_path), "go", "test", "-count=1", "-v", "./...")
    assert output.count("--- PASS: ") == 3


@pytest.mark.slow
def test_the_junit_project(server: RunningServer, tmp_path: Path) -> None:
    assert "Tests run: 3, Failures: 0, Errors: 0, Skipped: 0" in run(
        server, copy("junit", tmp_path), "mvn", "-B", "test"
    )


@pytest.mark.slow
def test_the_node_project(server: RunningServer, tmp_path: Path) -> None:
    folder = copy("node", tmp_path)
    run(server, folder, "npm", "install", "--no-audit", "--no-fund", "--no-package-lock")
    assert "3 passed" in run(server, folder, "npx", "vitest", "run", "--no-color")


@pytest.mark.slow
def test_the_phpunit_project(server: RunningServer, tmp_path: Path) -> None:
    folder = copy("phpunit", tmp_path)
    assert "OK (3 tests" in run(server, folder, "phpunit", "--do-not-cache-result", "ShopTest.php")
