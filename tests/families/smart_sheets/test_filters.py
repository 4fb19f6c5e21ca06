"""Filters and sorts of records."""

from typing import Any

import pytest

from tests.conftest import WeCom
from tests.families.sheets import Sheet, text
from tests.families.smart_sheets.cells import LINK, ZHANGSAN, strings

MANY = {"property_user": {"is_multiple": True}}


# --- filters and sorts -----------------------------------------------------------------------------------


@pytest.fixture
def table(wecom: WeCom) -> Sheet:
    """Four records 甲 to 丁; the last one has only a name."""
    sheet = Sheet(wecom, 数="NUMBER", 勾="CHECKBOX", 日="DATE_TIME", 选="SINGLE_SELECT", 链="URL")
    sheet.add_field("人", "USER", **MANY)
    day = 86_400_000
    at = 1_715_846_245_084
    sheet.add(
        {
            **{"文本": text("甲"), "数": 10, "勾": True, "日": str(at), "选": [{"text": "高"}]},
            **{"人": [ZHANGSAN], "链": [LINK]},
        },
        {
            **{"文本": text("乙"), "数": 9, "勾": False, "日": str(at + day), "选": [{"text": "低"}]},
            "人": [ZHANGSAN, {"user_id": "lisi"}],
        },
        {"文本": text("丙%"), "数": 2.5, "日": str(at + 2 * day), "选": [{"text": "高"}]},
        {"文本": text("丁")},
    )
    return sheet


def test_each_filter_operator_finds_the_right_records(table: Sheet) -> None:
    where = table.where
    assert where("文本", "IS", **strings("甲", "丁")) == ["甲", "丁"]
    assert where("文本", "IS_NOT", **strings("甲")) == ["乙", "丙%", "丁"]
    assert where("文本", "CONTAINS", **strings("%")) == ["丙%"]
    assert where("文本", "DOES_NOT_CONTAIN", **strings("%", "丁")) == ["甲", "乙"]
    assert where("链", "CONTAINS", **strings("官")) == ["甲"]
    number: dict[str, Any] = {"number_value": {"value": 9}}
    assert where("数", "IS", **number) == ["乙"]
    assert where("数", "IS_NOT", **number) == ["甲", "丙%", "丁"]
    assert where("数", "IS_GREATER", **number) == ["甲"]
    assert where("数", "IS_GREATER_OR_EQUAL", **number) == ["甲", "乙"]
    assert where("数", "IS_LESS", **number) == ["丙%"]
    assert where("数", "IS_LESS_OR_EQUAL", **number) == ["乙", "丙%"]
    assert where("勾", "IS", bool_value={"value": True}) == ["甲"]
    assert where("勾", "IS", bool_value={"value": False}) == ["乙", "丙%", "丁"]
    assert where("选", "IS", **strings("高")) == ["甲", "丙%"]
    assert where("选", "IS_NOT", **strings("高")) == ["乙", "丁"]
    assert where("人", "IS", user_value={"value": ["zhangsan"]}) == ["甲"]
    assert where("人", "CONTAINS", user_value={"value": ["lisi", "nobody"]}) == ["乙"]
    assert where("人", "IS", user_value={"value": ["lisi", "zhangsan"]}) == ["乙"]
    day = {"date_time_value": {"type": "DATE_TIME_TYPE_DETAIL_DATE", "value": ["1715932645000"]}}
    assert where("日", "IS", **day) == ["乙"]
    assert where("日", "IS_LESS", **day) == ["甲"]
    assert where("日", "IS_GREATER", **day) == ["丙%"]
    assert where("日", "IS_EMPTY") == ["丁"]


def test_conditions_are_joined_by_and_or_by_or(table: Sheet) -> None:
    conditions = [
        {"field_id": table.ids["数"], "operator": "OPERATOR_IS_LESS", "number_value": {"value": 10}},
        {"field_id": table.ids["选"], "operator": "OPERATOR_IS", **strings("高")},
    ]
    for conjunction, found in (("AND", ["丙%"]), ("OR", ["甲", "乙", "丙%"])):
        spec = {"conjunction": f"CONJUNCTION_{conjunction}", "conditions": conditions}
        assert table.texts(filter_spec=spec) == found
    page = table.ok("get_records", filter_spec=spec, offset=1, limit=1)
    assert (page["total"], page["next"], page["has_more"]) == (3, 2, True)


def test_record_ids_can_be_filtered_and_sorted(table: Sheet) -> None:
    first, second, third, _ = [record["record_id"] for record in table.records()]
    ids = [third, first, second]
    number = table.ids["数"]
    large = {"field_id": number, "operator": "OPERATOR_IS_GREATER", "number_value": {"value": 5}}
    spec = {"conjunction": "CONJUNCTION_AND", "conditions": [large]}
    assert table.texts(record_ids=ids) == ["丙%", "甲", "乙"]
    assert table.texts(record_ids=ids, sort=[{"field_title": "数", "desc": True}]) == ["甲", "乙", "丙%"]
    assert table.texts(record_ids=[third, second], filter_spec=spec) == ["乙"]
    page = table.ok("get_records", record_ids=ids, filter_spec=spec, limit=1)
    assert (page["total"], page["next"]) == (2, 1)
    view = table.ok("get_views")["views"][0]["view_id"]
    table.ok("update_view", view_id=view, property={"filter_spec": spec})
    assert table.texts(record_ids=ids, view_id=view) == ["甲", "乙"]
    unknown = {"conditions": [{**large, "field_id": "f00000"}]}
    assert table.call("get_records", record_ids=ids, filter_spec=unknown)["errcode"] == 2022033
    many = {"record_ids": ["r00000"] * 10_001, "filter_spec": spec}
    assert table.call("get_records", **many)["errcode"] == 40058


def test_a_field_with_thousands_of_options_is_sorted_and_loses_them(wecom: WeCom) -> None:
    sheet = Sheet(wecom)
    options = [{"text": str(number)} for number in range(3_000)]
    field = sheet.add_field("选", "SELECT", property_select={"options": options})
    sheet.add(
        *({"文本": text(name), "选": [{"text": name}, {"text": "0"}]} for name in ("2999", "1", "40", "4"))
    )
    sheet.add({"文本": text("空")})
    assert sheet.texts(sort=[{"field_title": "选"}]) == ["1", "4", "40", "2999", "空"]
    assert sheet.texts(sort=[{"field_title": "选", "desc": True}]) == ["2999", "40", "4", "1", "空"]
    kept = sheet.ok("get_fields", field_ids=[field])["fields"][0]["property_select"]["options"][1:2]
    given = {"field_id": field, "field_type": "FIELD_TYPE_SELECT", "property_select": {"options": kept}}
    sheet.ok("update_fields", fields=[given])
    assert sheet.where("选", "IS_NOT_EMPTY") == ["1"]


def test_too_long_filters_and_sorts_are_refused(table: Sheet) -> None:
    sort = [{"field_title": "数"}]
    assert table.texts(sort=sort * 100) == table.texts(sort=sort)
    assert table.call("get_records", sort=sort * 101)["errcode"] == 40058
    condition = {"field_id": table.ids["文本"], "operator": "OPERATOR_IS", **strings(*["丁"] * 200)}
    assert table.texts(filter_spec={"conditions": [condition] * 5}) == ["丁"]
    more = [*[condition] * 5, {**condition, **strings("丁")}]
    assert table.call("get_records", filter_spec={"conditions": more})["errcode"] == 2022033


def test_an_invalid_filter_is_refused(table: Sheet) -> None:
    number = {"number_value": {"value": 1}}
    wrong: list[tuple[dict[str, Any], int]] = [
        ({"field_id": "f00000", "operator": "OPERATOR_IS", **number}, 2022033),
        ({"field_id": table.ids["数"], "operator": "OPERATOR_CONTAINS", **number}, 2022033),
        ({"field_id": table.ids["数"], "operator": "OPERATOR_IS"}, 2022033),
        ({"field_id": table.ids["数"], "operator": "OPERATOR_IS", **strings("1")}, 2022033),
        (
            {
                **{"field_id": table.ids["数"], "field_type": "FIELD_TYPE_TEXT"},
                **{"operator": "OPERATOR_IS", **number},
            },
            2022033,
        ),
        (
            {
                **{"field_id": table.ids["日"], "operator": "OPERATOR_IS"},
                "date_time_value": {"type": "DATE_TIME_TYPE_DETAIL_DATE", "value": ["today"]},
            },
            2022018,
        ),
    ]
    for condition, errcode in wrong:
        spec = {"conjunction": "CONJUNCTION_AND", "conditions": [condition]}
        assert table.call("get_records", filter_spec=spec)["errcode"] == errcode, condition
    sort = [{"field_title": "数", "desc": True}]
    spec = {"conditions": [{"field_id": table.ids["数"], "operator": "OPERATOR_IS_EMPTY"}]}
    assert table.call("get_records", sort=sort, filter_spec=spec)["errcode"] == 2022033
    assert table.call("get_records", sort=[{"field_title": "没有", "desc": True}])["errcode"] == 2022004


def test_sorts_order_numbers_texts_and_options_with_empty_cells_last(table: Sheet) -> None:
    def by(title: str, desc: bool) -> list[str]:
        return table.texts(sort=[{"field_title": title, "desc": desc}])

    assert by("数", False) == ["丙%", "乙", "甲", "丁"]
    assert by("数", True) == ["甲", "乙", "丙%", "丁"]
    assert by("选", False) == ["甲", "丙%", "乙", "丁"]
    assert by("文本", False) == sorted(["甲", "乙", "丙%", "丁"])
    both = [{"field_title": "选", "desc": True}, {"field_title": "数", "desc": False}]
    assert table.texts(sort=both) == ["乙", "丙%", "甲", "丁"]
