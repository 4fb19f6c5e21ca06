"""Cells of each type of field: valid and invalid ones."""

from typing import Any

import pytest

from tests.conftest import WeCom
from tests.families.sheets import Sheet, text
from tests.families.smart_sheets.cells import LINK, ZHANGSAN, strings

PLACE = {"source_type": 1, "id": "x", "latitude": "23.1", "longitude": "113.3", "title": "广州塔"}
IMAGE = {"id": "", "title": "a.png", "image_url": "https://example.com/a.png", "width": 10, "height": 10}
FILE = {
    "name": "a",
    "size": 10,
    "file_ext": "pdf",
    "file_url": "https://example.com/a.pdf",
    "file_type": "50",
    "doc_type": 2,
}

RIGHT: list[tuple[str, Any, Any]] = [
    ("TEXT", [*text("你好"), LINK], [*text("你好"), LINK]),
    ("NUMBER", 123, 123),
    ("NUMBER", -0.5, -0.5),
    ("NUMBER", "12.5", 12.5),
    ("CHECKBOX", True, True),
    ("CHECKBOX", False, False),
    ("DATE_TIME", "1715846245084", "1715846245084"),
    ("IMAGE", [{**IMAGE}], [IMAGE]),
    ("ATTACHMENT", [FILE], [FILE]),
    ("ATTACHMENT", [{**FILE, "file_id": "FILEID"}], [{**FILE, "file_id": "FILEID"}]),
    ("ATTACHMENT", [{**FILE, "doc_type": 1, "file_ext": ""}], [{**FILE, "doc_type": 1, "file_ext": ""}]),
    ("USER", [{"user_id": "zhangsan"}], [ZHANGSAN]),
    ("USER", [{"tmp_external_userid": "wmTMP"}], [{"tmp_external_userid": "wmTMP", "id_type": 2}]),
    ("USER", [{"agentid": 1000002, "id_type": 3}], [{"agentid": 1000002, "id_type": 3}]),
    ("URL", [LINK], [LINK]),
    ("PROGRESS", 0.5, 0.5),
    ("PHONE_NUMBER", "13800000000", "13800000000"),
    ("EMAIL", "a@example.com", "a@example.com"),
    ("LOCATION", [PLACE], [PLACE]),
    ("CURRENCY", 12.5, 12.5),
    ("WWGROUP", ["wrOgAAA"], ["wrOgAAA"]),
    ("PERCENTAGE", 0.25, 0.25),
    ("BARCODE", "6901234567892", "6901234567892"),
]
WRONG: list[tuple[str, Any, int]] = [
    ("TEXT", "bare text", 2022015),
    ("TEXT", [{"type": "image", "text": "x"}], 2022015),
    ("TEXT", [{"type": "url", "text": "no link"}], 2022015),
    ("TEXT", [{"user_id": "zhangsan"}], 2022015),
    ("TEXT", [{}], 2022015),
    ("TEXT", {"value": 1}, 2022015),
    ("TEXT", [{"id": "o00000", "text": "A", "style": 1}], 2022015),
    ("NUMBER", "many", 40058),
    ("NUMBER", "１２", 40058),
    ("NUMBER", True, 40058),
    ("NUMBER", [1], 40058),
    ("CHECKBOX", 1, 2023041),
    ("DATE_TIME", "2024-05-16", 2022034),
    ("DATE_TIME", True, 2022034),
    ("DATE_TIME", "١٢", 2022034),
    ("DATE_TIME", "9" * 20, 2022034),
    ("IMAGE", [{"title": "no address"}], 2022014),
    ("ATTACHMENT", [{**FILE, "doc_type": 3}], 40058),
    ("ATTACHMENT", [{**FILE, "file_url": ""}], 2020036),
    ("ATTACHMENT", [{**FILE, "file_ext": ""}], 2020036),
    ("USER", [{"id_type": 1}], 40058),
    ("USER", [{"user_id": "a", "id_type": 9}], 40058),
    ("USER", [{"user_id": "zhangsan|lisi"}], 40058),
    ("USER", [{"id_type": 2, "user_id": "zhangsan"}], 40058),
    ("USER", [{"id_type": 3, "agentid": "one"}], 40058),
    ("USER", [{"id_type": 4}], 40058),
    ("USER", [ZHANGSAN, {"user_id": "lisi"}], 40058),
    ("URL", [LINK, LINK], 2022016),
    ("URL", [{"type": "text", "text": "x"}], 2022016),
    ("SELECT", [{"id": "nothing"}], 2022013),
    ("SELECT", [{"style": 1}], 2022013),
    ("SELECT", text("A"), 2022013),
    ("SINGLE_SELECT", [LINK], 2022013),
    ("SINGLE_SELECT", [{"text": "A"}, {"text": "B"}], 2022013),
    ("PROGRESS", "half", 40058),
    ("PHONE_NUMBER", ["138"], 2022012),
    ("EMAIL", {"a": 1}, 40058),
    ("REFERENCE", ["r00000"], 2022035),
    ("REFERENCE", [5], 2022035),
    ("LOCATION", [{**PLACE, "latitude": "91"}], 2022037),
    ("LOCATION", [PLACE, PLACE], 2022037),
    ("LOCATION", "广州", 2022037),
    ("CURRENCY", {}, 2023042),
    ("WWGROUP", ["a", "b"], 40058),
    ("WWGROUP", ["a|b"], 40058),
    ("PERCENTAGE", "x%", 2023043),
    ("BARCODE", [1], 40058),
    ("CREATED_USER", [ZHANGSAN], 2022048),
    ("MODIFIED_USER", [ZHANGSAN], 2022048),
    ("CREATED_TIME", "1715846245084", 2022048),
    ("MODIFIED_TIME", "1715846245084", 2022048),
    ("FORMULA", "1+1", 2022048),
    ("AUTONUMBER", "7", 2022048),
]


@pytest.fixture
def sheet(wecom: WeCom) -> Sheet:
    """A sub-table with a field of each type, whose title is the type."""
    sheet = Sheet(wecom)
    kinds = list(dict.fromkeys(kind for kind, _, _ in [*RIGHT, *WRONG]))
    given = [{"field_title": kind, "field_type": f"FIELD_TYPE_{kind}"} for kind in kinds]
    added = sheet.ok("add_fields", fields=given)["fields"]
    sheet.ids.update({field["field_title"]: field["field_id"] for field in added})
    return sheet


def test_valid_cells_are_stored_and_shown(sheet: Sheet) -> None:
    sheet.add(*({kind: value} for kind, value, _ in RIGHT))
    for (kind, _, shown), values in zip(RIGHT, sheet.values(), strict=True):
        assert values[kind] == shown, kind
        assert set(values) == {
            *(kind, "CREATED_USER", "MODIFIED_USER", "CREATED_TIME", "MODIFIED_TIME", "AUTONUMBER")
        }


def test_an_invalid_cell_answers_its_errcode_and_writes_nothing(sheet: Sheet) -> None:
    for kind, value, errcode in WRONG:
        reply = sheet.call("add_records", records=[{"values": {kind: value}}])
        assert reply["errcode"] == errcode, (kind, value, reply)
        if errcode == 40058:
            assert reply["errmsg"].startswith(f"values.{kind} invalid"), reply
    assert sheet.ok("get_records")["total"] == 0


def test_a_date_as_a_number_leaves_the_cell_empty(sheet: Sheet) -> None:
    (record_id,) = sheet.add({"文本": text("甲"), "DATE_TIME": 1715846245084})
    assert "DATE_TIME" not in sheet.values()[0]
    assert sheet.where("DATE_TIME", "IS_EMPTY") == ["甲"]
    sheet.ok("update_records", records=[{"record_id": record_id, "values": {"DATE_TIME": "1715846245084"}}])
    assert sheet.values()[0]["DATE_TIME"] == "1715846245084"


def test_a_file_needs_an_address_or_an_id(sheet: Sheet) -> None:
    by_id = {**FILE, "file_id": "FILEID"}
    del by_id["file_url"]
    sheet.add({"ATTACHMENT": [by_id]}, {"ATTACHMENT": [{"file_id": "FILEID"}]})
    first, second = sheet.values()
    assert (first["ATTACHMENT"], second["ATTACHMENT"][0]["file_id"]) == ([by_id], "FILEID")


def test_a_cell_in_the_form_of_another_type_changes_nothing(sheet: Sheet) -> None:
    cells = {kind: value for kind, value, _ in RIGHT}
    (record_id,) = sheet.add(cells)
    before = sheet.values()
    for kind, value, errcode in WRONG:
        row = {"record_id": record_id, "values": {"文本": text("新"), kind: value}}
        assert sheet.call("update_records", records=[row])["errcode"] == errcode, (kind, value)
    assert sheet.values() == before


def test_every_type_accepts_an_empty_cell_and_filters_find_it(sheet: Sheet) -> None:
    for kind in dict.fromkeys(kind for kind, _, _ in RIGHT):
        (value,) = [value for other, value, _ in RIGHT if other == kind][:1]
        filled, emptied = sheet.add({"文本": text("有"), kind: value}, {"文本": text("无"), kind: value})
        sheet.ok("update_records", records=[{"record_id": emptied, "values": {kind: ""}}])
        assert sheet.where(kind, "IS_EMPTY") == ["无"], kind
        assert sheet.where(kind, "IS_NOT_EMPTY") == ["有"], kind
        sheet.ok("delete_records", record_ids=[filled, emptied])


def test_a_cell_names_options_by_id_or_text_and_a_new_text_adds_one(sheet: Sheet) -> None:
    (made,) = sheet.ok(
        "add_records", records=[{"values": {"SELECT": [{"text": "A", "style": 3}, {"text": "B"}]}}]
    )["records"]
    first, second = made["values"]["SELECT"]
    assert (first["text"], first["style"], second["text"]) == ("A", 3, "B")
    sheet.add({"SELECT": [{"id": second["id"]}]}, {"SELECT": [{"text": "A"}]})
    assert [values["SELECT"] for values in sheet.values()] == [[first, second], [second], [first]]
    field = next(one for one in sheet.ok("get_fields")["fields"] if one["field_title"] == "SELECT")
    assert field["property_select"]["options"] == [first, second]
    renamed = {"options": [{**first, "text": "甲"}]}
    given = {"field_id": field["field_id"], "field_type": "FIELD_TYPE_SELECT", "property_select": renamed}
    sheet.ok("update_fields", fields=[given])
    assert [values.get("SELECT") for values in sheet.values()] == [
        [{**first, "text": "甲"}],
        None,
        [{**first, "text": "甲"}],
    ]


def test_a_deleted_option_is_removed_from_cells(wecom: WeCom) -> None:
    sheet = Sheet(wecom, 多="SELECT", 单="SINGLE_SELECT")
    sheet.add(
        {"文本": text("甲"), "多": [{"text": "A"}, {"text": "B"}], "单": [{"text": "A"}]},
        {"文本": text("乙"), "多": [{"text": "A"}], "单": [{"text": "B"}]},
    )
    before = sheet.records()
    first, second = before[0]["values"]["多"]
    left = before[1]["values"]["单"]
    for title, kind, options in (("多", "select", [second]), ("单", "single_select", left)):
        given = {"field_id": sheet.ids[title], "field_type": f"FIELD_TYPE_{kind.upper()}"}
        sheet.ok("update_fields", fields=[{**given, f"property_{kind}": {"options": options}}])
    assert sheet.values() == [{"文本": text("甲"), "多": [second]}, {"文本": text("乙"), "单": left}]
    assert (sheet.where("多", "IS_EMPTY"), sheet.where("单", "IS_EMPTY")) == (["乙"], ["甲"])
    assert sheet.where("多", "IS", **strings(second["id"])) == ["甲"]
    assert sheet.where("多", "CONTAINS", **strings(first["id"])) == []
    assert [one["update_time"] for one in sheet.records()] == [one["update_time"] for one in before]
    again = {"field_id": sheet.ids["多"], "field_type": "FIELD_TYPE_SELECT"}
    sheet.ok("update_fields", fields=[{**again, "property_select": {"options": [first, second]}}])
    assert "多" not in sheet.values()[1], "an option that is added again is a new one"


def test_a_reference_needs_an_existing_record(sheet: Sheet) -> None:
    (target,) = sheet.add({"文本": text("目标")})
    sheet.add({"REFERENCE": [{"record_id": target}]})
    assert sheet.values()[1]["REFERENCE"] == [target]


def test_a_reference_to_a_deleted_record_can_be_written_back(sheet: Sheet) -> None:
    (target,) = sheet.add({"文本": text("目标")})
    sheet.add({"文本": text("甲"), "REFERENCE": [target]}, {"文本": text("乙")})
    sheet.ok("delete_records", record_ids=[target])
    first, second = sheet.records()
    again = {title: first["values"][title] for title in ("文本", "REFERENCE")}
    sheet.ok("update_records", records=[{"record_id": first["record_id"], "values": again}])
    assert sheet.values()[0]["REFERENCE"] == [target]
    elsewhere = {"record_id": second["record_id"], "values": {"REFERENCE": [target]}}
    assert sheet.call("update_records", records=[elsewhere])["errcode"] == 2022035
    assert sheet.call("add_records", records=[{"values": again}])["errcode"] == 2022035


def test_automatic_fields_are_shown(sheet: Sheet) -> None:
    sheet.add({"文本": text("甲")}, {"文本": text("乙")})
    first, second = sheet.records()
    app = {"agentid": sheet.wecom.agentid, "id_type": 3}
    assert first["values"]["CREATED_USER"] == first["values"]["MODIFIED_USER"] == [app]
    assert first["values"]["CREATED_TIME"] == first["create_time"]
    numbers = [one["values"]["AUTONUMBER"] for one in (first, second)]
    assert numbers == [[{"seq": "1", "text": "1"}], [{"seq": "2", "text": "2"}]]


def test_auto_numbers_follow_their_rules(wecom: WeCom) -> None:
    sheet = Sheet(wecom)
    rules = [
        {"type": "NUMBER_RULE_TYPE_FIXED_CHAR", "value": "KH-"},
        {"type": "NUMBER_RULE_TYPE_INCR", "value": "4"},
    ]
    property_ = {"type": "NUMBER_TYPE_CUSTOM", "rules": rules}
    sheet.add_field("编号", "AUTONUMBER", property_auto_number=property_)
    sheet.add({"文本": text("甲")})
    assert sheet.values()[0]["编号"] == [{"seq": "1", "text": "KH-0001"}]


def test_an_auto_number_formats_the_creation_day_in_each_documented_format(wecom: WeCom) -> None:
    sheet = Sheet(wecom)
    formats = {"": 8, "YYYYMMDD": 8, "YYYYMM": 6, "MMDD": 4, "YYYY": 4, "MM": 2, "DD": 2}
    for name in formats:
        rules = [{"type": "NUMBER_RULE_TYPE_TIME", **({"value": name} if name else {})}]
        property_ = {"type": "NUMBER_TYPE_CUSTOM", "rules": rules}
        sheet.add_field(f"按{name}", "AUTONUMBER", property_auto_number=property_)
    sheet.add({"文本": text("甲")})
    (values,) = sheet.values()
    written = {name: values[f"按{name}"][0]["text"] for name in formats}
    assert {name: len(day) for name, day in written.items()} == formats
    assert written["YYYY"] + written["MM"] + written["DD"] == written["YYYYMMDD"] == written[""]
    assert (written["YYYY"] + written["MM"], written["MM"] + written["DD"]) == (
        written["YYYYMM"],
        written["MMDD"],
    )


def test_property_members_with_two_names_are_accepted_and_shown_under_both(wecom: WeCom) -> None:
    sheet = Sheet(wecom)
    for one, other in (("type", "input_type"), ("input_type", "type")):
        given = {one: "NUMBER_TYPE_CUSTOM"}
        sheet.add_field(f"号{one}", "AUTONUMBER", property_auto_number=given)
        shown = sheet.ok("get_fields", field_titles=[f"号{one}"])["fields"][0]["property_auto_number"]
        assert (shown[one], shown[other]) == ("NUMBER_TYPE_CUSTOM", "NUMBER_TYPE_CUSTOM")
    for one, other in (("filed_id", "field_id"), ("field_id", "filed_id")):
        sheet.add_field(f"参{one}", "REFERENCE", property_reference={one: sheet.primary})
        shown = sheet.ok("get_fields", field_titles=[f"参{one}"])["fields"][0]["property_reference"]
        assert (shown[one], shown[other]) == (sheet.primary, sheet.primary)
