"""Webhooks: rows that are added to a sub-table without a token."""

import base64
from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.follow_ups.records import FollowUps, FollowUpSheet
from tests.families.sheets import Sheet, text
from tests.families.smart_sheets.webhooks import Webhook, webhook_of

PATH = "/cgi-bin/wedoc/smartsheet/webhook"
EVERY_TYPE = (
    *("NUMBER", "CHECKBOX", "DATE_TIME", "IMAGE", "USER", "URL", "SELECT", "SINGLE_SELECT", "PROGRESS"),
    *("PHONE_NUMBER", "EMAIL", "LOCATION", "CURRENCY", "PERCENTAGE", "BARCODE"),
)
NEVER_WRITTEN = (
    *("FORMULA", "AUTONUMBER", "REFERENCE", "WWGROUP", "ATTACHMENT"),
    *("CREATED_USER", "CREATED_TIME", "MODIFIED_USER", "MODIFIED_TIME"),
)


# --- writing ---------------------------------------------------------------------------------------------


def test_the_sample_body_of_the_client_is_accepted(wecom: WeCom) -> None:
    sheet = Sheet(wecom, **{kind: kind for kind in (*EVERY_TYPE, *NEVER_WRITTEN)})
    sample = webhook_of(sheet).sample
    shown = {field["field_id"]: field["field_title"] for field in sheet.ok("get_fields")["fields"]}
    assert sample["schema"] == {id_: title for id_, title in shown.items() if title not in NEVER_WRITTEN}
    (row,) = sample["add_records"]
    assert set(row["values"]) == set(sample["schema"])
    (added,) = webhook_of(sheet).ok(sample)["add_records"]
    (record,) = sheet.records()
    assert record["record_id"] == added["record_id"]
    titles = {shown[field_id] for field_id in added["values"]}
    assert titles == {"文本", *EVERY_TYPE} - {"SELECT", "SINGLE_SELECT"}, "selects have no options yet"


def test_a_row_is_added_and_changed_by_field_id(sheet: Sheet, webhook: Webhook) -> None:
    given = {sheet.primary: [{"type": "text", "text": "甲"}], sheet.ids["选"]: [{"text": "待办"}]}
    reply = webhook.ok(schema={sheet.primary: "旧标题"}, add_records=[{"values": given}])
    assert set(reply) == {"errcode", "errmsg", "add_records"}
    (added,) = reply["add_records"]
    assert set(added["values"]) == set(given)
    assert sheet.texts() == ["甲"]

    changes = [{"record_id": added["record_id"], "values": {sheet.ids["数"]: 7, sheet.ids["选"]: []}}]
    both = webhook.ok(update_records=changes, add_records=[{"values": {sheet.primary: "乙"}}])
    assert both["update_records"][0]["values"] == {sheet.primary: text("甲"), sheet.ids["数"]: 7}
    assert sheet.texts() == ["甲", "乙"]
    assert sheet.values()[0] == {"文本": text("甲"), "数": 7}


def test_cells_are_by_field_id_or_title(sheet: Sheet, webhook: Webhook) -> None:
    (id_,) = webhook.add({"文本": "甲", sheet.ids["数"]: 1})
    webhook.ok(update_records=[{"record_id": id_, "values": {"数": 2}}])
    assert sheet.values() == [{"文本": text("甲"), "数": 2}]
    sheet.add_field(sheet.ids["数"], "TEXT")
    webhook.add({sheet.ids["数"]: 3})
    assert sheet.values()[1] == {"数": 3}, "an id goes before a title that is the same"


def test_text_needs_no_segments(sheet: Sheet, webhook: Webhook) -> None:
    webhook.add({sheet.primary: "甲"}, {sheet.primary: 12}, {sheet.primary: ""}, {sheet.primary: text("丁")})
    assert [values.get("文本") for values in sheet.values()] == [text("甲"), text("12"), None, text("丁")]


def test_an_image_is_sent_as_base64_and_gets_an_address(sheet: Sheet, webhook: Webhook) -> None:
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 100).decode()
    images = [{"title": "证据.png", "image_base64": picture}]
    webhook.add({sheet.ids["图"]: images}, {sheet.ids["图"]: images}, {sheet.ids["图"]: []})
    first, second, without = sheet.values()
    (image,) = first["图"]
    assert (image["title"], image["image_url"].startswith("https://")) == ("证据.png", True)
    assert second["图"] == first["图"]
    assert "图" not in without


def test_a_webhook_changes_only_records_that_it_added(sheet: Sheet, webhook: Webhook) -> None:
    maker = sheet.add_field("创建人", "CREATED_USER")
    (of_the_app,) = sheet.add({"文本": text("应用的")})
    other = webhook_of(sheet, name="另一个")
    (of_the_other,) = other.add({sheet.primary: "别人的"})
    (own,) = webhook.add({sheet.primary: "自己的"})
    by_id = {record["record_id"]: record for record in sheet.records()}
    assert by_id[own]["creator_name"] == by_id[own]["updater_name"] == "接收外部数据"
    assert by_id[of_the_other]["creator_name"] == "另一个"
    assert by_id[own]["values"]["创建人"] == [{"id_type": 4}]
    condition = {"field_id": maker, "operator": "OPERATOR_IS", "user_value": {"value": [webhook.id]}}
    assert sheet.texts(filter_spec={"conjunction": "CONJUNCTION_AND", "conditions": [condition]}) == [
        "自己的"
    ]
    for record_id in (of_the_app, of_the_other, "rXXXXX", ""):
        changes = [{"record_id": id_, "values": {sheet.primary: "改"}} for id_ in (own, record_id)]
        refused = webhook.send(update_records=changes)
        assert refused["errcode"] == 2022003, record_id
        assert refused["add_records"] == refused["update_records"] == []
    assert sheet.texts() == ["应用的", "别人的", "自己的"]
    sheet.ok("update_records", records=[{"record_id": own, "values": {"文本": text("应用改的")}}])
    assert webhook.send(update_records=changes[:1])["errcode"] == 0, "the record still belongs to the webhook"


def test_a_webhook_raises_no_event(corp: Corp, sheet: Sheet, webhook: Webhook) -> None:
    webhook.add({sheet.primary: "甲"})
    assert corp.sim("callbacks")["callbacks"] == []


# --- refusing --------------------------------------------------------------------------------------------


def test_an_invalid_cell_answers_its_errcode_and_adds_no_row(sheet: Sheet, webhook: Webhook) -> None:
    wrong: list[tuple[str, Any, int]] = [
        ("fXXXXX", "甲", 2022004),
        (sheet.ids["选"], [{"text": "没有这一项"}], 2022013),
        (sheet.ids["选"], [{"id": "oXXXXX"}], 2022013),
        (sheet.ids["选"], [{"text": "待办"}, {"text": "完成"}], 2022013),
        (sheet.ids["日"], "2026-01-15", 2022034),
        (sheet.ids["数"], "三", 40058),
        (sheet.primary, [{"type": "image"}], 2022015),
        (sheet.ids["地"], "广州塔", 2022037),
        (sheet.ids["图"], [{"title": "a.png", "image_base64": "data:image/png;base64,iVBORw0K"}], 2023033),
        (sheet.ids["图"], [{"title": "a.png"}], 2023033),
        (sheet.ids["图"], ["a.png"], 2023033),
        (sheet.ids["图"], 5, 2023033),
        (sheet.ids["图"], [{"title": 5, "image_base64": "iVBORw0K"}], 2023033),
    ]
    for field_id, cell, errcode in wrong:
        rows = [{"values": {sheet.primary: "好的"}}, {"values": {field_id: cell}}]
        assert webhook.send(add_records=rows)["errcode"] == errcode, (field_id, cell)
    assert sheet.records() == []
    options = sheet.ok("get_fields")["fields"][-1]["property_single_select"]["options"]
    assert [option["text"] for option in options] == ["待办", "完成"], "a webhook adds no options"


def test_a_cell_of_a_wrong_form_answers_the_code_of_its_type(wecom: WeCom) -> None:
    wrong: dict[str, tuple[Any, int]] = {
        "PHONE_NUMBER": (["138"], 2022012),
        "URL": ("https://example.com", 2022016),
        "CHECKBOX": (1, 2023041),
        "CURRENCY": ("many", 2023042),
        "PERCENTAGE": ("x%", 2023043),
        "EMAIL": ([1], 40058),
    }
    sheet = Sheet(wecom, **{kind: kind for kind in wrong})
    webhook = webhook_of(sheet)
    for kind, (cell, errcode) in wrong.items():
        assert webhook.refusal(**{kind: cell}) == errcode, kind


@pytest.mark.parametrize("kind", NEVER_WRITTEN)
def test_a_field_that_webhooks_cannot_write_answers_2023035(wecom: WeCom, kind: str) -> None:
    sheet = Sheet(wecom, 列=kind)
    assert webhook_of(sheet).refusal(列="甲") == 2023035


def test_a_field_that_only_phones_fill_in_is_refused(wecom: WeCom) -> None:
    sheet = Sheet(wecom)
    sheet.add_field("码", "BARCODE", property_barcode={"mobile_scan_only": True})
    sheet.add_field("地", "LOCATION", property_location={"input_type": "LOCATION_INPUT_TYPE_AUTO"})
    webhook = webhook_of(sheet)
    assert (webhook.refusal(码="690"), webhook.refusal(地="广州")) == (2023037, 2023038)
    assert set(webhook.sample["schema"]) == {sheet.primary}
    sheet.add({"码": "6901234567892"})


def test_an_unknown_userid_is_refused(wecom: WeCom) -> None:
    sheet = Sheet(wecom)
    sheet.add_field("人", "USER", property_user={"is_multiple": True})
    webhook = webhook_of(sheet)
    webhook.add({"人": [{"user_id": "ZhangSan"}, {"user_id": "lisi"}]})
    rows = [
        {"values": {"文本": "好的"}},
        {"values": {"人": [{"user_id": "zhangsan"}, {"user_id": "nobody"}]}},
    ]
    assert webhook.send(add_records=rows)["errcode"] == 40031
    assert len(sheet.records()) == 1


def test_a_request_without_rows_is_refused(webhook: Webhook) -> None:
    bodies: list[dict[str, Any]] = [{}, {"add_records": []}, {"add_records": [], "update_records": None}]
    for body in bodies:
        assert webhook.send(body)["errcode"] == 40063


def test_an_unknown_key_answers_840001_and_is_not_recorded(
    corp: Corp, sheet: Sheet, webhook: Webhook
) -> None:
    calls = len(corp.sim("calls")["calls"])
    before = corp.sim("usage")["calls"]["by_operation"]
    good, wrong = webhook.address, ["", "?key=", "?key=nonsense", f"?key={webhook.key}x", "?key=%F0%9F%A6%8A"]
    wrong += [f"?key={sheet.wecom.token}", f"?access_token={sheet.wecom.token}"]
    for query in wrong:
        webhook.address = corp.server.base_url + PATH + query
        refused = webhook.send(add_records=[{"values": {sheet.primary: "甲"}}])
        assert (refused["errcode"], refused["add_records"]) == (840001, []), query
    webhook.address = good
    webhook.close()
    assert webhook.refusal(**{sheet.primary: "甲"}) == 840001
    assert sheet.records() == []
    mine = [call for call in corp.sim("calls")["calls"] if call["request"]["path"] == PATH]
    assert mine == []
    assert PATH not in corp.sim("usage")["calls"]["by_operation"]
    assert PATH not in before
    assert len(corp.sim("calls")["calls"]) == calls + 1, "only get_records"


def test_a_webhook_is_deleted_with_its_sub_table_or_document(sheet: Sheet) -> None:
    other = sheet.ok("add_sheet", properties={"index": 1})["properties"]["sheet_id"]
    of_other = Webhook(sheet.wecom.corp, sheet.docid, other)
    of_first = webhook_of(sheet)
    of_other.ok(add_records=[{"values": {}}])
    sheet.wecom.post("wedoc/smartsheet/delete_sheet", docid=sheet.docid, sheet_id=other)
    assert of_other.send(add_records=[{"values": {}}])["errcode"] == 840001
    of_first.ok(add_records=[{"values": {}}])
    sheet.wecom.post("wedoc/del_doc", docid=sheet.docid)
    assert of_first.send(add_records=[{"values": {}}])["errcode"] == 840001


def test_a_webhook_can_be_limited_to_trusted_addresses(corp: Corp, sheet: Sheet) -> None:
    row = {sheet.primary: "甲"}
    for trusted in (["127.0.0.1"], ["10.0.0.0/8", "127.0.0.0/8"]):
        webhook_of(sheet, trusted_ips=trusted).add(row)
    assert webhook_of(sheet, trusted_ips=["10.0.0.0/8", "nonsense"]).refusal(**row) == 840002
    newest = corp.sim("calls")["calls"][0]
    assert (newest["answer"]["errcode"], newest["agentid"]) == (840002, 0)
    assert len(sheet.records()) == 2


def test_a_webhook_needs_an_existing_sub_table(corp: Corp, sheet: Sheet) -> None:
    plain = sheet.wecom.post("wedoc/create_doc", doc_type=3, doc_name="文档")["docid"]
    fields = {"act": "member_opens_webhook", "userid": "zhangsan", "docid": sheet.docid, "sheet_id": "qXXXXX"}
    for wrong in (fields, {**fields, "docid": plain}, {**fields, "docid": "dc1"}, {**fields, "userid": "x"}):
        assert corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=wrong).status_code == 422, wrong
    unknown = {"act": "member_closes_webhook", "webhook_id": "whXXXXX"}
    assert corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=unknown).status_code == 422


def test_no_cell_causes_a_system_error(wecom: WeCom) -> None:
    kinds = ("NUMBER", "CHECKBOX", "DATE_TIME", "IMAGE", "USER", "SELECT", "LOCATION")
    sheet = Sheet(wecom, **{kind: kind for kind in kinds})
    webhook = webhook_of(sheet)
    hostile: list[Any] = [
        *("字" * 5_000, "'; --", "\x00", 0, -1, 2**63 - 1, 10**30, 1e308, True, [""], [{}], [[]], {}),
        *([{"image_base64": {}}], [{"image_base64": "字"}], [{"image_url": []}], [{"id": {}, "text": []}]),
    ]
    for value in hostile:
        for field_id in sheet.ids.values():
            reply = webhook.send(add_records=[{"values": {field_id: value}}])
            assert reply["errcode"] != -1, (field_id, value)


# --- metering --------------------------------------------------------------------------------------------


def test_a_call_is_metered_and_journalled_for_the_corp_of_the_key(
    corp: Corp, sheet: Sheet, webhook: Webhook
) -> None:
    webhook.add({sheet.primary: "甲"})
    webhook.refusal(fXXXXX="乙")
    refused, answered = corp.sim("calls")["calls"][:2]
    assert answered["request"]["query"] == f"key={webhook.key[:8]}…"
    assert (answered["agentid"], answered["answer"]["errcode"]) == (0, 0)
    assert refused["answer"]["errcode"] == 2022004
    assert "fXXXXX" in refused["detail"]
    counted = corp.sim("usage")["calls"]["by_operation"][PATH]
    assert (counted["charged"], counted["refused"]) == (1, 1)


def test_an_exceeded_budget_blocks_webhooks(corp: Corp, sheet: Sheet, webhook: Webhook) -> None:
    budget = {"amount": "0.01", "barrier": "hard"}
    corp.server.sim.put(f"/corps/{corp.corpid}/budget", json=budget).raise_for_status()
    while not corp.sim("budget")["blocked"]:
        webhook.add({sheet.primary: "甲"})
    assert webhook.refusal(**{sheet.primary: "乙"}) == 701063


# --- the follow-up records -------------------------------------------------------------------------------


def test_a_webhook_adds_follow_up_records(corp: Corp, wecom: WeCom) -> None:
    ups, follow_up_sheet = FollowUps(wecom), FollowUpSheet(wecom)
    webhook = Webhook(corp, follow_up_sheet.where["docid"], follow_up_sheet.where["sheet_id"])
    pair = ups.pair()
    lead = {
        "fTitle": "官网留资",
        "fExtId": pair["external_userid"],
        "fOwner": [{"user_id": pair["userid"]}],
        "fStage": [{"text": "已建联"}],
        "fMoney": 88.5,
    }
    (id_,) = webhook.add(lead)
    shown = ups.get(id_)
    assert (shown["title"], shown["stage_id"], shown["amount"]) == ("官网留资", "connected", 8_850)
    assert shown["creator"] == f"webhook:{webhook.id}"
    assert ups.counts()["connected"] == 1
    assert follow_up_sheet.found("fMadeU", "IS", user_value={"value": [webhook.id]}) == [id_]
    assert follow_up_sheet.ok("get_records")["records"][0]["creator_name"] == "接收外部数据"

    webhook.ok(update_records=[{"record_id": id_, "values": {"fStage": [{"text": "合作中"}]}}])
    assert ups.get(id_)["stage_id"] == "cooperating"
    of_the_app = ups.add(title="应用的")
    change = {"record_id": of_the_app, "values": {"fTitle": "改"}}
    assert webhook.send(update_records=[change])["errcode"] == 2022003
    wrong: list[tuple[dict[str, Any], int]] = [
        (lead, 40058),
        ({**ups.pair(), "fTitle": "甲"}, 2022004),
        ({"fTitle": "没有客户"}, 40063),
        ({**lead, "fStage": [{"text": "没有这一步"}]}, 2022013),
        ({**lead, "fLastT": "1768447200000"}, 2022048),
        ({**lead, "fNextT": "1000"}, 2022034),
    ]
    for row, errcode in wrong:
        assert webhook.refusal(**row) == errcode, row
