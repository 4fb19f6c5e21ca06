"""change_contact: the events of directory changes, and which apps receive them."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.callbacks.receiver import Query, Receiver
from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act
from tests.providers import Provider
from wecom_tollbooth.callbacks import crypto

StartServer = Callable[..., RunningServer]


@pytest.fixture
def developed(corp: Corp) -> WeCom:
    """A provider-developed app that an admin lets see details; it receives all events."""
    return Provider(corp.server).app_in(corp, "provider_developed", directory_details=True)


def events_of(corp: Corp, agentid: int) -> list[tuple[str, str]]:
    """ChangeType and own fields of the events that the app received, oldest first."""
    events = corp.sim("callbacks", agentid=agentid)["callbacks"]
    found = []
    for one in sorted(events, key=lambda event: int(event["id"])):
        assert one["event"] == "change_contact"
        own = one["xml"].partition("<Event><![CDATA[change_contact]]></Event>")[2].removesuffix("</xml>")
        found.append((one["change_type"], own))
    return found


def add_member(sync: WeCom, userid: str = "lihua", **fields: Any) -> None:
    body = {"name": "李华", "mobile": "13800138000", "department": [2], **fields}
    assert sync.post("user/create", userid=userid, **body)["errcode"] == 0


# --- members ---------------------------------------------------------------------------------------------


def test_creating_a_member_through_the_api_raises_create_user(
    corp: Corp, sync: WeCom, developed: WeCom
) -> None:
    texts = [{"type": 0, "name": "爱好", "text": {"value": "旅游"}}]
    web = [{"type": 1, "name": "卡号", "web": {"title": "主页", "url": "https://work.example.com"}}]
    add_member(
        sync,
        department=[2, 3],
        is_leader_in_dept=[1, 0],
        direct_leader=["zhangsan"],
        position="店长",
        alias="hua",
        telephone="020-123456",
        extattr={"attrs": texts + web},
    )
    assert events_of(corp, developed.agentid) == [
        (
            "create_user",
            "<ChangeType>create_user</ChangeType><UserID><![CDATA[lihua]]></UserID>"
            "<Name><![CDATA[李华]]></Name><Department><![CDATA[2,3]]></Department>"
            "<MainDepartment>2</MainDepartment><IsLeaderInDept><![CDATA[1,0]]></IsLeaderInDept>"
            "<DirectLeader><![CDATA[zhangsan]]></DirectLeader><Position><![CDATA[店长]]></Position>"
            "<Gender>0</Gender><Status>4</Status><Alias><![CDATA[hua]]></Alias><Telephone><![CDATA[020-123456]]></Telephone>"
            "<ExtAttr><Item><Name><![CDATA[爱好]]></Name><Type>0</Type>"
            "<Text><Value><![CDATA[旅游]]></Value></Text></Item>"
            "<Item><Name><![CDATA[卡号]]></Name><Type>1</Type><Web><Title><![CDATA[主页]]></Title>"
            "<Url><![CDATA[https://work.example.com]]></Url></Web></Item></ExtAttr>",
        )
    ]


def test_the_sync_assistant_and_self_built_apps_receive_no_events_of_api_changes(
    corp: Corp, sync: WeCom, wecom: WeCom
) -> None:
    add_member(sync)
    sync.get("user/delete", userid="lihua")
    assert events_of(corp, sync.agentid) == events_of(corp, wecom.agentid) == []


def test_update_user_has_only_the_changed_fields(corp: Corp, sync: WeCom, developed: WeCom) -> None:
    add_member(sync)
    for changes in (
        {"position": "店员"},
        {"position": "店员"},
        {"mobile": "13800138001"},
        {"department": [3], "name": "李花"},
        {"enable": 0},
    ):
        assert sync.post("user/update", userid="lihua", **changes)["errcode"] == 0
    userid = "<ChangeType>update_user</ChangeType><UserID><![CDATA[lihua]]></UserID>"
    assert events_of(corp, developed.agentid)[1:] == [
        (
            "update_user",
            userid + "<Position><![CDATA[店员]]></Position>",
        ),
        (
            "update_user",
            userid + "<Name><![CDATA[李花]]></Name><Department><![CDATA[3]]></Department>"
            "<MainDepartment>3</MainDepartment>",
        ),
        ("update_user", userid + "<Status>2</Status>"),
    ]


def test_an_update_sends_all_fields_that_changed_and_no_other(
    corp: Corp, sync: WeCom, developed: WeCom
) -> None:
    text = {"type": 0, "name": "爱好", "text": {"value": "旅游"}}
    web = {"type": 1, "name": "卡号", "web": {"title": "主页", "url": "https://work.example.com"}}
    add_member(sync, extattr={"attrs": [text]})
    for changes in (
        {"position": "店员"},
        {
            "department": [2],
            "is_leader_in_dept": [1],
            "direct_leader": ["lisi"],
            "alias": "hua",
            "telephone": "020-123456",
            "extattr": {"attrs": [text, web]},
        },
    ):
        assert sync.post("user/update", userid="lihua", **changes)["errcode"] == 0
    userid = "<ChangeType>update_user</ChangeType><UserID><![CDATA[lihua]]></UserID>"
    assert events_of(corp, developed.agentid)[1:] == [
        (
            "update_user",
            userid + "<Position><![CDATA[店员]]></Position>",
        ),
        (
            "update_user",
            userid + "<Department><![CDATA[2]]></Department><IsLeaderInDept><![CDATA[1]]></IsLeaderInDept>"
            "<Alias><![CDATA[hua]]></Alias>"
            "<Telephone><![CDATA[020-123456]]></Telephone>"
            "<ExtAttr><Item><Name><![CDATA[爱好]]></Name><Type>0</Type>"
            "<Text><Value><![CDATA[旅游]]></Value></Text></Item>"
            "<Item><Name><![CDATA[卡号]]></Name><Type>1</Type><Web><Title><![CDATA[主页]]></Title>"
            "<Url><![CDATA[https://work.example.com]]></Url></Web></Item></ExtAttr>",
        ),
    ]


def test_details_need_an_admins_authorisation_and_a_gender_the_members(corp: Corp, sync: WeCom) -> None:
    app = Provider(corp.server).app_in(corp, "provider_developed")
    everything: dict[str, Any] = {
        "direct_leader": ["zhangsan"],
        "position": "店长",
        "telephone": "020",
        "alias": "hua",
        "gender": "2",
        "is_leader_in_dept": [1],
        "extattr": {"attrs": [{"type": 0, "name": "爱好", "text": {"value": "旅游"}}]},
    }
    add_member(sync, **everything)
    for changes in (
        {"name": "李花", "position": "店员", "telephone": "021", "extattr": {"attrs": []}},
        {"direct_leader": ["lisi"]},
        {"gender": "1"},
        {"department": [2], "is_leader_in_dept": [0]},
    ):
        assert sync.post("user/update", userid="lihua", **changes)["errcode"] == 0
    made = sync.post("department/create", name="新店", parentid=1)["id"]
    sync.post("department/update", id=made, name="老店")
    details = corp.server.sim.patch(
        f"/corps/{corp.corpid}/apps/{app.agentid}", json={"directory_details": True}
    )
    assert details.json()["directory_details"] is True
    sync.post("department/update", id=made, name="旧店")
    userid = "<UserID><![CDATA[lihua]]></UserID>"
    changed = f"<ChangeType>update_user</ChangeType>{userid}"
    assert [own for _, own in events_of(corp, app.agentid)] == [
        f"<ChangeType>create_user</ChangeType>{userid}<Department><![CDATA[2]]></Department>"
        "<MainDepartment>2</MainDepartment><Gender>0</Gender><Status>4</Status><Alias><![CDATA[hua]]></Alias>",
        f"{changed}<Gender>0</Gender>",
        f"{changed}<Department><![CDATA[2]]></Department><IsLeaderInDept><![CDATA[0]]></IsLeaderInDept>",
        f"<ChangeType>create_party</ChangeType><Id>{made}</Id><ParentId><![CDATA[1]]></ParentId>"
        "<Order>0</Order>",
        f"<ChangeType>update_party</ChangeType><Id>{made}</Id><Name><![CDATA[旧店]]></Name>",
    ]


def test_only_provider_developed_apps_are_let_see_details(corp: Corp) -> None:
    app = f"/corps/{corp.corpid}/apps/{corp.apps[0]['agentid']}"
    refused = corp.server.sim.patch(app, json={"directory_details": True})
    assert refused.status_code == 422
    assert "directory_details" in refused.json()["error"]
    made = corp.server.sim.post(f"/corps/{corp.corpid}/apps", json={"directory_details": True})
    assert made.status_code == 422


def test_each_deleted_member_raises_one_event(corp: Corp, sync: WeCom, developed: WeCom) -> None:
    assert sync.get("user/delete", userid="zhangsan")["errcode"] == 0
    assert sync.post("user/batchdelete", useridlist=["lisi", "LISI", "wangwu"])["errcode"] == 0
    gone = "<ChangeType>delete_user</ChangeType><UserID><![CDATA[{}]]></UserID>"
    names = ("zhangsan", "lisi", "wangwu")
    assert events_of(corp, developed.agentid) == [("delete_user", gone.format(name)) for name in names]


def test_a_refused_change_raises_no_event(corp: Corp, sync: WeCom, developed: WeCom) -> None:
    assert sync.post("user/batchdelete", useridlist=["lisi", "nobody"])["errcode"] == 40031
    assert sync.post("user/create", userid="li", name="x", mobile="1")["errcode"] == 60103
    assert events_of(corp, developed.agentid) == []


def test_an_app_receives_events_of_what_it_sees(corp: Corp, sync: WeCom) -> None:
    app = Provider(corp.server).app_in(
        corp, "provider_developed", visible={"userid": ["lisi"], "partyid": [3]}, directory_details=True
    )
    add_member(sync, "unseen", mobile="13800138002")
    assert events_of(corp, app.agentid) == []
    add_member(sync, "seen", department=[2, 3], is_leader_in_dept=[0, 1])
    sync.post("user/update", userid="lisi", position="店长")
    (made, (_, changed)) = events_of(corp, app.agentid)
    assert "<Department><![CDATA[3]]></Department>" in made[1]
    assert "<IsLeaderInDept><![CDATA[1]]></IsLeaderInDept>" in made[1]
    assert "<UserID><![CDATA[lisi]]></UserID>" in changed
    sync.post("department/create", name="看不见", parentid=1, id=70)
    sync.post("department/create", name="看得见", parentid=3, id=71)
    assert [kind for kind, _ in events_of(corp, app.agentid)[2:]] == ["create_party"]


def test_changes_outside_the_api_go_to_the_sync_assistant_too(
    corp: Corp, sync: WeCom, developed: WeCom
) -> None:
    act(corp, "admin_sets_member_status", userid="lisi", status=2)
    done = act(corp, "member_leaves_corp", userid="zhangsan")
    assert len(done["callbacks"]) == 2
    gone = "<ChangeType>delete_user</ChangeType><UserID><![CDATA[zhangsan]]></UserID>"
    assert events_of(corp, sync.agentid) == [("delete_user", gone)]
    assert [kind for kind, _ in events_of(corp, developed.agentid)] == ["update_user", "delete_user"]


# --- departments -----------------------------------------------------------------------------------------


def test_department_changes_raise_events(corp: Corp, sync: WeCom, developed: WeCom) -> None:
    sync.post("department/create", name="研发", parentid=1, id=70, order=5)
    for changes in ({"name": "研发中心"}, {"parentid": 2}, {"order": 9}, {"name": "研发", "parentid": 1}):
        assert sync.post("department/update", id=70, **changes)["errcode"] == 0
    assert sync.get("department/delete", id=70)["errcode"] == 0
    changed = "<ChangeType>update_party</ChangeType><Id>70</Id>"
    assert events_of(corp, developed.agentid) == [
        (
            "create_party",
            "<ChangeType>create_party</ChangeType><Id>70</Id><Name><![CDATA[研发]]></Name>"
            "<ParentId><![CDATA[1]]></ParentId><Order>5</Order>",
        ),
        ("update_party", changed + "<Name><![CDATA[研发中心]]></Name>"),
        ("update_party", changed + "<ParentId><![CDATA[2]]></ParentId>"),
        ("update_party", changed + "<Name><![CDATA[研发]]></Name><ParentId><![CDATA[1]]></ParentId>"),
        ("delete_party", "<ChangeType>delete_party</ChangeType><Id>70</Id>"),
    ]


def test_departments_created_with_a_member_raise_events(corp: Corp, sync: WeCom, developed: WeCom) -> None:
    add_member(sync, department=[88])
    events = events_of(corp, developed.agentid)
    assert [kind for kind, _ in events] == ["create_party", "create_party", "create_user"]
    assert "<Id>88</Id>" in events[1][1]


# --- delivery --------------------------------------------------------------------------------------------


def test_events_of_api_changes_are_delivered_immediately(corp: Corp, sync: WeCom) -> None:
    app = corp.new_app(kind="provider_developed", provider_id=Provider(corp.server).id)

    def open_echo(query: Query) -> bytes:
        return crypto.decrypt(app["encoding_aes_key"], query["echostr"], corp.corpid)

    receiver = Receiver(open_echo)
    try:
        keys = {"token": app["callback_token"], "encoding_aes_key": app["encoding_aes_key"]}
        set_up = corp.server.sim.put(
            f"/corps/{corp.corpid}/apps/{app['agentid']}/callback", json={"url": receiver.url, **keys}
        )
        assert set_up.status_code == 200, set_up.text
        add_member(sync)
        receiver.wait_for(1)
    finally:
        receiver.close()
