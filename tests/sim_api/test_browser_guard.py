"""Foreign web pages cannot reach the control API: not by DNS rebinding, forms, scripts or frames."""

import asyncio
import http.client
import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.types import Message, Scope

from tests.conftest import Corp, RunningServer
from wecom_tollbooth.settings import Settings, WrongSetting, load_settings
from wecom_tollbooth.sim_api.browser_guard import BrowserGuard, is_loopback

StartServer = Callable[..., RunningServer]
EVIL = "https://evil.example"


def sent(
    server: RunningServer, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[int, Any]:
    """Status and JSON of a request as a browser writes it; `host` replaces the real one."""
    address = server.base_url.removeprefix("http://")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        connection.request(method, path, body=body, headers={"host": address, **named})
        answer = connection.getresponse()
        content = answer.read()
        is_json = "json" in (answer.getheader("content-type") or "")
        return answer.status, json.loads(content) if is_json else content
    finally:
        connection.close()


def port_of(server: RunningServer) -> str:
    return server.base_url.rpartition(":")[2]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0"]
)
def test_dns_rebinding_is_refused_by_its_host(server: RunningServer, host: str) -> None:
    port = port_of(server)
    for path in ("/_sim/corps", "/_sim/health", "/_sim/no_such", "/_sim"):
        status, reply = sent(server, "GET", path, host=f"{host}:{port}", sec_fetch_site="same-origin")
        assert status == 403, path
        assert host in reply["error"]
        assert "TOLLBOOTH_SIM_HOSTS" in reply["error"]


@pytest.mark.parametrize(
    "host",
    ["", "evil.example/127.0.0.1", "user@127.0.0.1", "[::2]", "128.0.0.1", "[::ffff:8.8.8.8]", "local host"],
)
def test_hosts_other_than_loopback_names_are_refused(server: RunningServer, host: str) -> None:
    assert sent(server, "GET", "/_sim/corps", host=host)[0] == 403


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:1", "localhost.:80", "shop.localhost", "127.0.0.1", "127.8.9.10:443", "[::1]"],
)
def test_every_loopback_name_is_answered_with_any_port(server: RunningServer, host: str) -> None:
    assert sent(server, "GET", "/_sim/health", host=host)[0] == 200


def test_two_hosts_are_refused_unless_both_are_loopback(server: RunningServer) -> None:
    raw = http.client.HTTPConnection(server.base_url.removeprefix("http://"), timeout=30)
    raw.putrequest("GET", "/_sim/corps", skip_host=True)
    raw.putheader("Host", "127.0.0.1")
    raw.putheader("Host", "evil.example")
    raw.endheaders()
    assert raw.getresponse().status in (400, 403)
    raw.close()


def budget_of(corp: Corp) -> dict[str, Any]:
    return corp.sim("budget")


@pytest.fixture
def blocked(corp: Corp) -> Corp:
    """A corp whose budget is used up: paying would let its calls pass again."""
    answer = corp.server.sim.put(
        f"/corps/{corp.corpid}/budget", json={"amount": "0.01", "alerts": [], "barrier": "hard"}
    )
    assert answer.status_code == 200, answer.text
    return corp


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": EVIL, "sec_fetch_site": "cross-site"},
        {"origin": EVIL},
        {"origin": "null", "sec_fetch_site": "cross-site"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "http://127.0.0.1:1", "sec_fetch_site": "same-site"},
        {"origin": "http://127.0.0.1.evil.example"},
        {"origin": "http://[::1"},
    ],
)
@pytest.mark.parametrize(
    "form",
    [
        {},
        {"body": "amount=1", "content_type": "application/x-www-form-urlencoded"},
        {"body": '{"amount":"1"}', "content_type": "text/plain"},
    ],
)
def test_a_foreign_page_cannot_pay(blocked: Corp, headers: dict[str, str], form: dict[str, str]) -> None:
    status, reply = sent(
        blocked.server, "POST", f"/_sim/corps/{blocked.corpid}/budget/pay", **headers, **form
    )
    assert status == 403
    assert "TOLLBOOTH_SIM_HOSTS" in reply["error"]
    assert budget_of(blocked)["paid"] == "0.00"


def test_a_preflight_is_refused_and_grants_nothing(server: RunningServer) -> None:
    address = server.base_url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=30)
    asked = {"Origin": EVIL, "Access-Control-Request-Method": "PUT", "Sec-Fetch-Site": "cross-site"}
    connection.request("OPTIONS", "/_sim/corps", headers=asked)
    answer = connection.getresponse()
    assert answer.status == 403
    assert not [name for name, _ in answer.getheaders() if name.lower().startswith("access-control")]
    connection.close()


def test_own_pages_typed_addresses_and_programs_are_answered(server: RunningServer) -> None:
    origin = server.base_url
    for headers in (
        {},
        {"origin": origin, "sec_fetch_site": "same-origin"},
        {"origin": origin},
        {"sec_fetch_site": "none"},
        {"sec_fetch_site": "same-site"},  # a link on a page of another port of this machine
    ):
        assert sent(server, "GET", "/_sim/corps", **headers)[0] == 200, headers
    made = sent(server, "POST", "/_sim/corps", "{}", origin=origin, content_type="application/json")
    assert made[0] == 200


def test_the_browser_is_believed_when_a_proxy_has_changed_the_host(start_server: StartServer) -> None:
    proxied = start_server(admin_token="a-token")
    own = {"origin": "https://tollbooth.example.com", "sec_fetch_site": "same-origin"}
    assert sent(proxied, "GET", "/_sim/corps", authorization="Bearer a-token", **own)[0] == 200


def test_an_admin_token_replaces_the_check_of_the_host_and_no_other(start_server: StartServer) -> None:
    guarded = start_server(admin_token="a-token")
    token = {"authorization": "Bearer a-token"}
    assert sent(guarded, "GET", "/_sim/corps", host="tollbooth:8000")[0] == 401
    assert sent(guarded, "GET", "/_sim/corps", host="tollbooth:8000", **token)[0] == 200
    for foreign in ({"origin": EVIL}, {"sec_fetch_site": "cross-site"}):
        assert sent(guarded, "GET", "/_sim/corps", host="tollbooth:8000", **token, **foreign)[0] == 403


def test_hosts_of_the_setting_are_answered_and_their_pages_may_call(start_server: StartServer) -> None:
    named = start_server(sim_hosts="Tollbooth.test, *.example.com,[fd00::1]")
    for host in (
        "tollbooth.test",
        "TOLLBOOTH.TEST:8000",
        "a.example.com",
        "a.b.example.com",
        "[fd00::1]:8000",
    ):
        assert sent(named, "GET", "/_sim/corps", host=host)[0] == 200, host
    for host in ("example.com", "nottollbooth.test", "evilexample.com", "a.tollbooth.test"):
        assert sent(named, "GET", "/_sim/corps", host=host)[0] == 403, host
    page = {"origin": "http://tollbooth.test:3000", "sec_fetch_site": "cross-site"}
    assert sent(named, "POST", "/_sim/corps", "{}", content_type="application/json", **page)[0] == 200
    assert sent(named, "POST", "/_sim/corps", "{}", content_type="application/json", origin=EVIL)[0] == 403


@pytest.mark.parametrize(
    "wrong", ["http://tollbooth.test", "tollbooth.test:8000", "*", "a b", "tollbooth.test/x"]
)
def test_an_invalid_host_name_stops_the_start(wrong: str) -> None:
    with pytest.raises(WrongSetting) as stopped:
        load_settings(sim_hosts=wrong)
    assert "--sim-hosts" in str(stopped.value)
    assert "not a host name" in str(stopped.value)


def rows_of_all_tables(server: RunningServer) -> dict[str, list[Any]]:
    with server.server.database.transaction() as tx:
        names = sorted(sa.inspect(tx.connection).get_table_names())
        return {
            name: [tuple(row) for row in tx.execute(sa.text(f'SELECT * FROM "{name}"'))]
            for name in names
            if name != "id_block"
        }


def test_pages_for_phones_are_open_to_all_origins_and_change_nothing(start_server: StartServer) -> None:
    own = start_server()
    corp = own.make_corp(seed="demo")
    wecom = corp.client()
    userid = wecom.get("externalcontact/get_follow_user_list")["follow_user"][0]
    config_id = wecom.post("externalcontact/add_contact_way", type=1, scene=2, user=[userid])["config_id"]
    qr_code = wecom.post("externalcontact/get_contact_way", config_id=config_id)["contact_way"]["qr_code"]
    pages = {
        qr_code.removeprefix(own.base_url): 200,
        f"/_sim/scan/contact_way/{corp.corpid}/{config_id}": 200,
        f"/_sim/scan/member/{corp.corpid}/{userid}": 200,
        f"/_sim/scan/join_way/{corp.corpid}/none": 404,
        f"/_sim/scan/join_corp/{corp.corpid}/none": 404,
    }
    secrets = [app[name] for app in corp.apps for name in ("secret", "callback_token", "encoding_aes_key")]
    before = rows_of_all_tables(own)
    for path, expected in pages.items():
        for headers in (
            {"sec_fetch_site": "cross-site"},
            {"origin": EVIL, "sec_fetch_site": "cross-site"},
            {"host": "192.168.1.20:8000"},
        ):
            status, content = sent(own, "GET", path, **headers)
            assert status == expected, path
            assert not any(secret.encode() in content for secret in secrets)
            assert sent(own, "POST", path, **headers)[0] == 403
    assert rows_of_all_tables(own) == before


def test_servers_call_the_api_under_any_name(corp: Corp) -> None:
    path = f"/cgi-bin/gettoken?corpid={corp.corpid}&corpsecret={corp.apps[0]['secret']}"
    status, reply = sent(corp.server, "GET", path, host="qyapi.weixin.qq.com", origin=EVIL)
    assert (status, reply["errcode"]) == (200, 0)


def test_no_foreign_page_can_show_the_documentation_in_a_frame(server: RunningServer) -> None:
    for path in ("/docs", "/", "/_sim/corps"):
        connection = http.client.HTTPConnection(server.base_url.removeprefix("http://"), timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert (answer.status, answer.getheader("x-frame-options")) == (200, "SAMEORIGIN")
        connection.close()


def test_a_websocket_of_a_foreign_page_is_closed() -> None:
    async def application(scope: Scope, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    async def opened_by(origin: str) -> str:
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            messages.append(message)

        headers = [(b"host", b"127.0.0.1:8000"), (b"origin", origin.encode())]
        scope: Scope = {"type": "websocket", "path": "/_sim/console/ws", "headers": headers}
        await BrowserGuard(application, Settings(), ())(scope, receive, send)
        return str(messages[0]["type"])

    assert asyncio.run(opened_by(EVIL)) == "websocket.close"
    assert asyncio.run(opened_by("http://127.0.0.1:8000")) == "websocket.accept"


def test_no_public_name_counts_as_loopback() -> None:
    names = ["localhost", "a.localhost", "127.0.0.1", "127.255.255.254", "[::1]"]
    assert [name for name in names if not is_loopback(name)] == []
    for name in (
        "",
        "local",
        "xlocalhost",
        "10.0.0.1",
        "0.0.0.0",
        "[::]",
        "[fe80::1]",
        "127.0.0.1.nip.io",
        "0x7f.1",
    ):
        assert not is_loopback(name)
