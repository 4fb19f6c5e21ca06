"""Records of smart sheets: writing, reading, paging and caps."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.sheets import BY_ID, Sheet, text


@pytest.fixture
def sheet(wecom: WeCom) -> Sheet:
    return Sheet(wecom, 数量="NUMBER")


def test_a_new_smart_sheet_has_one_sub_table_with_a_text_field_and_a_grid_view(wecom: WeCom) -> None:
    sheet = Sheet(wecom)
    listed = sheet.ok("get_sheet")["sheet_list"]
    assert listed == [
        {"sheet_id": sheet.sheet_id, "title": "智能表1", "is_visible": True, "type": "smartsheet"}
    ]
    assert len(sheet.sheet_id) == 6
    (field,) = sheet.ok("get_fields")["fields"]
    assert field["field_type"] == "FIELD_TYPE_TEXT"
    (view,) = sheet.ok("get_views")["views"]
    assert view["view_type"] == "VIEW_TYPE_GRID"
    assert sheet.ok("get_records")["total"] == 0


def test_a_record_is_read_back_with_its_times_and_writers(corp: Corp, sheet: Sheet) -> None:
    (record_id,) = sheet.add({"文本": text("王小明"), "数量": 3.5})
    reply = sheet.ok("get_records")
    (record,) = reply["records"]
    assert record["record_id"] == record_id
    assert record["values"] == {"文本": text("王小明"), "数量": 3.5}
    assert record["creator_name"] == record["updater_name"] == corp.apps[0]["name"]
    assert record["create_time"] == record["update_time"]
    assert len(record["create_time"]) == 13
    assert (reply["total"], reply["has_more"]) == (1, False)


def test_keys_are_titles_by_default_or_ids(sheet: Sheet) -> None:
    number, words = sheet.ids["数量"], sheet.primary
    reply = sheet.ok("add_records", key_type=BY_ID, records=[{"values": {number: 1, words: text("甲")}}])
    assert reply["records"][0]["values"] == {words: text("甲"), number: 1}
    assert sheet.values() == [{"文本": text("甲"), "数量": 1}]
    assert sheet.values(key_type=BY_ID) == [{words: text("甲"), number: 1}]
    assert sheet.values(field_titles=["数量"]) == [{"数量": 1}]
    assert sheet.values(key_type=BY_ID, field_ids=[number]) == [{number: 1}]
    assert sheet.call("get_records", key_type="FIELD_TITLE")["errcode"] == 40058


def test_update_changes_only_the_given_cells_and_clears_empty_ones(sheet: Sheet) -> None:
    first, second = sheet.add({"文本": text("甲"), "数量": 1}, {"文本": text("乙"), "数量": 2})
    reply = sheet.ok("update_records", records=[{"record_id": first, "values": {"数量": 7}}])
    assert reply["records"] == [{"record_id": first, "values": {"文本": text("甲"), "数量": 7}}]
    sheet.ok("update_records", records=[{"record_id": second, "values": {"文本": []}}])
    assert sheet.values() == [{"文本": text("甲"), "数量": 7}, {"数量": 2}]


def test_a_write_is_all_or_nothing(sheet: Sheet) -> None:
    (record_id,) = sheet.add({"数量": 1})
    bad = [{"values": {"数量": 2}}, {"values": {"没有": 2}}]
    assert sheet.call("add_records", records=bad)["errcode"] == 2022004
    changes = [{"record_id": record_id, "values": {"数量": 9}}, {"record_id": "r00000", "values": {}}]
    assert sheet.call("update_records", records=changes)["errcode"] == 2022003
    assert sheet.call("delete_records", record_ids=[record_id, "r00000"])["errcode"] == 2022003
    assert sheet.values() == [{"数量": 1}]


def test_ids_of_deleted_records_are_not_reused(sheet: Sheet) -> None:
    ids = sheet.add(*({"数量": number} for number in range(5)))
    sheet.ok("delete_records", record_ids=ids[1:3] + ids[1:2])
    assert [one["数量"] for one in sheet.values()] == [0, 3, 4]
    assert sheet.ok("get_records")["total"] == 3
    assert not set(sheet.add({"数量": 5}, {"数量": 6})) & set(ids)
    assert [one["数量"] for one in sheet.values()] == [0, 3, 4, 5, 6]


def test_records_by_id_keep_the_requested_order(sheet: Sheet) -> None:
    ids = sheet.add(*({"数量": number} for number in range(4)))
    wanted = [ids[3], "r00000", ids[0]]
    reply = sheet.ok("get_records", record_ids=wanted)
    assert [record["values"]["数量"] for record in reply["records"]] == [3, 0]
    assert reply["total"] == 2


def test_paging_shows_each_record_once(sheet: Sheet) -> None:
    sheet.add(*({"数量": number} for number in range(1_203)))
    reply = sheet.ok("get_records")
    assert (len(reply["records"]), reply["total"], reply["next"]) == (1_000, 1_203, 1_000)
    seen: list[Any] = []
    offset, more = 0, True
    while more:
        page = sheet.ok("get_records", offset=offset, limit=250)
        seen += [record["values"]["数量"] for record in page["records"]]
        offset, more = page["next"], page["has_more"]
    assert seen == list(range(1_203))
    assert sheet.ok("get_records", offset=1_203)["records"] == []
    assert sheet.call("get_records", offset=1_204)["errcode"] == 2022023
    assert len({record["record_id"] for record in sheet.records()}) == 1_000


def test_the_version_rises_with_each_change(sheet: Sheet) -> None:
    before = sheet.ok("get_records")["ver"]
    (record_id,) = sheet.add({"数量": 1})
    between = sheet.ok("get_records")["ver"]
    sheet.ok("update_records", records=[{"record_id": record_id, "values": {"数量": 2}}])
    assert before < between < sheet.ok("get_records", ver=before)["ver"]


def test_rows_and_cells_are_capped(start_server: Any) -> None:
    server: RunningServer = start_server(sheet_rows_cap=5, sheet_cells_cap=12)
    sheet = Sheet(server.make_corp().client(), 数量="NUMBER")
    rows = [{"values": {"数量": number}} for number in range(6)]
    assert sheet.call("add_records", records=rows)["errcode"] == 2022029
    ids = sheet.add(*({"数量": number} for number in range(5)))
    assert sheet.call("add_records", records=rows[:1])["errcode"] == 2022029
    another = [{"field_title": "三", "field_type": "FIELD_TYPE_TEXT"}]
    assert sheet.call("add_fields", fields=another)["errcode"] == 2022029
    sheet.ok("delete_records", record_ids=ids[:1])
    sheet.ok("add_fields", fields=another)
    assert sheet.call("add_records", records=rows[:1])["errcode"] == 2022029


def test_one_call_writes_at_most_500_records(sheet: Sheet) -> None:
    rows = [{"values": {"数量": number}} for number in range(501)]
    refused = sheet.call("add_records", records=rows)
    assert refused["errcode"] == 40058
    assert refused["errmsg"].startswith("records exceed max size 500")
    ids = [one["record_id"] for one in sheet.ok("add_records", records=rows[:500])["records"]]
    changes = [{"record_id": id_, "values": {"数量": -1}} for id_ in [*ids, ids[0]]]
    assert sheet.call("update_records", records=changes)["errcode"] == 40058
    assert sheet.call("delete_records", record_ids=[*ids, ids[0]])["errcode"] == 40058
    assert [one["数量"] for one in sheet.values()] == list(range(500))
    sheet.ok("update_records", records=changes[:500])
    sheet.ok("delete_records", record_ids=ids)
    assert sheet.ok("get_records")["total"] == 0


def test_a_setting_limits_the_records_of_one_call(start_server: Any) -> None:
    server: RunningServer = start_server(sheet_call_rows_cap=501)
    sheet = Sheet(server.make_corp().client())
    assert len(sheet.ok("add_records", records=[{"values": {}}] * 501)["records"]) == 501


def test_a_deleted_field_loses_its_cells(sheet: Sheet) -> None:
    sheet.add({"文本": text("甲"), "数量": 1})
    sheet.ok("delete_fields", field_ids=[sheet.ids["数量"]])
    sheet.add_field("数量", "NUMBER")
    assert sheet.values() == [{"文本": text("甲")}]


def test_two_sub_tables_keep_their_records_apart(sheet: Sheet) -> None:
    sheet.add({"数量": 1})
    made = sheet.ok("add_sheet", properties={"title": "另一张", "index": 1})["properties"]
    other = made["sheet_id"]
    assert sheet.ok("get_fields", sheet_id=other)["total"] == 0
    field = {"field_title": "数量", "field_type": "FIELD_TYPE_NUMBER"}
    sheet.ok("add_fields", sheet_id=other, fields=[field])
    sheet.ok("add_records", sheet_id=other, records=[{"values": {"数量": 2}}])
    assert sheet.values() == [{"数量": 1}]
    assert sheet.values(sheet_id=other) == [{"数量": 2}]
    sheet.ok("delete_sheet", sheet_id=other)
    assert sheet.call("get_records", sheet_id=other)["errcode"] == 2543303
    assert sheet.values() == [{"数量": 1}]


def test_a_document_belongs_to_its_app_and_corp(server: RunningServer, corp: Corp, sheet: Sheet) -> None:
    sheet.add({"数量": 1})
    asked = {"docid": sheet.docid, "sheet_id": sheet.sheet_id}
    another_app = corp.client(corp.apps[1])
    assert another_app.post("wedoc/smartsheet/get_records", asked)["errcode"] == 851003
    other_corp = server.make_corp().client()
    assert other_corp.post("wedoc/smartsheet/get_records", asked)["errcode"] == 301085
    unlisted = corp.client(corp.app_of_kind("self_built_unlisted"))
    assert unlisted.post("wedoc/smartsheet/get_records", asked)["errcode"] == 48002
