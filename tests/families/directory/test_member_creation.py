"""通讯录 → 成员管理: user/create."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.directory.members import member_ids, new_member
from wecom_tollbooth.families.directory.members.changes import create_member
from wecom_tollbooth.gateway.operation import REGISTRY
from wecom_tollbooth.world import clock

WITHHELD = {"avatar", "thumb_avatar", "gender", "mobile", "email", "biz_mail", "qr_code", "address"}


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
        ({"position": "职" * 129}, 301012),
        ({"address": "址" * 129}, 40058),
        ({"telephone": "020 123456"}, 301013),
        ({"telephone": "1" * 33}, 301013),
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
        ({"external_profile": {"external_attr": [{"name": "a", "text": {"value": "字" * 13}}]}}, 90101),
        ({"external_profile": {"external_attr": [{"type": 3, "name": "a"}]}}, 90100),
        ({"department": "[1, 2]"}, 40066),
        ({"department": {"id": 1}}, 40066),
        ({"department": ["two"]}, 40066),
        ({"department": [2], "order": ["first"]}, 40058),
        ({"department": [2], "is_leader_in_dept": ["yes"]}, 40058),
        ({"main_department": "first"}, 60123),
        ({"enable": "yes"}, 40058),
        ({"direct_leader": {"userid": "lisi"}}, 40058),
        ({"extattr": "none"}, 40058),
        ({"external_profile": "none"}, 90106),
        ({"external_profile": {"external_attr": {"name": "a"}}}, 90106),
    ],
)
def test_invalid_creations_are_refused(corp: Corp, sync: WeCom, fields: dict[str, Any], errcode: int) -> None:
    body = {"userid": "fresh", "name": "新人", "mobile": "13800000000", **fields}
    assert sync.post("user/create", body)["errcode"] == errcode
    assert corp.client().get("user/get", userid="fresh")["errcode"] == 60111
    assert sync.post("user/create", userid="fresh", name="新人", mobile="13800000000")["errcode"] == 0


def test_a_refused_type_is_warned_of(sync: WeCom) -> None:
    body = {"userid": "fresh", "name": "新人", "mobile": "13800000000", "department": "[1, 2]"}
    refused = sync.post("user/create", body)["errmsg"]
    assert refused.startswith("Warning: wrong json format. invalid party list, hint: [")


WEB = {"url": "http://x.cn", "title": "t"}
PROGRAM = {"appid": "wx1", "title": "t"}


@pytest.mark.parametrize("operation", ["create", "update"])
@pytest.mark.parametrize(
    ("attribute", "errcode"),
    [
        ({"type": 3}, 90100),
        ({"text": {"value": "字" * 13}}, 90101),
        ({"type": 1, "web": {**WEB, "title": "t" * 13}}, 90102),
        ({"type": 1, "web": {**WEB, "url": "x.cn"}}, 90103),
        ({"type": 2, "miniprogram": {**PROGRAM, "title": "字" * 13}}, 90104),
        ({"type": 2, "miniprogram": {**PROGRAM, "pagepath": "https://x.cn"}}, 90105),
        ({"type": 1, "web": {"url": "http://x.cn"}}, 90106),
        ({"type": 2, "miniprogram": {"title": "t"}}, 90106),
    ],
)
def test_a_wrong_external_profile_answers_codes_of_its_own(
    sync: WeCom, operation: str, attribute: dict[str, Any], errcode: int
) -> None:
    userid = "fresh" if operation == "create" else "lisi"
    body = {"userid": userid, "name": "新人", "email": "f@x.com"}
    profile = {"external_attr": [{"name": "a", **attribute}]}
    assert sync.post(f"user/{operation}", {**body, "external_profile": profile})["errcode"] == errcode


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
