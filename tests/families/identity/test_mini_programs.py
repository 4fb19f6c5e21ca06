"""小程序登录: the code of wx.qy.login names a member once."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act, act_error
from tests.families.identity.logins import advance, code_for

StartServer = Callable[..., RunningServer]


@pytest.fixture
def demo(server: RunningServer) -> Corp:
    return server.make_corp(seed="demo", members=3, customers=1)


def js_code(corp: Corp, agentid: int, userid: str = "zhangsan") -> str:
    return str(act(corp, "member_opens_mini_program", userid=userid, agentid=agentid)["code"])


def session(wecom: WeCom, code: str, **fields: Any) -> dict[str, Any]:
    given = {"js_code": code, "grant_type": "authorization_code", **fields}
    return wecom.get("miniprogram/jscode2session", **given)


def test_a_member_is_named_once_with_a_session_key(demo: Corp) -> None:
    wecom = demo.client()
    code = js_code(demo, wecom.agentid, "ZhangSan")
    answer = session(wecom, code)
    assert list(answer) == ["corpid", "userid", "session_key", "errcode", "errmsg"]
    assert (answer["corpid"], answer["userid"]) == (demo.corpid, "zhangsan")
    assert len(base64.b64decode(answer["session_key"], validate=True)) == 16
    assert session(wecom, code)["errcode"] == 40029
    again = session(wecom, js_code(demo, wecom.agentid))
    assert again["session_key"] != answer["session_key"]


def test_what_is_missing_or_wrong_is_refused(demo: Corp) -> None:
    wecom = demo.client()
    code = js_code(demo, wecom.agentid)
    assert session(wecom, "x")["errcode"] == 40029
    assert session(wecom, "")["errcode"] == 41008
    assert session(wecom, code, grant_type="client_credential")["errcode"] == 40058
    assert session(wecom, code, grant_type="")["errcode"] == 40063
    assert session(wecom, code)["errcode"] == 0


def test_a_code_is_of_one_app_and_of_a_mini_program(demo: Corp) -> None:
    one, other = demo.client(), demo.client(demo.new_app())
    assert session(other, js_code(demo, one.agentid))["errcode"] == 40029
    assert session(one, code_for(demo, "zhangsan", agentid=one.agentid))["errcode"] == 40029
    assert one.get("auth/getuserinfo", code=js_code(demo, one.agentid))["errcode"] == 40029


def test_a_code_is_good_for_five_minutes(start_server: StartServer) -> None:
    corp = start_server().make_corp()
    corp.server.sim.post("/clock", json={"freeze": True})
    wecom = corp.client()
    in_time, late = (js_code(corp, wecom.agentid, "admin") for _ in range(2))
    advance(corp, 300)
    assert session(wecom, in_time)["userid"] == "admin"
    advance(corp, 1)
    assert session(wecom, late)["errcode"] == 40029


def test_who_cannot_open_the_app_gets_no_code(demo: Corp) -> None:
    agentid = demo.client().agentid
    act(demo, "admin_sets_member_status", userid="lisi", status=2)
    assert "not active" in act_error(demo, "member_opens_mini_program", userid="lisi", agentid=agentid)
    assert "no app 7" in act_error(demo, "member_opens_mini_program", userid="zhangsan", agentid=7)
    sync = demo.app_of_kind("contacts_sync")["agentid"]
    assert "members open" in act_error(demo, "member_opens_mini_program", userid="zhangsan", agentid=sync)
