"""Acts of admins on members and departments in a corp that has only its own apps."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.directory.members import member_ids
from tests.families.directory.test_events import events_of
from tests.families.factories import act, act_error, customers_of
from tests.providers import Provider


def user_event(kind: str, userid: str, *, department: str = "") -> tuple[str, str]:
    """A member's event as the 通讯录同步 assistant receives it."""
    shown = f"<Department><![CDATA[{department}]]></Department>" if department else ""
    return kind, f"<ChangeType>{kind}</ChangeType><UserID><![CDATA[{userid}]]></UserID>{shown}"


def party_event(kind: str, department: int, *, parentid: int = 0) -> tuple[str, str]:
    shown = f"<ParentId><![CDATA[{parentid}]]></ParentId>" if parentid else ""
    return kind, f"<ChangeType>{kind}</ChangeType><Id>{department}</Id>{shown}"


# --- members ---------------------------------------------------------------------------------------------


def test_a_created_member_has_all_given_fields(corp: Corp, wecom: WeCom, sync: WeCom) -> None:
    fields = {
        "name": "小美",
        "mobile": "13912340000",
        "department": [2, 3],
        "order": [5, 6],
        "is_leader_in_dept": [1, 0],
        "main_department": 3,
        "direct_leader": ["ZhangSan"],
        "position": "店长",
        "alias": "mei",
        "telephone": "020-123456",
        "extattr": {"attrs": [{"type": 0, "name": "爱好", "text": {"value": "旅游"}}]},
        "external_position": "店长",
        "external_profile": {"external_corp_name": "茶馆"},
    }
    act(corp, "admin_creates_member", userid="xiaomei", **fields)
    member = wecom.get("user/get", userid="xiaomei")
    assert (member["status"], member["main_department"], member["department"]) == (4, 3, [2, 3])
    assert (member["direct_leader"], member["order"]) == (["zhangsan"], [5, 6])
    assert {name: member[name] for name in ("position", "alias", "telephone", "extattr")} == {
        name: fields[name] for name in ("position", "alias", "telephone", "extattr")
    }
    assert events_of(corp, sync.agentid) == [user_event("create_user", "xiaomei", department="2,3")]


def test_a_member_may_begin_activated_and_without_department(corp: Corp, wecom: WeCom) -> None:
    act(corp, "admin_creates_member", userid="xiaomei", name="小美", email="m@x.com", activated=True)
    member = wecom.get("user/get", userid="xiaomei")
    assert (member["status"], member["department"]) == (1, [1])


def test_a_change_of_departments_or_leaders_is_told(corp: Corp, wecom: WeCom, sync: WeCom) -> None:
    for fields in (
        {"name": "李思", "position": "店员", "mobile": "13912340001"},
        {"department": [2]},
        {"department": [2], "is_leader_in_dept": [1]},
        {"department": [2], "is_leader_in_dept": [1]},
    ):
        act(corp, "admin_changes_member", userid="LiSi", **fields)
    assert wecom.get("user/get", userid="lisi")["name"] == "李思"
    assert events_of(corp, sync.agentid) == [user_event("update_user", "lisi", department="2")] * 2


def test_many_members_are_created_moved_and_deleted_at_once(corp: Corp, wecom: WeCom, sync: WeCom) -> None:
    rows = [{"userid": f"new{n}", "name": f"新{n}", "email": f"n{n}@x.com"} for n in range(3)]
    act(corp, "admin_imports_members", members=rows)
    act(corp, "admin_moves_members", userid=["new0", "NEW1", "new1"], department=[3, 2])
    gone = act(corp, "admin_deletes_members", userid=["new0", "NEW2", "new2"])
    assert gone["userid"] == ["new0", "new2"]
    assert "new1" in member_ids(wecom, 2)
    assert events_of(corp, sync.agentid) == [
        *(user_event("create_user", f"new{n}", department="1") for n in range(3)),
        *(user_event("update_user", f"new{n}", department="3,2") for n in range(2)),
        user_event("delete_user", "new0"),
        user_event("delete_user", "new2"),
    ]


def test_a_batch_happens_whole_or_not_at_all(corp: Corp, wecom: WeCom, sync: WeCom) -> None:
    rows = [
        {"userid": "new0", "name": "新", "email": "n@x.com"},
        {"userid": "new1", "name": "新", "email": "n@x.com"},
    ]
    assert "members.1: new0 has n@x.com" in act_error(corp, "admin_imports_members", members=rows)
    assert "no member 'x'" in act_error(corp, "admin_deletes_members", userid=["lisi", "x"])
    moved = act_error(corp, "admin_moves_members", userid=["lisi"], department=[2, 99])
    assert "lisi: there is no department 99" in moved
    assert events_of(corp, sync.agentid) == []
    assert wecom.get("user/get", userid="new0")["errcode"] == 60111


def test_a_deletion_has_every_consequence_of_the_api(corp: Corp, wecom: WeCom, sync: WeCom) -> None:
    tagid = act(corp, "admin_creates_member_tag", name="老员工", userid=["zhangsan"])["tagid"]
    customers = customers_of(wecom)
    assert customers
    act(corp, "admin_deletes_members", userid=["zhangsan"])
    assert wecom.get("externalcontact/list", userid="zhangsan")["errcode"] == 40003
    assert wecom.get("tag/get", tagid=tagid)["userlist"] == []
    taken = wecom.post(
        "externalcontact/resigned/transfer_customer",
        handover_userid="zhangsan",
        takeover_userid="lisi",
        external_userid=customers[:1],
    )
    assert taken["customer"][0]["errcode"] == 0
    act(corp, "admin_creates_member", userid="zhangsan", name="张三", email="z@x.com")


NEW = {"userid": "fresh", "name": "新人", "email": "f@x.com"}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"userid": "ZHANGSAN"}, "60102"),
        ({"userid": "张三"}, "40003"),
        ({"userid": ""}, "41009"),
        ({"userid": "u" * 65}, "40058"),
        ({"name": ""}, "60112"),
        ({"name": "名" * 65}, "60112"),
        ({"email": None}, "60129"),
        ({"mobile": "1"}, "60103"),
        ({"department": [99]}, "40066"),
        ({"department": [0]}, "40066"),
        ({"department": [2, 3], "is_leader_in_dept": [1]}, "60132"),
        ({"main_department": 3}, "60123"),
        ({"direct_leader": ["nobody"]}, "no member 'nobody'"),
        ({"extattr": {"attrs": [{"type": 2, "name": "a"}]}}, "60150"),
        ({"biz_mail": "nonsense"}, "60143"),
        ({"gender": "3"}, "gender"),
        ({"department": []}, "department"),
    ],
)
def test_members_who_cannot_be_created(corp: Corp, fields: dict[str, Any], why: str) -> None:
    assert why in act_error(corp, "admin_creates_member", **{**NEW, **fields})


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"userid": "nobody"}, "no member 'nobody'"),
        ({"name": "名" * 65}, "60112"),
        ({"department": [99]}, "40066"),
        ({"email": "no"}, "60105"),
    ],
)
def test_changes_of_members_that_are_refused(corp: Corp, fields: dict[str, Any], why: str) -> None:
    assert why in act_error(corp, "admin_changes_member", **{"userid": "lisi", **fields})


def test_a_corp_that_is_full_takes_nobody(start_server: Any) -> None:
    corp = start_server(member_cap=2).make_corp(seed="empty")
    act(corp, "admin_creates_member", **NEW)
    second = {**NEW, "userid": "second", "email": "s@x.com"}
    assert "45024" in act_error(corp, "admin_creates_member", **second)


def test_an_enabled_member_has_the_status_from_before(corp: Corp, wecom: WeCom, sync: WeCom) -> None:
    act(corp, "admin_creates_member", **NEW, activated=True)
    act(corp, "admin_sets_member_status", userid="fresh", status=2)
    sync.post("user/update", userid="fresh", enable=1)
    assert wecom.get("user/get", userid="fresh")["status"] == 1
    act(corp, "admin_sets_member_status", userid="fresh", status=4)
    sync.post("user/update", userid="fresh", enable=0)
    sync.post("user/update", userid="fresh", enable=1)
    assert wecom.get("user/get", userid="fresh")["status"] == 4


def test_a_corp_with_only_its_own_apps_receives_all_kinds_of_events(corp: Corp, sync: WeCom) -> None:
    made = act(corp, "admin_creates_department", name="新店")["id"]
    act(corp, "admin_creates_member", **NEW, department=[made])
    act(corp, "admin_creates_member_tag", name="新人", userid=["fresh"])
    act(corp, "admin_changes_member", userid="fresh", department=[2])
    act(corp, "admin_changes_department", id=made, parentid=2)
    act(corp, "admin_deletes_department", id=made)
    act(corp, "admin_deletes_members", userid=["fresh"])
    assert [kind for kind, _ in events_of(corp, sync.agentid)] == [
        *("create_party", "create_user", "update_tag", "update_user"),
        *("update_party", "delete_party", "delete_user"),
    ]


# --- departments -----------------------------------------------------------------------------------------


def test_departments_are_created_changed_moved_and_deleted(corp: Corp, wecom: WeCom, sync: WeCom) -> None:
    made = act(corp, "admin_creates_department", name="研发", name_en="R&D", parentid=2, order=7, id=70)
    assert made["id"] == 70
    below = act(corp, "admin_creates_department", name="测试", parentid=70)["id"]
    act(corp, "admin_changes_department", id=70, name="研发中心")
    act(corp, "admin_changes_department", id=70, parentid=3)
    shown = wecom.get("department/get", id=70)["department"]
    assert (shown["name"], shown["parentid"], shown["order"]) == ("研发中心", 3, 7)
    act(corp, "admin_deletes_department", id=below)
    assert wecom.get("department/get", id=below)["errcode"] == 60123
    assert events_of(corp, sync.agentid) == [
        party_event("create_party", 70, parentid=2),
        party_event("create_party", below, parentid=70),
        party_event("update_party", 70, parentid=3),
        party_event("delete_party", below),
    ]


@pytest.mark.parametrize(
    ("name", "fields", "why"),
    [
        ("admin_creates_department", {"name": ""}, "40058"),
        ("admin_creates_department", {"name": "名" * 65}, "60001"),
        ("admin_creates_department", {"name": "a|b"}, "60009"),
        ("admin_creates_department", {"name": "新", "parentid": 99}, "60004"),
        ("admin_creates_department", {"name": "华东大区"}, "60008"),
        ("admin_creates_department", {"name": "新", "id": 2}, "60008"),
        ("admin_changes_department", {"id": 99, "name": "新"}, "60003"),
        ("admin_changes_department", {"id": 2, "parentid": 99}, "60124"),
        ("admin_changes_department", {"id": 2, "parentid": 2}, "60010"),
        ("admin_deletes_department", {"id": 1}, "60007"),
        ("admin_deletes_department", {"id": 2}, "60005"),
        ("admin_deletes_department", {"id": 99}, "60123"),
    ],
)
def test_departments_that_are_refused(corp: Corp, name: str, fields: dict[str, Any], why: str) -> None:
    assert why in act_error(corp, name, **fields)


def test_a_department_does_not_move_below_itself(corp: Corp) -> None:
    upper = act(corp, "admin_creates_department", name="上")["id"]
    middle = act(corp, "admin_creates_department", name="中", parentid=upper)["id"]
    lower = act(corp, "admin_creates_department", name="下", parentid=middle)["id"]
    assert "60010" in act_error(corp, "admin_changes_department", id=upper, parentid=lower)


def test_a_moved_department_takes_its_members_into_an_apps_range(corp: Corp) -> None:
    app = Provider(corp.server).app_in(corp, "provider_developed", visible={"userid": [], "partyid": [2]})
    made = act(corp, "admin_creates_department", name="新店")["id"]
    act(corp, "admin_creates_member", **NEW, department=[made])
    assert events_of(corp, app.agentid) == []
    act(corp, "admin_changes_department", id=made, parentid=2)
    act(corp, "admin_changes_member", userid="fresh", alias="x")
    assert [kind for kind, _ in events_of(corp, app.agentid)] == ["update_party", "update_user"]
