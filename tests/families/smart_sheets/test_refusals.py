"""Refusals of all operations on documents and smart sheets, and of single ones."""

import copy
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.follow_ups.records import FollowUpSheet
from tests.families.sheets import Sheet, text
from wecom_tollbooth.families import load_families
from wecom_tollbooth.families.smart_sheets import sheets
from wecom_tollbooth.gateway.operation import Operation

TEXT_DOCUMENT = 3
OF_A_DOCUMENT = [
    operation
    for operation in load_families()
    if operation.path.startswith("/cgi-bin/wedoc/") and "docid" in operation.request_model.model_fields
]
OF_A_SMART_SHEET = [operation for operation in OF_A_DOCUMENT if "/smartsheet/" in operation.path]
OF_A_SUB_TABLE = [
    operation
    for operation in OF_A_SMART_SHEET
    if "sheet_id" in {*operation.request_model.model_fields, *(operation.sample or {}).get("properties", ())}
]


def each(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=lambda one: one.name)


class Place:
    """A smart sheet and a text document of one app, and another app of the same corp."""

    def __init__(self, corp: Corp) -> None:
        self.wecom, self.another_app = corp.client(corp.apps[0]), corp.client(corp.apps[1])
        self.sheet = Sheet(self.wecom)
        made = self.wecom.post("wedoc/create_doc", doc_type=TEXT_DOCUMENT, doc_name="文档")
        self.text_document: str = made["docid"]

    def refusal(
        self,
        operation: Operation,
        *,
        docid: str | None = None,
        sheet_id: str | None = None,
        by: WeCom | None = None,
    ) -> int:
        """The errcode of the operation's documented request, by default on the sub-table."""
        body = copy.deepcopy(dict(operation.sample or {}))
        body["docid"] = docid or self.sheet.docid
        names_it = body["properties"] if "sheet_id" in body.get("properties", {}) else body
        if operation in OF_A_SUB_TABLE:
            names_it["sheet_id"] = sheet_id or self.sheet.sheet_id
        return int((by or self.wecom).post(operation.name, body)["errcode"])


@pytest.fixture(scope="module")
def place(server: RunningServer) -> Place:
    return Place(server.make_corp())


@pytest.fixture
def sheet(wecom: WeCom) -> Sheet:
    return Sheet(wecom, 数="NUMBER")


# --- all operations --------------------------------------------------------------------------------------


@each(OF_A_DOCUMENT)
def test_an_unknown_document_or_that_of_another_app_is_refused(operation: Operation, place: Place) -> None:
    assert place.refusal(operation, docid="dcNONE") == 301085
    assert place.refusal(operation, by=place.another_app) == 851003


@each(OF_A_SMART_SHEET)
def test_a_text_document_answers_851002(operation: Operation, place: Place) -> None:
    assert place.refusal(operation, docid=place.text_document) == 851002


@each(OF_A_SUB_TABLE)
def test_an_unknown_sub_table_answers_2543303(operation: Operation, place: Place) -> None:
    assert place.refusal(operation, sheet_id="q00000") == 2543303


@pytest.mark.parametrize("name", ["get_fields", "get_views", "get_records", "get_field_groups"])
def test_an_offset_above_the_total_is_refused(name: str, place: Place) -> None:
    total = place.sheet.ok(name)["total"]
    assert place.sheet.call(name, offset=total)["errcode"] == 0
    assert place.sheet.call(name, offset=total + 1)["errcode"] == 2022023


@pytest.mark.parametrize("name", ["get_fields", "get_records"])
def test_an_unknown_view_answers_2022005(name: str, place: Place) -> None:
    assert place.sheet.call(name, view_id="v00000")["errcode"] == 2022005


# --- single operations -----------------------------------------------------------------------------------


def test_the_number_of_sub_tables_is_limited(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "SHEETS_OF_A_DOCUMENT", 2)
    sheet.ok("add_sheet", properties={"index": 1})
    assert sheet.call("add_sheet", properties={"index": 2})["errcode"] == 2505401
    assert len(sheet.ok("get_sheet")["sheet_list"]) == 2


def test_the_last_sub_table_stays(sheet: Sheet) -> None:
    assert sheet.call("delete_sheet")["errcode"] == 2543306
    sheet.ok("add_sheet", properties={"index": 1})
    sheet.ok("delete_sheet")
    assert len(sheet.ok("get_sheet")["sheet_list"]) == 1


def test_a_group_has_at_most_150_fields_and_a_unique_name(sheet: Sheet) -> None:
    first, second = (
        sheet.ok("add_field_group", name=name)["field_group"]["field_group_id"] for name in ("一", "二")
    )
    many = [{"field_id": f"f{number:05}"} for number in range(151)]
    assert sheet.call("add_field_group", name="三", children=many)["errcode"] == 2022029
    assert sheet.call("update_field_group", field_group_id=first, children=many)["errcode"] == 2022029
    assert sheet.call("update_field_group", field_group_id=first, children=many[:1])["errcode"] == 2022004
    assert sheet.call("update_field_group", field_group_id=second, name="一")["errcode"] == 2022030
    assert sheet.ok("update_field_group", field_group_id=second, name="二")["field_group"]["name"] == "二"


WRONG_PROPERTIES: list[tuple[int, str, dict[str, Any]]] = [
    (2022017, "NUMBER", {"property_number": {"decimal_places": 6}}),
    (2022017, "NUMBER", {"property_number": {"decimal_places": "many"}}),
    (2022018, "DATE_TIME", {"property_date_time": {"format": "X"}}),
    (2022019, "URL", {"property_url": {"type": "LINK_TYPE_X"}}),
    (2022020, "SELECT", {"property_select": {"options": [{"text": ""}]}}),
    (2022020, "SELECT", {"property_select": {"options": [{"text": "A", "style": 28}]}}),
    (2022020, "SELECT", {"property_select": {"options": [{"text": "A", "id": "1|2"}]}}),
    (2022020, "SINGLE_SELECT", {"property_single_select": {"options": [{"text": "A"}, {"text": "A"}]}}),
    (2022021, "PROGRESS", {"property_progress": {"decimal_places": -2}}),
    (2022041, "REFERENCE", {"property_reference": {"sub_id": "q00000"}}),
    (2022041, "REFERENCE", {"property_reference": {"filed_id": "f00000"}}),
    (2022041, "REFERENCE", {"property_reference": {"view_id": "v00000"}}),
    (2022043, "LOCATION", {"property_location": {"input_type": "X"}}),
    (2022047, "AUTONUMBER", {"property_auto_number": {"rules": [{"type": "x"}]}}),
    (2022047, "AUTONUMBER", {"property_auto_number": {"type": "NUMBER_TYPE_X"}}),
    (
        2022047,
        "AUTONUMBER",
        {"property_auto_number": {"rules": [{"type": "NUMBER_RULE_TYPE_TIME", "value": "yyyy"}]}},
    ),
    (2023040, "USER", {"property_user": {"is_multiple": "perhaps"}}),
    (2023040, "USER", {"property_user": [1]}),
    (2022040, "CURRENCY", {"property_currency": {"currency_type": "CURRENCY_TYPE_XYZ"}}),
    (2022040, "PERCENTAGE", {"property_percentage": {"decimal_places": 5}}),
    (2022040, "ATTACHMENT", {"property_attachment": {"display_mode": "X"}}),
    (2022040, "CREATED_TIME", {"property_created_time": {"format": "X"}}),
]


@pytest.mark.parametrize(("errcode", "kind", "wrong"), WRONG_PROPERTIES)
def test_a_field_with_an_invalid_property_answers_the_code_of_its_type(
    place: Place, errcode: int, kind: str, wrong: dict[str, Any]
) -> None:
    given = {"field_title": "列", "field_type": f"FIELD_TYPE_{kind}"}
    both = [{"field_title": "好的", "field_type": "FIELD_TYPE_TEXT"}, {**given, **wrong}]
    assert place.sheet.call("add_fields", fields=both)["errcode"] == errcode
    assert place.sheet.ok("get_fields")["total"] == 1
    (made,) = place.sheet.ok("add_fields", fields=[given])["fields"]
    changed = {"field_id": made["field_id"], "field_type": made["field_type"], **wrong}
    assert place.sheet.call("update_fields", fields=[changed])["errcode"] == errcode
    place.sheet.ok("delete_fields", field_ids=[made["field_id"]])


def test_a_reference_may_name_another_sub_table_with_its_field_and_view(sheet: Sheet) -> None:
    other = sheet.ok("add_sheet", properties={"index": 1})["properties"]["sheet_id"]
    of_other = {"docid": sheet.docid, "sheet_id": other}
    field = {"field_title": "名", "field_type": "FIELD_TYPE_TEXT"}
    added = sheet.wecom.post("wedoc/smartsheet/add_fields", {**of_other, "fields": [field]})["fields"][0]
    given = {"sub_id": other, "filed_id": added["field_id"]}
    assert sheet.add_field("参", "REFERENCE", property_reference=given)
    sheet.wecom.post("wedoc/smartsheet/delete_sheet", of_other)
    changed = {"field_id": sheet.ids["参"], "field_type": "FIELD_TYPE_REFERENCE"}
    sheet.ok("update_fields", fields=[{**changed, "property_reference": {"is_multiple": True}}])
    refused = sheet.call("update_fields", fields=[{**changed, "property_reference": given}])
    assert refused["errcode"] == 2022041


def test_texts_and_formulas_show_an_empty_property(sheet: Sheet) -> None:
    sheet.add_field("式", "FORMULA", property_formula={"formatter": {}})
    text_field, formula = sheet.ok("get_fields", field_titles=["文本", "式"])["fields"]
    assert (text_field["property_text"], formula["property_formula"]) == ({}, {})


def test_a_changed_view_is_checked_like_a_new_one(sheet: Sheet) -> None:
    day = sheet.add_field("日", "DATE_TIME")
    view = sheet.ok("add_view", view_title="一", view_type="VIEW_TYPE_GRID")["view"]["view_id"]
    second = {"view_title": "二", "view_type": "VIEW_TYPE_GRID"}
    sheet.ok("add_view", **second)
    assert sheet.call("add_view", **second)["errcode"] == 2022022
    assert sheet.call("update_view", view_id=view, view_title="二")["errcode"] == 2022022
    assert sheet.ok("update_view", view_id=view, view_title="一")["view"]["view_title"] == "一"
    no_day = {"type": "DATE_TIME_TYPE_DETAIL_DATE", "value": ["one day"]}
    condition = {"field_id": day, "operator": "OPERATOR_IS", "date_time_value": no_day}
    wrong = {"filter_spec": {"conditions": [condition]}}
    assert sheet.call("update_view", view_id=view, property=wrong)["errcode"] == 2022018


def test_a_changed_cell_is_checked_like_a_new_one(sheet: Sheet) -> None:
    sheet.add_field("参", "REFERENCE")
    sheet.add_field("地", "LOCATION")
    (record_id,) = sheet.add({"文本": text("甲")})
    for title, value, errcode in (("参", ["r00000"], 2022035), ("地", "广州", 2022037)):
        row = {"record_id": record_id, "values": {title: value}}
        assert sheet.call("update_records", records=[row])["errcode"] == errcode, title
    assert sheet.values() == [{"文本": text("甲")}]


def test_the_document_of_the_follow_ups_cannot_be_changed(wecom: WeCom) -> None:
    sheet = FollowUpSheet(wecom)
    title = {"field_id": "fTitle", "field_type": "FIELD_TYPE_TEXT", "field_title": "别的"}
    bodies: dict[str, dict[str, Any]] = {
        "add_sheet": {"properties": {"index": 1}},
        "update_fields": {"fields": [title]},
        "delete_fields": {"field_ids": ["fNotes"]},
        "update_sheet": {"properties": {"sheet_id": sheet.where["sheet_id"], "title": "别的"}},
    }
    for name, body in bodies.items():
        assert sheet.call(name, **body)["errcode"] == 2022048, name
    assert wecom.post("wedoc/del_doc", docid=sheet.where["docid"])["errcode"] == 2022048
    renamed = wecom.post("wedoc/rename_doc", docid=sheet.where["docid"], new_name="别的")
    assert renamed["errcode"] == 2022048
    assert sheet.ok("get_fields")["fields"][0]["field_title"] == "客户名称"
    assert sheet.ok("get_sheet")["sheet_list"][0]["title"] == "跟进记录"
