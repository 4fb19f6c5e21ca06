"""The workbench: what members see of an app there."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, act_error
from tests.providers import Provider
from wecom_tollbooth.families.applications import workbench as workbench_module

ITEMS: list[dict[str, Any]] = [{"key": "待审批", "data": "2", "jump_url": "http://www.qq.com"}]
KEYDATA: dict[str, Any] = {"type": "keydata", "keydata": {"items": ITEMS}}


class Workbench:
    """An app whose display an admin has opened."""

    def __init__(self, corp: Corp, **app: Any) -> None:
        self.corp = corp
        self.wecom: WeCom = corp.client(corp.new_app(**app))
        act(corp, "admin_sets_workbench_mode", agentid=self.wecom.agentid, open=True)

    def post(self, operation: str, **fields: Any) -> dict[str, Any]:
        return self.wecom.post(f"agent/{operation}", {"agentid": self.wecom.agentid, **fields})

    def template(self, **fields: Any) -> int:
        return int(self.post("set_workbench_template", **fields)["errcode"])

    def set(self, userid: str = "zhangsan", **fields: Any) -> int:
        return int(self.post("set_workbench_data", userid=userid, **fields)["errcode"])

    def batch(self, userids: list[str], data: Any = None) -> int:
        given = KEYDATA if data is None else data
        return int(self.post("batch_set_workbench_data", userid_list=userids, data=given)["errcode"])

    def shown(self, userid: str = "zhangsan") -> dict[str, Any]:
        return self.post("get_workbench_data", userid=userid)


@pytest.fixture
def workbench(corp: Corp) -> Workbench:
    return Workbench(corp)


def test_members_see_their_data_and_else_those_of_the_template(workbench: Workbench) -> None:
    default = {"items": [{"key": "待审批", "data": "0"}]}
    assert workbench.template(type="keydata", keydata=default) == 0
    assert workbench.set(**KEYDATA) == 0
    assert workbench.shown()["data"] == KEYDATA
    assert workbench.shown("lisi")["data"] == {"type": "keydata", "keydata": default}
    template = workbench.post("get_workbench_template")
    assert (template["type"], template["keydata"], template["replace_user_data"]) == (
        "keydata",
        default,
        False,
    )


def test_every_type_is_shown_as_it_was_set(workbench: Workbench) -> None:
    contents: dict[str, dict[str, Any]] = {
        "image": {"url": "http://img.example.com/a.png", "pagepath": "pages/index"},
        "list": {"items": [{"title": "通知", "jump_url": "http://www.qq.com"}]},
        "webview": {
            "url": "http://www.qq.com",
            "height": "single_row",
            "hide_title": True,
            "enable_webview_click": False,
        },
    }
    for kind, content in contents.items():
        assert workbench.template(type=kind) == 0
        assert workbench.shown()["data"] == {"type": kind}
        given: dict[str, Any] = {"type": kind, kind: content}
        assert workbench.set(**given) == 0
        assert workbench.shown()["data"] == {"type": kind, kind: content}


def test_a_template_replaces_the_data_of_members_if_it_says_so(workbench: Workbench) -> None:
    workbench.template(type="keydata")
    workbench.set(**KEYDATA)
    default = {"items": [{"data": "9"}]}
    workbench.template(type="keydata", keydata=default)
    assert workbench.shown()["data"] == KEYDATA
    workbench.template(type="keydata", keydata=default, replace_user_data=True)
    assert workbench.shown()["data"]["keydata"] == default
    workbench.set(**KEYDATA)
    assert workbench.shown()["data"] == KEYDATA
    workbench.template(type="image")
    workbench.template(type="keydata")
    assert workbench.shown()["data"] == {"type": "keydata"}


def test_a_batch_sets_the_data_of_several_members(workbench: Workbench) -> None:
    workbench.template(type="keydata")
    assert workbench.batch(["ZhangSan", "lisi", "zhangsan"]) == 0
    assert [workbench.shown(one)["data"] for one in ("zhangsan", "lisi")] == [KEYDATA, KEYDATA]
    assert workbench.batch(["zhangsan", "nobody"]) == 60111
    assert workbench.batch([]) == 40063
    assert workbench.batch(["zhangsan"] * 1001) == 40058
    answer = workbench.post("batch_set_workbench_data", userid_list=["zhangsan"])
    assert answer["errcode"] == 94012


def test_normal_ends_the_display(workbench: Workbench) -> None:
    workbench.template(type="keydata")
    workbench.set(**KEYDATA)
    assert workbench.template(type="normal") == 0
    assert workbench.shown()["errcode"] == 94008
    assert workbench.set(**KEYDATA) == 94008
    assert workbench.post("get_workbench_template")["type"] == "normal"
    assert workbench.template(type="keydata") == 0
    assert workbench.shown()["data"] == {"type": "keydata"}


@pytest.mark.parametrize(
    ("given", "errcode"),
    [
        ({"type": "table"}, 94001),
        ({}, 94001),
        ({"type": "keydata", "keydata": {"items": []}}, 94002),
        ({"type": "keydata", "keydata": {"items": ITEMS * 5}}, 94003),
        ({"type": "keydata", "keydata": {"items": [{"key": "x"}]}}, 94012),
        ({"type": "keydata", "keydata": {"items": [{"data": "x" * 65}]}}, 40058),
        ({"type": "list", "list": {"items": []}}, 94005),
        ({"type": "list", "list": {"items": [{"title": "x"}] * 4}}, 94006),
        ({"type": "list", "list": {"items": [{"jump_url": "x"}]}}, 94010),
        ({"type": "list", "list": {"items": [{"title": "长" * 43}]}}, 94014),
        ({"type": "image", "image": {}}, 94013),
        ({"type": "webview", "webview": {"url": "x"}}, 94015),
        ({"type": "webview", "webview": {"url": "http://["}}, 94015),
        ({"type": "webview", "webview": {"url": "http://a.test", "height": "tall"}}, 94011),
    ],
)
def test_content_that_breaks_a_rule_is_refused(
    workbench: Workbench, given: dict[str, Any], errcode: int
) -> None:
    assert workbench.template(**given) == errcode
    kind = given.get("type", "keydata")
    workbench.template(type=kind)
    assert workbench.set(**given) == errcode
    if given:
        assert workbench.batch(["zhangsan"], given) == errcode


def test_the_data_are_of_the_type_of_the_template(workbench: Workbench) -> None:
    assert workbench.set(**KEYDATA) == workbench.batch(["lisi"]) == 94008
    workbench.template(type="webview", webview={"url": "http://a.test", "height": "double_row"})
    assert workbench.set(**KEYDATA) == 94001
    assert workbench.set(type="webview") == workbench.batch(["lisi"], {"type": "webview"}) == 94007
    wrong = {"url": "http://a.test", "height": "single_row"}
    assert workbench.set(type="webview", webview=wrong) == 94016
    assert workbench.batch(["lisi"], {"type": "webview", "webview": wrong}) == 94016
    assert workbench.set(type="webview", webview={"url": "http://a.test"}) == 0
    for kind, errcode in (("keydata", 94002), ("list", 94005), ("image", 94013)):
        workbench.template(type=kind)
        assert workbench.set(type=kind) == errcode


def test_members_are_in_the_visible_range(corp: Corp) -> None:
    narrow = Workbench(corp, visible={"userid": ["lisi"]})
    narrow.template(type="keydata")
    assert narrow.set("zhangsan", **KEYDATA) == 60011
    assert narrow.set("nobody", **KEYDATA) == 60111
    assert narrow.set("", **KEYDATA) == 41009
    assert narrow.batch(["lisi", "zhangsan"]) == 60011
    assert narrow.shown("zhangsan")["errcode"] == 60011
    assert narrow.shown("nobody")["errcode"] == 60111
    assert narrow.shown("lisi")["errcode"] == 0


def test_an_admin_opens_and_closes_the_display(corp: Corp) -> None:
    wecom = corp.client()
    for operation in ("set_workbench_template", "get_workbench_template"):
        answer = wecom.post(f"agent/{operation}", agentid=wecom.agentid, type="image")
        assert answer["errcode"] == 94000
    for operation, whose in (
        ("set_workbench_data", {"userid": "zhangsan", **KEYDATA}),
        ("get_workbench_data", {"userid": "zhangsan"}),
        ("batch_set_workbench_data", {"userid_list": ["zhangsan"], "data": KEYDATA}),
    ):
        assert wecom.post(f"agent/{operation}", {"agentid": wecom.agentid, **whose})["errcode"] == 94000
    act(corp, "admin_sets_workbench_mode", agentid=wecom.agentid, open=True)
    act(corp, "admin_sets_workbench_mode", agentid=wecom.agentid, open=True)
    act(corp, "admin_sets_workbench_mode", agentid=wecom.agentid, open=False)
    raised = corp.sim("callbacks", event="switch_workbench_mode")["callbacks"]
    assert ["<Mode>1</Mode>" in one["xml"] for one in raised] == [True, False]
    assert {one["agentid"] for one in raised} == {wecom.agentid}
    sync = corp.app_of_kind("contacts_sync")["agentid"]
    assert "members open" in act_error(corp, "admin_sets_workbench_mode", agentid=sync, open=True)


def test_an_app_changes_its_own_display_alone(workbench: Workbench) -> None:
    wecom = workbench.corp.client()
    for operation in ("set_workbench_template", "get_workbench_template", "get_workbench_data"):
        fields = {"agentid": workbench.wecom.agentid, "type": "image", "userid": "zhangsan"}
        assert wecom.post(f"agent/{operation}", fields)["errcode"] == 301002
        assert wecom.post(f"agent/{operation}", type="image")["errcode"] == 40056


def test_the_data_of_a_member_change_ten_times_a_minute(start_server: Any) -> None:
    server = start_server(rate_limits=True)
    server.sim.post("/clock", json={"freeze": True})
    workbench = Workbench(server.make_corp(seed="demo"))
    workbench.template(type="keydata")
    assert [workbench.set(**KEYDATA) for _ in range(11)] == [0] * 10 + [45009]
    assert workbench.set("lisi", **KEYDATA) == 0
    assert workbench.batch(["zhangsan"]) == 0
    server.sim.post("/clock", json={"advance_seconds": 60})
    assert workbench.set(**KEYDATA) == 0


def test_a_batch_counts_each_member(start_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbench_module, "OF_AN_APP", 3)
    server = start_server(rate_limits=True)
    server.sim.post("/clock", json={"freeze": True})
    workbench = Workbench(server.make_corp(seed="demo"))
    workbench.template(type="keydata")
    assert workbench.batch(["zhangsan", "lisi"]) == 0
    assert workbench.batch(["zhangsan", "lisi"]) == 45009


def test_a_third_party_app_sets_its_workbench_without_an_event(corp: Corp) -> None:
    app = Provider(corp.server).app_in(corp)
    of_app: dict[str, Any] = {"agentid": app.agentid}
    assert app.post("agent/set_workbench_template", **of_app, type="normal")["errcode"] == 94000
    done = act(corp, "admin_sets_workbench_mode", agentid=app.agentid, open=True)
    assert (done["open"], done["callbacks"]) == (True, [])
    for kind, data in TEMPLATES.items():
        assert app.post("agent/set_workbench_template", {**of_app, "type": kind, kind: data})["errcode"] == 0
        shown = app.post("agent/get_workbench_template", of_app)
        assert (shown["type"], shown[kind]) == (kind, data)


TARGET = {"jump_url": "https://a.example/" + "x" * 1024, "pagepath": "pages/index"}
TEMPLATES: dict[str, dict[str, Any]] = {
    "keydata": {
        "items": [{"key": "待审批", "data": "2", "jump_url": "https://a.example/", "pagepath": "pages/a"}]
    },
    "image": {"url": "https://a.example/1.png", **TARGET},
    "list": {"items": [{"title": "周一升旗", **TARGET}]},
    "webview": {
        "url": "https://a.example/",
        **TARGET,
        "height": "single_row",
        "hide_title": True,
        "enable_webview_click": True,
    },
}
"""The page limits the addresses of keydata alone."""


def test_addresses_of_keydata_have_up_to_1024_characters(workbench: Workbench) -> None:
    item = {"key": "待审批", "data": "2", "jump_url": "https://a.example/" + "x" * 1007}
    assert workbench.template(type="keydata", keydata={"items": [item]}) == 40058
    item["jump_url"] = item["jump_url"][:-1]
    assert workbench.template(type="keydata", keydata={"items": [item]}) == 0
