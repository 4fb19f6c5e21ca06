"""docs/recipes: the commands of every page print what it shows, and its tests pass and catch the mistake."""

import re
from pathlib import Path

import pytest

from tests.conftest import RunningServer
from tests.project.markdown import blocks, prose
from tests.recipes.mistakes import MISTAKES
from tests.recipes.pages import CLIENT, FOLDER, INDEX, INDEX_ZH, PAGES, Page, run_commands, run_tests

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@every_page
def test_the_commands_print_what_the_page_shows(page: Page, server: RunningServer, tmp_path: Path) -> None:
    run_commands(page, server.base_url, tmp_path)


@pytest.fixture(scope="module")
def failures(
    request: pytest.FixtureRequest, server: RunningServer, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """What went wrong in each file of run_tests, which runs those of all pages that are asked for at once."""
    asked = [
        item.callspec.params["page"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and "failures" in item.fixturenames
    ]
    files = {}
    for page in PAGES:
        if page not in asked:
            continue
        right, wrong = MISTAKES[page.name]
        assert right in page.python, page.name
        files[f"test_{page.name}"] = page.python
        files[f"test_{page.name}_mistake"] = page.python.replace(right, wrong)
    return run_tests(files, server.base_url, tmp_path_factory.mktemp("recipes"))


@every_page
def test_the_tests_of_the_page_pass_and_catch_the_usual_mistake(
    page: Page, failures: dict[str, list[str]]
) -> None:
    assert failures[f"test_{page.name}"] == []
    assert failures[f"test_{page.name}_mistake"] != []


# --- the documents ---------------------------------------------------------------------------------------


@every_page
def test_both_languages_have_the_same_blocks_and_sections(page: Page) -> None:
    assert blocks(page.chinese) == page.blocks
    counts = [len(re.findall(r"^## ", prose(path), re.MULTILINE)) for path in (page.path, page.chinese)]
    assert counts[0] == counts[1]


@every_page
def test_a_page_is_short(page: Page) -> None:
    for path in (page.path, page.chinese):
        assert path.read_text(encoding="utf-8").count("\n") <= 90, path.name


@pytest.mark.parametrize("index", [INDEX, INDEX_ZH], ids=lambda index: index.name)
def test_the_index_lists_every_page_once_in_order(index: Path) -> None:
    suffix = ".zh-CN.md" if index is INDEX_ZH else ".md"
    pages = sorted(
        path.name for path in FOLDER.glob("[0-9]*.md") if path.name.partition(".")[2] == suffix[1:]
    )
    assert re.findall(r"^\| \d\d \| \[[^\]]+\]\(recipes/([^)]+)\)", prose(index), re.MULTILINE) == pages


def test_both_indexes_have_the_same_commands() -> None:
    assert blocks(INDEX) == blocks(INDEX_ZH)


def test_each_page_has_its_mistake() -> None:
    assert list(MISTAKES) == [page.name for page in PAGES]


def test_recipe_04_shows_the_client_of_the_recipes() -> None:
    [shown] = [page.python for page in PAGES if page.name == "04-expired-token"]
    client = shown.partition("class Client:")[2].partition("\n\n\n")[0]
    assert client in CLIENT.read_text(encoding="utf-8")
