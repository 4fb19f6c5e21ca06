"""Documents, sub-tables, fields, views and groups of smart sheets, and acts of members on them."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act
from tests.families.sheets import Sheet, text
from wecom_tollbooth.families.smart_sheets.engine.field_types import FIELD_TYPES


@pytest.fixture
def sheet(wecom: WeCom) -> Sheet:
    return Sheet(wecom, 数="NUMBER", 日="DATE_TIME")


def field(title: str, kind: str = "TEXT", **more: Any) -> dict[str, Any]:
    return {"field_title": title, "field_type": f"FIELD_TYPE_{kind}", **more}


# --- documents -------------------------------------------------------------------------------------------


def test_a_document_is_renamed_shared_and_deleted(sheet: Sheet) -> None:
    post, docid = sheet.wecom.post, sheet.docid
    info = post("wedoc/get_doc_base_info", docid=docid)["doc_base_info"]
    assert (info["doc_name"], info["doc_type"]) == ("客户跟进表", 10)
    assert post("wedoc/rename_doc", docid=docid, new_name="新名字")["errcode"] == 0
    assert post("wedoc/get_doc_base_info", docid=docid)["doc_base_info"]["doc_name"] == "新名字"
    assert post("wedoc/doc_share", docid=docid)["share_url"].startswith(
        "https://doc.weixin.qq.com/smartsheet/"
    )
    assert post("wedoc/del_doc", docid=docid)["errcode"] == 0
    assert post("wedoc/get_doc_base_info", docid=docid)["errcode"] == 301085
    assert sheet.call("get_records")["errcode"] == 301085


def test_a_too_long_name_is_cut(wecom: WeCom) -> None:
    docid = wecom.post("wedoc/create_doc", doc_type=11, doc_name="长" * 256)["docid"]
    names = {"长" * 256: "长" * 127, "a" * 256: "a" * 255, "a" + "长" * 127: "a" + "长" * 127, "短": "短"}

    def name() -> str:
        return str(wecom.post("wedoc/get_doc_base_info", docid=docid)["doc_base_info"]["doc_name"])

    assert name() == "长" * 255
    for given, kept in names.items():
        assert wecom.post("wedoc/rename_doc", docid=docid, new_name=given)["errcode"] == 0
        assert name() == kept
    assert wecom.post("wedoc/rename_doc", docid=docid, new_name="")["errcode"] == 40063


def test_a_spaceid_needs_a_fatherid(wecom: WeCom) -> None:
    given = {"doc_type": 10, "doc_name": "表", "spaceid": "SPACE"}
    assert wecom.post("wedoc/create_doc", given)["errcode"] == 40063
    assert wecom.post("wedoc/create_doc", {**given, "fatherid": "SPACE"})["errcode"] == 0


def test_only_smart_sheets_have_sub_tables(wecom: WeCom) -> None:
    made = wecom.post("wedoc/create_doc", doc_type=3, doc_name="文档")
    assert wecom.post("wedoc/smartsheet/get_sheet", docid=made["docid"])["errcode"] == 851002


def test_paths_that_only_sdks_have_are_unknown(wecom: WeCom) -> None:
    for path in (
        "wedoc/smartsheet/delete_view",
        "wedoc/mod_doc_safe_setting",
        "wedoc/set_sheet_permissions",
    ):
        answer = wecom.http.post(path, params={"access_token": wecom.token}, json={})
        assert (answer.status_code, answer.content) == (404, b"")


# --- sub-tables and fields -------------------------------------------------------------------------------


def test_sub_tables_keep_their_positions_and_have_unique_titles(sheet: Sheet) -> None:
    sheet.ok("add_sheet", properties={"title": "前", "index": 0})
    added = sheet.ok("add_sheet", properties={"title": "后", "index": 9})["properties"]
    assert [one["title"] for one in sheet.ok("get_sheet")["sheet_list"]] == ["前", "智能表1", "后"]
    assert added["index"] == 2
    last = sheet.ok("add_sheet")["properties"]
    assert (last["index"], last["title"]) == (3, "智能表2")
    sheet.ok("delete_sheet", sheet_id=last["sheet_id"])
    assert sheet.call("add_sheet", properties={"title": "前", "index": 0})["errcode"] == 2022030
    for wrong in ({"title": "长" * 256}, {"index": -1}):
        assert sheet.call("add_sheet", properties=wrong)["errcode"] == 40058
    renamed = {"sheet_id": sheet.sheet_id, "title": "前"}
    assert sheet.call("update_sheet", properties=renamed)["errcode"] == 2022030
    sheet.ok("update_sheet", properties={**renamed, "title": "中"})
    assert sheet.ok("get_sheet", sheet_id=sheet.sheet_id)["sheet_list"][0]["title"] == "中"


def test_a_field_keeps_its_type_and_the_primary_one_cannot_be_deleted(sheet: Sheet) -> None:
    number = sheet.ids["数"]

    def change(**values: Any) -> int:
        given = {"field_id": number, "field_type": "FIELD_TYPE_NUMBER", **values}
        return int(sheet.call("update_fields", fields=[given])["errcode"])

    assert change(field_title="量", property_number={"decimal_places": 2}) == 0
    shown = sheet.ok("get_fields", field_titles=["量"])["fields"]
    assert shown == [field("量", "NUMBER", field_id=number, property_number=shown[0]["property_number"])]
    assert shown[0]["property_number"] == {"decimal_places": 2, "use_separate": False}
    assert change(field_title="量") == 2022030
    assert change(field_title="文本") == 2022030
    assert change(field_type="FIELD_TYPE_TEXT") == 2022010
    assert change(property_number={"decimal_places": 9}) == 2022017
    assert change(field_id="f00000", field_title="x") == 2022004
    assert sheet.call("delete_fields", field_ids=[sheet.primary])["errcode"] == 2000055
    assert sheet.call("delete_fields", field_ids=["f00000"])["errcode"] == 2022004
    assert sheet.call("add_fields", fields=[field("文本")])["errcode"] == 2022030
    assert sheet.call("add_fields", fields=[field("x", "LOOKUP")])["errcode"] == 2022010
    assert sheet.call("add_fields", fields=[{"field_type": "FIELD_TYPE_TEXT"}])["errcode"] == 2022030


@pytest.mark.parametrize("kind", sorted(name for name, kind in FIELD_TYPES.items() if kind.defaults))
def test_a_changed_field_is_answered_with_its_settings(sheet: Sheet, kind: str) -> None:
    name = str(FIELD_TYPES[kind].property_name)
    (made,) = sheet.ok("add_fields", fields=[{"field_title": "新", "field_type": kind}])["fields"]
    given = {"field_id": made["field_id"], "field_type": kind, "field_title": "改"}
    (changed,) = sheet.ok("update_fields", fields=[given])["fields"]
    assert changed == {**given, name: made[name]}
    assert changed[name].keys() == FIELD_TYPES[kind].defaults.keys()


def test_a_sub_table_has_150_fields_200_views_and_150_groups(sheet: Sheet) -> None:
    sheet.ok("add_fields", fields=[field(f"列{number}") for number in range(147)])
    assert sheet.call("add_fields", fields=[field("多")])["errcode"] == 2022029
    page = sheet.ok("get_fields", offset=100, limit=30)
    assert (page["total"], len(page["fields"]), page["next"]) == (150, 30, 130)
    for number in range(199):
        sheet.ok("add_view", view_title=f"视图{number}", view_type="VIEW_TYPE_GRID")
    assert sheet.call("add_view", view_title="多", view_type="VIEW_TYPE_GRID")["errcode"] == 2022029
    for number in range(150):
        sheet.ok("add_field_group", name=f"组{number}")
    assert sheet.call("add_field_group", name="多")["errcode"] == 2022029


# --- views and groups ------------------------------------------------------------------------------------


def test_a_view_filters_and_sorts_records(sheet: Sheet) -> None:
    sheet.add(*({"文本": text(name), "数": number} for name, number in (("甲", 1), ("乙", 3), ("丙", 2))))
    view = sheet.ok("add_view", view_title="大", view_type="VIEW_TYPE_GRID")["view"]["view_id"]
    number = sheet.ids["数"]
    condition = {"field_id": number, "operator": "OPERATOR_IS_GREATER", "number_value": {"value": 1}}
    property_ = {
        "filter_spec": {"conjunction": "CONJUNCTION_AND", "conditions": [condition]},
        "sort_spec": {"sort_infos": [{"field_id": number, "desc": True}]},
        "field_visibility": {number: False},
    }
    sheet.ok("update_view", view_id=view, property=property_)
    assert sheet.values(view_id=view) == [{"文本": text("乙")}, {"文本": text("丙")}]
    assert [one["field_title"] for one in sheet.ok("get_fields", view_id=view)["fields"]] == ["文本", "日"]
    shown = sheet.ok("get_views", view_ids=[view])["views"][0]["property"]
    assert shown["filter_spec"] == property_["filter_spec"]
    sheet.ok("delete_fields", field_ids=[number])
    assert len(sheet.values(view_id=view)) == 3
    sheet.ok("delete_views", view_ids=[view])
    assert sheet.call("get_records", view_id=view)["errcode"] == 2022005


def test_settings_of_a_view_can_be_written_back_after_its_fields_are_deleted(sheet: Sheet) -> None:
    number, day = sheet.ids["数"], sheet.ids["日"]
    view = sheet.ok("get_views")["views"][0]["view_id"]
    large = {"field_id": number, "operator": "OPERATOR_IS_GREATER", "number_value": {"value": 1}}
    filled = {"field_id": sheet.primary, "operator": "OPERATOR_IS_NOT_EMPTY"}
    color = {"type": "VIEW_COLOR_CONDITION_TYPE_ROW", "color": "chromeMintLighten_3"}
    property_ = {
        "filter_spec": {"conjunction": "CONJUNCTION_AND", "conditions": [large, filled]},
        "sort_spec": {"sort_infos": [{"field_id": number, "desc": True}]},
        "group_spec": {"groups": [{"field_id": day}, {"field_id": sheet.primary}]},
        "field_visibility": {number: False, sheet.primary: True},
        "color_config": {"conditions": [{**color, "condition": large}, {**color, "condition": filled}]},
        "frozen_field_count": 3,
    }
    ids = [
        one["id"]
        for one in sheet.ok("update_view", view_id=view, property=property_)["view"]["property"][
            "color_config"
        ]["conditions"]
    ]
    assert len(set(ids)) == 2
    assert all(ids)
    sheet.ok("delete_fields", field_ids=[number, day])
    shown = sheet.ok("get_views")["views"][0]["property"]
    assert shown["filter_spec"]["conditions"] == [filled]
    assert (shown["sort_spec"]["sort_infos"], shown["frozen_field_count"]) == ([], 1)
    assert [one["field_id"] for one in shown["group_spec"]["groups"]] == [sheet.primary]
    assert shown["field_visibility"] == {sheet.primary: True}
    assert [one["id"] for one in shown["color_config"]["conditions"]] == ids[1:]
    assert sheet.ok("update_view", view_id=view, property=shown)["view"]["property"] == shown


def test_views_come_in_pages(sheet: Sheet) -> None:
    for number in range(3):
        sheet.ok("add_view", view_title=f"视图{number}", view_type="VIEW_TYPE_GRID")
    first = sheet.ok("get_views", limit=3)
    rest = sheet.ok("get_views", limit=3, offset=first["next"])
    assert (len(first["views"]), first["has_more"], first["total"]) == (3, True, 4)
    assert (len(rest["views"]), rest["has_more"]) == (1, False)


def test_invalid_views_are_refused(sheet: Sheet) -> None:
    gantt = {"view_title": "甘特", "view_type": "VIEW_TYPE_GANTT"}
    assert sheet.call("add_view", **gantt)["errcode"] == 2022032
    days = {"start_date_field_id": sheet.ids["日"], "end_date_field_id": sheet.ids["数"]}
    assert sheet.call("add_view", **gantt, property_gantt=days)["errcode"] == 2022032
    days["end_date_field_id"] = sheet.add_field("建", "CREATED_TIME")
    assert sheet.call("add_view", **gantt, property_gantt=days)["errcode"] == 2022032
    days["end_date_field_id"] = sheet.ids["日"]
    view = sheet.ok("add_view", **gantt, property_gantt=days)["view"]["view_id"]
    assert sheet.call("add_view", **gantt, property_gantt=days)["errcode"] == 2022022
    assert sheet.call("add_view", view_title="x", view_type="VIEW_TYPE_PIE")["errcode"] == 2022009
    wrong: list[tuple[dict[str, Any], int]] = [
        ({"field_visibility": {"f00000": True}}, 2022032),
        ({"frozen_field_count": 99}, 2022032),
        ({"sort_spec": {"sort_infos": [{"field_id": "f00000"}]}}, 2022004),
        ({"filter_spec": {"conditions": [{"field_id": "f00000", "operator": "OPERATOR_IS"}]}}, 2022033),
        ({"color_config": {"conditions": [{"type": "x", "color": "y"}]}}, 2022032),
    ]
    for property_, errcode in wrong:
        assert sheet.call("update_view", view_id=view, property=property_)["errcode"] == errcode, property_
    assert sheet.call("delete_views", view_ids=[view, "v00000"])["errcode"] == 2022005
    assert sheet.ok("get_views")["total"] == 2


def test_a_field_is_in_one_group_only(sheet: Sheet) -> None:
    number, day = ({"field_id": sheet.ids[title]} for title in ("数", "日"))
    group = sheet.ok("add_field_group", name="一", children=[number])["field_group"]
    assert sheet.call("add_field_group", name="二", children=[number])["errcode"] == 40058
    assert sheet.call("add_field_group", name="一")["errcode"] == 2022030
    assert sheet.call("add_field_group", name="三", children=[{"field_id": "f00000"}])["errcode"] == 2022004
    id_ = group["field_group_id"]
    changed = sheet.ok("update_field_group", field_group_id=id_, children=[number, day])["field_group"]
    assert changed == {"field_group_id": id_, "name": "一", "children": [number, day]}
    sheet.ok("delete_fields", field_ids=[day["field_id"]])
    assert sheet.ok("get_field_groups")["field_groups"][0]["children"] == [number]
    sheet.ok("delete_field_groups", field_group_ids=[id_])
    assert sheet.ok("get_field_groups")["total"] == 0
    assert sheet.call("delete_field_groups", field_group_ids=[id_])["errcode"] == 40058


# --- what members do -------------------------------------------------------------------------------------


def test_a_members_edits_raise_an_event_of_each_kind_with_the_records(corp: Corp, sheet: Sheet) -> None:
    first, deleted = sheet.add({"文本": text("甲"), "数": 1}, {"文本": text("丙")})
    assert corp.sim("callbacks")["callbacks"] == []
    where = {"docid": sheet.docid, "sheet_id": sheet.sheet_id}
    edited = act(
        corp,
        "member_edits_smart_sheet",
        userid="zhangsan",
        **where,
        add=[{"文本": text("乙")}, {"文本": text("丁")}],
        update=[{"record_id": first, "values": {"数": 2}}],
        delete=[deleted],
    )
    xmls = [callback["xml"] for callback in corp.sim("callbacks")["callbacks"]]
    expected = {"add_record": edited["record_ids"], "update_record": [first], "delete_record": [deleted]}
    assert len(xmls) == len(expected)
    for change_type, ids in expected.items():
        (xml,) = [one for one in xmls if f"<ChangeType><![CDATA[{change_type}]]>" in one]
        elements = [("DocId", sheet.docid), ("SheetId", sheet.sheet_id), *(("RecordId", id_) for id_ in ids)]
        written = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in elements)
        assert xml.endswith(f"</ChangeType>{written}</xml>")
        assert "<Event><![CDATA[smart_sheet_change]]></Event>" in xml
        assert "<FromUserName><![CDATA[zhangsan]]></FromUserName>" in xml
    assert [one["values"]["数"] for one in sheet.records()[:1]] == [2]
    assert sheet.records()[1]["creator_name"] != corp.apps[0]["name"]


def test_a_member_who_shares_a_document_raises_doc_change(corp: Corp, sheet: Sheet) -> None:
    shared = {"docid": sheet.docid, "userid": "zhangsan", "add": [{"userid": "lisi", "auth": 2}]}
    act(corp, "member_shares_document", **shared)
    (callback,) = corp.sim("callbacks")["callbacks"]
    assert "<FromUserName><![CDATA[zhangsan]]></FromUserName>" in callback["xml"]
    assert callback["xml"].endswith(
        "<Event><![CDATA[doc_change]]></Event><ChangeType><![CDATA[doc_member_change]]></ChangeType>"
        f"<DocId><![CDATA[{sheet.docid}]]></DocId></xml>"
    )
    auth = sheet.wecom.post("wedoc/doc_get_auth", docid=sheet.docid)
    assert auth["doc_member_list"] == [{"type": 1, "userid": "lisi", "auth": 2}]


# --- whatever is sent ------------------------------------------------------------------------------------


def test_no_request_on_an_existing_sheet_causes_a_system_error(sheet: Sheet) -> None:
    (record_id,) = sheet.add({"文本": text("甲"), "数": 1, "日": "1715846245084"})
    condition = {"field_id": sheet.ids["数"], "operator": "OPERATOR_IS", "number_value": {"value": 1}}
    hostile: list[Any] = [
        *("", "字" * 5_000, "'; --", '"', "\\", "%", 0, -1, 2**31, 2**63 - 1, 10**30, 1e308, True),
        *([], [""], [{}], [[]], {}, {"a": {"b": [None]}}, [{"id": {}}], [{"text": 2**63}]),
    ]
    names = ["string_value", "number_value", "bool_value", "user_value", "date_time_value"]
    for value in hostile:
        for kind in ("文本", "数", "日"):
            row = {"values": {kind: value}}
            calls: list[tuple[str, dict[str, Any]]] = [
                ("add_records", {"records": [row]}),
                ("update_records", {"records": [{"record_id": record_id, **row}]}),
            ]
            for name in names:
                given = {**condition, "field_id": sheet.ids[kind], name: {"value": value}}
                calls.append(("get_records", {"filter_spec": {"conditions": [given]}}))
            for name, body in calls:
                reply = sheet.call(name, **body)
                assert reply["errcode"] != -1, (name, body, reply)
        for name in ("offset", "limit", "ver", "view_id", "record_ids", "field_ids", "sort", "key_type"):
            assert sheet.call("get_records", **{name: value})["errcode"] != -1, (name, value)
