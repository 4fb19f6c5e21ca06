"""WeCom's error list: each code is answered by an operation, or a reason says why not."""

from dataclasses import replace

from wecom_tollbooth.coverage.error_list import (
    OF_EVERY_OPERATION,
    contradictions,
    error_list,
    operations_by_code,
)
from wecom_tollbooth.families import load_families


def test_each_code_of_the_list_is_answered_or_has_a_reason() -> None:
    known = error_list()
    assert len(known.listed) == 1619
    assert list(contradictions(load_families(), known)) == []


def test_an_unexplained_code_and_an_answered_reason_are_reported() -> None:
    registry, known = load_families(), error_list()
    silent = replace(known, listed=known.listed | {123456})
    assert list(contradictions(registry, silent)) == [
        "123456 is answered by no operation, and error_list.toml gives no reason"
    ]
    first = known.reasons[0]
    wrong = replace(known, reasons=(replace(first, codes=first.codes | {40096}), *known.reasons[1:]))
    (line,) = contradictions(registry, wrong)
    assert line.startswith("40096 is answered; take it out")


def test_codes_of_every_operation_are_declared_by_few() -> None:
    """A code that an operation declares is reached by a test; the others have tests of the gateway."""
    declared = operations_by_code(load_families())
    assert {-1, 0, 40014, 41001, 42001, 48002, 50003}.isdisjoint(declared.keys() - OF_EVERY_OPERATION)
