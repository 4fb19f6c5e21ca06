"""docs/coverage.md tells the truth: it is up to date, and agrees with the table of WeCom's operations."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from app import coverage
from app.gateway.operation import Family, Registry, load_families

CHAPTERS = coverage.wecom_operations()
ROWS = [row for chapter in CHAPTERS for row in chapter.operations]


def test_the_page_is_up_to_date() -> None:
    assert coverage.main(["--check"]) == 0, "run `make coverage-page`"


def test_a_stale_page_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(coverage, "PAGE", tmp_path / "coverage.md")
    assert coverage.main(["--check"]) == 1
    assert "make coverage-page" in capsys.readouterr().err
    assert coverage.main([]) == 0
    assert coverage.main(["--check"]) == 0


def test_every_operation_stands_in_the_table_with_the_same_page_and_method() -> None:
    assert list(coverage.misplaced(load_families(), CHAPTERS)) == []


def test_an_operation_that_the_table_does_not_know_is_named() -> None:
    registry = registry_with("/cgi-bin/externalcontact/remrak", "POST", "92115")
    assert "remrak is in no chapter" in next(coverage.misplaced(registry, CHAPTERS))


@pytest.mark.parametrize(("method", "doc"), [("GET", "92115"), ("POST", "92116")])
def test_an_operation_with_another_method_or_page_is_named(method: str, doc: str) -> None:
    registry = registry_with("/cgi-bin/externalcontact/remark", method, doc)
    assert "but POST on page 92115" in next(coverage.misplaced(registry, CHAPTERS))


def test_an_extension_needs_no_row_and_may_have_none() -> None:
    ours = Family("ours", "扩展", "Ours", extension=True)
    assert not list(coverage.misplaced(registry_with("/cgi-bin/ours/new", "POST", "", ours), CHAPTERS))
    taken = registry_with("/cgi-bin/externalcontact/remark", "POST", "92115", ours)
    assert "is an extension" in next(coverage.misplaced(taken, CHAPTERS))


def test_no_operation_stands_in_the_table_twice() -> None:
    assert [path for path, count in Counter(row.path for row in ROWS).items() if count > 1] == []


def test_every_row_of_the_table_is_complete() -> None:
    for row in ROWS:
        assert row.method in ("GET", "POST"), row
        assert row.path.startswith("/cgi-bin/"), row
        assert row.doc.isdigit(), row
        assert row.checked == "" or row.checked.startswith("20"), row
        assert row.title, row


def test_every_chapter_and_every_operation_is_on_the_page() -> None:
    page = coverage.page(load_families(), CHAPTERS)
    for chapter in CHAPTERS:
        assert f"# {chapter.heading}\n" in page
    for row in ROWS:
        assert f"{row.method} `{row.path}`" in page


def test_only_what_is_simulated_is_marked_as_simulated() -> None:
    registry = load_families()
    page = coverage.page(registry, CHAPTERS)
    assert page.count("\n| ● |") == len(registry)
    for operation in registry:
        assert f"| ● | {operation.method} `{operation.path}`" in page


def registry_with(path: str, method: str, doc: str, family: Family | None = None) -> Registry:
    """A registry of the one operation."""
    some = load_families().find("/cgi-bin/externalcontact/remark")
    assert some is not None
    registry = Registry()
    registry.add(replace(some, path=path, method=method, doc=doc, family=family or some.family, aliases=()))
    return registry
