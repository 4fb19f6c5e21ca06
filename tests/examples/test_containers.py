"""The snippets that start a container: no engine is here to run them, so they are parsed and compiled."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.project.markdown import DOCS

EXAMPLES = DOCS / "examples"
CONTAINERS = EXAMPLES / "containers"
SECONDS = 600


def run(*command: str, cwd: Path) -> None:
    """Runs the command; skips where its tool is missing."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not on this machine")
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_waits_for_the_simulator_and_gives_both_the_same_token() -> None:
    services = yaml.safe_load((CONTAINERS / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    tollbooth, tests = services["tollbooth"], services["tests"]
    assert tests["depends_on"] == {"tollbooth": {"condition": "service_healthy"}}
    token = tollbooth["environment"]["TOLLBOOTH_ADMIN_TOKEN"]
    assert tests["environment"] == {
        "TOLLBOOTH_URL": "http://tollbooth:8000",
        "TOLLBOOTH_ADMIN_TOKEN": token,
    }


def test_python_parses() -> None:
    source = (CONTAINERS / "conftest.py").read_text(encoding="utf-8")
    compile(source, "conftest.py", "exec")


def test_node_parses() -> None:
    run("node", "--check", "tollbooth-container.js", cwd=CONTAINERS)


@pytest.mark.slow
def test_go_compiles(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "go", tmp_path, dirs_exist_ok=True)
    shutil.copy(CONTAINERS / "tollbooth_container_test.go", tmp_path)
    run("go", "get", "github.com/testcontainers/testcontainers-go@v0.45.0", cwd=tmp_path)
    run("go", "vet", "./...", cwd=tmp_path)


@pytest.mark.slow
def test_java_compiles(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "junit", tmp_path, dirs_exist_ok=True)
    shutil.copy(CONTAINERS / "TollboothContainer.java", tmp_path / "src" / "test" / "java" / "shop")
    pom = tmp_path / "pom.xml"
    needed = (
        "<dependency><groupId>org.testcontainers</groupId><artifactId>testcontainers</artifactId>"
        "<version>1.21.3</version><scope>test</scope></dependency>"
    )
    pom.write_text(pom.read_text(encoding="utf-8").replace("</dependencies>", f"{needed}</dependencies>"))
    run("mvn", "--quiet", "--batch-mode", "test-compile", cwd=tmp_path)
