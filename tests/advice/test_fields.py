"""Strict mode tells misspelt, unknown and misplaced fields, and old paths, fields and methods."""

from typing import Any

import pytest

from tests.advice.strict import advice, briefly, detail_of, forget, strict
from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act

REMARK = "externalcontact/remark"


@pytest.fixture
def strict_corp(server: RunningServer) -> Corp:
    return server.make_corp(seed="demo", customers=0, activity=False, strict=True)


@pytest.fixture
def api(strict_corp: Corp) -> WeCom:
    return strict_corp.client()


def new_customer(corp: Corp) -> str:
    return str(act(corp, "member_adds_customer", userid="zhangsan")["external_userid"])


def test_a_misspelt_field_is_told_with_the_nearest_name(strict_corp: Corp, api: WeCom) -> None:
    body = {
        "userid": "zhangsan",
        "external_userid": new_customer(strict_corp),
        "description": "a",
        "remrk": "熟客",
    }
    assert api.post(REMARK, body)["errcode"] == 0
    (one,) = advice(strict_corp)
    assert briefly([one]) == [("unknown_field", REMARK, "remrk", 1)]
    assert one["meant"][0] == "remark"
    assert "did you mean remark" in one["en"]
    assert "是不是 remark" in one["zh"]
    assert one["doc"].endswith("/92115")
    assert one["en"] in detail_of(strict_corp, one["hint"])


def test_the_same_advice_is_one_entry_with_a_count(strict_corp: Corp, api: WeCom) -> None:
    strict_corp.server.sim.post(f"/corps/{strict_corp.corpid}/clock", json={"freeze": True})
    for _ in range(3):
        api.get("user/get", user_id="zhangsan", userid="zhangsan")
        strict_corp.server.sim.post(f"/corps/{strict_corp.corpid}/clock", json={"advance_seconds": 60})
    (one,) = advice(strict_corp)
    assert briefly([one]) == [("unknown_field", "user/get", "user_id", 3)]
    assert one["meant"] == ["userid"]
    assert one["last_at"] - one["first_at"] == 120
    newest = strict_corp.sim("calls", limit=1)["calls"][0]
    assert one["hint"] == newest["hint"]


def test_a_refused_call_is_told_too(strict_corp: Corp, api: WeCom) -> None:
    reply = api.post(REMARK, {"userid": "zhangsan", "externalUserId": "x"})
    assert reply["errcode"] == 41035
    (one,) = advice(strict_corp)
    assert one["meant"] == ["external_userid"]
    assert one["hint"] in reply["errmsg"]


@pytest.mark.parametrize(
    ("body", "field", "meant"),
    [
        ({"group_name": "等级", "tag": [{"nam": "金卡"}]}, "tag.nam", ["tag.name"]),
        ({"group_name": "等级", "tag": [{"name": "金卡"}], "zzz": 1}, "zzz", []),
    ],
)
def test_nested_fields_have_their_path(
    strict_corp: Corp, api: WeCom, body: dict[str, Any], field: str, meant: list[str]
) -> None:
    api.post("externalcontact/add_corp_tag", body)
    (one,) = advice(strict_corp, "unknown_field")
    assert (one["field"], one["meant"]) == (field, meant)


def test_a_field_at_the_wrong_level_is_told_where_it_belongs(strict_corp: Corp, api: WeCom) -> None:
    api.post(
        "externalcontact/add_corp_tag", {"group_name": "等级", "name": "金卡", "tag": [{"name": "银卡"}]}
    )
    (one,) = advice(strict_corp)
    assert briefly([one]) == [("misplaced_field", "externalcontact/add_corp_tag", "name", 1)]
    assert "tag.name" in one["en"]
    assert "tag.name" in one["zh"]


def test_a_field_of_the_body_in_the_query_and_the_other_way_round(strict_corp: Corp, api: WeCom) -> None:
    params = {"access_token": api.token, "userid": "zhangsan"}
    api.http.post(REMARK, params=params, json={"remark": "a"})
    api.http.request("GET", "externalcontact/list", params={"access_token": api.token}, json={"userid": "a"})
    assert briefly(advice(strict_corp)) == [
        ("misplaced_field", "externalcontact/list", "userid", 1),
        ("misplaced_field", REMARK, "userid", 1),
    ]


def test_an_old_path_field_and_method_are_told(strict_corp: Corp, api: WeCom) -> None:
    customer = new_customer(strict_corp)
    api.get("crm/get_external_contact", external_userid=customer)
    api.post("externalcontact/batch/get_by_user", userid="zhangsan")
    api.get("user/list_id", limit=10)
    assert briefly(advice(strict_corp)) == [
        ("old_field", "externalcontact/batch/get_by_user", "userid", 1),
        ("old_path", "externalcontact/get", "crm/get_external_contact", 1),
        ("other_method", "user/list_id", "GET", 1),
    ]


def test_a_malformed_body_is_told(strict_corp: Corp, api: WeCom) -> None:
    api.post(REMARK, content=b'{"userid": "zhangsan", "external_userid": "x", "remark"')
    assert briefly(advice(strict_corp)) == [("malformed_body", REMARK, "", 1)]


def test_what_the_caller_may_send_is_no_advice(strict_corp: Corp, api: WeCom) -> None:
    api.http.post("externalcontact/get_corp_tag_list?debug=1", params={"access_token": api.token})
    api.get("externalcontact/get_follow_user_list")
    assert advice(strict_corp) == []


def test_a_name_with_a_null_character_is_told_without_it(strict_corp: Corp, api: WeCom) -> None:
    params = {"access_token": api.token, "userid": "zhangsan", "zz\x00z": "1"}
    assert api.http.get("user/get", params=params).json()["errcode"] == 0
    assert briefly(advice(strict_corp)) == [("unknown_field", "user/get", "zzz", 1)]


def test_calls_with_the_header_are_not_looked_at(strict_corp: Corp, api: WeCom) -> None:
    params = {"access_token": api.token, "usrid": "zhangsan"}
    api.http.get("externalcontact/list", params=params, headers={"Tollbooth-Advice": "off"})
    assert advice(strict_corp) == []


def test_many_unknown_fields_are_counted_together(
    strict_corp: Corp, api: WeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wecom_tollbooth.advice.noting.MOST_ROWS", 2)
    for number in range(4):
        api.post(REMARK, {"userid": "zhangsan", f"zzz{number}": 1})
    kept = briefly(advice(strict_corp))
    assert kept == [
        ("unknown_field", REMARK, "zzz0", 1),
        ("unknown_field", REMARK, "zzz1", 1),
        ("unknown_field", REMARK, "…", 2),
    ]


# --- the switch ------------------------------------------------------------------------------------------


def test_strict_mode_is_off_until_it_is_switched_on(corp: Corp, wecom: WeCom) -> None:
    wecom.get("externalcontact/list", usrid="zhangsan")
    assert corp.sim("advice") == {"strict": False, "advice": []}
    strict(corp)
    wecom.get("externalcontact/list", usrid="zhangsan")
    strict(corp, on=False)
    wecom.get("externalcontact/list", usrid="zhangsan")
    assert [one["count"] for one in advice(corp)] == [1]
    assert corp.sim("advice")["strict"] is False


def test_deleting_advice_begins_again(strict_corp: Corp, api: WeCom) -> None:
    api.get("externalcontact/list", usrid="zhangsan")
    assert forget(strict_corp) == 1
    assert strict_corp.sim("advice") == {"strict": True, "advice": []}
    api.get("externalcontact/list", usrid="zhangsan")
    assert [one["count"] for one in advice(strict_corp)] == [1]


def test_other_corps_are_not_looked_at(strict_corp: Corp, corp: Corp, wecom: WeCom) -> None:
    wecom.get("externalcontact/list", usrid="zhangsan")
    assert advice(corp) == advice(strict_corp) == []


def test_an_unknown_corp_has_no_advice(server: RunningServer) -> None:
    assert server.sim.get("/corps/wwx/advice").status_code == 404
    assert server.sim.delete("/corps/wwx/advice").status_code == 404
    assert server.sim.patch("/corps/wwx", json={"strict": True}).status_code == 404
