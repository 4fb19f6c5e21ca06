"""通讯录 → 部门管理: department/list, simplelist and get."""

from typing import Any

import pytest
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import WeChatClientException

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.directory.test_departments import new_department


def ids(reply: dict[str, Any]) -> list[int]:
    assert reply["errcode"] == 0, reply
    name = "department" if "department" in reply else "department_id"
    return [department["id"] for department in reply[name]]


def test_a_list_has_the_department_and_all_below_it(corp: Corp, sync: WeCom) -> None:
    child = new_department(sync, "child", 2)
    grandchild = new_department(sync, "grandchild", child)
    wecom = corp.client()
    for operation in ("department/list", "department/simplelist"):
        assert ids(wecom.get(operation)) == [*range(1, 9), child, grandchild]
        assert ids(wecom.get(operation, id=2)) == [2, child, grandchild]
        assert ids(wecom.get(operation, id=3)) == [3]
        assert ids(wecom.get(operation, id=0)) == [*range(1, 9), child, grandchild]
        assert wecom.get(operation, id=99)["errcode"] == 60123
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
        assert narrow.get(operation, id=99)["errcode"] == 60123
    assert narrow.get("department/get", id=child)["department"]["name"] == "child"
    assert narrow.get("department/get", id=3)["errcode"] == 60011
    assert narrow.get("department/get", id=99)["errcode"] == 60123
    assert narrow.get("department/get")["errcode"] == 40058
    nobody = corp.client(corp.new_app(visible={"userid": ["lisi"]}))
    assert ids(nobody.get("department/list")) == []


def test_a_department_of_another_corp_is_unknown(server: RunningServer, wecom: WeCom) -> None:
    other = server.make_corp(seed="empty")
    foreign = new_department(other.client(other.app_of_kind("contacts_sync")), "foreign", id=500)
    assert wecom.get("department/get", id=foreign)["errcode"] == 60123
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
    with pytest.raises(WeChatClientException, match="60123"):
        sync.department.delete(made_id)


def sdk(corp: Corp, kind: str) -> WeChatClient:
    """The SDK with a token set; otherwise it would fetch one from the real host."""
    app = corp.app_of_kind(kind)
    client = WeChatClient(corp.corpid, app["secret"], corp.client(app).token, auto_retry=False)
    client.API_BASE_URL = f"{corp.server.base_url}/cgi-bin/"
    return client
