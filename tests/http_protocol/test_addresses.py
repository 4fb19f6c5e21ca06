"""Who calls and under which address: a client's own words don't count, a trusted proxy's do if valid."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.types import Scope

from tests.conftest import RunningServer, WeCom
from wecom_tollbooth.http_protocol.addresses import TrustedProxies, base_url, client_address
from wecom_tollbooth.settings import Settings, WrongSetting, read_settings

PROXY = "10.0.0.1"
TRUSTED = "10.0.0.0/24,::1"

Headers = list[tuple[str, str]]


def scope_of(headers: Headers, client: str = PROXY) -> Scope:
    return {
        "type": "http",
        "scheme": "http",
        "client": (client, 4711),
        "server": ("192.0.2.9", 8000),
        "headers": [
            (b"host", b"proxy.test:80"),
            *((name.encode(), value.encode()) for name, value in headers),
        ],
    }


def forwarded(headers: Headers, client: str = PROXY) -> tuple[str, str]:
    """Address of the caller and of the server as they are taken behind the trusted proxies."""
    seen: list[Scope] = []

    async def app(scope: Scope, *_: Any) -> None:
        seen.append(scope)

    networks = Settings(trusted_proxies=TRUSTED).proxy_networks
    asyncio.run(TrustedProxies(app, networks)(scope_of(headers, client), None, None))  # type: ignore[arg-type]
    return client_address(seen[0]), base_url(seen[0])


@pytest.mark.parametrize(
    ("headers", "caller"),
    [
        ([], PROXY),
        ([("x-forwarded-for", "203.0.113.7")], "203.0.113.7"),
        ([("x-forwarded-for", "203.0.113.7:5000")], "203.0.113.7"),
        ([("x-forwarded-for", "2001:db8::7")], "2001:db8::7"),
        ([("x-forwarded-for", "[2001:db8::7]:5000")], "2001:db8::7"),
        ([("x-forwarded-for", "::ffff:203.0.113.7")], "203.0.113.7"),
        ([("x-forwarded-for", "1.1.1.1, 203.0.113.7")], "203.0.113.7"),
        ([("x-forwarded-for", "203.0.113.7, 10.0.0.2")], "203.0.113.7"),
        ([("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "203.0.113.7")], "203.0.113.7"),
        ([("x-forwarded-for", "10.0.0.3, 10.0.0.2")], "10.0.0.3"),
        ([("forwarded", "for=203.0.113.7;proto=https")], "203.0.113.7"),
        ([("forwarded", 'For="[2001:db8::7]:47";by=10.0.0.1')], "2001:db8::7"),
        ([("forwarded", "for=1.1.1.1, for=203.0.113.7")], "203.0.113.7"),
        ([("forwarded", "for=203.0.113.7"), ("x-forwarded-for", "203.0.113.7")], "203.0.113.7"),
        # One of the two was written by the client.
        ([("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "203.0.113.7")], PROXY),
    ],
)
def test_the_caller_behind_trusted_proxies(headers: Headers, caller: str) -> None:
    assert forwarded(headers)[0] == caller


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "unknown",
        "_hidden",
        "evil, from ip: 1.2.3.4",
        "1.2.3.4\x01",
        "999.1.1.1",
        "[::",
        '"',
        "a" * 9_000,
        ",,,",
    ],
)
def test_an_invalid_address_counts_as_none(nonsense: str) -> None:
    assert forwarded([("x-forwarded-for", nonsense)])[0] == PROXY
    assert forwarded([("forwarded", f"for={nonsense}")])[0] == PROXY
    assert forwarded([("x-forwarded-for", f"{nonsense}, 10.0.0.2")])[0] == "10.0.0.2"


def test_only_from_addresses_of_the_setting() -> None:
    headers = [
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "a.test"),
    ]
    assert forwarded(headers, "10.0.1.1") == ("10.0.1.1", "http://proxy.test:80")
    for proxy in ("10.0.0.77", "::1", "::ffff:10.0.0.1"):
        assert forwarded(headers, proxy) == ("203.0.113.7", "https://a.test")


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ([("x-forwarded-proto", "HTTPS")], "https://proxy.test:80"),
        ([("x-forwarded-proto", "javascript")], "http://proxy.test:80"),
        ([("x-forwarded-host", 'a"><script>')], "http://proxy.test:80"),
        ([("x-forwarded-host", "wecom.test:8443")], "http://wecom.test:8443"),
        ([("forwarded", "proto=https;host=wecom.test")], "https://wecom.test"),
        ([("forwarded", 'proto=https;host="a b"')], "https://proxy.test:80"),
    ],
)
def test_scheme_and_host_behind_trusted_proxies(headers: Headers, address: str) -> None:
    assert forwarded(headers)[1] == address


@pytest.mark.parametrize(
    ("host", "address"),
    [
        (b"127.0.0.1:8000", "http://127.0.0.1:8000"),
        (b"[::1]:8000", "http://[::1]:8000"),
        (b"my_service", "http://my_service"),
        (b"", "http://192.0.2.9:8000"),
        (b"a/b", "http://192.0.2.9:8000"),
        (b"user@a.test", "http://192.0.2.9:8000"),
        (b'"><script>', "http://192.0.2.9:8000"),
        (b"a.test:port", "http://192.0.2.9:8000"),
        (b"\xe4\xbd\xa0", "http://192.0.2.9:8000"),
        (b"a" * 300, "http://192.0.2.9:8000"),
    ],
)
def test_an_invalid_host_is_replaced_by_the_servers_address(host: bytes, address: str) -> None:
    scope = scope_of([])
    scope["headers"] = [(b"host", host)]
    assert base_url(scope) == address
    scope["headers"] = []
    assert base_url(scope) == "http://192.0.2.9:8000"


def test_a_caller_without_a_readable_address() -> None:
    assert client_address({"client": None}) == "127.0.0.1"
    assert client_address({"client": ("evil", 0)}) == "0.0.0.0"
    assert client_address({"client": ("fe80::1%eth0", 1)}) == "fe80::1"


def test_a_wrong_setting_is_named() -> None:
    with pytest.raises(WrongSetting, match=r"'proxy[.]test' is no IP address or network"):
        read_settings(trusted_proxies="127.0.0.1, proxy.test")


def test_a_call_with_the_words_of_a_proxy(wecom: WeCom, start_server: Callable[..., RunningServer]) -> None:
    headers = {
        "X-Forwarded-For": "evil; 203.0.113.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "a.test",
        "Forwarded": "for=203.0.113.7",
    }
    refused = wecom.http.get("externalcontact/list", headers=headers)
    assert ", from ip: 127.0.0.1, " in refused.json()["errmsg"]
    assert "127.0.0.1" in refused.headers["error-msg"]

    proxied = start_server(trusted_proxies="127.0.0.1").make_corp(seed="demo")
    headers["X-Forwarded-For"] = "203.0.113.7"
    refused = proxied.client().http.get("externalcontact/list", headers=headers)
    assert ", from ip: 203.0.113.7, " in refused.json()["errmsg"]
    call = proxied.server.sim.get("/calls").json()["calls"][0]
    assert call["request"]["ip"] == "203.0.113.7"


def test_the_host_of_a_call_in_the_addresses_of_its_answer(wecom: WeCom) -> None:
    def qr_code(host: str) -> str:
        wanted = {"type": 1, "scene": 2, "user": ["zhangsan"]}
        params = {"access_token": wecom.token}
        made = wecom.http.post(
            "externalcontact/add_contact_way", params=params, json=wanted, headers={"Host": host}
        )
        return str(made.json()["qr_code"])

    own = urlsplit(wecom.corp.server.base_url).netloc
    assert qr_code("wecom.test:80").startswith("http://wecom.test:80/")
    for nonsense in ('"><script>', "a b", "user:secret@a.test"):
        assert qr_code(nonsense).startswith(f"http://{own}/")


def test_slashes_before_cgi_bin_count_as_one(wecom: WeCom) -> None:
    server, path = wecom.corp.server, "/cgi-bin/externalcontact/get_follow_user_list"
    for slashes in ("/", "//"):
        answer = wecom.http.get(f"{server.base_url}{slashes}{path[1:]}?access_token={wecom.token}")
        assert answer.json()["errcode"] == 0
    assert wecom.http.get(f"{server.base_url}//cgi-bin/no_such?access_token={wecom.token}").status_code == 404
    paths = [call["request"]["path"] for call in wecom.corp.sim("calls")["calls"]]
    assert paths[:3] == ["/cgi-bin/no_such", path, path]
