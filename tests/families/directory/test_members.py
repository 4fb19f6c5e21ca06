"""通讯录 → 成员管理: reading and listing members."""

from collections.abc import Iterator

import pytest
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import WeChatClientException

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.directory.members import EXTATTR, PROFILE, member_ids, new_member
from wecom_tollbooth.families.directory.tables import MemberDepartment

# --- user/get


def test_a_member_is_shown_with_the_documented_fields_except_private_ones(wecom: WeCom) -> None:
    reply = wecom.get("user/get", userid="zhangsan")
    name = reply.pop("name")
    assert name
    assert reply == {
        "errcode": 0,
        "errmsg": "ok",
        "userid": "zhangsan",
        "department": [2],
        "order": [0],
        "position": "",
        "is_leader_in_dept": [0],
        "direct_leader": [],
        "telephone": "",
        "alias": "",
        "main_department": 2,
        "extattr": {"attrs": []},
        "status": 1,
    }


def test_userids_are_case_insensitive(wecom: WeCom) -> None:
    assert wecom.get("user/get", userid="ZhangSan")["userid"] == "zhangsan"


def test_an_unknown_member_answers_60111_and_a_missing_userid_41009(wecom: WeCom) -> None:
    reply = wecom.get("user/get", userid="nobody")
    assert reply["errcode"] == 60111
    assert reply["errmsg"].startswith("userid not found, hint: [")
    assert (reply["department"], reply["order"]) == ([], [])
    assert wecom.get("user/get")["errcode"] == 41009
    assert wecom.get("user/get", userid="")["errcode"] == 41009
    assert wecom.get("user/get", userid="a" * 65)["errcode"] == 40058


def test_a_member_of_another_corp_is_unknown(server: RunningServer, wecom: WeCom) -> None:
    other = server.make_corp(seed="empty")
    assert other.client().get("user/get", userid="admin")["errcode"] == 0
    assert wecom.get("user/get", userid="admin")["errcode"] == 60111


def test_the_sync_secret_may_not_read_details(sync: WeCom) -> None:
    for operation, params in (
        ("user/get", {"userid": "zhangsan"}),
        ("user/simplelist", {"department_id": 2}),
        ("user/list", {"department_id": 2}),
    ):
        reply = sync.get(operation, **params)
        assert reply["errcode"] == 48009, operation
        assert reply["errmsg"].startswith("api forbidden for contact assistant")


def test_an_app_sees_only_members_in_its_visible_range(corp: Corp, sync: WeCom) -> None:
    new_member(sync, "guest", department=[2, 3], main_department=3, direct_leader=["lisi"])
    narrow = corp.client(corp.new_app(visible={"userid": ["wangwu"], "partyid": [2]}))
    assert narrow.get("user/get", userid="zhangsan")["errcode"] == 0
    assert narrow.get("user/get", userid="wangwu")["errcode"] == 0
    assert narrow.get("user/get", userid="lisi")["errcode"] == 60011
    assert narrow.get("user/get", userid="nobody")["errcode"] == 60111
    guest = narrow.get("user/get", userid="guest")
    assert (guest["department"], guest["direct_leader"]) == ([2], [])
    assert "main_department" not in guest
    wide = corp.client().get("user/get", userid="guest")
    assert (wide["department"], wide["direct_leader"], wide["main_department"]) == ([2, 3], ["lisi"], 3)


# --- user/simplelist, user/list


def test_members_of_a_department_are_sorted_by_order_then_creation(corp: Corp, sync: WeCom) -> None:
    new_member(sync, "b", department=[2, 3], order=[5, 0])
    new_member(sync, "a", department=[2], order=[5])
    new_member(sync, "c", department=[2], order=[9])
    reply = corp.client().get("user/simplelist", department_id=2)
    assert reply["userlist"][0]["userid"] == "c"
    assert set(member_ids(corp.client(), 2)[1:3]) == {"a", "b"}
    assert member_ids(corp.client(), 2)[3] == "zhangsan"
    assert next(member for member in reply["userlist"] if member["userid"] == "b") == {
        "userid": "b",
        "name": "b",
        "department": [2, 3],
    }


def test_user_list_shows_what_user_get_shows(corp: Corp, sync: WeCom) -> None:
    new_member(
        sync, "a", department=[3, 2], extattr=EXTATTR, direct_leader=["zhangsan"], external_profile=PROFILE
    )
    shown = corp.client().get("user/get", userid="a")
    del shown["errcode"], shown["errmsg"]
    (member,) = (
        member
        for member in corp.client().get("user/list", department_id=2)["userlist"]
        if member["userid"] == "a"
    )
    assert member == shown


def test_fetch_child_adds_departments_below_and_lists_each_member_once(corp: Corp, sync: WeCom) -> None:
    wecom = corp.client()
    assert member_ids(wecom, 1) == []
    new_member(sync, "both", department=[2, 3])
    everyone = member_ids(wecom, 1, fetch_child=1)
    assert sorted(everyone) == ["both", "lisi", "sunqi", "wangwu", "zhangsan", "zhaoliu"]
    assert member_ids(wecom, 1, fetch_child=0) == []
    below = {
        member["userid"] for member in wecom.get("user/list", department_id=1, fetch_child=1)["userlist"]
    }
    assert below == set(everyone)


def test_the_lists_refuse_unknown_invisible_and_missing_departments(
    corp: Corp, server: RunningServer
) -> None:
    narrow = corp.client(corp.new_app(visible={"userid": ["lisi"], "partyid": [2]}))
    for operation in ("user/simplelist", "user/list"):
        assert narrow.get(operation, department_id=2)["errcode"] == 0
        assert narrow.get(operation, department_id=3)["errcode"] == 60011
        assert narrow.get(operation, department_id=1, fetch_child=1)["errcode"] == 60011
        assert narrow.get(operation, department_id=99)["errcode"] == 60123
        assert narrow.get(operation, department_id=10**30)["errcode"] == 40058
        assert narrow.get(operation, department_id="x")["errcode"] == 60123
        reply = narrow.get(operation)
        assert (reply["errcode"], reply["userlist"]) == (60123, [])


# --- user/list_id


def pages(sync: WeCom, limit: int) -> Iterator[list[tuple[str, int]]]:
    cursor = ""
    while True:
        reply = sync.post("user/list_id", cursor=cursor, limit=limit)
        assert reply["errcode"] == 0, reply
        yield [(row["userid"], row["department"]) for row in reply["dept_user"]]
        cursor = reply["next_cursor"]
        if not cursor:
            return


def test_list_id_lists_every_assignment_once_for_any_page_size(sync: WeCom) -> None:
    new_member(sync, "both", department=[3, 2])
    (whole,) = pages(sync, 10_000)
    assert len(whole) == len(set(whole)) == 7
    assert {place for place in whole if place[0] == "both"} == {("both", 2), ("both", 3)}
    for limit in (1, 2, 3, 7):
        paged = list(pages(sync, limit))
        assert [place for page in paged for place in page] == whole
        assert all(len(page) == limit for page in paged[:-1])
    (default,) = pages(sync, 0)
    assert default == whole


def test_list_id_takes_no_body_and_refuses_bad_limits_and_cursors(corp: Corp, sync: WeCom) -> None:
    assert sync.post("user/list_id", content=b"")["errcode"] == 0
    assert sync.post("user/list_id", limit=10_001)["errcode"] == 40058
    assert sync.post("user/list_id", limit=-1)["errcode"] == 40058
    reply = sync.post("user/list_id", cursor="CURSOR")
    assert (reply["errcode"], reply["dept_user"]) == (50100, [])
    assert corp.client().post("user/list_id")["errcode"] == 48002


def test_a_cursor_is_valid_only_in_its_corp(server: RunningServer, sync: WeCom) -> None:
    other = server.make_corp(seed="demo")
    cursor = other.client(other.app_of_kind("contacts_sync")).post("user/list_id", limit=1)["next_cursor"]
    assert cursor
    assert sync.post("user/list_id", cursor=cursor)["errcode"] == 50100


def test_a_page_has_up_to_10000_rows(server: RunningServer, corp: Corp, sync: WeCom) -> None:
    with server.server.database.transaction() as tx:
        rows = [
            MemberDepartment(corp_id=corp.corpid, userid="zhangsan", department_id=number, position=number)
            for number in range(1_000, 11_000)
        ]
        tx.session.add_all(rows)
    first, second = pages(sync, 10_000)
    assert (len(first), len(second)) == (10_000, 5)


# --- bad bodies and SDKs


def test_a_field_of_a_wrong_type_is_left_out_with_a_warning(corp: Corp, sync: WeCom) -> None:
    reply = sync.post(
        "user/create",
        userid="a",
        name="x",
        mobile=13800000000,
        department=2,
        alias={"a": 1},
        to_invite="perhaps",
    )
    assert reply["errcode"] == 0
    assert reply["errmsg"] == "created. Warning: wrong json format. "
    assert corp.client().get("user/get", userid="a")["department"] == [2]
    assert sync.post("user/create", content=b"{broken")["errcode"] == 41009
    assert sync.post("user/create", content=b"[1]")["errcode"] == 41009


def test_wechatpy_reads_and_writes_members(corp: Corp) -> None:
    sync, reader = sdk(corp, "contacts_sync"), sdk(corp, "self_built")
    sync.user.create("sdk", "SDK 用户", department=[2], mobile="13800000000", gender=0, tel="1")
    sync.user.create(
        "sdk2", "x", mobile="13800000001", extattr={"attrs": [{"name": "爱好", "value": "旅游"}]}
    )
    assert reader.user.get("sdk")["name"] == "SDK 用户"
    sync.user.update("sdk", name="新名", enable=0)
    assert (reader.user.get("sdk")["name"], reader.user.get("sdk")["status"]) == ("新名", 2)
    assert {"sdk", "zhangsan"} == {member["userid"] for member in reader.user.list(2, simple=True)}
    assert len(reader.user.list(1, fetch_child=True)) == 7
    sync.user.delete("sdk")
    with pytest.raises(WeChatClientException, match="60111"):
        reader.user.get("sdk")
    sync.user.batch_delete(["sdk2", "lisi"])
    assert len(reader.user.list(1, fetch_child=True)) == 4


def sdk(corp: Corp, kind: str) -> WeChatClient:
    """The SDK with a token set; otherwise it would fetch one from the real host."""
    app = corp.app_of_kind(kind)
    client = WeChatClient(corp.corpid, app["secret"], corp.client(app).token, auto_retry=False)
    client.API_BASE_URL = f"{corp.server.base_url}/cgi-bin/"
    return client
