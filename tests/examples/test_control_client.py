"""The example that uses a generated client of the control API."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import RunningServer
from tests.project.markdown import DOCS

EXAMPLE = DOCS / "examples" / "control_client"
PACKAGE = "tollbooth_control"


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_its_document_holds_the_control_api_and_what_it_refers_to(server: RunningServer) -> None:
    document = server.sim.get("/openapi.json").json()
    whole = server.app.openapi()
    expected = {
        path
        for path, methods in whole["paths"].items()
        for one in methods.values()
        if path.startswith("/_sim/") and "sim_pages" not in one["tags"] and not one.get("deprecated")
    }
    assert set(document["paths"]) == expected
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
    assert named == set(document["components"]["schemas"])


def test_what_the_example_imports_is_in_the_document(server: RunningServer) -> None:
    """So that a renamed call or shape is noticed without generating the client."""
    document = server.sim.get("/openapi.json").json()
    calls = {one["operationId"] for methods in document["paths"].values() for one in methods.values()}
    tree = ast.parse((EXAMPLE / "test_shop.py").read_text(encoding="utf-8"))
    imported = {
        node.module: {name.name for name in node.names}
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PACKAGE)
    }
    shapes = imported[f"{PACKAGE}.models"] - {"PerformActBody"}  # has no name in the document
    assert shapes <= set(document["components"]["schemas"])
    used = {name for module, names in imported.items() if ".api." in module for name in names}
    assert used <= calls


@pytest.mark.slow
def test_it_passes_and_is_typed(server: RunningServer, tmp_path: Path) -> None:
    for file in EXAMPLE.iterdir():
        shutil.copy(file, tmp_path)
    url = f"{server.base_url}/_sim/openapi.json"
    generate = ("openapi_python_client", "generate", "--url", url, "--meta", "none", "--config", "config.yml")
    made = run(tmp_path, *generate, "--output-path", PACKAGE)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "WARNING" not in made.stdout, made.stdout
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:tollbooth", "-W", "error")
    ran = run(tmp_path, "pytest", *options, TOLLBOOTH_URL=server.base_url)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    typed = run(tmp_path, "mypy", "--strict", "--cache-dir", str(tmp_path / "mypy"), "test_shop.py")
    assert typed.returncode == 0, typed.stdout
