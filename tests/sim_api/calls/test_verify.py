"""POST /_sim/corps/{corpid}/calls/verify: whether the calls that a test expected were made."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from wecom_tollbooth.gateway.operation import REGISTRY as OPERATIONS
from wecom_tollbooth.gateway.steps.unknown_paths import documented_titles
from wecom_tollbooth.sim_api.calls.expected import contains

CREATE, DELETE = "tag/create", "tag/delete"


def verified(corp: Corp, *calls: dict[str, Any], in_order: bool = False) -> dict[str, Any]:
    path = f"/corps/{corp.corpid}/calls/verify"
    answer = corp.server.sim.post(path, json={"calls": list(calls), "in_order": in_order})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def refusal(corp: Corp, *calls: dict[str, Any]) -> str:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/calls/verify", json={"calls": list(calls)})
    assert answer.status_code == 422, answer.text
    return str(answer.json()["error"])


def test_calls_that_were_made_are_found(corp: Corp, wecom: WeCom) -> None:
    wecom.get("user/get", userid="lisi")
    wecom.post("tag/create", tagname="店长", tagid=12)
    assert verified(
        corp,
        {"path": "user/get", "body_contains": {"userid": "lisi"}},
        {"path": "/cgi-bin/tag/create", "at_most": 1, "body_contains": {"tagid": 12}},
        {"path": "gettoken", "at_least": 1, "at_most": None},
        {"path": "tag/delete", "at_least": 0, "at_most": 0, "errcode": None},
    ) == {"ok": True, "failures": []}


def test_an_alias_is_the_same_operation(corp: Corp, wecom: WeCom) -> None:
    wecom.get("crm/get_external_contact_list", userid="lisi")
    for path in ("externalcontact/list", "crm/get_external_contact_list"):
        assert verified(corp, {"path": path, "errcode": None, "body_contains": {"userid": "lisi"}})["ok"]


def test_a_failure_shows_what_was_called_instead(corp: Corp, wecom: WeCom) -> None:
    wecom.post("tag/create", tagname="")
    wecom.post("tag/create", tagname="店员")
    answer = verified(corp, {"path": CREATE, "body_contains": {"tagname": "店长"}})
    assert not answer["ok"]
    [failure] = answer["failures"]
    assert (failure["index"], failure["path"], failure["found"]) == (0, CREATE, 0)
    assert failure["reason_en"].startswith(
        'tag/create: expected at least 1 calls with errcode 0 with {"tagname": "店长"} in the request, '
        "found 0; it was called 2 times otherwise, last: "
    )
    assert '0 {"tagname":"店员"} (hint ' in failure["reason_en"]
    assert failure["reason_zh"].startswith("tag/create：应为至少 1 次调用、errcode 0、请求含 {")


def test_too_many_calls_fail_too(corp: Corp, wecom: WeCom) -> None:
    for _ in range(3):
        wecom.get("department/list")
    [failure] = verified(corp, {"path": "department/list", "at_most": 2})["failures"]
    assert failure["reason_en"] == "department/list: expected 1 to 2 calls with errcode 0, found 3"
    assert failure["reason_zh"] == "department/list：应为 1 到 2 次调用、errcode 0，实际 3 次"


def test_another_errcode_may_be_expected(corp: Corp, wecom: WeCom) -> None:
    code = wecom.get("user/get", userid="nobody")["errcode"]
    assert verified(corp, {"path": "user/get", "errcode": code})["ok"]
    assert verified(corp, {"path": "user/get", "errcode": None})["ok"]
    assert not verified(corp, {"path": "user/get"})["ok"]


def test_an_order_allows_others_in_between(corp: Corp, wecom: WeCom) -> None:
    wecom.post("tag/create", tagname="一")
    wecom.get("department/list")
    wecom.post("tag/create", tagname="二")
    one = {"path": CREATE, "body_contains": {"tagname": "一"}}
    two = {"path": CREATE, "body_contains": {"tagname": "二"}}
    assert verified(corp, one, two, in_order=True)["ok"]
    assert verified(corp, two, one)["ok"]
    [failure] = verified(corp, two, one, in_order=True)["failures"]
    assert failure["index"] == 1
    assert "found 0 behind it" in failure["reason_en"]


def test_calls_of_other_corps_do_not_count(corp: Corp, wecom: WeCom) -> None:
    other = corp.server.make_corp()
    wecom.get("department/list")
    assert verified(corp, {"path": "department/list"})["ok"]
    assert not verified(other, {"path": "department/list"})["ok"]


def test_a_long_body_is_named_as_the_reason(corp: Corp, wecom: WeCom) -> None:
    wecom.post("tag/create", tagname="x" * 3_000, tagid=7)
    [failure] = verified(corp, {"path": CREATE, "errcode": None, "body_contains": {"tagid": 7}})["failures"]
    assert failure["reason_en"].endswith("the journal keeps the first 2000 characters of a body")


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ({"path": "tag/creat"}, "'tag/creat' is no operation; did you mean tag/create?"),
        ({"path": "zzz"}, "'zzz' is no operation; GET /_sim/operations lists them"),
        ({"path": CREATE, "at_least": 3, "at_most": 2}, "at_most 2 is less than at_least 3"),
        ({"path": CREATE, "at_least": -1}, "greater than or equal to 0"),
        ({"path": CREATE, "times": 1}, "times"),
        ({}, "path"),
    ],
)
def test_what_cannot_be_expected_is_refused(corp: Corp, call: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(corp, call)


def test_nothing_to_verify_is_refused(corp: Corp) -> None:
    assert "calls" in refusal(corp)


def test_a_documented_operation_that_is_not_simulated_may_be_expected(corp: Corp, wecom: WeCom) -> None:
    path = next(path for path in documented_titles() if OPERATIONS.find(path) is None)
    corp.server.api.post(path.removeprefix("/cgi-bin/"), params={"access_token": wecom.token})
    assert verified(corp, {"path": path, "errcode": 990404})["ok"]


@pytest.mark.parametrize(
    ("given", "wanted", "is_in"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [2]}}, True),
        ({"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 1}]}, True),
        ({"a": "1"}, {"a": 1}, True),
        ({"a": 1}, {"a": "1"}, False),
        ({"a": True}, {"a": 1}, False),
        ({"a": 1}, {"a": True}, False),
        ({"a": None}, {"a": None}, True),
        ({"a": [1]}, {"a": [1, 3]}, False),
        ({"a": 1}, {"a": {}}, False),
        ([], {}, False),
    ],
)
def test_fields_are_contained(given: Any, wanted: Any, is_in: bool) -> None:
    assert contains(given, wanted) is is_in
