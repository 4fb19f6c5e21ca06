"""docs/coverage.md tells the truth: it is up to date, and agrees with the table of WeCom's operations."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import NotRequired

import pytest
from typing_extensions import TypedDict
from wecom_tollbooth import coverage
from wecom_tollbooth.gateway.operation import Family, Registry, load_families

from tests import reached

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


def test_an_errcode_that_no_test_was_answered_is_named() -> None:
    every = {(one.path, int(code)) for one in load_families() for code in one.errors}
    remark = ("/cgi-bin/externalcontact/remark", 40096)
    assert list(reached.unreached(every, on_postgresql=True)) == []
    (line,) = reached.unreached(every - {remark}, on_postgresql=True)
    assert "externalcontact/remark declares 40096 INVALID_EXTERNAL_USERID" in line
    mark_tag = ("/cgi-bin/externalcontact/mark_tag", 45035)
    assert len(list(reached.unreached(every - {mark_tag}, on_postgresql=True))) == 1
    assert list(reached.unreached(every - {mark_tag}, on_postgresql=False)) == []


def test_an_errcode_answered_to_an_older_path_counts() -> None:
    every = {(one.path, int(code)) for one in load_families() for code in one.errors}
    aliased = next(one for one in load_families() if one.aliases and one.errors)
    code = int(aliased.errors[0])
    moved = every - {(aliased.path, code)} | {(aliased.aliases[0], code)}
    assert list(reached.unreached(moved, on_postgresql=True)) == []


def test_what_is_said_to_be_lacking_is_and_the_rest_is_counted() -> None:
    """No more fields are said to be there than are; objects that any field may be in are taken whole."""
    registry = load_families()
    for path, documented in coverage.documented_fields().items():
        operation = registry.find(path)
        assert operation is not None, f"{path} is not simulated"
        asked = coverage.field_paths(operation.request_model)
        told = coverage.field_paths(operation.reply_type)
        assert not asked & set(documented.not_asked), path
        assert not told & set(documented.not_told), path
        assert documented.asked - len(documented.not_asked) <= len(asked), path
        if path not in WITH_FREE_OBJECTS:
            assert documented.told - len(documented.not_told) <= len(told), path


WITH_FREE_OBJECTS = ("/cgi-bin/externalcontact/get", "/cgi-bin/externalcontact/batch/get_by_user")
"""Their external_profile and wechat_channels are answered as they are stored, with whatever is in them."""


def test_the_page_shows_what_is_there_of_what_is_documented() -> None:
    page = coverage.page(load_families(), CHAPTERS)
    (row,) = [line for line in page.splitlines() if "GET `/cgi-bin/user/simplelist`" in line]
    assert "| 2/2 → 4/5 |" in row
    assert "- `/cgi-bin/user/simplelist`: → `userlist.open_userid`" in page


def test_fields_of_objects_are_counted_in_each_place() -> None:
    class Inner(TypedDict):
        a: int

    class Outer(TypedDict):
        one: Inner
        more: NotRequired[list[Inner]]

    assert coverage.field_paths(Outer) == {"one", "one.a", "more", "more.a"}


def registry_with(path: str, method: str, doc: str, family: Family | None = None) -> Registry:
    """A registry of the one operation."""
    some = load_families().find("/cgi-bin/externalcontact/remark")
    assert some is not None
    registry = Registry()
    registry.add(replace(some, path=path, method=method, doc=doc, family=family or some.family, aliases=()))
    return registry
