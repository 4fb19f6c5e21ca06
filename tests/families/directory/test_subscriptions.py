"""subscribe and unsubscribe: members get an app and lose it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.callbacks.steps import act
from tests.conftest import Corp, WeCom
from tests.families.app_events.wechatpy_app import WechatpyApp


class Subscriptions:
    """An app that sees `visible`, and its callbacks about its members."""

    def __init__(self, corp: Corp, **app: Any) -> None:
        self.corp = corp
        self.app = WechatpyApp(corp, corp.new_app(name="点单", **app))
        self.agentid = self.app.agentid

    def events(self) -> list[str]:
        """The events since the last look: subscribe zhangsan."""
        found = []
        for callback in self.app.callbacks()[self.seen :]:
            name = re.search(r"<FromUserName><!\[CDATA\[(.*?)\]\]>", callback["xml"])
            assert name
            found.append(f"{callback['event']} {name[1]}")
        self.seen += len(found)
        return [one for one in found if "subscribe" in one]

    seen = 0


@pytest.fixture
def narrow(corp: Corp) -> Iterator[Subscriptions]:
    made = Subscriptions(corp, visible={"userid": ["zhangsan"], "partyid": [2]})
    yield made
    made.app.http.close()


@pytest.fixture
def directory(corp: Corp) -> WeCom:
    return corp.client(corp.app_of_kind("contacts_sync"))


def set_range(app: Subscriptions, **fields: Any) -> None:
    act(app.corp, "admin_sets_visible_range", agentid=app.agentid, **fields)


def new_department(directory: WeCom, name: str, parentid: int = 1) -> int:
    made = directory.post("department/create", name=name, parentid=parentid)
    assert made["errcode"] == 0, made
    return int(made["id"])


def test_a_range_changed_by_the_control_call_subscribes_and_unsubscribes(narrow: Subscriptions) -> None:
    narrow.events()
    place = f"/corps/{narrow.corp.corpid}/apps/{narrow.agentid}"
    narrow.corp.server.sim.patch(place, json={"visible": {"userid": ["lisi"]}}).raise_for_status()
    assert {"subscribe lisi", "unsubscribe zhangsan"} <= set(narrow.events())
    narrow.corp.server.sim.patch(place, json={"enabled": False, "name": "停用"}).raise_for_status()
    assert narrow.events() == []


def test_who_comes_into_a_tag_of_the_range_is_subscribed(narrow: Subscriptions) -> None:
    tagid = act(narrow.corp, "admin_creates_member_tag", name="店长", userid=["lisi"])["tagid"]
    assert narrow.events() == []
    set_range(narrow, userid=["zhangsan"], tagid=[tagid])
    assert "subscribe lisi" in narrow.events()
    act(narrow.corp, "admin_changes_member_tag", tagid=tagid, add_userid=["wangwu"], remove_userid=["lisi"])
    assert narrow.events() == ["subscribe wangwu", "unsubscribe lisi"]
    act(narrow.corp, "admin_deletes_member_tag", tagid=tagid)
    assert narrow.events() == ["unsubscribe wangwu"]


def test_a_new_range_subscribes_who_comes_and_unsubscribes_who_goes(narrow: Subscriptions) -> None:
    set_range(narrow, userid=["ZhangSan", "lisi"])
    narrow.events()
    set_range(narrow, userid=["lisi", "wangwu"])
    assert narrow.events() == ["subscribe wangwu", "unsubscribe zhangsan"]
    set_range(narrow)
    assert narrow.events() == ["unsubscribe lisi", "unsubscribe wangwu"]
    set_range(narrow, everyone=True)
    assert {"subscribe lisi", "subscribe zhangsan", "subscribe wangwu"} <= set(narrow.events())


@pytest.mark.parametrize("fields", [{"userid": ["nobody"]}, {"partyid": [77]}])
def test_a_range_has_members_and_departments_of_the_corp(
    narrow: Subscriptions, fields: dict[str, Any]
) -> None:
    given = {"act": "admin_sets_visible_range", "agentid": narrow.agentid, **fields}
    answer = narrow.corp.server.sim.post(f"/corps/{narrow.corp.corpid}/acts", json=given)
    assert answer.status_code == 422
    assert "there is no" in answer.json()["error"]


def test_a_member_who_becomes_active_in_the_range_subscribes(narrow: Subscriptions, directory: WeCom) -> None:
    place = new_department(directory, "新店")
    set_range(narrow, partyid=[place])
    narrow.events()
    made = directory.post(
        "user/create", userid="xiaomei", name="小美", department=[place], mobile="13912340000"
    )
    assert made["errcode"] == 0, made
    assert narrow.events() == []
    act(narrow.corp, "admin_sets_member_status", userid="xiaomei", status=1)
    assert narrow.events() == ["subscribe xiaomei"]
    act(narrow.corp, "admin_sets_member_status", userid="xiaomei", status=1)
    assert narrow.events() == []


def test_disabled_and_deleted_members_unsubscribe(narrow: Subscriptions, directory: WeCom) -> None:
    set_range(narrow, userid=["zhangsan", "lisi", "wangwu"])
    narrow.events()
    assert directory.post("user/update", userid="zhangsan", enable=0)["errcode"] == 0
    assert narrow.events() == ["unsubscribe zhangsan"]
    assert directory.post("user/update", userid="zhangsan", enable=1)["errcode"] == 0
    assert narrow.events() == ["subscribe zhangsan"]
    act(narrow.corp, "member_leaves_corp", userid="lisi")
    assert narrow.events() == ["unsubscribe lisi"]
    assert directory.get("user/delete", userid="wangwu")["errcode"] == 0
    assert narrow.events() == ["unsubscribe wangwu"]
    assert directory.post("user/batchdelete", useridlist=["zhangsan"])["errcode"] == 0
    assert narrow.events() == ["unsubscribe zhangsan"]


def test_a_member_or_department_that_moves_takes_the_app_along(
    narrow: Subscriptions, directory: WeCom
) -> None:
    inside, outside = new_department(directory, "华东"), new_department(directory, "华南")
    set_range(narrow, partyid=[inside])
    narrow.events()
    assert directory.post("user/update", userid="lisi", department=[outside])["errcode"] == 0
    assert narrow.events() == []
    assert directory.post("department/update", id=outside, parentid=inside)["errcode"] == 0
    assert narrow.events() == ["subscribe lisi"]
    assert directory.post("department/update", id=outside, name="华南二区")["errcode"] == 0
    assert narrow.events() == []
    assert directory.post("user/update", userid="lisi", department=[1])["errcode"] == 0
    assert narrow.events() == ["unsubscribe lisi"]


def test_apps_without_an_address_are_not_told(corp: Corp) -> None:
    app = corp.new_app(name="没有地址", visible={"userid": ["zhangsan"]})
    made = act(corp, "admin_sets_visible_range", agentid=app["agentid"], userid=["lisi"])
    assert made["callbacks"] == []
    assert corp.sim("callbacks")["callbacks"] == []


def test_an_app_greets_who_subscribes(narrow: Subscriptions) -> None:
    narrow.app.replies = lambda message: "欢迎使用点单" if message.event == "subscribe" else ""
    set_range(narrow, userid=["lisi"])
    assert narrow.app.outcome() is None
    outcomes = {one["event"]: one["attempts"][-1]["reply"] for one in narrow.app.callbacks()}
    assert outcomes["subscribe"] == {"shown": True}
    (item,) = (one for one in narrow.corp.sim("phones/lisi")["items"] if one["kind"] == "passive_reply")
    assert item["body"]["text"] == {"content": "欢迎使用点单"}
