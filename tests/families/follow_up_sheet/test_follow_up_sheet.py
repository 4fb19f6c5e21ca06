"""The follow-up records as a smart sheet: changes on either side show on the other at once."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.clients.test_wecom_smartsheet import client_of
from tests.conftest import Corp, WeCom
from tests.families.follow_ups.records import FollowUps, FollowUpSheet
from tests.families.sheets import text
from tests.project.markdown import DOCS, named, rows

PAGES = [DOCS / "follow-ups.md", DOCS / "follow-ups.zh-CN.md"]


@pytest.fixture
def follow_ups(wecom: WeCom) -> FollowUps:
    return FollowUps(wecom)


@pytest.fixture
def sheet(wecom: WeCom) -> FollowUpSheet:
    return FollowUpSheet(wecom)


def test_a_corp_has_one_sheet_of_follow_ups_that_every_listed_app_reads(
    corp: Corp, sheet: FollowUpSheet
) -> None:
    assert FollowUpSheet(corp.client(corp.apps[1])).where == sheet.where
    titles = [field["field_title"] for field in sheet.ok("get_fields")["fields"]]
    assert titles[:8] == [
        *("客户名称", "external_userid", "销售对接人", "最新进度"),
        *("优先级", "金额", "下次跟进", "最近跟进"),
    ]


def test_a_follow_up_record_is_a_row_of_the_sheet(follow_ups: FollowUps, sheet: FollowUpSheet) -> None:
    pair = follow_ups.pair()
    next_time = follow_ups.now + 86_400
    id_ = str(
        follow_ups.ok(
            "add", **pair, title="人民广场店", amount=268_050, priority=2, source="扫码", next_time=next_time
        )["follow_up_id"]
    )
    values = sheet.rows()[id_]
    assert values["客户名称"] == text("人民广场店")
    assert values["external_userid"] == text(pair["external_userid"])
    assert values["销售对接人"] == [{"user_id": pair["userid"], "id_type": 1}]
    assert [option["text"] for option in values["最新进度"]] == ["未触达"]
    assert [option["text"] for option in values["优先级"]] == ["中"]
    assert values["金额"] == 2680.5
    assert values["下次跟进"] == str(next_time * 1000)
    assert "最近跟进" not in values
    follow_ups.ok("add_log", follow_up_id=id_, kind="call", text="电话沟通")
    assert "最近跟进" in sheet.rows()[id_]
    follow_ups.ok("move", follow_up_id=id_, stage_id="connected")
    assert [option["text"] for option in sheet.rows()[id_]["最新进度"]] == ["已建联"]


def test_a_row_added_in_the_sheet_has_counters_and_history(
    follow_ups: FollowUps, sheet: FollowUpSheet
) -> None:
    pair = follow_ups.pair()
    row = {
        "客户名称": text("徐家汇店"),
        "external_userid": text(pair["external_userid"]),
        "销售对接人": [{"user_id": pair["userid"]}],
        "最新进度": [{"text": "已建联"}],
        "金额": 12.34,
    }
    (made,) = sheet.ok("add_records", records=[{"values": row}])["records"]
    id_ = made["record_id"]
    shown = follow_ups.get(id_)
    assert (shown["title"], shown["stage_id"], shown["amount"]) == ("徐家汇店", "connected", 1_234)
    assert follow_ups.counts()["connected"] == 1
    assert sheet.change(id_, 最新进度=[{"text": "合作中"}], 优先级=[{"text": "高"}])["errcode"] == 0
    shown = follow_ups.get(id_)
    assert (shown["stage_id"], shown["priority"], shown["close_reason"]) == ("cooperating", 3, "won")
    assert follow_ups.counts() == {"untouched": 0, "connected": 0, "cooperating": 1, "ended": 0}
    sheet.ok("delete_records", record_ids=[id_])
    assert follow_ups.call("get", follow_up_id=id_)["errcode"] == 990001
    assert sheet.ok("get_records")["total"] == 0


def test_refused_changes_answer_errcodes_of_smart_sheets(follow_ups: FollowUps, sheet: FollowUpSheet) -> None:
    id_ = follow_ups.add("zhangsan", title="甲")
    other = follow_ups.pair("lisi")
    wrong: list[tuple[dict[str, Any], int]] = [
        ({"external_userid": text(other["external_userid"])}, 2022048),
        ({"销售对接人": [{"user_id": "lisi"}]}, 2022048),
        ({"销售对接人": [{"agentid": 1000002}]}, 2022048),
        ({"销售对接人": []}, 2022048),
        ({"最近跟进": str(follow_ups.now * 1000)}, 2022048),
        ({"下次跟进": str((follow_ups.now - 60) * 1000)}, 2022034),
        ({"最新进度": [{"text": "没有这一步"}]}, 40058),
        ({"最新进度": []}, 40058),
        ({"客户名称": []}, 40058),
        ({"客户名称": text("长" * 65)}, 40058),
        ({"金额": 0.001}, 40058),
        ({"没有": 1}, 2022004),
    ]
    for values, errcode in wrong:
        assert sheet.change(id_, **values)["errcode"] == errcode, values
    assert sheet.change(id_, 金额=0.001)["errmsg"].startswith("fMoney invalid")
    assert sheet.change(id_, 客户名称=text("长" * 65))["errmsg"].startswith("fTitle exceed max utf8 words 64")
    assert sheet.change("fu0000000000000000", 金额=1)["errcode"] == 2022003
    assert sheet.change(id_, 销售对接人=[{"user_id": "ZhangSan"}])["errcode"] == 0, "as userids compare"
    row = {"external_userid": text(other["external_userid"]), "销售对接人": [{"user_id": "lisi"}]}
    stranger = {**row, "销售对接人": [{"agentid": 1000002}]}
    assert sheet.call("add_records", records=[{"values": stranger}])["errcode"] == 40058
    lacking = {"客户名称": text("乙")}
    assert sheet.call("add_records", records=[{"values": lacking}])["errcode"] == 40063
    sheet.ok("add_records", records=[{"values": row}])
    again = sheet.call("add_records", records=[{"values": row}])
    assert again["errcode"] == 40058
    assert not again["errmsg"].startswith("invalid parameter"), "it says what is wrong"
    new_field = [{"field_title": "列", "field_type": "FIELD_TYPE_TEXT"}]
    assert sheet.call("add_fields", fields=new_field)["errcode"] == 2022048
    assert sheet.call("delete_sheet")["errcode"] == 2022048
    assert follow_ups.get(id_)["title"] == "甲"


def test_an_amount_with_a_binary_rounding_error_is_accepted(
    follow_ups: FollowUps, sheet: FollowUpSheet
) -> None:
    id_ = follow_ups.add(title="甲")
    assert sheet.change(id_, 金额=0.1 + 0.2)["errcode"] == 0
    assert follow_ups.get(id_)["amount"] == 30
    for wrong in (0.301, -0.01, 10**13 + 1):
        assert sheet.change(id_, 金额=wrong)["errcode"] == 40058
    assert sheet.rows()[id_]["金额"] == 0.3


def test_filters_and_sorts_find_records(follow_ups: FollowUps, sheet: FollowUpSheet) -> None:
    day = 86_400
    a = follow_ups.add(title="甲店", amount=100, priority=1, next_time=follow_ups.now + 3_600)
    b = follow_ups.add(title="乙店", amount=300, stage_id="connected")
    c = follow_ups.add(title="丙铺", amount=200, priority=3, next_time=follow_ups.now + 9 * day)
    assert sheet.found("fTitle", "CONTAINS", string_value={"value": ["店"]}) == [a, b]
    assert sheet.found("fStage", "IS", string_value={"value": ["未触达"]}) == [a, c]
    assert sheet.found("fStage", "IS_NOT", string_value={"value": ["untouched"]}) == [b]
    assert sheet.found("fPrior", "IS_EMPTY") == [b]
    assert sheet.found("fMoney", "IS_GREATER", number_value={"value": 1}) == [b, c]
    assert sheet.found("fMoney", "IS", number_value={"value": 3}) == [b]
    within = {"type": "DATE_TIME_TYPE_THE_NEXT_7_DAYS"}
    assert sheet.found("fNextT", "IS", date_time_value=within) == [a]
    owner = follow_ups.get(a)["userid"]
    same = [one for one in (a, b, c) if follow_ups.get(one)["userid"] == owner]
    assert sheet.found("fOwner", "IS", user_value={"value": [owner]}) == same
    agent = str(follow_ups.wecom.agentid)
    assert sheet.found("fMadeU", "IS", user_value={"value": [agent]}) == [a, b, c]
    assert list(sheet.rows(sort=[{"field_title": "金额", "desc": True}])) == [b, c, a]
    assert list(sheet.rows(sort=[{"field_title": "优先级", "desc": True}])) == [c, a, b]
    page = sheet.ok("get_records", offset=1, limit=1)
    assert [one["record_id"] for one in page["records"]] == [b]
    assert (page["total"], page["has_more"], page["next"]) == (3, True, 2)


def test_the_corps_own_fields_are_columns(follow_ups: FollowUps, sheet: FollowUpSheet) -> None:
    shown = follow_ups.ok("get_pipeline")
    fields = [
        {"field_id": "shop", "name": "门店", "type": "text"},
        {"field_id": "size", "name": "杯型", "type": "select", "options": ["中杯", "大杯"]},
        {"field_id": "since", "name": "开业", "type": "date"},
        {"field_id": "cups", "name": "杯数", "type": "number"},
        {"field_id": "vip", "name": "会员", "type": "bool"},
    ]
    follow_ups.ok("set_pipeline", stages=shown["stages"], fields=fields)
    custom = {"shop": "静安店", "size": "大杯", "since": 1_700_000_000, "cups": 12, "vip": True}
    a = follow_ups.add(title="甲", custom=custom)
    b = follow_ups.add(title="乙")
    values = sheet.rows()[a]
    assert values["门店"] == text("静安店")
    assert values["杯型"][0]["text"] == "大杯"
    assert (values["开业"], values["杯数"], values["会员"]) == ("1700000000000", 12, True)
    assert sheet.found("fc_shop", "IS", string_value={"value": ["静安店"]}) == [a]
    assert sheet.found("fc_size", "IS", string_value={"value": ["大杯"]}) == [a]
    assert sheet.found("fc_cups", "IS_LESS", number_value={"value": 20}) == [a]
    assert sheet.found("fc_vip", "IS", bool_value={"value": False}) == [b]
    when = {"type": "DATE_TIME_TYPE_DETAIL_DATE", "value": ["1700000000000"]}
    assert sheet.found("fc_since", "IS", date_time_value=when) == [a]
    assert sheet.change(b, 门店=text("外滩店"), 杯型=[{"text": "中杯"}], 会员=False)["errcode"] == 0
    assert follow_ups.get(b)["custom"] == {"shop": "外滩店", "size": "中杯", "vip": False}
    assert sheet.change(b, 杯型=[{"text": "超大杯"}])["errcode"] == 40058


def test_removed_stages_and_fields_disappear_from_the_sheet(
    follow_ups: FollowUps, sheet: FollowUpSheet
) -> None:
    shown = follow_ups.ok("get_pipeline")
    size = {"field_id": "size", "name": "杯型", "type": "select"}
    cups = {"field_id": "cups", "name": "杯数", "type": "number"}
    fields = [{**size, "options": ["中杯", "大杯"]}, cups]
    follow_ups.ok("set_pipeline", stages=shown["stages"], fields=fields)
    a = follow_ups.add(title="甲", custom={"size": "大杯", "cups": 3})
    b = follow_ups.add(title="乙", custom={"size": "中杯"})
    children = [{"field_id": "fc_cups"}, {"field_id": "fTitle"}]
    group = sheet.ok("add_field_group", name="组", children=children)["field_group"]
    left = [{**size, "options": ["中杯"]}]
    follow_ups.ok("set_pipeline", stages=shown["stages"], fields=left)
    rows = sheet.rows()
    assert ("杯型" in rows[a], rows[b]["杯型"][0]["text"]) == (False, "中杯")
    assert (sheet.found("fc_size", "IS_EMPTY"), sheet.found("fc_size", "IS_NOT_EMPTY")) == ([a], [b])
    assert sheet.found("fc_size", "IS", string_value={"value": ["大杯"]}) == []
    assert list(sheet.rows(sort=[{"field_title": "杯型"}])) == [b, a]
    (listed,) = sheet.ok("get_field_groups")["field_groups"]
    assert listed == {**group, "children": [{"field_id": "fTitle"}]}
    written = sheet.ok("update_field_group", **listed)["field_group"]
    assert written == listed


def test_a_cleared_field_of_the_corp_is_found_as_empty(follow_ups: FollowUps, sheet: FollowUpSheet) -> None:
    shown = follow_ups.ok("get_pipeline")
    kinds = {"n": "number", "d": "date", "b": "bool", "t": "text", "s": "select"}
    options = {"select": {"options": ["高", "低"]}}
    fields = [
        {"field_id": id_, "name": kind, "type": kind, **options.get(kind, {})} for id_, kind in kinds.items()
    ]
    follow_ups.ok("set_pipeline", stages=shown["stages"], fields=fields)
    custom = {"n": 3, "d": 1_700_000_000, "b": True, "t": "字", "s": "高"}
    a, b = (follow_ups.add(title=title, custom=custom) for title in ("甲", "乙"))
    assert sheet.change(a, **dict.fromkeys(kinds.values(), ""))["errcode"] == 0
    assert not set(kinds.values()) & set(sheet.rows()[a])
    for id_ in kinds:
        assert sheet.found(f"fc_{id_}", "IS_EMPTY") == [a], id_
        assert sheet.found(f"fc_{id_}", "IS_NOT_EMPTY") == [b], id_
    assert sheet.found("fc_n", "IS_GREATER", number_value={"value": 1}) == [b]
    assert sheet.found("fc_n", "IS_NOT", number_value={"value": 3}) == [a]
    assert list(sheet.rows(sort=[{"field_title": "number"}])) == [b, a]


def test_the_version_rises_with_changes_on_either_side(follow_ups: FollowUps, sheet: FollowUpSheet) -> None:
    before = sheet.ok("get_records")["ver"]
    id_ = follow_ups.add(title="甲")
    between = sheet.ok("get_records")["ver"]
    sheet.change(id_, 金额=1)
    assert before < between < sheet.ok("get_records")["ver"]


def test_an_app_sees_only_the_follow_ups_in_its_visible_range(corp: Corp, follow_ups: FollowUps) -> None:
    of_zhangsan = follow_ups.add("zhangsan", title="甲")
    of_lisi = follow_ups.add("lisi", title="乙")
    app = corp.new_app(kind="self_built", visible={"userid": ["zhangsan"], "partyid": []})
    sheet = FollowUpSheet(corp.client(app))
    assert list(sheet.rows()) == [of_zhangsan]
    assert sheet.ok("get_records")["total"] == 1
    assert sheet.change(of_lisi, 金额=1)["errcode"] == 2022003
    assert sheet.call("delete_records", record_ids=[of_lisi])["errcode"] == 2022003


def test_the_sdk_of_smart_sheets_works_with_follow_ups(
    corp: Corp, follow_ups: FollowUps, sheet: FollowUpSheet
) -> None:
    client = client_of(corp)
    pair = follow_ups.pair()
    row = {
        "客户名称": text("SDK"),
        "external_userid": text(pair["external_userid"]),
        "销售对接人": [{"user_id": pair["userid"], "id_type": 1}],
    }
    made = client.add_records(**sheet.where, records={"values": row})
    id_ = made["records"][0]["record_id"]
    client.update_records(
        **sheet.where, records={"record_id": id_, "values": {"最新进度": [{"text": "合作中"}]}}
    )
    assert follow_ups.get(id_)["stage_id"] == "cooperating"
    assert [one["record_id"] for one in client.fetch_records(**sheet.where, page_size=1)] == [id_]
    client.delete_records(**sheet.where, record_ids=id_)
    assert client.fetch_records(**sheet.where) == []


# --- documentation pages ---------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_examples_of_the_page_work(follow_ups: FollowUps, sheet: FollowUpSheet, page: Path) -> None:
    pair = follow_ups.pair("zhangsan")
    stands_for = {
        **{"DOCID": sheet.where["docid"], "SHEETID": sheet.where["sheet_id"]},
        "wmqfasd1e19278asdasAAAA": pair["external_userid"],
    }
    examples = re.findall(
        r"^`(\w+_records)`[^\n]*\n\n```json\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL
    )
    assert [name for name, _ in examples] == ["add_records", "update_records", "get_records"]
    for name, example in examples:
        for written, real in stands_for.items():
            example = example.replace(written, real)
        (record,) = sheet.ok(name, **json.loads(example))["records"]
        stands_for["fu9e3779b97f4a7c15"] = record["record_id"]
    assert follow_ups.get(record["record_id"])["stage_id"] == "connected"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_page_shows_each_column(sheet: FollowUpSheet, page: Path) -> None:
    listed = [row[:3] for row in rows(page) if len(row) == 5 and row[1].startswith("`f")]
    assert listed == [
        [field["field_title"], f"`{field['field_id']}`", f"`{field['field_type']}`"]
        for field in sheet.ok("get_fields")["fields"]
    ]
