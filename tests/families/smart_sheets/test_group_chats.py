"""Group chats of members that the automation of a smart sheet creates."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import NOW, act, insert, new_member
from wecom_tollbooth.db import table_of
from wecom_tollbooth.families.directory.tables import Member
from wecom_tollbooth.families.smart_sheets.tables import SheetGroup

PEOPLE = ("wanger", "zhaoliu", "sunqi")


class Sheet:
    """A smart sheet of one app with the members zhangsan and lisi, and the groups that it creates."""

    def __init__(self, wecom: WeCom) -> None:
        self.wecom, self.corp = wecom, wecom.corp
        people = ["zhangsan", "lisi"]
        made = wecom.post("wedoc/create_doc", doc_type=10, doc_name="项目表", admin_users=people)
        assert made["errcode"] == 0, made
        self.docid: str = made["docid"]

    def create_group(self, *userids: str, **fields: Any) -> str:
        people = userids or ("zhangsan", "lisi")
        made = act(self.corp, "smart_sheet_creates_group", docid=self.docid, userids=people, **fields)
        return str(made["chat_id"])

    def call(self, name: str, /, *, by: WeCom | None = None, **fields: Any) -> dict[str, Any]:
        body = {"docid": self.docid, **fields}
        return (by or self.wecom).post(f"wedoc/smartsheet/groupchat/{name}", body)

    def get(self, chat_id: str) -> tuple[str, list[str]]:
        """Owner and members."""
        reply = self.call("get", chat_id=chat_id)
        assert reply["errcode"] == 0, reply
        return reply["owner"], reply["user_list"]

    def update(self, chat_id: str, **changes: Any) -> int:
        return int(self.call("update", chat_id=chat_id, **changes)["errcode"])


@pytest.fixture
def sheet(empty_corp: Corp) -> Sheet:
    for userid in PEOPLE:
        new_member(empty_corp, userid)
    return Sheet(empty_corp.client())


@pytest.fixture
def chat_id(sheet: Sheet) -> str:
    return sheet.create_group()


# --- reading ---------------------------------------------------------------------------------------------


def test_groups_are_listed_page_by_page_in_order_of_creation(sheet: Sheet) -> None:
    assert sheet.call("list") == {"errcode": 0, "errmsg": "ok", "has_more": False, "chat_id_list": []}
    made = [sheet.create_group() for _ in range(5)]
    found: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = sheet.call("list", limit=2, **cursor)
        found += page["chat_id_list"]
        assert page["has_more"] == ("next_cursor" in page)
        if not page["has_more"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == made
    assert len(page["chat_id_list"]) == 1
    for limit in (0, -1, 200, 1_000, None):
        assert sheet.call("list", limit=limit, cursor="")["chat_id_list"] == made
    assert sheet.call("list", cursor="CURSOR")["errcode"] == 50100
    other = Sheet(sheet.wecom)
    assert sheet.call("list", limit=2, **cursor)["chat_id_list"] == made[4:]
    assert other.call("list", limit=2, **cursor)["errcode"] == 50100, "the cursor of another document"


def test_a_page_has_100_groups_by_default_and_200_at_most(sheet: Sheet) -> None:
    made = [f"wr{number:03}" for number in range(201)]
    about: dict[str, Any] = {
        "corp_id": sheet.corp.corpid,
        "docid": sheet.docid,
        "name": "群",
        "owner": "lisi",
    }
    insert(sheet.corp, *(SheetGroup(chat_id=one, seq=seq, **about) for seq, one in enumerate(made, 1)))
    for limit, size in ((None, 100), (150, 150), (200, 200), (201, 200)):
        assert sheet.call("list", limit=limit)["chat_id_list"] == made[:size]


def test_a_group_has_a_name_an_owner_and_members(sheet: Sheet) -> None:
    chat_id = sheet.create_group("lisi", "Zhangsan", "wanger", owner="ZHANGSAN", name="华东项目")
    shown = sheet.call("get", chat_id=chat_id)
    assert shown == {
        **{"errcode": 0, "errmsg": "ok", "name": "华东项目", "owner": "zhangsan"},
        "user_list": ["lisi", "zhangsan", "wanger"],
    }
    assert sheet.call("get", chat_id=sheet.create_group())["name"] == "项目表"


def test_members_who_left_the_corp_are_not_shown(sheet: Sheet) -> None:
    chat_id = sheet.create_group("zhangsan", "lisi", "wanger")
    act(sheet.corp, "member_leaves_corp", userid="zhangsan")
    assert sheet.get(chat_id) == ("lisi", ["lisi", "wanger"])
    for userid in ("lisi", "wanger"):
        act(sheet.corp, "member_leaves_corp", userid=userid)
    assert sheet.get(chat_id) == ("", [])


def test_a_group_is_found_only_through_its_own_document(sheet: Sheet, chat_id: str) -> None:
    other = Sheet(sheet.wecom)
    refused = other.call("get", chat_id=chat_id)
    assert (refused["errcode"], refused["user_list"]) == (86003, [])
    assert other.update(chat_id, add_user_list=["lisi"]) == 86003
    act(sheet.corp, "dismiss_smart_sheet_group", chat_id=chat_id)
    assert sheet.call("get", chat_id=chat_id)["errcode"] == 86003
    assert sheet.update(chat_id, owner="lisi") == 86003
    assert sheet.call("list")["chat_id_list"] == []
    kept = other.create_group()
    sheet.wecom.post("wedoc/del_doc", docid=sheet.docid)
    assert sheet.call("list")["errcode"] == 301085
    assert other.call("list")["chat_id_list"] == [kept]


def test_only_the_documents_app_that_sees_the_whole_corp_reads_groups(sheet: Sheet, chat_id: str) -> None:
    listed = sheet.corp.client(sheet.corp.apps[1])
    of_root = sheet.corp.client(sheet.corp.new_app(kind="self_built", visible={"partyid": [1]}))
    of_some = sheet.corp.client(sheet.corp.new_app(kind="self_built", visible={"userid": ["lisi"]}))
    for name, body in (("list", {}), ("get", {"chat_id": chat_id}), ("update", {"chat_id": chat_id})):
        assert sheet.call(name, by=listed, **body)["errcode"] == 851003
        assert sheet.call(name, by=of_some, **body)["errcode"] == 60011
    own = Sheet(of_root)
    assert own.get(own.create_group()) == ("zhangsan", ["zhangsan", "lisi"])


# --- changing --------------------------------------------------------------------------------------------


def test_update_adds_and_removes_members_and_changes_the_owner(sheet: Sheet, chat_id: str) -> None:
    act(sheet.corp, "member_shares_document", docid=sheet.docid, add=[{"userid": "wanger"}])
    assert sheet.update(chat_id, add_user_list=["Wanger", "lisi", "wanger"]) == 0
    assert sheet.get(chat_id) == ("zhangsan", ["zhangsan", "lisi", "wanger"])
    assert sheet.update(chat_id, owner="LISI", del_user_list=["zhangsan"]) == 0
    assert sheet.get(chat_id) == ("lisi", ["lisi", "wanger"])
    assert sheet.update(chat_id, owner="wanger") == 0
    assert sheet.get(chat_id) == ("wanger", ["lisi", "wanger"])
    assert sheet.update(chat_id, del_user_list=["sunqi"]) == 0, "a userid that is not in the group is ignored"
    assert sheet.update(chat_id) == 0
    assert sheet.get(chat_id) == ("wanger", ["lisi", "wanger"])


def test_a_userid_in_both_lists_is_removed(sheet: Sheet) -> None:
    chat_id = sheet.create_group("lisi", "wanger")
    assert sheet.update(chat_id, add_user_list=["zhangsan"], del_user_list=["zhangsan"]) == 0
    assert sheet.get(chat_id) == ("lisi", ["lisi", "wanger"])


def test_members_of_a_department_of_the_document_can_be_added(sheet: Sheet, chat_id: str) -> None:
    assert sheet.update(chat_id, add_user_list=["sunqi"]) == 710800
    department = {"type": 2, "departmentid": 1, "auth": 1}
    shared = {"docid": sheet.docid, "update_co_auth_list": True, "co_auth_list": [department]}
    assert sheet.wecom.post("wedoc/mod_doc_join_rule", shared)["errcode"] == 0
    assert sheet.update(chat_id, add_user_list=["sunqi"]) == 0
    assert sheet.get(chat_id)[1] == ["zhangsan", "lisi", "sunqi"]


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"add_user_list": ["nobody"]}, 86007),
        ({"add_user_list": ["lisi", "wanger"]}, 710800),
        ({"del_user_list": ["nobody"]}, 86007),
        ({"owner": "nobody"}, 86005),
        ({"owner": "wanger"}, 86005),
        ({"owner": "lisi", "del_user_list": ["lisi"]}, 86006),
        ({"del_user_list": ["zhangsan"]}, 86203),
        ({"del_user_list": ["zhangsan"], "owner": "lisi"}, 86006),
        ({"add_user_list": ["lisi"] * 501}, 40058),
        ({"del_user_list": ["lisi"] * 501}, 40058),
        ({"chat_id": "wrXXX"}, 86003),
        ({"chat_id": ""}, 40063),
        ({"docid": "dcXXX"}, 301085),
    ],
)
def test_an_invalid_change_is_refused_as_a_whole(
    sheet: Sheet, chat_id: str, changes: dict[str, Any], errcode: int
) -> None:
    assert sheet.update(**{"chat_id": chat_id, **changes}) == errcode
    assert sheet.get(chat_id) == ("zhangsan", ["zhangsan", "lisi"])


def test_a_removed_owner_is_replaced_by_a_remaining_member(sheet: Sheet) -> None:
    chat_id = sheet.create_group("zhangsan", "lisi", "wanger")
    assert sheet.update(chat_id, del_user_list=["zhangsan"], owner="zhangsan") == 86005
    assert sheet.update(chat_id, del_user_list=["zhangsan"], owner="wanger") == 0
    assert sheet.get(chat_id) == ("wanger", ["lisi", "wanger"])


def test_concurrent_changes_of_one_group_are_all_kept(sheet: Sheet, chat_id: str) -> None:
    """On PostgreSQL the calls run concurrently."""
    newcomers = [new_member(sheet.corp, f"m{number}") for number in range(8)]
    act(sheet.corp, "member_shares_document", docid=sheet.docid, add=[{"userid": one} for one in newcomers])
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda one: sheet.update(chat_id, add_user_list=[one]), newcomers))
    assert codes == [0] * 8
    assert sorted(sheet.get(chat_id)[1]) == sorted([*newcomers, "lisi", "zhangsan"])


def test_a_group_has_at_most_2000_members(sheet: Sheet) -> None:
    crowd = [f"m{number:04}" for number in range(1_999)]
    about: dict[str, Any] = {
        "corp_id": sheet.corp.corpid,
        "main_department": 1,
        "may_follow": False,
        "created_at": NOW,
    }
    insert(sheet.corp, *(Member(userid=one, userid_key=one, name=one, **about) for one in crowd))
    chat_id = sheet.create_group("wanger", *crowd[:2])
    table = table_of(SheetGroup)
    of_it = sa.update(table).where(table.c.corp_id == sheet.corp.corpid, table.c.chat_id == chat_id)
    with sheet.corp.server.server.database.transaction() as tx:
        tx.execute(of_it.values(members=["wanger", *crowd[:1_998]]))
    assert sheet.update(chat_id, add_user_list=["zhangsan", "lisi"]) == 86006
    assert sheet.update(chat_id, add_user_list=["zhangsan"]) == 0
    assert len(sheet.get(chat_id)[1]) == 2_000


def test_changes_of_groups_are_limited_per_hour(start_server: Callable[..., RunningServer]) -> None:
    server = start_server(limit_sheet_groups_hour=3)
    server.sim.post("/clock", json={"freeze": True})
    sheet = Sheet(server.make_corp(seed="demo").client())
    chat_id = sheet.create_group()
    codes = [sheet.update(chat_id, owner=owner) for owner in ("lisi", "x", "zhangsan", "lisi", "zhangsan")]
    assert codes == [0, 86005, 0, 0, 45009], "refused calls are not counted"
    server.sim.post("/clock", json={"advance_seconds": 3_600})
    assert sheet.update(chat_id, owner="zhangsan") == 0


def test_reading_groups_has_a_higher_concurrency_limit(server: RunningServer) -> None:
    limits = {one["path"]: one["limit"] for one in server.sim.get("/operations").json()["operations"]}
    of_groups = {name: limits[f"/cgi-bin/wedoc/smartsheet/groupchat/{name}"] for name in ("list", "update")}
    assert [of_groups[name]["concurrency"] for name in ("list", "update")] == [20, 10]
    assert limits["/cgi-bin/wedoc/smartsheet/get_sheet"]["concurrency"] == 5


# --- refused acts ----------------------------------------------------------------------------------------


def test_a_smart_sheet_creates_groups_of_at_least_two_members(sheet: Sheet) -> None:
    plain = sheet.wecom.post("wedoc/create_doc", doc_type=3, doc_name="文档")["docid"]
    good = {"act": "smart_sheet_creates_group", "docid": sheet.docid, "userids": ["zhangsan", "lisi"]}
    for wrong in (
        {"docid": plain},
        {"docid": "dcXXX"},
        {"userids": ["zhangsan"]},
        {"userids": ["zhangsan", "ZHANGSAN"]},
        {"userids": ["zhangsan", "nobody"]},
        {"owner": "wanger"},
        {"act": "dismiss_smart_sheet_group", "chat_id": "wrXXX"},
    ):
        body = {**good, **wrong} if "act" not in wrong else wrong
        answer = sheet.corp.server.sim.post(f"/corps/{sheet.corp.corpid}/acts", json=body)
        assert answer.status_code == 422, wrong
    assert sheet.call("list")["chat_id_list"] == []
