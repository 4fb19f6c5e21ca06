"""What an app shows of itself, and its menu."""

from typing import Any

import httpx
import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.uploads import png, upload
from tests.providers import Provider


@pytest.fixture
def own(server: RunningServer) -> WeCom:
    return server.make_corp().client()


def button(**fields: Any) -> dict[str, Any]:
    return {"type": "click", "name": "今日", "key": "K1", **fields}


def test_an_app_shows_what_was_set(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", members=2, customers=0)
    app = corp.new_app(name="助手", visible={"userid": ["zhangsan"], "partyid": [2]})
    wecom = corp.client(app)
    assert wecom.post(
        "agent/set",
        agentid=app["agentid"],
        name="财经助手",
        description="内部财经服务",
        redirect_domain="CRM.example.test",
        home_url="https://crm.example.test/home",
        isreportenter=0,
    ) == {"errcode": 0, "errmsg": "ok"}
    shown = wecom.get("agent/get", agentid=app["agentid"])
    assert (shown["name"], shown["description"], shown["close"]) == ("财经助手", "内部财经服务", 0)
    assert (shown["redirect_domain"], shown["home_url"]) == (
        "crm.example.test",
        "https://crm.example.test/home",
    )
    assert (shown["isreportenter"], shown["report_location_flag"]) == (0, 1)
    assert shown["allow_userinfos"] == {"user": [{"userid": "zhangsan"}]}
    assert shown["allow_partys"] == {"partyid": [2]}
    listed = wecom.get("agent/list")["agentlist"]
    assert [(one["agentid"], one["name"]) for one in listed] == [(app["agentid"], "财经助手")]


def test_the_logo_is_the_uploaded_picture(own: WeCom) -> None:
    assert own.get("agent/get", agentid=own.agentid)["square_logo_url"] == ""
    media_id = upload(own, "media/upload", ("标志.png", png()), type="image")["media_id"]
    assert own.post("agent/set", agentid=own.agentid, logo_mediaid=media_id)["errcode"] == 0
    shown = own.get("agent/get", agentid=own.agentid)["square_logo_url"]
    assert httpx.get(shown).content == png()
    assert own.get("agent/list")["agentlist"][0]["square_logo_url"] == shown


def test_absent_and_empty_fields_change_nothing(own: WeCom) -> None:
    own.post("agent/set", agentid=own.agentid, name="一", description="四个字的")
    before = own.get("agent/get", agentid=own.agentid)
    assert own.post("agent/set", agentid=own.agentid, name="", description=None)["errcode"] == 0
    assert own.get("agent/get", agentid=own.agentid) == before


def test_the_trusted_domain_counts_at_a_login(server: RunningServer) -> None:
    corp: Corp = server.make_corp()
    wecom = corp.client()
    wecom.post("agent/set", agentid=wecom.agentid, redirect_domain="crm.example.test")
    query = {
        "appid": corp.corpid,
        "agentid": str(wecom.agentid),
        "redirect_uri": "https://evil.test/",
        "response_type": "code",
        "scope": "snsapi_base",
        "as": "admin",
    }
    refused = httpx.get(f"{server.base_url}/connect/oauth2/authorize", params=query)
    assert (refused.status_code, "errcode 50001" in refused.text) == (403, True)


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"agentid": 1}, 301002),
        ({"agentid": None}, 40056),
        ({"description": "短"}, 45004),
        ({"description": "长" * 121}, 45004),
        ({"name": "名" * 33}, 45022),
        ({"home_url": "ftp://example.test"}, 40094),
        ({"report_location_flag": 2}, 40059),
        ({"report_location_flag": "yes"}, 40059),
        ({"isreportenter": 2}, 40058),
        ({"logo_mediaid": "no media!"}, 40007),
    ],
)
def test_what_cannot_be_set_is_refused(own: WeCom, fields: dict[str, Any], errcode: int) -> None:
    before = own.get("agent/get", agentid=own.agentid)
    assert own.post("agent/set", **{"agentid": own.agentid, "name": "新", **fields})["errcode"] == errcode
    assert own.get("agent/get", agentid=own.agentid) == before


def test_another_app_is_not_shown(own: WeCom) -> None:
    for operation in ("agent/get", "menu/get", "menu/delete"):
        assert own.get(operation, agentid=1)["errcode"] == 301002
        assert own.get(operation)["errcode"] == 40056


def test_a_menu_is_made_read_replaced_and_deleted(own: WeCom) -> None:
    assert own.get("menu/get", agentid=own.agentid)["errcode"] == 46003
    menu = [
        button(),
        {
            "name": "菜单",
            "sub_button": [
                {"type": "view", "name": "搜索", "url": "https://a.test/", "key": "ignored"},
                {"type": "view_miniprogram", "name": "小程序", "appid": "wx1", "pagepath": "p"},
            ],
        },
    ]
    assert own.post("menu/create", button=menu)["errcode"] == 0
    first, second = own.get("menu/get", agentid=own.agentid)["button"]
    assert first == {"name": "今日", "type": "click", "key": "K1"}
    assert second["sub_button"][0] == {
        "name": "搜索",
        "type": "view",
        "url": "https://a.test/",
        "sub_button": [],
    }
    assert own.post("menu/create", button=[button(name="新")])["errcode"] == 0
    assert [one["name"] for one in own.get("menu/get", agentid=own.agentid)["button"]] == ["新"]
    assert own.get("menu/delete", agentid=own.agentid)["errcode"] == 0
    assert own.get("menu/delete", agentid=own.agentid)["errcode"] == 46003


def test_a_button_without_others_below_shows_its_page(own: WeCom) -> None:
    menu = [
        {"type": "view", "name": "商城", "url": "https://a.test/"},
        {"type": "view_miniprogram", "name": "小程序", "appid": "wx1", "pagepath": "p"},
    ]
    assert own.post("menu/create", button=menu)["errcode"] == 0
    first, second = own.get("menu/get", agentid=own.agentid)["button"]
    assert first["url"] == "https://a.test/"
    assert (second["appid"], second["pagepath"]) == ("wx1", "p")


@pytest.mark.parametrize(
    ("menu", "errcode"),
    [
        ([], 40016),
        ([button()] * 4, 40016),
        ([button(type="dance")], 40017),
        ([button(type=None)], 40017),
        ([button(name="超过十六个字节的名字")], 40018),
        ([button(name="")], 40018),
        ([button(key="k" * 129)], 40019),
        ([button(key="")], 40019),
        ([button(type="view", url="https://a.test/" + "x" * 1024)], 40020),
        ([button(type="view", url="")], 40020),
        ([button(type="view_miniprogram")], 40020),
        ([button(type="view", url="ftp://a.test/")], 40055),
        ([button(sub_button=[button(type="view", url="ftp://a.test/")])], 40054),
        ([button(name=None)], 41102),
        ([button(sub_button=[button(name=None)])], 41102),
        ([button(sub_button=[button(type="dance")])], 40024),
        ([button(sub_button=[button(name="超过四十个字节的名字在二级菜单里")])], 40025),
        ([button(sub_button=[button(key="k" * 129)])], 40026),
        ([button(sub_button=[button(type="view", url="")])], 40027),
        ([button(sub_button=[button()] * 6)], 40023),
        ([button(sub_button=[button(sub_button=[button()])])], 40022),
    ],
)
def test_a_menu_that_breaks_a_rule_is_refused_and_the_old_one_stays(
    own: WeCom, menu: list[Any], errcode: int
) -> None:
    own.post("menu/create", button=[button()])
    assert own.post("menu/create", button=menu)["errcode"] == errcode
    assert [one["name"] for one in own.get("menu/get", agentid=own.agentid)["button"]] == ["今日"]


def test_the_agentid_of_a_new_menu_stands_in_the_address(own: WeCom) -> None:
    for agentid, errcode in ((own.agentid, 0), (1, 301002), ("x", 40056)):
        made = own.http.post(
            "menu/create",
            params={"access_token": own.token, "agentid": agentid},
            json={"button": [button()]},
        )
        assert made.json()["errcode"] == errcode


def test_who_may_read_and_change_an_app(corp: Corp) -> None:
    """Pages 90227, 90228 and 92535."""
    provider = Provider(corp.server)
    third, developed = provider.app_in(corp), provider.app_in(corp, "provider_developed")
    for app in (third, developed):
        shown = app.get("agent/get", agentid=app.agentid)
        assert (shown["errcode"], shown["agentid"]) == (0, app.agentid)
        assert [one["agentid"] for one in app.get("agent/list")["agentlist"]] == [app.agentid]
        assert app.post("agent/set", agentid=app.agentid, name="新名字")["errcode"] == 48002
    assert "customized_publish_status" not in third.get("agent/get", agentid=third.agentid)
    assert developed.get("agent/get", agentid=developed.agentid)["customized_publish_status"] == 2
