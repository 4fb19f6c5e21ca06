"""通讯录 → 成员管理: updating and deleting members."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.directory.members import EXTATTR, PROFILE, member_ids, new_member
from tests.families.factories import act, act_error
from wecom_tollbooth.families.directory.members.changes import update_member
from wecom_tollbooth.gateway.operation import REGISTRY

# --- user/update


def test_the_documented_sample_updates_a_member(corp: Corp, sync: WeCom) -> None:
    new_member(sync, "boss")
    operation = next(op for op in REGISTRY if op.handler is update_member)
    assert operation.sample
    sample = {**operation.sample, "direct_leader": ["boss"]}
    assert sync.post("user/update", sample) == {"errcode": 0, "errmsg": "updated"}
    member = corp.client().get("user/get", userid="zhangsan")
    assert (member["name"], member["department"], member["main_department"]) == ("李四", [1], 1)
    assert (member["order"], member["is_leader_in_dept"]) == ([10], [1])
    assert (member["position"], member["direct_leader"]) == ("后台工程师", ["boss"])


def test_an_update_changes_only_the_given_fields(corp: Corp, sync: WeCom) -> None:
    new_member(
        sync,
        "a",
        department=[2, 3],
        order=[5, 6],
        is_leader_in_dept=[1, 0],
        position="店长",
        extattr=EXTATTR,
        external_profile=PROFILE,
        direct_leader=["lisi"],
    )
    before = corp.client().get("user/get", userid="a")
    assert sync.post("user/update", userid="A") == {"errcode": 0, "errmsg": "updated"}
    assert sync.post("user/update", userid="a", name=None, department=None, extattr=None)["errcode"] == 0
    assert sync.post("user/update", userid="a", name="", department=[], main_department=0)["errcode"] == 0
    assert corp.client().get("user/get", userid="a") == before
    assert sync.post("user/update", userid="a", alias="小甲")["errcode"] == 0
    assert corp.client().get("user/get", userid="a") == {**before, "alias": "小甲"}
    assert sync.post("user/update", userid="a", position="", direct_leader=[])["errcode"] == 0
    after = corp.client().get("user/get", userid="a")
    assert after == {**before, "alias": "小甲", "position": "", "direct_leader": []}


def test_an_update_replaces_departments_and_ignores_order_without_them(corp: Corp, sync: WeCom) -> None:
    new_member(sync, "a", department=[2, 3], order=[5, 6], main_department=3)
    assert sync.post("user/update", userid="a", order=[9])["errcode"] == 0
    assert corp.client().get("user/get", userid="a")["order"] == [5, 6]
    assert sync.post("user/update", userid="a", department=[4, 3])["errcode"] == 0
    member = corp.client().get("user/get", userid="a")
    assert (member["department"], member["order"], member["main_department"]) == ([4, 3], [0, 0], 3)
    assert sync.post("user/update", userid="a", department=["5"], order=["7"])["errcode"] == 0
    member = corp.client().get("user/get", userid="a")
    assert (member["department"], member["order"], member["main_department"]) == ([5], [7], 5)


def test_an_update_creates_no_department(corp: Corp, sync: WeCom) -> None:
    before = corp.client().get("user/get", userid="zhangsan")
    for department in ([2, 888], [0], [-1]):
        reply = sync.post("user/update", userid="zhangsan", name="x", department=department)
        assert reply["errcode"] == 40066
    assert corp.client().get("user/get", userid="zhangsan") == before


def test_attributes_are_merged_by_name_and_deleted_by_empty_content(corp: Corp, sync: WeCom) -> None:
    new_member(sync, "a", extattr=EXTATTR, external_profile=PROFILE)
    changed = {
        "attrs": [{"type": 0, "name": "爱好", "text": {"value": "读书"}}, {"name": "新", "value": "旧格式"}]
    }
    assert sync.post("user/update", userid="a", extattr=changed)["errcode"] == 0
    assert corp.client().get("user/get", userid="a")["extattr"]["attrs"] == [
        {"type": 0, "name": "爱好", "text": {"value": "读书"}},
        EXTATTR["attrs"][1],
        {"type": 0, "name": "新", "text": {"value": "旧格式"}},
    ]
    cleared = {"attrs": [{"type": 1, "name": "主页", "web": {"url": "", "title": ""}}]}
    profile = {"wechat_channels": {"nickname": ""}, "external_attr": [{"type": 0, "name": "文本名称"}]}
    assert sync.post("user/update", userid="a", extattr=cleared, external_profile=profile)["errcode"] == 0
    member = corp.client().get("user/get", userid="a")
    assert [row["name"] for row in member["extattr"]["attrs"]] == ["爱好", "新"]
    assert member["external_profile"] == {
        "external_attr": [PROFILE["external_attr"][1]],  # type: ignore[index]
        "external_corp_name": "企业简称",
    }


def test_the_mobile_of_an_activated_member_is_ignored(sync: WeCom) -> None:
    new_member(sync, "owner", mobile="13800000000")
    assert sync.post("user/update", userid="zhangsan", mobile="13800000000")["errcode"] == 0
    assert sync.post("user/update", userid="zhangsan", mobile="nonsense")["errcode"] == 0
    assert sync.post("user/update", userid="owner", mobile="nonsense")["errcode"] == 60103
    assert sync.post("user/update", userid="owner", mobile="13800000001")["errcode"] == 0
    new_member(sync, "next", mobile="13800000000")
    assert sync.post("user/update", userid="owner", mobile="13800000000")["errcode"] == 60104
    assert sync.post("user/update", userid="owner", mobile="13800000001")["errcode"] == 0


def test_mobile_and_email_cannot_both_be_cleared(sync: WeCom) -> None:
    new_member(sync, "a", mobile="13800000000")
    assert sync.post("user/update", userid="a", mobile="")["errcode"] == 60129
    assert sync.post("user/update", userid="a", mobile="", email="a@example.com")["errcode"] == 0
    assert sync.post("user/update", userid="a", email="")["errcode"] == 60129
    new_member(sync, "b", mobile="13800000000")
    assert sync.post("user/update", userid="b", email="A@example.com")["errcode"] == 60106


def test_enabling_restores_the_previous_status(corp: Corp, sync: WeCom) -> None:
    def status(userid: str) -> int:
        return int(corp.client().get("user/get", userid=userid)["status"])

    new_member(sync, "new")
    new_member(sync, "off", enable=0)
    assert (status("zhangsan"), status("new"), status("off")) == (1, 4, 2)
    for userid in ("zhangsan", "new"):
        for _ in range(2):
            assert sync.post("user/update", userid=userid, enable="0")["errcode"] == 0
        assert status(userid) == 2
    for userid in ("zhangsan", "new", "off"):
        assert sync.post("user/update", userid=userid, enable=1)["errcode"] == 0
    assert (status("zhangsan"), status("new"), status("off")) == (1, 4, 4)


def test_new_userid_is_refused(sync: WeCom) -> None:
    assert sync.post("user/update", userid="zhangsan", new_userid="zhangsan001")["errcode"] == 301036
    assert sync.post("user/update", userid="zhangsan", new_userid="zhangsan")["errcode"] == 0


def test_updating_an_unknown_member_answers_60111(server: RunningServer, sync: WeCom) -> None:
    assert sync.post("user/update", userid="nobody", name="x")["errcode"] == 60111
    assert sync.post("user/update", name="x")["errcode"] == 41009
    server.make_corp(seed="empty")
    assert sync.post("user/update", userid="admin", name="x")["errcode"] == 60111


# --- user/delete, user/batchdelete


def test_a_deleted_member_is_in_no_list(corp: Corp, sync: WeCom) -> None:
    wecom = corp.client()
    new_member(sync, "junior", department=[2], direct_leader=["zhangsan"])
    assert sync.get("user/delete", userid="ZhangSan") == {"errcode": 0, "errmsg": "deleted"}
    assert wecom.get("user/get", userid="zhangsan")["errcode"] == 60111
    assert member_ids(wecom, 2) == ["junior"]
    assert [member["userid"] for member in wecom.get("user/list", department_id=2)["userlist"]] == ["junior"]
    assert "zhangsan" not in {row["userid"] for row in sync.post("user/list_id")["dept_user"]}
    assert wecom.get("user/get", userid="junior")["direct_leader"] == []
    assert sync.get("user/delete", userid="zhangsan")["errcode"] == 60111
    assert sync.post("user/update", userid="zhangsan", name="x")["errcode"] == 60111
    assert sync.get("user/delete")["errcode"] == 41009


def test_customers_of_a_deleted_member_have_no_follower_until_the_member_is_created_again(
    corp: Corp, sync: WeCom
) -> None:
    wecom = corp.client()
    customers = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"]
    assert sync.get("user/delete", userid="zhangsan")["errcode"] == 0
    assert wecom.get("externalcontact/list", userid="zhangsan")["errcode"] == 40003
    assert "zhangsan" not in wecom.get("externalcontact/get_follow_user_list")["follow_user"]
    for customer in customers:
        reply = wecom.get("externalcontact/get", external_userid=customer)
        assert "zhangsan" not in [follow["userid"] for follow in reply["follow_user"]]
    remark = wecom.post("externalcontact/remark", userid="zhangsan", external_userid=customers[0], remark="x")
    assert remark["errcode"] == 40003
    new_member(sync, "zhangsan", department=[2])
    assert wecom.get("externalcontact/list", userid="zhangsan")["external_userid"] == customers


def test_deleting_a_member_frees_userid_mobile_email_and_mailbox(corp: Corp, sync: WeCom) -> None:
    fields = {"mobile": "13800000000", "email": "a@example.com", "biz_mail": "a@corp.com"}
    new_member(sync, "worker", position="店员", **fields)
    assert sync.get("user/delete", userid="worker")["errcode"] == 0
    new_member(sync, "Worker", **fields)
    assert corp.client().get("user/get", userid="worker")["userid"] == "Worker"
    assert sync.get("user/delete", userid="worker")["errcode"] == 0
    new_member(sync, "worker", **fields)
    assert corp.client().get("user/get", userid="WORKER")["position"] == ""


def test_a_member_who_leaves_is_treated_like_a_deleted_one(corp: Corp, sync: WeCom) -> None:
    new_member(sync, "worker", department=[8], mobile="13800000000")
    act(corp, "member_leaves_corp", userid="worker")
    assert corp.client().get("user/get", userid="worker")["errcode"] == 60111
    assert sync.get("user/delete", userid="worker")["errcode"] == 60111
    assert member_ids(corp.client(), 8) == []
    assert sync.get("department/delete", id=8)["errcode"] == 0
    new_member(sync, "Worker", mobile="13800000000")


def test_a_batch_with_an_unknown_member_deletes_nobody(
    corp: Corp, server: RunningServer, sync: WeCom
) -> None:
    server.make_corp(seed="empty")
    for useridlist, errcode in (
        (["zhangsan", "nobody"], 40031),
        (["zhangsan", "admin"], 40031),
        (["zhangsan"] * 201, 40032),
        ([], 40063),
        (None, 40063),
    ):
        assert sync.post("user/batchdelete", useridlist=useridlist)["errcode"] == errcode
        assert corp.client().get("user/get", userid="zhangsan")["errcode"] == 0
    reply = sync.post("user/batchdelete", useridlist=["ZhangSan", "lisi", "zhangsan", None])
    assert reply == {"errcode": 0, "errmsg": "deleted"}
    assert {row["userid"] for row in sync.post("user/list_id")["dept_user"]} == {"wangwu", "zhaoliu", "sunqi"}


def test_nobody_deletes_the_creator_of_the_corp(server: RunningServer) -> None:
    corp = server.make_corp(seed="empty")
    sync = corp.client(corp.app_of_kind("contacts_sync"))
    new_member(sync, "second")
    refused = sync.get("user/delete", userid="Admin")
    assert refused["errcode"] == 301005
    assert refused["errmsg"].startswith("not allow del corp creator, hint: [")
    assert sync.post("user/batchdelete", useridlist=["second", "admin"])["errcode"] == 301005
    for act_name, fields in (
        ("member_leaves_corp", {"userid": "admin"}),
        ("admin_deletes_members", {"userid": ["second", "admin"]}),
    ):
        assert "301005" in act_error(corp, act_name, **fields)
    assert corp.client().get("user/get", userid="second")["errcode"] == 0
    act(corp, "admin_hands_over_corp", userid="Second")
    assert sync.get("user/delete", userid="admin")["errcode"] == 0
    assert sync.get("user/delete", userid="second")["errcode"] == 301005


def test_a_batch_takes_up_to_200_members(corp: Corp, sync: WeCom) -> None:
    userids = [f"temp{number:03d}" for number in range(200)]
    for userid in userids:
        new_member(sync, userid, department=[8])
    assert len(member_ids(corp.client(), 8)) == 200
    assert sync.post("user/batchdelete", useridlist=userids)["errcode"] == 0
    assert member_ids(corp.client(), 8) == []


def test_an_update_allows_at_most_100_departments(sync: WeCom) -> None:
    body = {"userid": "zhangsan", "department": list(range(1, 102))}
    assert sync.post("user/update", body)["errcode"] == 60110


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"department": [2, 3], "is_leader_in_dept": [1]}, 60132),
        ({"department": [2], "main_department": 3}, 60123),
        ({"extattr": {"attrs": [{"type": 2, "name": "a"}]}}, 60150),
    ],
)
def test_a_refused_update_changes_nothing(
    sync: WeCom, wecom: WeCom, fields: dict[str, Any], errcode: int
) -> None:
    before = wecom.get("user/get", userid="zhangsan")
    assert sync.post("user/update", userid="zhangsan", name="新名", **fields)["errcode"] == errcode
    assert wecom.get("user/get", userid="zhangsan") == before
