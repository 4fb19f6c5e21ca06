"""通讯录 → 成员管理: reading, creating, changing and deleting members."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import WeChatClientException

from tests.conftest import Corp, RunningServer, WeCom
from wecom_tollbooth.families.directory.members.changes import create_member, update_member
from wecom_tollbooth.families.directory.tables import MemberDepartment
from wecom_tollbooth.gateway.operation import REGISTRY
from wecom_tollbooth.world import clock

WITHHELD = {"avatar", "thumb_avatar", "gender", "mobile", "email", "biz_mail", "qr_code", "address"}
EXTATTR = {
    "attrs": [
        {"type": 0, "name": "爱好", "text": {"value": "旅游"}},
        {"type": 1, "name": "主页", "web": {"url": "http://www.test.com", "title": "标题"}},
    ]
}
PROFILE = {
    "external_corp_name": "企业简称",
    "wechat_channels": {"nickname": "视频号名称"},
    "external_attr": [
        {"type": 0, "name": "文本名称", "text": {"value": "文本"}},
        {
            "type": 2,
            "name": "测试app",
            "miniprogram": {"appid": "wx8bd8012614784fake", "pagepath": "/index", "title": "my miniprog"},
        },
    ],
}


@pytest.fixture
def sync(corp: Corp) -> WeCom:
    """The 通讯录同步 secret of `corp`."""
    return corp.client(corp.app_of_kind("contacts_sync"))


def new_member(sync: WeCom, userid: str, **fields: Any) -> dict[str, Any]:
    """user/create, which must succeed; with an email unless `fields` have mobile or email."""
    if "mobile" not in fields and "email" not in fields:
        fields["email"] = f"{userid}@example.com"
    reply = sync.post("user/create", {"userid": userid, "name": userid, **fields})
    assert reply["errcode"] == 0, reply
    return reply


def member_ids(client: WeCom, department: int, **params: Any) -> list[str]:
    reply = client.get("user/simplelist", department_id=department, **params)
    assert reply["errcode"] == 0, reply
    return [member["userid"] for member in reply["userlist"]]


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


# --- user/create


def test_the_documented_sample_creates_a_member_with_its_fields(corp: Corp, sync: WeCom) -> None:
    operation = next(op for op in REGISTRY if op.handler is create_member)
    assert operation.sample
    sample = {**operation.sample, "userid": "Zhang.San-1@x_y"}
    assert sync.post("user/create", sample) == {"errcode": 0, "errmsg": "created"}
    member = corp.client().get("user/get", userid="zhang.san-1@X_Y")
    assert WITHHELD.isdisjoint(member)
    assert list(member) == [
        *("errcode", "errmsg", "userid", "name", "department", "order", "position"),
        *("is_leader_in_dept", "direct_leader", "telephone", "alias", "main_department"),
        *("extattr", "status", "external_position", "external_profile"),
    ]
    assert member["userid"] == "Zhang.San-1@x_y"
    assert (member["department"], member["order"], member["is_leader_in_dept"]) == ([1, 2], [10, 40], [1, 0])
    assert (member["position"], member["telephone"], member["alias"]) == (
        "产品经理",
        "020-123456",
        "jackzhang",
    )
    assert (member["direct_leader"], member["main_department"], member["status"]) == (["lisi"], 1, 4)
    assert member["extattr"] == sample["extattr"]
    assert member["external_position"] == "高级产品经理"
    profile = member["external_profile"]
    assert profile["external_corp_name"] == "企业简称"
    assert profile["wechat_channels"] == {"nickname": "视频号名称", "status": 1}
    assert profile["external_attr"] == sample["external_profile"]["external_attr"]


def test_only_the_sync_secret_may_write(corp: Corp) -> None:
    for app in corp.apps:
        if app["kind"] == "contacts_sync":
            continue
        client = corp.client(app)
        assert client.post("user/create", userid="x", name="x", mobile="13800000000")["errcode"] == 48002
        assert client.post("user/update", userid="zhangsan", name="x")["errcode"] == 48002
        assert client.get("user/delete", userid="zhangsan")["errcode"] == 48002
        assert client.post("user/batchdelete", useridlist=["zhangsan"])["errcode"] == 48002
    assert corp.client().get("user/get", userid="zhangsan")["errcode"] == 0


def test_a_member_without_department_is_put_into_the_unassigned_one(corp: Corp, sync: WeCom) -> None:
    assert new_member(sync, "first") == {"errcode": 0, "errmsg": "created"}
    new_member(sync, "second", department=[0], order=[7])
    new_member(sync, "third", department=[])
    first, second = (corp.client().get("user/get", userid=userid) for userid in ("first", "second"))
    (waiting,) = first["department"]
    assert (second["department"], second["order"]) == ([waiting], [7])
    assert corp.client().get("department/get", id=waiting)["department"]["name"] == "其他（待设置部门）"
    assert member_ids(corp.client(), waiting) == ["second", "first", "third"]


def test_an_unknown_department_is_created_below_the_unassigned_one(corp: Corp, sync: WeCom) -> None:
    reply = new_member(sync, "pioneer", department=[2, 777], order=[1, 2], main_department=777)
    assert reply["created_department_list"] == {"department_info": [{"name": "777", "id": 777}]}
    made_department = corp.client().get("department/get", id=777)["department"]
    parent = corp.client().get("department/get", id=made_department["parentid"])["department"]
    assert (parent["name"], parent["parentid"]) == ("其他（待设置部门）", 1)
    assert corp.client().get("user/get", userid="pioneer")["main_department"] == 777
    assert "created_department_list" not in new_member(sync, "follower", department=[777])


def test_a_refused_creation_creates_no_department(corp: Corp, sync: WeCom) -> None:
    before = corp.client().get("department/list")["department"]
    reply = sync.post(
        "user/create", userid="x", name="x", mobile="13800000000", department=[888], direct_leader=["nobody"]
    )
    assert reply["errcode"] == 60111
    assert corp.client().get("department/list")["department"] == before
    assert corp.client().get("user/get", userid="x")["errcode"] == 60111


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"userid": None}, 41009),
        ({"userid": ""}, 41009),
        ({"userid": "-x"}, 40003),
        ({"userid": "张三"}, 40003),
        ({"userid": "a b"}, 40003),
        ({"userid": "a" * 65}, 40058),
        ({"userid": "ZHANGSAN"}, 60102),
        ({"name": ""}, 60112),
        ({"name": "名" * 65}, 60112),
        ({"mobile": None}, 60129),
        ({"mobile": "", "email": ""}, 60129),
        ({"mobile": "12345"}, 60103),
        ({"mobile": "138000000ab"}, 60103),
        ({"mobile": "+86 99900000000"}, 60103),
        ({"mobile": "1" * 33}, 60103),
        ({"email": "a@b"}, 60105),
        ({"email": "no address"}, 60105),
        ({"email": "a" * 60 + "@b.cn"}, 60105),
        ({"alias": "a" * 65}, 40058),
        ({"position": "职" * 129}, 40058),
        ({"address": "址" * 129}, 40058),
        ({"telephone": "020 123456"}, 40058),
        ({"telephone": "1" * 33}, 40058),
        ({"gender": "3"}, 40058),
        ({"enable": 2}, 40058),
        ({"external_position": "职" * 13}, 40058),
        ({"biz_mail": "nonsense"}, 60143),
        ({"department": list(range(1, 102))}, 60110),
        ({"department": [-1]}, 40066),
        ({"department": [2**32]}, 40066),
        ({"department": [2, 3], "order": [1]}, 40058),
        ({"department": [2], "order": [2**32]}, 40058),
        ({"department": [2], "order": [-1]}, 40058),
        ({"department": [2, 3], "is_leader_in_dept": [1]}, 60132),
        ({"department": [2], "is_leader_in_dept": [2]}, 40058),
        ({"department": [2], "main_department": 3}, 60123),
        ({"direct_leader": ["zhangsan", "lisi"]}, 60257),
        ({"direct_leader": ["nobody"]}, 60111),
        ({"extattr": {"attrs": [{"type": 2, "name": "a"}]}}, 60150),
        ({"extattr": {"attrs": [{"type": 0, "name": "a", "text": {"value": "字" * 65}}]}}, 40058),
        ({"extattr": {"attrs": [{"type": 1, "name": "a", "web": {"url": "http://x"}}]}}, 40058),
        ({"extattr": {"attrs": [{"type": 1, "name": "a", "web": {"url": "x.cn", "title": "t"}}]}}, 40058),
        ({"extattr": {"attrs": [{"type": 0, "text": {"value": "x"}}]}}, 40063),
        ({"external_profile": {"external_attr": [{"name": "a", "text": {"value": "字" * 13}}]}}, 40058),
        ({"external_profile": {"external_attr": [{"type": 3, "name": "a"}]}}, 40058),
        (
            {
                "external_profile": {
                    "external_attr": [{"type": 2, "name": "a", "miniprogram": {"title": "t"}}]
                }
            },
            40058,
        ),
    ],
)
def test_invalid_creations_are_refused(corp: Corp, sync: WeCom, fields: dict[str, Any], errcode: int) -> None:
    body = {"userid": "fresh", "name": "新人", "mobile": "13800000000", **fields}
    assert sync.post("user/create", body)["errcode"] == errcode
    assert corp.client().get("user/get", userid="fresh")["errcode"] == 60111
    assert sync.post("user/create", userid="fresh", name="新人", mobile="13800000000")["errcode"] == 0


def test_values_at_the_limits_are_accepted(corp: Corp, sync: WeCom) -> None:
    departments = list(range(1, 101))
    new_member(
        sync,
        "u" * 64,
        name="名" * 64,
        alias="别" * 64,
        position="职" * 128,
        address="址" * 128,
        telephone="1" * 32,
        external_position="职" * 12,
        email="a" * 55 + "@b.com.cn",
        department=departments,
        order=[2**32 - 1] * 100,
        extattr={"attrs": [{"type": 0, "name": "a", "text": {"value": "字" * 64}}]},
    )
    member = corp.client().get("user/get", userid="u" * 64)
    assert (member["department"], member["order"][0]) == (departments, 2**32 - 1)


@pytest.mark.parametrize("same", ["13800000000", "+8613800000000", "+86 13800000000", "+86-138-0000-0000"])
def test_a_mobile_number_is_unique_in_every_notation(sync: WeCom, same: str) -> None:
    new_member(sync, "Owner", mobile="+86 13800000000")
    reply = sync.post("user/create", userid="other", name="x", mobile=same)
    assert reply["errcode"] == 60104
    assert reply["errmsg"].startswith("mobile existed:Owner, hint: [")


def test_a_foreign_number_keeps_its_country_code(sync: WeCom) -> None:
    new_member(sync, "hongkong", mobile="+852 6123 4567")
    assert sync.post("user/create", userid="x", name="x", mobile="61234567")["errcode"] == 60103
    assert sync.post("user/create", userid="x", name="x", mobile="+85261234567")["errcode"] == 60104
    new_member(sync, "elsewhere", mobile="+85361234567")


def test_an_email_is_unique_and_case_insensitive(sync: WeCom) -> None:
    new_member(sync, "owner", email="Owner@Example.com")
    assert sync.post("user/create", userid="x", name="x", email="owner@example.COM")["errcode"] == 60106


def test_two_corps_may_use_the_same_number_and_email(server: RunningServer, sync: WeCom) -> None:
    new_member(sync, "owner", mobile="13800000000", email="a@example.com")
    other = server.make_corp(seed="empty")
    new_member(
        other.client(other.app_of_kind("contacts_sync")), "owner", mobile="13800000000", email="a@example.com"
    )


def test_a_biz_mail_is_unique_and_cannot_change(sync: WeCom) -> None:
    new_member(sync, "a", biz_mail="a@corp.com")
    reply = sync.post("user/create", userid="b", name="b", email="b@x.com", biz_mail="A@corp.com")
    assert reply["errcode"] == 60145
    new_member(sync, "b")
    assert sync.post("user/update", userid="b", biz_mail="b@corp.com")["errcode"] == 0
    assert sync.post("user/update", userid="b", biz_mail="B@corp.com")["errcode"] == 0
    assert sync.post("user/update", userid="b", biz_mail="c@corp.com")["errcode"] == 60144


def test_aliases_are_replaced_and_unique_and_at_most_five(sync: WeCom) -> None:
    def aliases(userid: str, *items: str) -> int:
        reply = sync.post("user/update", userid=userid, biz_mail_alias={"item": list(items)})
        return int(reply["errcode"])

    new_member(sync, "a", biz_mail="a@corp.com")
    new_member(sync, "b")
    assert aliases("b", "hr@corp.com") == 60272
    assert aliases("a", *(f"a{number}@corp.com" for number in range(6))) == 40058
    assert aliases("a", "nonsense") == 60269
    assert aliases("a", "a@corp.com") == 60270
    assert aliases("a", "hr@corp.com", "jobs@corp.com") == 0
    assert sync.post("user/update", userid="b", biz_mail="hr@corp.com")["errcode"] == 60145
    assert aliases("a", "jobs@corp.com") == 0
    assert sync.post("user/update", userid="b", biz_mail="hr@corp.com")["errcode"] == 0
    assert sync.post("user/update", userid="a", biz_mail_alias={})["errcode"] == 0
    assert aliases("b", "jobs@corp.com") == 0


def test_of_concurrent_creations_one_gets_the_number(corp: Corp, sync: WeCom) -> None:
    def create(number: int) -> int:
        body = {"userid": f"racer{number}", "name": "x", "mobile": "13800000000", "department": [900]}
        return int(sync.post("user/create", body)["errcode"])

    with ThreadPoolExecutor(4) as threads:
        codes = sorted(threads.map(create, range(4)))
    assert codes == [0, 60104, 60104, 60104]
    assert len(member_ids(corp.client(), 900)) == 1


def test_concurrent_creations_share_the_new_department(corp: Corp, sync: WeCom) -> None:
    def create(number: int) -> int:
        body = {
            "userid": f"racer{number}",
            "name": "x",
            "email": f"r{number}@x.com",
            "department": [900, 901],
        }
        return int(sync.post("user/create", body)["errcode"])

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(create, range(4))) == [0, 0, 0, 0]
    names = [department["name"] for department in corp.client().get("department/list")["department"]]
    assert (names.count("其他（待设置部门）"), names.count("900"), names.count("901")) == (1, 1, 1)
    assert len(member_ids(corp.client(), 901)) == 4


def test_a_full_corp_answers_45024(start_server: Callable[..., RunningServer]) -> None:
    corp = start_server(member_cap=2).make_corp(seed="empty")
    sync = corp.client(corp.app_of_kind("contacts_sync"))
    new_member(sync, "second")
    assert sync.post("user/create", userid="third", name="x", mobile="13800000000")["errcode"] == 45024
    assert sync.get("user/delete", userid="second")["errcode"] == 0
    new_member(sync, "third")


def test_a_month_allows_three_creations_for_each_member_of_the_cap(
    start_server: Callable[..., RunningServer],
) -> None:
    server = start_server(member_cap=2)
    corp = server.make_corp(seed="empty")
    set_clock(server, "2026-08-31T23:00:00+08:00")
    sync = corp.client(corp.app_of_kind("contacts_sync"))
    for _ in range(6):
        new_member(sync, "temp")
        assert sync.get("user/delete", userid="temp")["errcode"] == 0
    assert sync.post("user/create", userid="temp", name="x", mobile="13800000000")["errcode"] == 45009
    set_clock(server, "2026-09-01T00:00:00+08:00")
    new_member(sync, "temp")


def set_clock(server: RunningServer, at: str) -> None:
    with server.server.database.transaction() as tx:
        clock.set_to(tx, int(datetime.fromisoformat(at).timestamp()))


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


def test_an_update_replaces_departments_and_ignores_order_alone(corp: Corp, sync: WeCom) -> None:
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
    act = {"act": "member_leaves_corp", "userid": "worker"}
    assert corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=act).status_code == 200
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


def test_a_batch_takes_up_to_200_members(corp: Corp, sync: WeCom) -> None:
    userids = [f"temp{number:03d}" for number in range(200)]
    for userid in userids:
        new_member(sync, userid, department=[8])
    assert len(member_ids(corp.client(), 8)) == 200
    assert sync.post("user/batchdelete", useridlist=userids)["errcode"] == 0
    assert member_ids(corp.client(), 8) == []


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
        extattr="nonsense",
        order={"a": 1},
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
