"""`GET /_sim/corps/{corpid}/customers`: pages, filters and search, whichever way the listing walks."""

from itertools import product
from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act
from wecom_tollbooth.sim_api.customers import search


def page(corp: Corp, **asked: Any) -> dict[str, Any]:
    return corp.sim("customers", **asked)


def walked(corp: Corp, **asked: Any) -> list[dict[str, Any]]:
    """All customers that are found, page by page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        one = page(corp, cursor=cursor, **asked)
        assert len(one["customers"]) <= asked.get("limit", 50)
        found += one["customers"]
        cursor = one["next_cursor"]
        if not cursor:
            return found


def ids(customers: list[dict[str, Any]]) -> list[str]:
    return [one["external_userid"] for one in customers]


def fits(customer: dict[str, Any], userid: str, tag_id: str, stage_id: str) -> bool:
    followers = [one for one in customer["followers"] if userid in ("", one["userid"])]
    tags = [tag["tag_id"] for one in followers for tag in one["tags"]]
    stages = [one["stage_id"] for one in customer["stages"] if userid in ("", one["userid"])]
    return bool(followers) and (not tag_id or tag_id in tags) and (not stage_id or stage_id in stages)


@pytest.fixture
def team(server: Any) -> Corp:
    """A corp of which each filter takes a part."""
    made: Corp = server.make_corp(seed="demo", members=3, customers=40, follow_ups=25)
    return made


def test_pages_have_each_customer_once_latest_first(team: Corp) -> None:
    whole = page(team, limit=200)
    assert whole["next_cursor"] == ""
    assert whole["contacts"] == len(whole["customers"]) == 40
    assert ids(walked(team, limit=7)) == ids(whole["customers"])
    since = [(one["created_at"], one["external_userid"]) for one in whole["customers"]]
    assert since == sorted(since, reverse=True)
    assert ids(walked(team, limit=7, oldest_first=True)) == ids(whole["customers"])[::-1]


@pytest.mark.parametrize("looked_at", [4000, 3])
def test_filters_find_what_fits_and_nothing_else(
    team: Corp, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    monkeypatch.setattr(search, "LOOKED_AT", looked_at)
    everybody = walked(team, limit=50)
    choices = team.sim("customer_filters")
    members = [one["userid"] for one in choices["members"]]
    tags = sorted({tag["tag_id"] for one in everybody for by in one["followers"] for tag in by["tags"]})[:2]
    stages = [one["stage_id"] for one in choices["stages"]][:2]
    some = 0
    for userid, tag_id, stage_id in product(["", *members[:2]], ["", *tags], ["", *stages]):
        found = walked(team, userid=userid, tag_id=tag_id, stage_id=stage_id, limit=5)
        expected = {one["external_userid"] for one in everybody if fits(one, userid, tag_id, stage_id)}
        assert len(found) == len(expected), (userid, tag_id, stage_id)
        assert set(ids(found)) == expected, (userid, tag_id, stage_id)
        some += 0 < len(expected) < 40
    assert some > 8


def test_search_looks_at_names_remarks_companies_phones_and_ids(team: Corp, wecom: WeCom) -> None:
    found = act(team, "customer_adds_member", userid="zhangsan", name="Wang_Fang 100%")
    wecom = team.client()
    wecom.post(
        "externalcontact/remark",
        userid="zhangsan",
        external_userid=found["external_userid"],
        remark="老客户",
        remark_company="幸福奶茶",
        remark_mobiles=["13800001234"],
    )
    for text in ("wang_fang", "100%", "老客", "奶茶", "80000123", found["external_userid"], " 老客户 "):
        assert ids(walked(team, find=text)) == [found["external_userid"]], text
    for text in ("wangxfang", "100_", "9990000", "wm" + "0" * 30, "zhangsan"):
        assert walked(team, find=text) == [], text
    assert ids(walked(team, find="老客户", userid="zhangsan")) == [found["external_userid"]]
    assert walked(team, find="老客户", userid="lisi") == []


def test_a_search_looks_at_a_bounded_number_of_rows_in_a_request(
    team: Corp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LOOKED_AT", 10)
    asked = 0
    cursor = ""
    while True:
        one = page(team, find="没有这个人", cursor=cursor)
        asked += 1
        assert one["customers"] == []
        cursor = one["next_cursor"]
        if not cursor:
            break
    assert asked in (4, 5)


def test_a_newcomer_is_first_and_shows_follower_tags_and_stage(team: Corp) -> None:
    came = act(team, "customer_adds_member", userid="lisi", name="新来的")["external_userid"]
    first = page(team, limit=1)["customers"][0]
    assert (first["external_userid"], first["name"], first["type"]) == (came, "新来的", 1)
    assert [(one["userid"], one["tags"]) for one in first["followers"]] == [("lisi", [])]
    assert first["stages"] == []
    act(team, "member_deletes_customer", userid="lisi", external_userid=came)
    assert page(team, limit=1)["customers"][0]["followers"] == []
    assert came not in ids(walked(team, userid="lisi"))


def test_a_cursor_of_another_listing_is_refused(team: Corp, corp: Corp) -> None:
    cursor = page(team, limit=3)["next_cursor"]
    by_member = page(team, limit=3, userid="zhangsan")["next_cursor"]
    for asked in (
        {"cursor": cursor, "find": "王"},
        {"cursor": cursor, "userid": "zhangsan"},
        {"cursor": by_member},
        {"cursor": "AAAA"},
        {"cursor": "€"},
        {"cursor": cursor + "A"},
    ):
        answer = team.server.sim.get(f"/corps/{team.corpid}/customers", params=asked)
        assert answer.status_code == 422, asked
        assert "next_cursor" in answer.json()["error"]
    assert corp.server.sim.get(f"/corps/{corp.corpid}/customers?cursor={cursor}").status_code == 422


def test_filters_are_named_with_groups_and_counts(team: Corp) -> None:
    choices = team.sim("customer_filters")
    assert {one["userid"] for one in choices["members"]} >= {"zhangsan"}
    assert all(tag["group_name"] for tag in choices["tags"])
    assert choices["stages"][0]["name"] == "未触达"
    assert sum(one["records"] for one in choices["stages"]) == 25
