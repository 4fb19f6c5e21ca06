"""二次验证: a page of the corp checks members, by codes that are good once and for five minutes."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act, act_error
from tests.families.identity.logins import advance, code_for

StartServer = Callable[..., RunningServer]

PAGE = "http://check.example.test/verify?from=wecom"
CALLBACK = "http://crm.example.test/login"


@pytest.fixture
def demo(server: RunningServer) -> Corp:
    corp = server.make_corp(seed="demo", members=3, customers=1)
    act(corp, "admin_sets_second_verification", url=PAGE, everyone=True)
    return corp


def assistant(corp: Corp) -> WeCom:
    return corp.client(corp.app_of_kind("contacts_sync"))


def oauth_address(corp: Corp, agentid: int) -> str:
    query = {"appid": corp.corpid, "redirect_uri": CALLBACK, "agentid": str(agentid), "state": "s1"}
    return "https://open.weixin.qq.com/connect/oauth2/authorize?" + urlencode(query) + "#wechat_redirect"


def led_to_page(corp: Corp, userid: str = "zhangsan") -> str:
    return str(act(corp, "member_meets_second_verification", userid=userid)["code"])


def task_of(corp: Corp, userid: str = "zhangsan") -> list[str]:
    """The states of the member's verifications, oldest first."""
    items = corp.sim(f"phones/{userid}", limit=1000)["items"]
    return [item["state"] for item in items if item["kind"] == "verification_task"]


def test_a_member_is_led_to_the_page_and_passes(demo: Corp) -> None:
    met = act(demo, "member_meets_second_verification", userid="ZhangSan")
    assert met["address"] == f"{PAGE}&code={met['code']}"
    assert task_of(demo) == ["waiting"]
    info = assistant(demo).post("auth/get_tfa_info", code=met["code"])
    assert (info["errcode"], info["userid"]) == (0, "zhangsan")
    assert assistant(demo).post("user/tfa_succ", userid="zhangsan", tfa_code=info["tfa_code"])["errcode"] == 0
    assert task_of(demo) == ["passed"]


def test_a_member_who_meets_it_again_has_one_task_waiting(demo: Corp) -> None:
    led_to_page(demo)
    led_to_page(demo)
    assert task_of(demo) == ["cancelled", "waiting"]


def test_both_codes_are_good_once(demo: Corp) -> None:
    wecom, code = assistant(demo), led_to_page(demo)
    assert wecom.post("auth/get_tfa_info")["errcode"] == 41008
    assert wecom.post("auth/get_tfa_info", code="x" * 43)["errcode"] == 40029
    tfa_code = wecom.post("auth/get_tfa_info", code=code)["tfa_code"]
    assert wecom.post("auth/get_tfa_info", code=code)["errcode"] == 40029
    wrong: list[dict[str, Any]] = [{"tfa_code": "x"}, {"userid": "lisi"}]
    for fields in wrong:
        given = {"userid": "zhangsan", "tfa_code": tfa_code, **fields}
        assert wecom.post("user/tfa_succ", given)["errcode"] == 40207
    assert wecom.post("user/tfa_succ", userid="nobody", tfa_code=tfa_code)["errcode"] == 60111
    assert wecom.post("user/tfa_succ", tfa_code=tfa_code)["errcode"] == 41009
    assert wecom.post("user/tfa_succ", userid="zhangsan")["errcode"] == 40063
    passed = [wecom.post("user/tfa_succ", userid="zhangsan", tfa_code=tfa_code)["errcode"] for _ in range(2)]
    assert passed == [0, 40207]


def test_both_codes_are_good_for_five_minutes(start_server: StartServer) -> None:
    corp = start_server().make_corp()
    act(corp, "admin_sets_second_verification", url=PAGE, everyone=True)
    corp.server.sim.post("/clock", json={"freeze": True})
    wecom = assistant(corp)
    in_time, late = led_to_page(corp, "admin"), led_to_page(corp, "admin")
    advance(corp, 300)
    tfa_code = wecom.post("auth/get_tfa_info", code=in_time)["tfa_code"]
    advance(corp, 1)
    assert wecom.post("auth/get_tfa_info", code=late)["errcode"] == 40029
    advance(corp, 300)
    assert wecom.post("user/tfa_succ", userid="admin", tfa_code=tfa_code)["errcode"] == 40207


def test_a_self_built_app_takes_the_codes_of_its_own_oauth_address(demo: Corp) -> None:
    one, other = demo.client(), demo.client(demo.new_app())
    act(demo, "admin_sets_second_verification", url=oauth_address(demo, one.agentid), everyone=True)
    met = act(demo, "member_meets_second_verification", userid="zhangsan")
    assert met["address"] == f"{CALLBACK}?code={met['code']}&state=s1"
    assert other.post("auth/get_tfa_info", code=met["code"])["errcode"] == 40029
    tfa_code = one.post("auth/get_tfa_info", code=led_to_page(demo))["tfa_code"]
    assert other.post("user/tfa_succ", userid="zhangsan", tfa_code=tfa_code)["errcode"] == 40207
    assert one.post("user/tfa_succ", userid="zhangsan", tfa_code=tfa_code)["errcode"] == 0
    by_login_page = code_for(demo, "lisi", agentid=one.agentid)
    assert one.post("auth/get_tfa_info", code=by_login_page)["userid"] == "lisi"


def test_the_code_must_have_gone_to_the_host_of_the_page(demo: Corp) -> None:
    wecom = demo.client()
    elsewhere = oauth_address(demo, wecom.agentid).replace("crm.example", "other.example")
    act(demo, "admin_sets_second_verification", url=elsewhere, everyone=True)
    code = code_for(demo, "zhangsan", agentid=wecom.agentid)
    assert wecom.post("auth/get_tfa_info", code=code)["errcode"] == 40209


def test_only_members_in_range_are_verified(demo: Corp) -> None:
    wecom = demo.client(demo.new_app(visible={"userid": ["lisi"]}))
    act(demo, "admin_sets_second_verification", url=oauth_address(demo, wecom.agentid), everyone=True)
    code = led_to_page(demo)
    assert wecom.post("auth/get_tfa_info", code=code)["errcode"] == 40208
    act(demo, "admin_sets_second_verification", url=PAGE, userid=["lisi"])
    assert "doesn't concern" in act_error(demo, "member_meets_second_verification", userid="zhangsan")
    code = code_for(demo, "zhangsan")
    assert assistant(demo).post("auth/get_tfa_info", code=code)["errcode"] == 40208


def test_without_a_page_nobody_is_verified(demo: Corp) -> None:
    code = led_to_page(demo)
    act(demo, "admin_sets_second_verification", url="")
    assert "no admin has set a page" in act_error(demo, "member_meets_second_verification", userid="lisi")
    assert assistant(demo).post("auth/get_tfa_info", code=code)["errcode"] == 40210
    for url in ("ftp://x.example.test", "x", "http://[", "https://a.test/connect/oauth2/authorize?x=1"):
        assert "url: give" in act_error(demo, "admin_sets_second_verification", url=url, everyone=True)


def test_a_code_of_the_verification_is_no_login_code(demo: Corp) -> None:
    wecom = demo.client()
    act(demo, "admin_sets_second_verification", url=oauth_address(demo, wecom.agentid), everyone=True)
    assert wecom.get("auth/getuserinfo", code=led_to_page(demo))["errcode"] == 40029


def test_who_comes_into_the_corp_for_the_first_time_becomes_active(demo: Corp) -> None:
    wecom, directory = demo.client(), assistant(demo)
    directory.post("user/create", userid="new", name="新人", mobile="13800000001", department=[1])
    assert wecom.get("user/get", userid="new")["status"] == 4
    act(demo, "member_meets_second_verification", userid="new")
    assert directory.get("user/authsucc", userid="new")["errcode"] == 0
    assert wecom.get("user/get", userid="new")["status"] == 1
    assert task_of(demo, "new") == ["passed"]
    assert directory.get("user/authsucc", userid="new")["errcode"] == 0


def test_authsucc_names_a_member_whom_the_caller_sees(demo: Corp) -> None:
    assert demo.client().get("user/authsucc")["errcode"] == 41009
    assert demo.client().get("user/authsucc", userid="nobody")["errcode"] == 60111
    narrow = demo.client(demo.new_app(visible={"userid": ["lisi"]}))
    assert narrow.get("user/authsucc", userid="zhangsan")["errcode"] == 60011
    assert (
        demo.client(demo.app_of_kind("customer_contact")).get("user/authsucc", userid="lisi")["errcode"]
        == 48002
    )
