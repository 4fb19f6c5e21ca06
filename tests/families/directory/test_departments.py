"""通讯录 → 部门管理: the tree of departments."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import Corp, RunningServer, WeCom
from wecom_tollbooth.families.directory.tables import Department, MemberDepartment
from wecom_tollbooth.families.directory.tree import DEPARTMENTS_OF_A_CORP


def new_department(sync: WeCom, name: str, parentid: Any = 1, **fields: Any) -> int:
    """department/create, which must succeed; returns the id."""
    reply = sync.post("department/create", {"name": name, "parentid": parentid, **fields})
    assert (reply["errcode"], reply["errmsg"]) == (0, "created"), reply
    return int(reply["id"])


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
        ({"name": ""}, 40058),
        ({"name": "名" * 65}, 60001),
        ({"name_en": "n" * 65}, 60001),
        *(({"name": f"a{bad}b"}, 60009) for bad in '\\:*?"<>|｜'),
        ({"name_en": "a:b"}, 60009),
        ({"name": "华东大区"}, 60008),
        ({"id": 1}, 60008),
        ({"id": 2}, 60008),
        ({"id": -1}, 60009),
        ({"id": 2**32}, 60009),
        ({"id": 10**32}, 60009),
        ({"id": "nine"}, 60009),
        ({"order": -1}, 60009),
        ({"order": 2**32}, 60009),
        ({"order": "aaa"}, 60009),
        ({"order": [1]}, 60009),
        ({"parentid": None}, 60004),
        ({"parentid": 0}, 60004),
        ({"parentid": 99}, 60004),
        ({"parentid": 2**32}, 60009),
        ({"parentid": 10**30}, 60009),
        ({"parentid": "str"}, 60009),
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
    assert sync.post("department/create", name="level 16", parentid=parent)["errcode"] == 81002
    branch = new_department(sync, "branch")
    new_department(sync, "twig", branch)
    deep = sync.post("department/update", id=branch, parentid=parent)
    assert deep["errcode"] == 81002
    (above,) = (
        row["parentid"] for row in sync.get("department/simplelist")["department_id"] if row["id"] == parent
    )
    assert sync.post("department/update", id=branch, parentid=above)["errcode"] == 81002
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
    assert sync.post("department/create", name="x", parentid=8)["errcode"] == 81001
    assert sync.post("department/update", id=2, parentid=8)["errcode"] == 81001
    assert sync.post("user/update", userid="zhangsan", department=[8])["errcode"] == 81001
    reply = sync.post("user/create", userid="x", name="x", mobile="13800000000", department=[8])
    assert reply["errcode"] == 81001


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


def test_replies_have_the_texts_that_were_captured(sync: WeCom) -> None:
    def text(operation: str, **fields: Any) -> str:
        return str(sync.post(f"department/{operation}", **fields)["errmsg"]).partition(", hint")[0]

    bad_name = "department name include invalid char"
    assert text("create", name="", parentid=1) == "name exceed min utf8 words 1. invalid Request Parameter"
    assert text("create", name="</script>", parentid=1) == bad_name
    assert text("create", name="新", parentid="str") == f"Warning: wrong json format. {bad_name}"
    assert text("update", id=2, parentid=999) == "invalid parent party id"
    new_department(sync, "下", 2)
    assert sync.post("user/update", userid="zhangsan", department=[3])["errcode"] == 0
    refused = sync.get("department/delete", id=2)["errmsg"]
    assert refused.startswith("department contains sub-department, hint: [")


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
        ({"parentid": 99}, 60124),
        ({"parentid": -1}, 60009),
        ({"parentid": "str"}, 60009),
        ({"order": 2**32}, 60009),
        ({"order": "aaa"}, 60009),
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
    assert sync.get("department/delete", id=99)["errcode"] == 60123
    assert sync.get("department/delete")["errcode"] == 40058
    assert sync.get("department/delete", id=child) == {"errcode": 0, "errmsg": "deleted"}
    assert sync.get("department/delete", id=parent)["errcode"] == 0
    assert corp.client().get("department/get", id=parent)["errcode"] == 60123
    assert sync.post("user/update", userid="lisi", department=[1])["errcode"] == 0
    assert sync.get("department/delete", id=1)["errcode"] == 60005


def test_deleting_the_members_empties_a_department(sync: WeCom) -> None:
    assert sync.get("user/delete", userid="zhangsan")["errcode"] == 0
    assert sync.get("department/delete", id=2)["errcode"] == 0
