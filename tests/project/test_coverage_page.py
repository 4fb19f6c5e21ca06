"""docs/coverage.md is up to date and agrees with the table of WeCom's operations."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NotRequired

import pytest
from typing_extensions import TypedDict

from tests.whole_suite import filled, reached
from wecom_tollbooth.coverage import __main__ as command
from wecom_tollbooth.coverage.fields import field_paths
from wecom_tollbooth.coverage.page import render
from wecom_tollbooth.coverage.tables import (
    differences,
    documented_fields,
    refused_callers,
    wecom_operations,
)
from wecom_tollbooth.families import load_families
from wecom_tollbooth.gateway.operation import Family, Registry
from wecom_tollbooth.gateway.permissions import HOLDERS

CHAPTERS = wecom_operations()
ROWS = [row for chapter in CHAPTERS for row in chapter.operations]


def test_the_page_is_up_to_date() -> None:
    assert command.main(["--check"]) == 0, "run `make coverage-page`"


def test_an_outdated_page_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "PAGE", tmp_path / "coverage.md")
    monkeypatch.setattr(command, "CODES", tmp_path / "errcodes.md")
    assert command.main(["--check"]) == 1
    assert "make coverage-page" in capsys.readouterr().err
    assert command.main([]) == 0
    assert command.main(["--check"]) == 0


def test_every_operation_is_in_the_table_with_the_same_page_and_method() -> None:
    assert list(differences(load_families(), CHAPTERS)) == []


def test_an_operation_missing_from_the_table_is_reported() -> None:
    registry = registry_with("/cgi-bin/externalcontact/remrak", "POST", "92115")
    assert "remrak is in no chapter" in next(differences(registry, CHAPTERS))


@pytest.mark.parametrize(("method", "doc"), [("GET", "92115"), ("POST", "92116")])
def test_an_operation_with_another_method_or_page_is_reported(
    method: Literal["GET", "POST"], doc: str
) -> None:
    registry = registry_with("/cgi-bin/externalcontact/remark", method, doc)
    assert "but POST on page 92115" in next(differences(registry, CHAPTERS))


def test_an_extension_must_not_have_a_row() -> None:
    ours = Family("ours", "扩展", "Ours", extension=True)
    assert not list(differences(registry_with("/cgi-bin/ours/new", "POST", "", ours), CHAPTERS))
    taken = registry_with("/cgi-bin/externalcontact/remark", "POST", "92115", ours)
    assert "is an extension" in next(differences(taken, CHAPTERS))


def test_no_operation_is_in_the_table_twice() -> None:
    assert [path for path, count in Counter(row.path for row in ROWS).items() if count > 1] == []


def test_every_row_of_the_table_is_complete() -> None:
    for row in ROWS:
        assert row.method in ("GET", "POST"), row
        assert row.path.startswith("/cgi-bin/"), row
        assert row.doc.isdigit(), row
        assert row.checked == "" or row.checked.startswith("20"), row
        assert row.title, row


def test_every_chapter_and_every_operation_is_on_the_page() -> None:
    page = render(load_families(), CHAPTERS)
    for chapter in CHAPTERS:
        assert f"# {chapter.heading}\n" in page
    for row in ROWS:
        assert f"{row.method} `{row.path}`" in page


def test_only_what_is_simulated_is_marked_as_simulated() -> None:
    registry = load_families()
    page = render(registry, CHAPTERS)
    assert page.count("\n| ● |") == len(registry)
    for operation in registry:
        assert f"| ● | {operation.method} `{operation.path}`" in page


def test_an_errcode_that_no_test_received_is_reported() -> None:
    every = {(one.path, int(code)) for one in load_families() for code in one.errors}
    remark = ("/cgi-bin/externalcontact/remark", 40096)
    assert list(reached.unreached(every, on_postgresql=False)) == []
    (line,) = reached.unreached(every - {remark}, on_postgresql=False)
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


def test_each_simulated_operation_of_wecom_has_its_documented_fields() -> None:
    documented = documented_fields()
    assert set(documented) == {one.path for one in load_families() if not one.family.extension}
    for path, fields in documented.items():
        assert set(fields.unfilled) <= set(fields.reply), path
        for kind in (fields.request, fields.reply, fields.unfilled):
            assert len(kind) == len(set(kind)), path


def test_the_page_shows_how_many_documented_fields_are_simulated() -> None:
    page = render(load_families(), CHAPTERS)
    (row,) = [line for line in page.splitlines() if "GET `/cgi-bin/user/simplelist`" in line]
    assert "| 2/2 → 4/5 |" in row
    assert "- `/cgi-bin/user/simplelist`: → `userlist.open_userid`" in page


def test_codes_of_rows_are_shown_beside_those_of_the_call() -> None:
    (row,) = [
        line
        for line in render(load_families(), CHAPTERS).splitlines()
        if "`/cgi-bin/externalcontact/batch_to_external_userid`" in line and line.startswith("| ●")
    ]
    assert "行内 / in rows: 60136" in row


def test_callers_that_pages_allow_and_that_are_refused_are_shown_truly() -> None:
    registry, page = load_families(), render(load_families(), CHAPTERS)
    for callers in refused_callers():
        for path in callers.paths:
            operation = registry.find(path)
            assert operation is not None, path
            allowed = HOLDERS[operation.permission] & set(callers.kinds)
            assert not allowed, f"{path} serves {sorted(allowed)}; take it out of refused_callers.toml"
        assert callers.en in page


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        ({"a": 0, "b": "", "c": [], "d": {}, "e": None}, {"a"}),
        ({"list": [{"id": ""}, {"id": "1"}]}, {"list", "list.id"}),
        (
            {"errcode": 0, "rows": [{"errcode": 0}, {"errcode": 40096}]},
            {"errcode", "rows", "rows.errcode", "=40096"},
        ),
    ],
)
def test_a_field_counts_as_filled_when_it_says_something(value: dict[str, Any], fields: set[str]) -> None:
    assert set(filled.filled_fields(value)) == fields


def test_a_field_that_no_test_saw_filled_is_reported() -> None:
    documented = documented_fields()
    every = {
        (path, name)
        for path, fields in documented.items()
        for name in fields.reply
        if name not in fields.unfilled
    }
    every |= {(one.path, f"={int(code)}") for one in load_families() for code in one.row_errors}
    assert list(filled.unseen(every)) == []
    path = "/cgi-bin/user/simplelist"
    (line,) = filled.unseen(every - {(path, "userlist.name")})
    assert line.startswith(f"{path}: no test saw userlist.name filled")
    (line,) = filled.unseen(every | {(path, "userlist.open_userid")})
    assert "take it out of `unfilled`" in line
    (line,) = filled.unseen(every | {(path, "=40058")})
    assert "declare it in row_errors" in line


def test_nested_fields_are_counted_in_each_place() -> None:
    class Inner(TypedDict):
        a: int

    class Outer(TypedDict):
        one: Inner
        more: NotRequired[list[Inner]]

    assert field_paths(Outer) == {"one", "one.a", "more", "more.a"}


def registry_with(
    path: str, method: Literal["GET", "POST"], doc: str, family: Family | None = None
) -> Registry:
    """A registry of the one operation."""
    some = load_families().find("/cgi-bin/externalcontact/remark")
    assert some is not None
    registry = Registry()
    registry.add(replace(some, path=path, method=method, doc=doc, family=family or some.family, aliases=()))
    return registry
