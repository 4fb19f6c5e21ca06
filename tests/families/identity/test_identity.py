"""Login codes, visitors, their details, and tickets for pages."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act
from tests.families.identity.logins import advance, code_for

StartServer = Callable[..., RunningServer]


@pytest.fixture
def demo(server: RunningServer) -> Corp:
    return server.make_corp(seed="demo", members=3, customers=12)


def test_a_member_is_named_by_userid_once(demo: Corp) -> None:
    wecom, code = demo.client(), code_for(demo, "ZhangSan")
    assert wecom.get("auth/getuserinfo", code=code) == {"errcode": 0, "errmsg": "ok", "userid": "zhangsan"}
    assert wecom.get("auth/getuserinfo", code=code)["errcode"] == 40029
    assert wecom.get("auth/getuserinfo", code="x" * 43)["errcode"] == 40029
    assert wecom.get("auth/getuserinfo")["errcode"] == 41008


def test_a_code_is_good_for_five_minutes(start_server: StartServer) -> None:
    corp = start_server().make_corp()
    corp.server.sim.post("/clock", json={"freeze": True})
    codes = [code_for(corp, "admin") for _ in range(2)]
    advance(corp, 300)
    assert corp.client().get("auth/getuserinfo", code=codes[0])["userid"] == "admin"
    advance(corp, 1)
    assert corp.client().get("auth/getuserinfo", code=codes[1])["errcode"] == 40029


def test_private_details_come_with_a_ticket_of_half_an_hour(start_server: StartServer) -> None:
    corp = start_server().make_corp(seed="demo", members=3, customers=1)
    corp.server.sim.post("/clock", json={"freeze": True})
    wecom = corp.client()
    code = code_for(corp, "zhangsan", agentid=wecom.agentid, scope="snsapi_privateinfo")
    ticket = wecom.get("auth/getuserinfo", code=code)["user_ticket"]
    detail = wecom.post("auth/getuserdetail", user_ticket=ticket)
    assert (detail["errcode"], detail["userid"], detail["gender"]) == (0, "zhangsan", "0")
    assert detail["mobile"].startswith("190")
    assert detail["avatar"].startswith("https://wx.qlogo.cn/")
    assert wecom.post("auth/getuserdetail", user_ticket="x")["errcode"] == 84015
    assert wecom.post("auth/getuserdetail")["errcode"] == 84090
    other = corp.client(corp.new_app())
    assert other.post("auth/getuserdetail", user_ticket=ticket)["errcode"] == 84015
    advance(corp, 1801)
    assert wecom.post("auth/getuserdetail", user_ticket=ticket)["errcode"] == 84014


def test_an_app_with_the_right_on_documents_gets_a_ticket_for_them(demo: Corp) -> None:
    wecom = demo.client()
    reply = wecom.get("auth/getuserinfo", code=code_for(demo, "zhangsan"))
    assert "user_doc_ticket" not in reply
    act(demo, "admin_grants_document_archive", agentid=wecom.agentid)
    reply = wecom.get("auth/getuserinfo", code=code_for(demo, "zhangsan"))
    assert (reply["errcode"], len(reply["user_doc_ticket"])) == (0, 86)


def test_the_private_details_are_those_of_the_directory(demo: Corp) -> None:
    wecom = demo.client()
    given = {"email": "mei@mail.example", "biz_mail": "mei@shop.example", "address": "广州市海珠区"}
    member = {"userid": "xiaomei", "name": "小美", "mobile": "13912340000", "department": [1], **given}
    act(demo, "admin_creates_member", **member)
    act(demo, "admin_sets_member_status", userid="xiaomei", status=1)
    code = code_for(demo, "xiaomei", agentid=wecom.agentid, scope="snsapi_privateinfo")
    ticket = wecom.get("auth/getuserinfo", code=code)["user_ticket"]
    detail = wecom.post("auth/getuserdetail", user_ticket=ticket)
    assert {name: detail[name] for name in given} == given


def test_a_ticket_shows_nobody_who_left_the_range_or_the_corp(demo: Corp) -> None:
    wecom = demo.client()
    code = code_for(demo, "lisi", agentid=wecom.agentid, scope="snsapi_privateinfo")
    ticket = wecom.get("auth/getuserinfo", code=code)["user_ticket"]
    assert wecom.post("auth/getuserdetail", user_ticket=ticket)["errcode"] == 0
    acts = f"/corps/{demo.corpid}/acts"
    narrowed = {"act": "admin_sets_visible_range", "agentid": wecom.agentid, "userid": ["zhangsan"]}
    demo.server.sim.post(acts, json=narrowed).raise_for_status()
    assert wecom.post("auth/getuserdetail", user_ticket=ticket)["errcode"] == 60011
    gone = {"act": "admin_deletes_members", "userid": ["lisi"]}
    demo.server.sim.post(acts, json=gone).raise_for_status()
    assert wecom.post("auth/getuserdetail", user_ticket=ticket)["errcode"] == 60111


def test_the_base_scope_and_privateinfo_without_an_app_bring_no_ticket(demo: Corp) -> None:
    wecom = demo.client()
    for agentid, scope in ((wecom.agentid, "snsapi_base"), (None, "snsapi_privateinfo")):
        code = code_for(demo, "zhangsan", agentid=agentid, scope=scope)
        assert "user_ticket" not in wecom.get("auth/getuserinfo", code=code)


def test_a_customer_is_named_where_a_visible_member_follows(demo: Corp) -> None:
    wecom = demo.client()
    customer = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    visitor = wecom.get("auth/getuserinfo", code=code_for(demo, customer))
    assert visitor["external_userid"] == customer
    assert "userid" not in visitor
    converted = wecom.post("externalcontact/convert_to_openid", external_userid=customer)
    assert converted.get("openid", visitor["openid"]) == visitor["openid"]
    narrow = demo.client(demo.new_app(visible={"userid": []}))
    visitor = narrow.get("auth/getuserinfo", code=code_for(demo, customer))
    assert "external_userid" not in visitor
    assert visitor["openid"]


def test_the_code_of_another_app_is_refused(demo: Corp) -> None:
    one, other = demo.client(), demo.client(demo.new_app())
    code = code_for(demo, "zhangsan", agentid=one.agentid)
    assert other.get("auth/getuserinfo", code=code)["errcode"] == 40029


def test_the_app_must_trust_the_host_that_got_the_code(demo: Corp) -> None:
    strict = demo.client(demo.new_app(trusted_domains=["other.example.test"]))
    for operation in ("auth/getuserinfo", "user/getuserinfo"):
        assert strict.get(operation, code=code_for(demo, "zhangsan"))["errcode"] == 50001


def test_the_old_path_has_the_old_names(demo: Corp) -> None:
    wecom = demo.client()
    visitor = wecom.get("user/getuserinfo", code=code_for(demo, "zhangsan"))
    assert (visitor["UserId"], visitor["errcode"]) == ("zhangsan", 0)
    assert visitor["DeviceId"]
    code = code_for(demo, "lisi", agentid=wecom.agentid, scope="snsapi_privateinfo")
    visitor = wecom.get("user/getuserinfo", code=code)
    assert visitor["expires_in"] == 1800
    customer = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    assert wecom.get("user/getuserinfo", code=code_for(demo, customer))["OpenId"].startswith("o")


# --- tickets ---------------------------------------------------------------------------------------------


@pytest.fixture
def frozen(start_server: StartServer) -> Corp:
    corp = start_server(rate_limits=True).make_corp()
    corp.server.sim.post("/clock", json={"freeze": True})
    return corp


def fetched(wecom: WeCom) -> tuple[dict[str, Any], dict[str, Any]]:
    return wecom.get("get_jsapi_ticket"), wecom.get("ticket/get", type="agent_config")


def test_a_ticket_stays_the_same_until_it_expires(frozen: Corp) -> None:
    wecom = frozen.client()
    first = fetched(wecom)
    assert first[0]["ticket"] != first[1]["ticket"]
    assert {ticket["expires_in"] for ticket in first} == {7200}
    advance(frozen, 7199)
    again = fetched(frozen.client())
    assert [one["ticket"] for one in again] == [one["ticket"] for one in first]
    assert {ticket["expires_in"] for ticket in again} == {1}
    advance(frozen, 1)
    assert fetched(frozen.client())[0]["ticket"] != first[0]["ticket"]


def test_the_corps_ticket_is_shared_and_an_apps_is_its_own(frozen: Corp) -> None:
    one, other = fetched(frozen.client()), fetched(frozen.client(frozen.new_app()))
    assert one[0]["ticket"] == other[0]["ticket"]
    assert one[1]["ticket"] != other[1]["ticket"]


def test_the_type_is_agent_config(frozen: Corp) -> None:
    wecom = frozen.client()
    assert wecom.get("ticket/get", type="wx_card")["errcode"] == 91040
    assert wecom.get("ticket/get")["errcode"] == 91040


def test_an_app_fetches_a_hundred_tickets_an_hour(frozen: Corp) -> None:
    wecom, other = frozen.client(), frozen.client(frozen.new_app())
    answers = [wecom.get("get_jsapi_ticket")["errcode"] for _ in range(101)]
    assert answers == [0] * 100 + [45009]
    assert wecom.get("ticket/get", type="agent_config")["errcode"] == 45009
    assert other.get("get_jsapi_ticket")["errcode"] == 0
    advance(frozen, 3600)
    assert frozen.client().get("get_jsapi_ticket")["errcode"] == 0
