"""The client page and the scripts, as a browser loads them."""

from typing import Any

import httpx
import pytest

from tests.conftest import Corp, RunningServer
from wecom_tollbooth.client.page import FILES, language_of


def test_the_page_shows_nothing_by_itself_and_only_its_own_files(server: RunningServer, corp: Corp) -> None:
    page = httpx.get(f"{server.base_url}/_sim/client/{corp.corpid}/zhangsan")
    assert page.status_code == 200
    assert corp.corpid not in page.text
    policy = page.headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"):
        assert part in policy
    assert "<script>" not in page.text
    for name, content_type in FILES.items():
        file = httpx.get(f"{server.base_url}/_sim/client/files/{name}")
        assert file.headers["content-type"].startswith(content_type)
    assert httpx.get(f"{server.base_url}/_sim/client/files/client.html").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.test"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://crm.example.test"},
        {"Origin": "https://crm.example.test"},
        {"Origin": "null"},
    ],
)
def test_foreign_pages_load_neither_the_page_nor_its_calls(
    server: RunningServer, corp: Corp, headers: dict[str, str]
) -> None:
    for path in (
        f"client/{corp.corpid}/zhangsan",
        "client/files/client.js",
        f"corps/{corp.corpid}/clients/zhangsan",
        f"corps/{corp.corpid}/webview_calls",
    ):
        assert httpx.get(f"{server.base_url}/_sim/{path}", headers=headers).status_code == 403
    opened = httpx.post(
        f"{server.base_url}/_sim/corps/{corp.corpid}/webviews", json={"userid": "zhangsan"}, headers=headers
    )
    assert opened.status_code == 403


def test_with_an_admin_token_only_the_shell_is_open(start_server: Any) -> None:
    server: RunningServer = start_server(admin_token="t")
    with httpx.Client(base_url=f"{server.base_url}/_sim", headers={"Authorization": "Bearer t"}) as sim:
        corpid = sim.post("/corps", json={"seed": "demo", "activity": False}).json()["corpid"]
        assert sim.get(f"/corps/{corpid}/clients/zhangsan").status_code == 200
    assert httpx.get(f"{server.base_url}/_sim/client/{corpid}/zhangsan").status_code == 200
    assert httpx.get(f"{server.base_url}/_sim/client/files/client.js").status_code == 200
    for path in (f"corps/{corpid}/clients/zhangsan", f"corps/{corpid}/webview_calls", f"clients/{corpid}"):
        assert httpx.get(f"{server.base_url}/_sim/{path}").status_code == 401


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("zh;q=0.1, en;q=0.2", "en"),
        ("fr", "zh-CN"),
        ("en;q=x,zh", "zh-CN"),
    ],
)
def test_the_language_is_the_browsers(accepted: str, language: str) -> None:
    assert language_of(accepted) == language


def test_the_client_lists_customers_groups_and_apps_of_the_member(corp: Corp) -> None:
    customer = corp.client().get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    act = {"act": "member_creates_group", "userid": "zhangsan", "name": "团购100%群", "people": [customer]}
    made = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=act).json()
    hidden = corp.new_app(name="别人的", visible={"userid": ["lisi"]})
    shown = corp.sim("clients/ZhangSan")
    assert shown["userid"] == "zhangsan"
    assert {one["external_userid"] for one in shown["customers"]} >= {customer}
    assert shown["groups"] == [
        {"chat_id": made["chat_id"], "name": "团购100%群", "owner": "zhangsan", "people": 2}
    ]
    agentids = [app["agentid"] for app in shown["apps"]]
    assert corp.apps[0]["agentid"] in agentids
    assert hidden["agentid"] not in agentids
    assert corp.sim("clients/zhangsan", find="0%群")["groups"] == shown["groups"]
    assert corp.sim("clients/zhangsan", find="0_群") == {**shown, "customers": [], "groups": []}
    for path in (f"/corps/{corp.corpid}/clients/nobody", f"/corps/{corp.corpid}/clients/nobody/messages"):
        assert corp.server.sim.get(path, params={"chat_id": "x"}).status_code in (404, 422)


def test_messages_are_those_of_one_chat(corp: Corp) -> None:
    path = f"/corps/{corp.corpid}/clients/zhangsan/messages"
    for params in ({}, {"chat_id": "x", "external_userid": "y"}):
        assert corp.server.sim.get(path, params=params).status_code == 422
    assert corp.server.sim.get(path, params={"chat_id": "nothing"}).json() == {"messages": []}


@pytest.mark.parametrize(
    ("path", "defines"),
    [
        ("/open/js/jweixin-1.2.0.js", ["WeixinJSBridge", "jWeixin", "agentConfig"]),
        ("/open/js/jweixin-1.6.0.js", ["jWeixin"]),
        ("/wwopen/js/jsapi/jweixin-1.0.0.js", ["jWeixin"]),
        ("/wwopen/js/jwxwork-1.0.0.js", ["agentConfig", "WWOpenData"]),
        ("/node/wework/wwopen/js/wecom-jssdk-2.4.0.js", ["WeixinJSBridge", "createWWLoginPanel"]),
        ("/node/open/js/wecom-jssdk-2.0.2.js", ["window.ww"]),
        ("/node/ww/wwopenmng/js/sso/wwLogin-1.0.0.js", ["WwLogin"]),
        ("/node/wework/wwopen/js/wwLogin-1.2.7.js", ["WwLogin"]),
    ],
)
def test_scripts_are_served_to_every_page(server: RunningServer, path: str, defines: list[str]) -> None:
    script = httpx.get(server.base_url + path, headers={"Sec-Fetch-Site": "cross-site"})
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert [name for name in defines if name not in script.text] == []


def test_reports_of_wecoms_scripts_are_swallowed(server: RunningServer) -> None:
    for path in ("/sdk/report?v=1", "/wwopen/report/sdk"):
        assert httpx.get(server.base_url + path).status_code == 204
