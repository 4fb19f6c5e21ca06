"""The example project and the examples of docs/pytest.md."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import RunningServer
from tests.project.markdown import DOCS
from tests.pytest_plugin.test_plugin import OPTIONS

pytest_plugins = "pytester"

PAGES = ("pytest.md", "pytest.zh-CN.md")


def python_blocks(page: str) -> list[str]:
    parts = (DOCS / page).read_text(encoding="utf-8").split("```python\n")[1:]
    return [part.partition("```")[0] for part in parts]


def test_the_example_project_passes(pytester: pytest.Pytester, server: RunningServer) -> None:
    project = DOCS / "examples" / "pytest"
    for file in project.glob("*.py"):
        shutil.copy(file, pytester.path)
    pytester.runpytest(*OPTIONS, "--tollbooth-url", server.base_url).assert_outcomes(passed=4)


@pytest.mark.parametrize("page", PAGES)
def test_the_first_example_of_the_page_passes(
    pytester: pytest.Pytester, server: RunningServer, page: str
) -> None:
    shutil.copy(DOCS / "examples" / "pytest" / "shop.py", pytester.path)
    pytester.makepyfile("from shop import Shop\n\n" + python_blocks(page)[0])
    pytester.runpytest(*OPTIONS, "--tollbooth-url", server.base_url).assert_outcomes(passed=1)


@pytest.mark.parametrize("page", PAGES)
def test_the_unittest_of_the_page_passes(pytester: pytest.Pytester, server: RunningServer, page: str) -> None:
    example = python_blocks(page)[1]
    assert "LocalServer()" in example
    # The suite's server, because starting one takes seconds; test_local_server.py starts one.
    pytester.makepyfile(
        example.replace("LocalServer()", f"Tollbooth('{server.base_url}')").replace(
            "import LocalServer", "import Tollbooth"
        )
    )
    pytester.runpytest(*OPTIONS).assert_outcomes(passed=1)


def test_both_pages_have_the_same_examples() -> None:
    english, chinese = map(python_blocks, PAGES)
    assert [block.count("\n") for block in english] == [block.count("\n") for block in chinese]
    assert Path(DOCS / "examples" / "pytest" / "test_shop.py").exists()
