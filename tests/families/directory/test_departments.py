"""通讯录 → 部门管理: the tree of departments."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import WeChatClientException

from tests.conftest import Corp, RunningServer, WeCom
from wecom_tollbooth.families.directory.tables import Department, MemberDepartment
from wecom_tollbooth.families.directory.tree import DEPARTMENTS_OF_A_CORP


def new_department(sync: WeCom, name: str, parentid: Any = 1, **fields: Any) -> int:
    """department/create, which must succeed; returns the id."""
    reply = sync.post("department/create", {"name": name, "parentid": parentid, **fields})
    assert (reply["errcode"], reply["errmsg"]) == (0, "created"), reply
    return int(reply["id"])


def ids(reply: dict[str, Any]) -> list[int]:
    assert reply["errcode"] == 0, reply
    name = "department" if "department" in reply else "department_id"
    return [department["id"] for department in reply[name]]


# --- department/create


def test_a_new_department_is_shown_with_the_documented_fields(corp: Corp, sync: WeCom) -> None:
    fields = {"name": "广州研发中心", "name_en": "RDGZ", "parentid": 1, "order": 1, "id": 20}
    reply = sync.post("department/create", fields)
    assert reply == {"errcode": 0, "errmsg": "created", "id": 20}
    department = corp.client().get("department/get", id=20)["department"]
    assert department == {**fields, "department_leader": []}
    assert list(department) == ["id", "name", "name_en", "department_leader", "parentid", "order"]


def test_missing_ids_and_orders_are_chosen(corp: Corp, sync: WeCom) -> None:
    assert new_department(sync, "一") == 9
    assert new_department(sync, "二", id=0) == 10
    assert new_department(sync, "三", id=None) == 11
    assert new_department(sync, "last", id=2**32 - 1) == 2**32 - 1
    assert new_department(sync, "四") == 12
    first, second = new_department(sync, "甲", 9), new_department(sync, "乙", 9)
    orders = {row["id"]: row["order"] for row in sync.get("department/simplelist", id=9)["department_id"]}
    assert orders[first] > orders[second] > 0


def test_numbers_may_be_given_as_text(corp: Corp, sync: WeCom) -> None:
    new_department(sync, "text", id="30", order="5", parentid="2")
    department = corp.client().get("department/get", id="30")["department"]
    assert (department["parentid"], department["order"]) == (2, 5)


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"name": None}, 60001),
        ({"name": ""}, 60001),
        ({"name": "名" * 65}, 60001),
        ({"name_en": "n" * 65}, 60001),
        *(({"name": f"a{bad}b"}, 60009) for bad in '\\:*?"<>|｜'),
        ({"name_en": "a:b"}, 60009),
        ({"name": "华东大区"}, 60008),
        ({"id": 1}, 60008),
        ({"id": 2}, 60008),
        ({"id": -1}, 40058),
        ({"id": 2**32}, 40058),
        ({"order": -1}, 40058),
        ({"order": 2**32}, 40058),
        ({"parentid": None}, 60004),
        ({"parentid": 0}, 60004),
        ({"parentid": 99}, 60004),
        ({"parentid": 2**32}, 40058),
        ({"parentid": 10**30}, 60004),
        ({"parentid": "root"}, 60004),
    ],
)
def test_invalid_creations_are_refused(sync: WeCom, fields: dict[str, Any], errcode: int) -> None:
    before = sync.get("department/simplelist")
    reply = sync.post("department/create", {"name": "新部门", "parentid": 1, **fields})
    assert reply["errcode"] == errcode
    assert sync.get("department/simplelist") == before


def test_values_at_the_limits_are_accepted(corp: Corp, sync: WeCom) -> None:
    department = new_department(sync, "名" * 64, name_en="n" * 64, order=2**32 - 1)
    shown = corp.client().get("department/get", id=department)["department"]
    assert (shown["name"], shown["name_en"], shown["order"]) == ("名" * 64, "n" * 64, 2**32 - 1)


def test_departments_of_different_parents_may_share_a_name(sync: WeCom) -> None:
    new_department(sync, "后厨", 2, name_en="kitchen")
    new_department(sync, "后厨", 3, name_en="kitchen")
    assert sync.post("department/create", name="后厨", parentid=3)["errcode"] == 60008
    assert sync.post("department/create", name="新", name_en="kitchen", parentid=3)["errcode"] == 60008


def test_the_tree_has_at_most_15_levels(sync: WeCom) -> None:
    parent = 1
    for level in range(2, 16):
        parent = new_department(sync, f"level {level}", parent)
    assert sync.post("department/create", name="level 16", parentid=parent)["errcode"] == 40058
    branch = new_department(sync, "branch")
    new_department(sync, "twig", branch)
    deep = sync.post("department/update", id=branch, parentid=parent)
    assert deep["errcode"] == 40058
    (above,) = (
        row["parentid"] for row in sync.get("department/simplelist")["department_id"] if row["id"] == parent
    )
    assert sync.post("department/update", id=branch, parentid=above)["errcode"] == 40058
    assert sync.get("department/delete", id=branch + 1)["errcode"] == 0
    assert sync.post("department/update", id=branch, parentid=above)["errcode"] == 0


def test_a_corp_has_at_most_30000_departments(server: RunningServer, corp: Corp, sync: WeCom) -> None:
    with server.server.database.transaction() as tx:
        rows = [
            {
                "corp_id": corp.corpid,
                "id": number,
                "name": str(number),
                "name_en": "",
                "parentid": 2 + number % 2,
                "sort_order": number,
            }
            for number in range(1_000, 1_000 + DEPARTMENTS_OF_A_CORP - 9)
        ]
        tx.execute(sa.insert(Department), rows)
    new_department(sync, "the last one")
    assert sync.post("department/create", name="one too many", parentid=1)["errcode"] == 40058
    assert len(sync.get("department/simplelist")["department_id"]) == DEPARTMENTS_OF_A_CORP
    whole = corp.client(corp.new_app(visible={"partyid": [1]}))
    assert len(whole.get("department/list")["department"]) == DEPARTMENTS_OF_A_CORP
    assert len(whole.get("user/list", department_id=1, fetch_child=1)["userlist"]) == 5


def test_a_department_holds_at_most_30000_nodes(server: RunningServer, corp: Corp, sync: WeCom) -> None:
    with server.server.database.transaction() as tx:
        rows = [
            {
                "corp_id": corp.corpid,
                "userid": f"crowd{number}",
                "department_id": 8,
                "position": 0,
                "sort_order": 0,
                "is_leader": False,
            }
            for number in range(29_999)
        ]
        tx.execute(sa.insert(MemberDepartment), rows)
    new_department(sync, "the last one", 8)
    assert sync.post("department/create", name="x", parentid=8)["errcode"] == 40058
    assert sync.post("department/update", id=2, parentid=8)["errcode"] == 40058
    assert sync.post("user/update", userid="zhangsan", department=[8])["errcode"] == 40058
    reply = sync.post("user/create", userid="x", name="x", mobile="13800000000", department=[8])
    assert reply["errcode"] == 40058


def test_only_the_sync_secret_may_write(corp: Corp) -> None:
    for app in corp.apps:
        if app["kind"] == "contacts_sync":
            continue
        client = corp.client(app)
        assert client.post("department/create", name="x", parentid=1)["errcode"] == 48002
        assert client.post("department/update", id=2, name="x")["errcode"] == 48002
        assert client.get("department/delete", id=8)["errcode"] == 48002
    assert len(corp.client().get("department/list")["department"]) == 8


def test_concurrent_creations_get_unique_names_and_ids(sync: WeCom) -> None:
    def create(number: int) -> tuple[int, int]:
        reply = sync.post("department/create", name="同名" if number < 2 else f"部门 {number}", parentid=1)
        return reply["errcode"], reply.get("id", 0)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(create, range(4)))
    assert sorted(errcode for errcode, _ in answers) == [0, 0, 0, 60008]
    assert sorted(id_ for _, id_ in answers) == [0, 9, 10, 11]


# --- department/update


def test_an_update_changes_only_the_given_fields(corp: Corp, sync: WeCom) -> None:
    department = new_department(sync, "甲", 2, name_en="A", order=7)
    before = corp.client().get("department/get", id=department)["department"]
    for same in (
        {},
        {"name": "", "name_en": "", "parentid": 0},
        {"name": None, "order": None},
        {"name": "甲"},
    ):
        reply = sync.post("department/update", {"id": department, **same})
        assert reply == {"errcode": 0, "errmsg": "updated"}
    assert corp.client().get("department/get", id=department)["department"] == before
    assert sync.post("department/update", id=str(department), order=0)["errcode"] == 0
    assert sync.post("department/update", id=department, name="乙", name_en="B", parentid=3)["errcode"] == 0
    assert corp.client().get("department/get", id=department)["department"] == {
        "id": department,
        "name": "乙",
        "name_en": "B",
        "department_leader": [],
        "parentid": 3,
        "order": 0,
    }


def test_the_root_can_be_renamed_but_not_moved(corp: Corp, sync: WeCom) -> None:
    assert sync.post("department/update", id=1, name="新名", parentid=0)["errcode"] == 0
    assert corp.client().get("department/get", id=1)["department"]["name"] == "新名"
    assert sync.post("department/update", id=1, parentid=2)["errcode"] == 60010
    assert sync.post("department/update", id=1, parentid=1)["errcode"] == 60010


def test_a_department_cannot_move_below_itself(corp: Corp, sync: WeCom) -> None:
    child = new_department(sync, "child", 2)
    grandchild = new_department(sync, "grandchild", child)
    for parentid in (2, child, grandchild):
        assert sync.post("department/update", id=2, parentid=parentid)["errcode"] == 60010
    assert corp.client().get("department/get", id=2)["department"]["parentid"] == 1
    assert sync.post("department/update", id=grandchild, parentid=2)["errcode"] == 0


def test_concurrent_moves_create_no_cycle(sync: WeCom) -> None:
    def move(pair: tuple[int, int]) -> int:
        department, parentid = pair
        return int(sync.post("department/update", id=department, parentid=parentid)["errcode"])

    for _ in range(5):
        with ThreadPoolExecutor(2) as threads:
            assert sorted(threads.map(move, [(2, 3), (3, 2)])) == [0, 60010]
        for department in (2, 3):
            assert sync.post("department/update", id=department, parentid=1)["errcode"] == 0


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"id": None}, 60003),
        ({"id": 0}, 60003),
        ({"id": 99}, 60003),
        ({"name": "名" * 65}, 60001),
        ({"name": "a|b"}, 60009),
        ({"name": "华南大区"}, 60008),
        ({"parentid": 99}, 60004),
        ({"parentid": -1}, 40058),
        ({"order": 2**32}, 40058),
    ],
)
def test_invalid_updates_are_refused(corp: Corp, sync: WeCom, fields: dict[str, Any], errcode: int) -> None:
    before = corp.client().get("department/list")
    assert sync.post("department/update", {"id": 2, "order": 77, **fields})["errcode"] == errcode
    assert corp.client().get("department/list") == before


def test_moving_next_to_a_sibling_of_the_same_name_is_refused(sync: WeCom) -> None:
    new_department(sync, "后厨", 2)
    other = new_department(sync, "后厨", 3)
    assert sync.post("department/update", id=other, parentid=2)["errcode"] == 60008
    assert sync.post("department/update", id=other, parentid=2, name="前台")["errcode"] == 0


# --- department/delete


def test_only_an_empty_department_can_be_deleted(corp: Corp, sync: WeCom) -> None:
    parent = new_department(sync, "parent")
    child = new_department(sync, "child", parent)
    assert sync.get("department/delete", id=1)["errcode"] == 60007
    assert sync.get("department/delete", id=2)["errcode"] == 60005
    assert sync.get("department/delete", id=parent)["errcode"] == 60006
    assert sync.get("department/delete", id=99)["errcode"] == 60003
    assert sync.get("department/delete")["errcode"] == 60003
    assert sync.get("department/delete", id=child) == {"errcode": 0, "errmsg": "deleted"}
    assert sync.get("department/delete", id=parent)["errcode"] == 0
    assert corp.client().get("department/get", id=parent)["errcode"] == 60003


def test_deleting_the_members_empties_a_department(sync: WeCom) -> None:
    assert sync.get("user/delete", userid="zhangsan")["errcode"] == 0
    assert sync.get("department/delete", id=2)["errcode"] == 0


# --- department/list, department/simplelist, department/get


def test_a_list_has_the_department_and_all_below_it(corp: Corp, sync: WeCom) -> None:
    child = new_department(sync, "child", 2)
    grandchild = new_department(sync, "grandchild", child)
    wecom = corp.client()
    for operation in ("department/list", "department/simplelist"):
        assert ids(wecom.get(operation)) == [*range(1, 9), child, grandchild]
        assert ids(wecom.get(operation, id=2)) == [2, child, grandchild]
        assert ids(wecom.get(operation, id=3)) == [3]
        assert ids(wecom.get(operation, id=0)) == [*range(1, 9), child, grandchild]
        assert wecom.get(operation, id=99)["errcode"] == 60003
        assert wecom.get(operation, id=10**30)["errcode"] == 40058


def test_the_root_is_shown_without_a_parent(wecom: WeCom) -> None:
    root = wecom.get("department/list")["department"][0]
    assert (root["id"], root["parentid"], root["department_leader"]) == (1, 0, [])
    assert "name_en" not in root


def test_simplelist_has_ids_without_names(wecom: WeCom) -> None:
    rows = wecom.get("department/simplelist", id=2)["department_id"]
    assert [list(row) for row in rows] == [["id", "parentid", "order"]]


def test_only_visible_leaders_are_listed(corp: Corp, sync: WeCom) -> None:
    for userid, departments in (("zhangsan", [2, 3]), ("lisi", [3, 2])):
        reply = sync.post(
            "user/update", userid=userid, department=departments, is_leader_in_dept=[1, int(userid == "lisi")]
        )
        assert reply["errcode"] == 0
    wecom = corp.client()
    assert wecom.get("department/get", id=2)["department"]["department_leader"] == ["lisi", "zhangsan"]
    narrow = corp.client(corp.new_app(visible={"userid": [], "partyid": [3]}))
    listed = {row["id"]: row["department_leader"] for row in wecom.get("department/list")["department"]}
    assert (listed[2], listed[3], listed[4]) == (["lisi", "zhangsan"], ["lisi"], [])
    assert narrow.get("department/get", id=3)["department"]["department_leader"] == ["lisi"]
    assert sync.get("user/delete", userid="lisi")["errcode"] == 0
    assert narrow.get("department/get", id=3)["department"]["department_leader"] == []


def test_the_sync_secret_may_read_only_department_ids(sync: WeCom) -> None:
    assert ids(sync.get("department/simplelist")) == [*range(1, 9)]
    for operation in ("department/list", "department/get"):
        reply = sync.get(operation, id=2)
        assert reply["errcode"] == 48009
        assert reply["errmsg"].startswith("api forbidden for contact assistant")
    assert sync.get("department/list")["department"] == []


def test_an_app_sees_the_departments_in_and_below_its_range(corp: Corp, sync: WeCom) -> None:
    child = new_department(sync, "child", 2)
    narrow = corp.client(corp.new_app(visible={"userid": ["lisi"], "partyid": [2]}))
    for operation in ("department/list", "department/simplelist"):
        assert ids(narrow.get(operation)) == [2, child]
        assert ids(narrow.get(operation, id=child)) == [child]
        assert narrow.get(operation, id=3)["errcode"] == 60011
        assert narrow.get(operation, id=1)["errcode"] == 60011
        assert narrow.get(operation, id=99)["errcode"] == 60003
    assert narrow.get("department/get", id=child)["department"]["name"] == "child"
    assert narrow.get("department/get", id=3)["errcode"] == 60011
    assert narrow.get("department/get", id=99)["errcode"] == 60003
    assert narrow.get("department/get")["errcode"] == 60003
    nobody = corp.client(corp.new_app(visible={"userid": ["lisi"]}))
    assert ids(nobody.get("department/list")) == []


def test_a_department_of_another_corp_is_unknown(server: RunningServer, wecom: WeCom) -> None:
    other = server.make_corp(seed="empty")
    foreign = new_department(other.client(other.app_of_kind("contacts_sync")), "foreign", id=500)
    assert wecom.get("department/get", id=foreign)["errcode"] == 60003
    assert wecom.get("user/list", department_id=foreign)["errcode"] == 60123


def test_wechatpy_reads_and_writes_departments(corp: Corp) -> None:
    sync, reader = sdk(corp, "contacts_sync"), sdk(corp, "self_built")
    made_id = sync.department.create("SDK 部门", parent_id=2, order=3)["id"]
    assert reader.department.get(made_id)[0]["name"] == "SDK 部门"
    sync.department.update(made_id, name="新名")
    assert [row["name"] for row in reader.department.get(2)] == ["总部", "新名"]
    assert len(reader.department.get()) == 9
    assert [user["userid"] for user in reader.department.get_users(2)] == ["zhangsan"]
    assert set(reader.department.get_map_users(key="userid")) >= {"zhangsan", "sunqi"}
    sync.department.delete(made_id)
    with pytest.raises(WeChatClientException, match="60003"):
        sync.department.delete(made_id)


def sdk(corp: Corp, kind: str) -> WeChatClient:
    """The SDK with a token set; otherwise it would fetch one from the real host."""
    app = corp.app_of_kind(kind)
    client = WeChatClient(corp.corpid, app["secret"], corp.client(app).token, auto_retry=False)
    client.API_BASE_URL = f"{corp.server.base_url}/cgi-bin/"
    return client
