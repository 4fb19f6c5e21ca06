"""What counts as a failure of a step, and what is kept of an answer."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from wecom_tollbooth.loadtest.answers import judged, why_never_run
from wecom_tollbooth.loadtest.mixes import Mix, NotFound, Step, fill

BOARD = Step(name="board", path="/board", keep={"card": "columns.*.cards.*", "column": "columns.*.id"})
MOVE = Step(name="move", path="/cards/{card.id}/move", accept=[409])
MIX = Mix(name="crm", errcode="code", step=[BOARD, MOVE])
FULL = {"code": 0, "columns": [{"id": 1, "cards": []}, {"id": 1, "cards": [{"id": "a"}]}]}


def problem(step: Step, status: int, reply: Any, mix: Mix = MIX) -> str:
    return judged(mix, step, status, reply, Random(1))[0]


def test_an_answer_with_every_kept_value_is_no_failure() -> None:
    assert judged(MIX, BOARD, 200, FULL, Random(1)) == ("", {"card": {"id": "a"}, "column": 1})


@pytest.mark.parametrize("reply", [{"code": 0}, {"code": 0, "columns": []}, {"code": 0, "columns": {}}])
def test_a_good_answer_with_nothing_to_keep_is_a_failure_that_names_the_path(reply: Any) -> None:
    assert problem(BOARD, 200, reply) == "keep card: the answer has nothing at columns.*.cards.*"


def test_what_is_there_is_kept_although_another_path_found_nothing() -> None:
    found, kept = judged(MIX, BOARD, 200, {"code": 0, "columns": [{"id": 7, "cards": []}]}, Random(1))
    assert "keep card" in found
    assert kept == {"column": 7}


def test_a_path_that_ends_with_a_question_mark_may_find_nothing() -> None:
    own = Step(name="own", path="/own", keep={"card": "columns.*.cards.*?"})
    assert judged(MIX, own, 200, {"code": 0, "columns": []}, Random(1)) == ("", {})
    assert judged(MIX, own, 200, FULL, Random(1)) == ("", {"card": {"id": "a"}})


@pytest.mark.parametrize("reply", [None, {"message": "conflict"}, {"code": 77}, FULL])
def test_accept_takes_an_http_status(reply: Any) -> None:
    assert problem(MOVE, 409, reply) == ""
    assert problem(MOVE, 410, reply) == "HTTP 410"
    assert problem(BOARD, 409, reply) == "HTTP 409"
    assert problem(MOVE, 409, reply, Mix(name="crm", errcode="", step=[MOVE])) == ""


def test_accept_takes_an_errcode() -> None:
    assert problem(MOVE, 200, {"code": 409, "errmsg": "moved"}) == ""
    assert problem(MOVE, 200, {"code": 410, "errmsg": "gone, hint: [1]"}) == "code 410: gone"
    assert problem(MOVE, 200, []) == "no code in the answer"


def test_an_accepted_refusal_has_nothing_to_keep() -> None:
    step = Step(name="move", path="/", keep={"version": "version"}, accept=[409, 45035])
    assert judged(MIX, step, 409, None, Random(1)) == ("", {})
    assert judged(MIX, step, 200, {"code": 45035}, Random(1)) == ("", {})


def test_no_answer_is_a_failure_with_its_reason() -> None:
    assert judged(MIX, MOVE, 0, None, Random(1), TimeoutError("30 s"))[0] == "no answer: 30 s"


def test_a_step_that_never_ran_names_the_value_and_who_should_have_kept_it() -> None:
    assert why_never_run(MIX, MOVE, {"corpid"}) == (
        "never run: {card} was not found by 'board' at columns.*.cards.*"
    )


def test_a_kept_value_without_the_field_is_named() -> None:
    with pytest.raises(NotFound, match=r"\{card\.id\}: what was kept has no 'id'"):
        fill(MOVE.path, {"card": {"version": 3}})


def test_the_page_says_that_accept_takes_http_statuses() -> None:
    docs = Path(__file__).parents[2] / "docs"
    assert "HTTP statuses" in (docs / "load-test.md").read_text(encoding="utf-8")
    assert "HTTP 状态码" in (docs / "load-test.zh-CN.md").read_text(encoding="utf-8")
