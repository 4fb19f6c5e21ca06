"""安全管理: operations of members and admins, screenshots, and what was done with files."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act, act_error, new_member
from wecom_tollbooth.families import load_families
from wecom_tollbooth.families.security_logs import api
from wecom_tollbooth.families.security_logs.recorded_acts import BY_ADMINS, BY_MEMBERS
from wecom_tollbooth.world.acts import ACTS
from wecom_tollbooth.world.clock import DAY

MEMBERS, ADMINS = "security/member_oper_log/list", "security/admin_oper_log/list"
SCREENS, FILES = "security/get_screen_oper_record", "security/get_file_oper_record"

WITHOUT_A_NUMBER = {
    "admin_buys_acquisition_quota",
    "admin_creates_moment",
    "admin_creates_tag",
    "admin_deletes_acquisition_link",
    "admin_deletes_tag",
    "admin_disables_group_robot",
    "admin_edits_tag",
    "admin_grants_document_archive",
    "admin_links_mini_program",
    "admin_opens_moments",
    "admin_sets_group_message_rule",
    "admin_sets_welcome_message",
    "admin_sets_workbench_mode",
    "admin_shuffles_tags",
    "admin_unlinks_mini_program",
}
"""Acts of admins for which page 100179 lists no detail_type, or none that certainly means them."""


@pytest.fixture
def corp(server: RunningServer) -> Corp:
    made = server.make_corp()
    for userid in ("zhangsan", "lisi"):
        new_member(made, userid)
    return made


def now(corp: Corp) -> int:
    return int(corp.sim("clock")["now"])


def asked(corp: Corp, wecom: WeCom, path: str, /, *, days: int = 1, **fields: Any) -> dict[str, Any]:
    """Of the last days; the log of operations takes no time that is still to come."""
    end = now(corp)
    return wecom.post(path, {"start_time": end - days * DAY, "end_time": end, **fields})


def records(corp: Corp, wecom: WeCom, path: str, /, **fields: Any) -> list[dict[str, Any]]:
    reply = asked(corp, wecom, path, **fields)
    assert reply["errcode"] == 0, reply
    return list(reply["record_list"])


def code(corp: Corp, wecom: WeCom, path: str, /, **fields: Any) -> int:
    return int(asked(corp, wecom, path, **fields)["errcode"])


# --- operations ------------------------------------------------------------------------------------------


def test_customers_who_are_added_and_deleted_are_in_the_log_of_members(corp: Corp, wecom: WeCom) -> None:
    added = act(corp, "member_adds_customer", userid="lisi", name="王小雨")
    pair = {"userid": "lisi", "external_userid": added["external_userid"]}
    act(corp, "member_deletes_customer", **pair)
    first, second = records(corp, wecom, MEMBERS)
    assert (first["userid"], first["oper_type"], first["detail_info"]) == ("lisi", 1, "姓名：王小雨")
    assert (second["userid"], second["oper_type"]) == ("lisi", 2)
    assert second["detail_info"] == f"账号：lisi；外部联系人：{added['external_userid']}"
    assert first["ip"].endswith(".*")


def test_operations_are_filtered_and_paged(corp: Corp, wecom: WeCom) -> None:
    for number in range(5):
        act(corp, "member_operates", userid="lisi", oper_type=4, detail_info=f"设备 {number}")
    act(corp, "member_operates", userid="zhangsan", oper_type=5, detail_info="13900000000", ip="10.0.0.*")
    assert len(records(corp, wecom, MEMBERS, oper_type=4)) == 5
    [changed] = records(corp, wecom, MEMBERS, userid="ZhangSan")
    assert (changed["oper_type"], changed["ip"]) == (5, "10.0.0.*")
    seen, cursor = [], ""
    end = now(corp)
    while True:
        span = {"start_time": end - DAY, "end_time": end}
        reply = wecom.post(MEMBERS, **span, oper_type=4, limit=2, cursor=cursor)
        seen += [one["detail_info"] for one in reply["record_list"]]
        assert reply["has_more"] == bool(reply["next_cursor"])
        cursor = reply["next_cursor"]
        if not cursor:
            break
    assert seen == [f"设备 {number}" for number in range(5)]
    assert wecom.post(MEMBERS, start_time=end - DAY, end_time=end, cursor="x")["errcode"] == 50100


def test_acts_of_admins_are_in_the_log_of_admins_and_calls_are_not(corp: Corp, wecom: WeCom) -> None:
    act(corp, "admin_creates_member", userid="xiaomei", name="小美", mobile="13912340000", department=[1])
    wecom.post("tag/create", tagname="店长")
    [created] = records(corp, wecom, ADMINS)
    assert (created["oper_type"], created["detail_type"]) == (3, 14)
    assert created["detail_info"] == "账号：xiaomei；姓名：小美；手机号：13912340000；部门：1"
    assert records(corp, wecom, ADMINS, oper_type=8) == []
    assert records(corp, wecom, ADMINS, userid=created["userid"]) == [created]


def test_every_act_of_an_admin_is_recorded_or_has_no_number() -> None:
    load_families()
    acts = {kind.name for kind in ACTS}
    assert {name for name in acts if name.startswith("admin_")} == BY_ADMINS.keys() | WITHOUT_A_NUMBER
    assert acts >= BY_MEMBERS.keys()


def test_a_refused_act_leaves_no_record(corp: Corp, wecom: WeCom) -> None:
    act_error(corp, "admin_creates_member", userid="lisi", name="李四", mobile="13912340001", department=[1])
    assert records(corp, wecom, ADMINS) == []


@pytest.mark.parametrize("operation", [MEMBERS, ADMINS])
def test_the_span_of_operations_is_bounded(corp: Corp, wecom: WeCom, operation: str) -> None:
    end = now(corp)
    for start, until in (
        (end, end),
        (end, end - 1),
        (end - 8 * DAY, end),
        (end - 181 * DAY, end - 180 * DAY),
        (end - 10, end + 3_600),
    ):
        assert wecom.post(operation, start_time=start, end_time=until)["errcode"] == 40058
    assert code(corp, wecom, operation, days=7) == 0


def test_numbers_that_the_pages_do_not_list_are_refused(corp: Corp, wecom: WeCom) -> None:
    assert code(corp, wecom, MEMBERS, oper_type=10) == 40058
    assert code(corp, wecom, ADMINS, oper_type=1) == 40058
    assert code(corp, wecom, SCREENS, screen_shot_type=7) == 40058
    assert code(corp, wecom, FILES, operation={"type": 100}) == 40058
    assert code(corp, wecom, FILES, operation={"type": 101, "source": 2**40}) == 40058
    assert "10" in act_error(corp, "member_operates", userid="lisi", oper_type=10)


def test_operations_outside_the_visible_range_are_left_out(corp: Corp) -> None:
    act(corp, "member_operates", userid="lisi", oper_type=4)
    act(corp, "member_operates", userid="zhangsan", oper_type=4)
    app = corp.client(corp.new_app(visible={"userid": ["lisi"]}))
    assert [one["userid"] for one in records(corp, app, MEMBERS)] == ["lisi"]
    assert code(corp, app, MEMBERS, userid="zhangsan") == 60011
    assert code(corp, app, MEMBERS, userid="nobody") == 60111


def test_only_apps_with_the_right_may_ask(corp: Corp) -> None:
    app = corp.client(corp.app_of_kind("self_built_unlisted"))
    assert {code(corp, app, operation) for operation in (MEMBERS, ADMINS, SCREENS, FILES)} == {48002}


def test_more_than_600_calls_a_minute_are_refused(start_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert api.OPERATIONS_A_MINUTE == 600
    monkeypatch.setattr(api, "OPERATIONS_A_MINUTE", 3)
    server = start_server(rate_limits=True)
    made = server.make_corp()
    made.server.sim.post("/clock", json={"set": "2026-12-01T09:00:00+08:00", "freeze": True})
    client = made.client()
    for operation in (MEMBERS, ADMINS):
        assert [code(made, client, operation) for _ in range(4)] == [0, 0, 0, 45009]


def test_what_an_admin_changes_of_an_app_is_in_the_log_of_admins(corp: Corp, wecom: WeCom) -> None:
    path = f"/corps/{corp.corpid}/apps/{wecom.agentid}"
    for changes in ({"enabled": False}, {"enabled": True}, {"visible": None, "name": "改名"}, {}):
        corp.server.sim.patch(path, json=changes).raise_for_status()
    found = [one for one in records(corp, wecom, ADMINS) if one["oper_type"] == 8]
    assert [one["detail_type"] for one in found] == [66, 65, 29, 28]
    assert found[-1]["detail_info"] == "应用：改名"


# --- screenshots and files -------------------------------------------------------------------------------


def test_screenshots_are_recorded_with_the_department(corp: Corp, wecom: WeCom) -> None:
    act(corp, "member_takes_screenshot", userid="lisi")
    act(
        corp, "member_takes_screenshot", userid="zhangsan", screen_shot_type=4, file="test.pdf", system="iPad"
    )
    chat, file = records(corp, wecom, SCREENS)
    assert (chat["screen_shot_content"], chat["system"], chat["department_id"]) == ("聊天", "iOS", 1)
    assert (file["screen_shot_content"], file["system"]) == ("文件（防泄露文件：test.pdf）", "iPad")
    assert records(corp, wecom, SCREENS, screen_shot_type=4) == [file]
    assert records(corp, wecom, SCREENS, userid_list=["lisi"], department_id_list=[1]) == [chat]
    assert code(corp, wecom, SCREENS, department_id_list=[99]) == 60123
    assert code(corp, wecom, SCREENS, userid_list=["nobody"]) == 60111
    assert code(corp, wecom, SCREENS, days=15) == 40058
    reply = asked(corp, wecom, SCREENS, limit=1)
    assert reply["has_more"]
    assert asked(corp, wecom, SCREENS)["has_more"] is False
    assert "next_cursor" not in asked(corp, wecom, SCREENS)


def test_a_department_outside_the_range_is_not_shown(corp: Corp) -> None:
    act(corp, "member_takes_screenshot", userid="lisi")
    app = corp.client(corp.new_app(visible={"userid": ["lisi"]}))
    [shown] = records(corp, app, SCREENS)
    assert "department_id" not in shown
    assert code(corp, app, SCREENS, department_id_list=[1]) == 60011
    assert code(corp, app, SCREENS, userid_list=["zhangsan"]) == 60011


def test_files_are_recorded_with_what_the_operation_has(corp: Corp, wecom: WeCom) -> None:
    act(corp, "person_handles_file", userid="lisi", source=401, file_info="a.jpg", file_size=4, file_md5="00")
    outside = {"type": 2, "name": "王五", "corp_name": "十分科技"}
    act(
        corp,
        "person_handles_file",
        external_user=outside,
        type=10001,
        file_info="b.jpg",
        applicant_name="张三",
    )
    act(
        corp,
        "person_handles_file",
        userid="lisi",
        type=103,
        file_info="c.jpg",
        device_type=1,
        device_code="o",
    )
    uploaded, approved, downloaded = records(corp, wecom, FILES)
    assert uploaded["operation"] == {"type": 101, "source": 401}
    assert (uploaded["userid"], uploaded["file_size"], uploaded["file_md5"]) == ("lisi", 4, "00")
    assert (approved["external_user"], approved["applicant_name"]) == (outside, "张三")
    assert "userid" not in approved
    assert (downloaded["operation"], downloaded["device_code"]) == ({"type": 103}, "o")
    assert records(corp, wecom, FILES, operation={"type": 101, "source": 401}) == [uploaded]
    assert records(corp, wecom, FILES, operation={"type": 101, "source": 402}) == []
    assert records(corp, wecom, FILES, userid_list=["zhangsan"]) == []
    app = corp.client(corp.new_app(visible={"userid": ["zhangsan"]}))
    assert records(corp, app, FILES) == []
    assert code(corp, app, FILES, userid_list=["lisi"]) == 60011
    assert code(corp, wecom, FILES, userid_list=["nobody"]) == 60111


@pytest.mark.parametrize(
    "fields",
    [
        {"file_info": "a"},
        {"userid": "lisi", "external_user": {"name": "王五"}, "file_info": "a"},
        {"userid": "lisi", "type": 100, "file_info": "a"},
        {"userid": "lisi", "type": 104, "source": 401, "file_info": "a"},
        {"userid": "lisi", "source": 400, "file_info": "a"},
        {"userid": "lisi", "file_info": "a", "applicant_name": "张三"},
        {"userid": "lisi", "file_info": "a", "device_type": 1},
        {"userid": "nobody", "file_info": "a"},
    ],
)
def test_files_that_contradict_themselves_are_refused(corp: Corp, fields: dict[str, Any]) -> None:
    assert act_error(corp, "person_handles_file", **fields)


def test_acts_of_admins_and_files_come_in_pages(corp: Corp, wecom: WeCom) -> None:
    for number in range(3):
        act(corp, "admin_creates_member", userid=f"m{number}", name="员工", email=f"m{number}@a.test")
        act(corp, "person_handles_file", userid="lisi", source=401, file_info=f"{number}.jpg")
    for operation in (ADMINS, FILES):
        first = asked(corp, wecom, operation, limit=2)
        rest = asked(corp, wecom, operation, limit=2, cursor=first["next_cursor"])
        assert (first["has_more"], rest["has_more"]) == (True, False)
        assert len(first["record_list"] + rest["record_list"]) == 3
