"""The corp's own fields: their values, filters by them, and changes of the pipeline."""

from typing import Any

import pytest

from tests.conftest import WeCom
from tests.families.follow_ups.records import FollowUps, FollowUpSheet

FIELDS: list[dict[str, Any]] = [
    {"field_id": "shop", "name": "门店"},
    {"field_id": "cups", "name": "杯数", "type": "number"},
    {"field_id": "since", "name": "开业", "type": "date"},
    {"field_id": "size", "name": "规格", "type": "select", "options": ["大", "小"]},
    {"field_id": "vip", "name": "会员", "type": "bool"},
]
VALUES = {"shop": "湖滨", "cups": 1.5, "since": -3600, "size": "大", "vip": False}


@pytest.fixture
def ups(wecom: WeCom) -> FollowUps:
    found = FollowUps(wecom)
    set_fields(found, FIELDS)
    return found


def set_fields(ups: FollowUps, fields: list[dict[str, Any]]) -> int:
    stages = ups.ok("get_pipeline")["stages"]
    return int(ups.call("set_pipeline", stages=stages, fields=fields)["errcode"])


@pytest.mark.parametrize("field_id", VALUES)
def test_a_value_of_each_type_is_stored_found_and_removed(ups: FollowUps, field_id: str) -> None:
    id_ = ups.add(custom=VALUES)
    assert ups.get(id_)["custom"] == VALUES
    wanted = {"field_id": field_id, "value": VALUES[field_id]}
    assert ups.listed(custom=wanted) == [id_]
    ups.ok("update", follow_up_id=id_, custom={field_id: ""})
    rest = {name: value for name, value in VALUES.items() if name != field_id}
    assert ups.get(id_)["custom"] == rest
    assert ups.listed(custom=wanted) == []


def test_a_column_of_each_type_can_be_cleared_in_the_sheet(ups: FollowUps) -> None:
    id_ = ups.add(custom=VALUES)
    sheet = FollowUpSheet(ups.wecom)
    assert sheet.change(id_, 杯数="", 开业="", 规格=[])["errcode"] == 0
    assert ups.get(id_)["custom"] == {"shop": "湖滨", "vip": False}


@pytest.mark.parametrize(
    ("field_id", "value"),
    [
        ("shop", 5),
        ("shop", "x" * 1001),
        ("cups", "12"),
        ("cups", True),
        ("since", 1.5),
        ("since", 4102444801),
        ("size", "中"),
        ("size", ["大"]),
        ("vip", 1),
        ("vip", "true"),
    ],
)
def test_a_value_of_another_type_is_neither_stored_nor_searched_by(
    ups: FollowUps, field_id: str, value: Any
) -> None:
    id_ = ups.add()
    for operation in (
        ups.call("update", follow_up_id=id_, custom={field_id: value}),
        ups.call("list", custom={"field_id": field_id, "value": value}),
        ups.call("list", custom={"field_id": field_id}),
    ):
        assert operation["errcode"] == 40058
        assert operation["errmsg"].startswith(f"custom.{field_id} invalid")
    assert ups.get(id_)["custom"] == {}


def test_a_number_is_found_in_each_notation(ups: FollowUps) -> None:
    whole, decimal = ups.add(custom={"cups": 5}), ups.add(custom={"cups": 5.0})
    for value in (5, 5.0):
        assert sorted(ups.listed(custom={"field_id": "cups", "value": value})) == sorted([whole, decimal])


def test_a_field_cannot_change_to_a_type_that_its_values_do_not_fit(ups: FollowUps) -> None:
    id_ = ups.add(custom={"shop": "湖滨"})
    number = {"field_id": "shop", "name": "门店", "type": "number"}
    assert set_fields(ups, [number]) == 990003
    assert set_fields(ups, []) == 0
    assert set_fields(ups, [number]) == 990003
    assert ups.get(id_)["custom"] == {"shop": "湖滨"}
    assert set_fields(ups, FIELDS) == 0
    ups.ok("update", follow_up_id=id_, custom={"shop": ""})
    assert set_fields(ups, [number]) == 0


def test_a_removed_option_stays_where_it_was_chosen(ups: FollowUps) -> None:
    id_ = ups.add(custom={"size": "大"})
    fewer = {"field_id": "size", "name": "规格", "type": "select", "options": ["小"]}
    assert set_fields(ups, [fewer]) == 0
    assert ups.get(id_)["custom"] == {"size": "大"}
    assert id_ in FollowUpSheet(ups.wecom).rows()
    assert ups.call("update", follow_up_id=id_, custom={"size": "大"})["errcode"] == 40058


@pytest.mark.parametrize("options", [["大", "大"], ["大", ""], ["x" * 65]])
def test_invalid_options_are_refused(ups: FollowUps, options: list[str]) -> None:
    assert set_fields(ups, [{"field_id": "a", "name": "A", "type": "select", "options": options}]) == 990003
