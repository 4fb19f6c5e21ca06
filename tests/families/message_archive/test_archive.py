"""The message archive: whom it covers, which customers agree, and what it says of groups and robots."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.contact_ways.test_scans import frozen_corp, wait
from tests.families.factories import act, act_error, new_member
from wecom_tollbooth.families.message_archive.api import PER_MINUTE
from wecom_tollbooth.world.clock import DAY

PERMIT, SINGLE = "msgaudit/get_permit_user_list", "msgaudit/check_single_agree"
ROOM, GROUP, ROBOT = "msgaudit/check_room_agree", "msgaudit/groupchat/get", "msgaudit/get_robot_info"
WELCOME = "externalcontact/send_welcome_msg"


EACH = (PERMIT, SINGLE, ROOM, GROUP, ROBOT)


def ask(
    archive: WeCom, operation: str, *, customer: str = "wm", roomid: str = "wr", robot_id: str = "wb"
) -> int:
    """The errcode of a call, by default about what doesn't exist."""
    if operation == ROBOT:
        return int(archive.get(operation, robot_id=robot_id)["errcode"])
    body = {"info": [{"userid": "zhangsan", "exteranalopenid": customer}], "roomid": roomid}
    return int(archive.post(operation, body)["errcode"])


@pytest.fixture
def corp(server: RunningServer) -> Corp:
    made = server.make_corp()
    for userid in ("zhangsan", "lisi", "wanger"):
        new_member(made, userid)
    return made


@pytest.fixture
def archive(corp: Corp) -> WeCom:
    return corp.client(corp.new_app(kind="message_archive"))


def opens(corp: Corp, **fields: Any) -> dict[str, Any]:
    return act(corp, "admin_opens_message_archive", **(fields or {"userids": ["zhangsan"]}))


def add(corp: Corp, userid: str = "zhangsan", **fields: Any) -> dict[str, Any]:
    return act(corp, "customer_adds_member", userid=userid, **fields)


def agree(corp: Corp, added: dict[str, Any]) -> dict[str, Any]:
    return act(corp, "customer_agrees_to_archive", **pair(added))


def pair(added: dict[str, Any]) -> dict[str, str]:
    return {"userid": added["userid"], "external_userid": added["external_userid"]}


def row(added: dict[str, Any]) -> dict[str, str]:
    return {"userid": added["userid"], "exteranalopenid": added["external_userid"]}


def send(corp: Corp, code: str) -> int:
    return int(corp.client().post(WELCOME, welcome_code=code, text={"content": "欢迎"})["errcode"])


def approvals(corp: Corp) -> list[dict[str, Any]]:
    raised = corp.sim("callbacks", limit=100)["callbacks"]
    return [one for one in raised if "msg_audit_approved" in str(one)]


# --- whom it covers --------------------------------------------------------------------------------------


def test_departments_and_tags_are_resolved_and_members_beyond_the_seats_left_out(
    corp: Corp, archive: WeCom
) -> None:
    sync = corp.client(corp.app_of_kind("contacts_sync"))
    assert sync.post("department/create", name="茶", parentid=1, id=7)["errcode"] == 0
    new_member(corp, "tea", department=7)
    tagid = act(corp, "admin_creates_member_tag", name="茶师", userid=["wanger"], partyid=[7])["tagid"]
    opens(corp, edition=1, userids=["ZhangSan"], partyids=[7])
    opens(corp, edition=2, tagids=[tagid])
    opens(corp, edition=3, userids=["lisi", "wanger"], seats=1)
    assert archive.post(PERMIT, type=1)["ids"] == ["zhangsan", "tea"]
    assert archive.post(PERMIT, type=2)["ids"] == ["tea", "wanger"]
    assert archive.post(PERMIT, type=3)["ids"] == ["lisi"]
    assert archive.post(PERMIT, {})["ids"] == ["zhangsan", "tea", "wanger", "lisi"]
    assert archive.post(PERMIT, type=4)["errcode"] == 40058


def test_who_leaves_the_corp_is_no_longer_covered_and_gives_up_a_seat(corp: Corp, archive: WeCom) -> None:
    opens(corp, userids=["zhangsan", "lisi"], seats=1)
    act(corp, "member_leaves_corp", userid="zhangsan")
    assert archive.post(PERMIT, {})["ids"] == ["lisi"]


@pytest.mark.parametrize("operation", EACH)
def test_every_operation_needs_the_archive_and_its_secret(corp: Corp, archive: WeCom, operation: str) -> None:
    assert ask(archive, operation) == 301053
    opens(corp)
    assert ask(archive, operation) in (0, 93019, 301059, 301060, 301061)
    assert ask(corp.client(), operation) == 48002
    act(corp, "admin_closes_message_archive", edition=2)
    assert ask(archive, operation) == 301053


def test_the_archives_secret_calls_nothing_of_customers(archive: WeCom) -> None:
    assert archive.get("externalcontact/list", userid="zhangsan")["errcode"] == 48002


def test_an_expired_archive_answers_301052(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    archive = corp.client(corp.new_app(kind="message_archive"))
    opens(corp, userids=["zhangsan"], days=1)
    assert archive.post(PERMIT, {})["errcode"] == 0
    wait(corp, DAY - 1)
    archive = corp.client(corp.new_app(kind="message_archive"))
    assert archive.post(PERMIT, {})["errcode"] == 0
    wait(corp, 1)
    assert {operation: ask(archive, operation) for operation in EACH} == dict.fromkeys(EACH, 301052)
    opens(corp, userids=["zhangsan"], edition=3, days=2)
    assert archive.post(PERMIT, {})["ids"] == ["zhangsan"]


def test_an_address_that_the_archive_does_not_trust_answers_301042(start_server: Any) -> None:
    corp = start_server(trusted_ips=True).make_corp()
    app = corp.new_app(kind="message_archive", trusted_ips=["203.0.113.7"])
    archive = corp.client(app)
    assert {operation: ask(archive, operation) for operation in EACH} == dict.fromkeys(EACH, 301042)


def test_too_many_calls_in_a_minute_answer_45009(
    corp: Corp, archive: WeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens(corp)
    assert sorted(PER_MINUTE.values()) == [600, 1000, 1500, 2000, 2500]
    customer = add(corp)["external_userid"]
    customers = act(corp, "member_creates_group", userid="zhangsan", people=[customer])["chat_id"]
    members = corp.client().post("appchat/create", owner="zhangsan", userlist=["zhangsan", "lisi"])["chatid"]
    robot = act(corp, "member_adds_group_robot", userid="zhangsan", members=["lisi"], name="天气")
    for operation in EACH:
        monkeypatch.setitem(PER_MINUTE, f"/cgi-bin/{operation}", 1)
        room = members if operation == GROUP else customers
        about = {"customer": customer, "roomid": room, "robot_id": robot["robot_id"]}
        assert 45009 in [ask(archive, operation, **about) for _ in range(4)]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "empty"),
        ({"userids": ["nobody"]}, "nobody"),
        ({"partyids": [99]}, "department 99"),
        ({"tagids": [99]}, "member tag 99"),
    ],
)
def test_a_range_of_unknown_people_is_refused(corp: Corp, fields: dict[str, Any], error: str) -> None:
    assert error in act_error(corp, "admin_opens_message_archive", **fields)


# --- consent ---------------------------------------------------------------------------------------------


def test_consent_is_kept_for_each_conversation(corp: Corp, archive: WeCom) -> None:
    opens(corp, userids=["zhangsan", "lisi"])
    added = add(corp)
    same = add(corp, "lisi", external_userid=added["external_userid"])
    agree(corp, added)
    rows = archive.post(SINGLE, info=[row(same), row(added)])["agreeinfo"]
    assert [list(one) for one in rows] == [
        ["status_change_time", "userid", "exteranalopenid", "agree_status"]
    ] * 2
    assert [(one["userid"], one["agree_status"]) for one in rows] == [
        ("lisi", "Disagree"),
        ("zhangsan", "Agree"),
    ]
    assert rows[0]["status_change_time"] == 0 < rows[1]["status_change_time"]
    act(corp, "customer_refuses_archive", **pair(added))
    (again,) = archive.post(SINGLE, info=[row(added)])["agreeinfo"]
    assert again["agree_status"] == "Disagree"
    assert again["status_change_time"] > 0


def test_unknown_people_and_over_100_rows_are_refused(corp: Corp, archive: WeCom) -> None:
    opens(corp)
    added = row(add(corp))
    assert archive.post(SINGLE, info=[added] * 100)["errcode"] == 0
    assert archive.post(SINGLE, info=[added] * 101)["errcode"] == 301060
    assert archive.post(SINGLE, info=[{**added, "userid": "nobody"}])["errcode"] == 301061
    assert archive.post(SINGLE, info=[added, {**added, "exteranalopenid": "wm"}])["errcode"] == 301061
    assert archive.post(SINGLE, info=[])["errcode"] == 40058
    assert archive.post(SINGLE, info=[{"userid": "zhangsan"}])["errcode"] == 40058


def test_the_people_of_a_group_agree_in_it(corp: Corp, archive: WeCom) -> None:
    opens(corp, userids=["lisi"])
    people = [add(corp)["external_userid"] for _ in range(2)]
    chat_id = act(corp, "member_creates_group", userid="zhangsan", people=["lisi", *people])["chat_id"]
    act(corp, "customer_agrees_to_archive", chat_id=chat_id, external_userid=people[1])
    rows = archive.post(ROOM, roomid=chat_id)["agreeinfo"]
    assert [(one["exteranalopenid"], one["agree_status"]) for one in rows] == [
        (people[0], "Disagree"),
        (people[1], "Agree"),
    ]
    assert list(rows[0]) == ["status_change_time", "exteranalopenid", "agree_status"]
    assert approvals(corp) == [], "the event has a member, and no group"
    act(corp, "leave_group", chat_id=chat_id, people=[people[0]])
    assert len(archive.post(ROOM, roomid=chat_id)["agreeinfo"]) == 1
    act(corp, "dismiss_group", chat_id=chat_id)
    assert archive.post(ROOM, roomid=chat_id)["errcode"] == 301061


@pytest.mark.parametrize("opened", [{"edition": 1, "userids": ["zhangsan"]}, {"userids": ["lisi"]}])
def test_nobody_is_asked_where_nothing_is_archived(corp: Corp, opened: dict[str, Any]) -> None:
    opens(corp, **opened)
    added = add(corp)
    assert "not archived" in act_error(corp, "customer_agrees_to_archive", **pair(added))
    assert send(corp, added["welcome_code"]) == 0


def test_a_decision_is_refused_without_a_conversation_or_twice(corp: Corp) -> None:
    opens(corp)
    added = add(corp)
    who = added["external_userid"]
    assert "give userid or chat_id" in act_error(corp, "customer_agrees_to_archive", external_userid=who)
    agree(corp, added)
    assert "agreed already" in act_error(corp, "customer_agrees_to_archive", **pair(added))
    chat_id = act(corp, "member_creates_group", userid="lisi")["chat_id"]
    decides = {"chat_id": chat_id, "external_userid": who}
    assert "not in the group" in act_error(corp, "customer_refuses_archive", **decides)
    act(corp, "join_group", **decides)
    assert "archive's range" in act_error(corp, "customer_refuses_archive", **decides)
    member = {"chat_id": chat_id, "external_userid": "lisi"}
    assert "isn't asked" in act_error(corp, "customer_refuses_archive", **member)
    act(corp, "customer_deletes_member", **pair(added))
    assert "has deleted" in act_error(corp, "customer_refuses_archive", **pair(added))


# --- the event and welcome messages ----------------------------------------------------------------------


def test_consent_brings_a_welcome_code_and_before_it_41053_is_answered(corp: Corp) -> None:
    opens(corp)
    added = add(corp)
    assert send(corp, added["welcome_code"]) == 41053
    agreed = agree(corp, added)
    first = next(one for one in approvals(corp) if one["agentid"] == corp.apps[0]["agentid"])
    code = f"<WelcomeCode><![CDATA[{agreed['welcome_code']}]]></WelcomeCode>"
    assert f"<ExternalUserID><![CDATA[{added['external_userid']}]]></ExternalUserID>{code}" in first["xml"]
    assert agreed["welcome_code"] != added["welcome_code"]
    assert send(corp, agreed["welcome_code"]) == 0
    assert send(corp, added["welcome_code"]) == 41051


def test_who_was_greeted_or_has_talked_brings_no_code(corp: Corp) -> None:
    greeted, talked, of_wecom, admins = (add(corp), add(corp), add(corp, type=2), add(corp, "lisi"))
    assert send(corp, greeted["welcome_code"]) == 0
    act(corp, "customer_sends_message", **pair(talked))
    act(corp, "admin_sets_welcome_message", userid="lisi", text="欢迎")
    opens(corp, userids=["zhangsan", "lisi"])
    for added in (greeted, talked, of_wecom, admins):
        assert "welcome_code" not in agree(corp, added)
    assert "WelcomeCode" not in str(approvals(corp))


# --- groups of members and robots ------------------------------------------------------------------------


def test_a_group_of_members_with_the_times_of_joining(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    new_member(corp, "wanger")
    archive = corp.client(corp.new_app(kind="message_archive"))
    opens(corp, userids=["zhangsan"])
    wecom = corp.client()
    made = wecom.post("appchat/create", name="茶", owner="zhangsan", userlist=["zhangsan", "lisi"])
    wait(corp, 300)
    wecom.post("appchat/update", chatid=made["chatid"], add_user_list=["wanger"])
    group = archive.post(GROUP, roomid=made["chatid"])
    assert group.keys() == {
        "errcode",
        "errmsg",
        "roomname",
        "creator",
        "room_create_time",
        "notice",
        "members",
    }
    assert (group["roomname"], group["creator"], group["notice"]) == ("茶", "zhangsan", "")
    times = {one["memberid"]: one["jointime"] - group["room_create_time"] for one in group["members"]}
    assert list(times) == ["zhangsan", "lisi", "wanger"]
    assert times == {"zhangsan": 0, "lisi": 0, "wanger": 300}
    act(corp, "member_changes_chat_notice", chatid=made["chatid"], notice="周五试茶")
    assert archive.post(GROUP, roomid=made["chatid"])["notice"] == "周五试茶"
    assert "no group of members" in act_error(corp, "member_changes_chat_notice", chatid="x", notice="")
    assert archive.post(ROOM, roomid=made["chatid"])["agreeinfo"] == []


def test_a_customer_group_is_no_group_of_members(corp: Corp, archive: WeCom) -> None:
    opens(corp)
    chat_id = act(corp, "member_creates_group", userid="zhangsan")["chat_id"]
    assert archive.post(GROUP, roomid=chat_id)["errcode"] == 301059
    assert archive.post(GROUP, {})["errcode"] == 40058


def test_a_robot_and_an_unknown_one(corp: Corp, archive: WeCom) -> None:
    assert archive.get(ROBOT, robot_id="wb")["errcode"] == 301053
    opens(corp)
    made = act(corp, "member_adds_group_robot", userid="zhangsan", members=["lisi"], name="天气")
    assert archive.get(ROBOT, robot_id=made["robot_id"])["data"] == {
        "robot_id": made["robot_id"],
        "name": "天气",
        "creator_userid": "zhangsan",
    }
    assert archive.get(ROBOT, robot_id="wb")["errcode"] == 93019
    assert archive.get(ROBOT)["errcode"] == 93019


def test_refused_calls_count_toward_the_minute(
    corp: Corp, archive: WeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens(corp)
    monkeypatch.setitem(PER_MINUTE, f"/cgi-bin/{GROUP}", 1)
    codes = [ask(archive, GROUP, roomid="unknown") for _ in range(4)]
    assert codes[0] not in (0, 45009)
    assert 45009 in codes
