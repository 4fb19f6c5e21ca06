"""Who may use the console, and what it passes on: over plain HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from pytest_tollbooth.corp import Corp
from pytest_tollbooth.servers import LocalServer
from wecom_tollbooth.console.guard import HIDDEN, Modes, mode_cookie

TOKEN = "a-token-for-the-console"
OWN = {"X-Tollbooth-Console": "1"}


@pytest.fixture(scope="module")
def browser(served: LocalServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{served.base_url}/console", trust_env=False, timeout=60) as client:
        yield client


def chosen(**modes: bool) -> dict[str, str]:
    return {"Cookie": f"tollbooth_console_mode={mode_cookie(Modes(**modes))}"}


def test_the_address_without_a_slash_leads_to_the_console(browser: httpx.Client, served: LocalServer) -> None:
    answer = httpx.get(f"{served.base_url}/console?a=1", trust_env=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, "/console/?a=1")


def test_pages_have_the_language_that_was_asked_for(browser: httpx.Client) -> None:
    assert '<html lang="en-US"' in browser.get("/", headers={"Accept-Language": "en-GB,en"}).text
    assert '<html lang="zh-CN"' in browser.get("/", headers={"Accept-Language": "fr"}).text
    answer = browser.get("/", headers={"Accept-Language": "en", "Cookie": "tollbooth_language=zh-CN"})
    assert '<html lang="zh-CN"' in answer.text


def test_an_unknown_address_has_a_page_that_says_so(browser: httpx.Client) -> None:
    answer = browser.get("/corps", headers={"Accept-Language": "en"})
    assert (answer.status_code, "There is no such page" in answer.text) == (404, True)


def test_nothing_of_a_page_comes_from_elsewhere(browser: httpx.Client) -> None:
    policy = browser.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_the_control_api_is_passed_on(browser: httpx.Client, corp: Corp) -> None:
    path = f"/api/_sim/corps/{corp.corpid}"
    assert browser.get(path).json()["corpid"] == corp.corpid
    made = browser.post(f"{path}/clock", json={"freeze": True}, headers=OWN)
    assert made.status_code == 200, made.text
    refused = browser.post(f"{path}/clock", json={"freeze": "perhaps"}, headers=OWN)
    assert refused.status_code == 422
    assert refused.json()["error"]


def test_a_call_is_made_by_an_app_of_the_corp(browser: httpx.Client, corp: Corp) -> None:
    path = f"/api/corps/{corp.corpid}/cgi-bin/externalcontact/get_follow_user_list"
    reply = browser.get(path, headers=OWN).json()
    assert (reply["errcode"], len(reply["follow_user"])) == (0, 5)
    assert browser.get(path, params={"_agentid": 7}, headers=OWN).status_code == 404
    assert browser.get(path, params={"_agentid": "one"}, headers=OWN).status_code == 422
    calls = corp.control("GET", "/calls")["calls"]
    assert [call["request"]["path"] for call in calls] == [
        "/cgi-bin/externalcontact/get_follow_user_list",
        "/cgi-bin/gettoken",
    ]


def test_a_change_needs_the_header_that_foreign_pages_cannot_send(browser: httpx.Client, corp: Corp) -> None:
    path = f"/api/_sim/corps/{corp.corpid}/clock"
    assert browser.post(path, json={"freeze": True}).status_code == 403
    cross = {**OWN, "Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert browser.post(path, json={"freeze": True}, headers=cross).status_code == 403


def test_a_link_makes_no_call_although_some_of_wecoms_gets_delete(browser: httpx.Client, corp: Corp) -> None:
    path = f"/api/corps/{corp.corpid}/cgi-bin/user/delete"
    assert browser.get(path, params={"userid": "zhangsan"}).status_code == 403
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert browser.get(f"/api/_sim/corps/{corp.corpid}", headers=link).status_code == 403
    assert corp.control("GET", "/calls")["calls"] == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
def test_foreign_pages_may_link_and_no_more(
    browser: httpx.Client, headers: dict[str, str], status: int
) -> None:
    assert browser.get("/", headers=headers).status_code == status


def test_the_read_only_mode_changes_nothing(browser: httpx.Client, corp: Corp) -> None:
    path, read_only = f"/api/_sim/corps/{corp.corpid}", chosen(read_only=True)
    assert browser.get(path, headers=read_only).status_code == 200
    before = corp.now()
    refused = browser.post(f"{path}/clock", json={"advance_seconds": 3600}, headers={**OWN, **read_only})
    assert (refused.status_code, "read-only" in refused.json()["error"]) == (403, True)
    assert corp.now() < before + 3600
    calls = f"/api/corps/{corp.corpid}/cgi-bin/externalcontact"
    reply = browser.get(f"{calls}/get_follow_user_list", headers={**OWN, **read_only}).json()
    assert reply["errcode"] == 0
    refused = browser.post(f"{calls}/remark", json={}, headers={**OWN, **read_only})
    assert refused.status_code == 403


def test_the_presenter_mode_hides_every_secret(browser: httpx.Client, corp: Corp) -> None:
    shown = browser.get(f"/api/_sim/corps/{corp.corpid}", headers=chosen(presenter=True)).json()
    for app in shown["apps"]:
        assert {app["secret"], app["callback_token"], app["encoding_aes_key"]} == {HIDDEN}
    token = f"/api/corps/{corp.corpid}/cgi-bin/gettoken?corpid={corp.corpid}&corpsecret={corp.secret}"
    reply = browser.get(token, headers={**OWN, **chosen(presenter=True)}).json()
    assert reply["access_token"] == HIDDEN


@pytest.fixture(scope="module")
def with_token() -> Iterator[httpx.Client]:
    with (
        LocalServer(admin_token=TOKEN) as server,
        httpx.Client(base_url=f"{server.base_url}/console", trust_env=False, timeout=60) as client,
    ):
        yield client


def test_with_an_admin_token_one_logs_in(with_token: httpx.Client) -> None:
    turned_away = with_token.get("/corps/ww1/calls?a=1")
    assert turned_away.status_code == 303
    login = turned_away.headers["Location"].removeprefix("/console")
    assert login == "/login?next=/corps/ww1/calls%3Fa%3D1"
    assert with_token.get("/api/_sim/corps").status_code == 401
    assert with_token.get(login).status_code == 200
    assert with_token.post(login, data={"token": "another"}).status_code == 401
    entered = with_token.post(login, data={"token": TOKEN})
    assert (entered.status_code, entered.headers["Location"]) == (303, "/console/corps/ww1/calls?a=1")
    cookie = entered.headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert TOKEN not in cookie
    assert with_token.get("/api/_sim/corps").json() == {"corps": []}
    with_token.post("/logout")
    assert with_token.get("/api/_sim/corps").status_code == 401


def test_a_login_takes_no_large_form(with_token: httpx.Client) -> None:
    assert with_token.post("/login", data={"token": "x" * 100_000}).status_code == 413


@pytest.mark.parametrize("cookie", ["9999999999.", "9999999999.00", "1.x", "x", "", "9" * 5000])
def test_a_forged_cookie_lets_nobody_in(with_token: httpx.Client, cookie: str) -> None:
    answer = with_token.get("/api/_sim/corps", headers={"Cookie": f"tollbooth_console={cookie}"})
    assert answer.status_code == 401


def test_a_login_leads_to_no_other_site(with_token: httpx.Client) -> None:
    for target in ("//evil.example", "/\\evil.example", "https://evil.example"):
        entered: Any = with_token.post("/login", params={"next": target}, data={"token": TOKEN})
        assert entered.headers["Location"] == "/console/"
    with_token.cookies.clear()


def test_no_foreign_page_opens_a_websocket(served: LocalServer) -> None:
    address = served.base_url.replace("http", "ws", 1)
    target = f"{address}/console/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    with connect(target, proxy=None) as socket:
        assert "sid" in str(socket.recv(timeout=20))
    foreign = Origin("http://evil.example")
    with pytest.raises(InvalidStatus) as refused, connect(target, origin=foreign, proxy=None):
        pass
    assert refused.value.response.status_code == 403


def test_a_websocket_elsewhere_is_served_as_a_plain_request(served: LocalServer) -> None:
    address = served.base_url.replace("http", "ws", 1)
    with pytest.raises(InvalidStatus) as answered, connect(f"{address}/_sim/health", proxy=None):
        pass
    assert answered.value.response.status_code == 200
