"""How often and how many at once: 45009, 45033, and what a client that hangs up leaves behind."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.gateway.test_calls import advance, freeze
from wecom_tollbooth.gateway import asgi, pipeline
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.steps import tokens

StartServer = Callable[..., RunningServer]
LIST = "externalcontact/get_follow_user_list"
TAG_LIST = "externalcontact/get_corp_tag_list"
MIDDLE_OF_AN_HOUR = 1_790_001_000
"""A unix second that is far from the end of its minute and of its hour."""


def started(start_server: StartServer, **settings: Any) -> tuple[RunningServer, Corp, WeCom]:
    """A server whose clock stands still, a corp of it and a caller."""
    server = start_server(**settings)
    assert server.sim.post("/clock", json={"set": MIDDLE_OF_AN_HOUR}).status_code == 200
    freeze(server)
    corp = server.make_corp(seed="demo")
    return server, corp, corp.client()


def errcodes(wecom: WeCom, count: int, operation: str = LIST) -> list[int]:
    return [wecom.get(operation)["errcode"] for _ in range(count)]


# --- frequency -------------------------------------------------------------------------------------------


def test_over_the_limit_of_a_minute_the_corp_is_blocked_for_60_seconds(start_server: StartServer) -> None:
    server, _, wecom = started(start_server, limit_per_corp_minute=3)
    assert errcodes(wecom, 5) == [0, 0, 0, 45009, 45009]
    refused = wecom.get(LIST)
    assert refused["errmsg"].startswith("api freq out of limit, hint: [")
    assert refused["follow_user"] == []
    advance(server, 59)
    assert errcodes(wecom, 1) == [45009]
    advance(server, 1)
    assert errcodes(wecom, 4) == [0, 0, 0, 45009]


def test_calls_during_a_block_do_not_extend_it(start_server: StartServer) -> None:
    server, _, wecom = started(start_server, limit_per_corp_minute=3)
    errcodes(wecom, 4)
    advance(server, 50)  # in the next minute already, and still blocked
    assert errcodes(wecom, 10) == [45009] * 10
    advance(server, 10)
    assert errcodes(wecom, 3) == [0, 0, 0]


def test_over_the_limit_of_an_hour_the_corp_is_blocked_for_60_minutes(start_server: StartServer) -> None:
    server, _, wecom = started(start_server, limit_per_corp_hour=4)
    for _ in range(4):
        assert errcodes(wecom, 1) == [0]
        advance(server, 60)
    assert errcodes(wecom, 1) == [45009]
    advance(server, 3599)
    fresh = wecom.corp.client()
    assert errcodes(fresh, 1) == [45009]
    advance(server, 1)
    assert errcodes(fresh, 4) == [0, 0, 0, 0]


def test_each_minute_begins_with_an_empty_count(start_server: StartServer) -> None:
    server, _, wecom = started(start_server, limit_per_corp_minute=3)
    for _ in range(3):
        assert errcodes(wecom, 3) == [0, 0, 0]
        advance(server, 60)


def test_the_limit_is_per_operation_and_per_corp_and_shared_by_its_apps(start_server: StartServer) -> None:
    server, corp, wecom = started(start_server, limit_per_corp_minute=3)
    second_app, other_corp = corp.client(corp.apps[1]), server.make_corp(seed="demo").client()
    assert errcodes(wecom, 2) == [0, 0]
    assert errcodes(second_app, 2) == [0, 45009]
    assert errcodes(wecom, 1) == [45009]
    assert errcodes(wecom, 1, "getcallbackip") == [0]
    assert errcodes(other_corp, 3) == [0, 0, 0]


def test_an_old_path_counts_as_the_operation_that_it_leads_to(start_server: StartServer) -> None:
    _, _, wecom = started(start_server, limit_per_corp_minute=2)
    for path, expected in (
        ("externalcontact/list", 0),
        ("crm/get_external_contact_list", 0),
        ("externalcontact/list", 45009),
        ("crm/get_external_contact_list", 45009),
    ):
        assert wecom.get(path, userid="zhangsan")["errcode"] == expected


def test_the_limit_per_address_counts_all_corps_together(start_server: StartServer) -> None:
    server, _, wecom = started(start_server, limit_per_ip_minute=3)
    other = server.make_corp(seed="demo").client()
    assert errcodes(wecom, 2) + errcodes(other, 2) == [0, 0, 0, 45009]
    assert errcodes(wecom, 1) == [45009]
    advance(server, 60)
    assert errcodes(wecom, 1) + errcodes(other, 1) == [0, 0]


def test_the_limit_per_address_holds_for_an_hour_too(start_server: StartServer) -> None:
    server, _, wecom = started(start_server, limit_per_ip_hour=2)
    assert errcodes(wecom, 3) == [0, 0, 45009]
    advance(server, 1800)
    assert errcodes(wecom, 1) == [45009]
    advance(server, 1800)
    assert errcodes(wecom, 1) == [0]


def test_refused_calls_count_but_calls_without_a_valid_token_do_not(
    start_server: StartServer,
) -> None:
    _, corp, wecom = started(start_server, limit_per_corp_minute=3)
    stranger = corp.client()
    stranger.token = "nonsense"
    assert errcodes(stranger, 5) == [40014] * 5
    codes = [wecom.get("externalcontact/list", userid="nobody")["errcode"] for _ in range(4)]
    assert codes == [40003, 40003, 40003, 45009]


def test_a_refused_call_costs_nothing(start_server: StartServer) -> None:
    _, corp, wecom = started(start_server, limit_per_corp_minute=2)
    errcodes(wecom, 5)
    used = corp.sim("usage")["calls"]["by_operation"][f"/cgi-bin/{LIST}"]
    assert (used["charged"], used["refused"]) == (2, 3)


def test_setting_the_clock_back_ends_a_later_block(start_server: StartServer) -> None:
    server, _, wecom = started(start_server, limit_per_corp_minute=1)
    assert errcodes(wecom, 2) == [0, 45009]
    assert server.sim.post("/clock", json={"set": MIDDLE_OF_AN_HOUR - 86_400}).status_code == 200
    errcodes(wecom, 1)
    advance(server, 60)
    assert errcodes(wecom, 1) == [0]


def test_limits_can_be_switched_off(start_server: StartServer) -> None:
    _, _, wecom = started(
        start_server,
        rate_limits=False,
        limit_per_corp_minute=1,
        limit_per_ip_minute=1,
        limit_concurrency=1,
        limit_wrong_secret_hour=1,
    )
    assert errcodes(wecom, 5) == [0] * 5


def test_too_many_wrong_secrets_block_an_address_from_gettoken_for_an_hour(
    start_server: StartServer,
) -> None:
    server, corp, wecom = started(start_server, limit_wrong_secret_hour=3)

    def ask(secret: str) -> int:
        params = {"corpid": corp.corpid, "corpsecret": secret}
        return int(httpx.get(f"{server.base_url}/cgi-bin/gettoken", params=params).json()["errcode"])

    right = corp.apps[0]["secret"]
    assert [ask("wrong") for _ in range(3)] == [40001] * 3
    assert ask(right) == 0
    assert ask("wrong") == 40001
    assert [ask(right), ask("wrong")] == [45009, 45009]
    assert errcodes(wecom, 1) == [0]
    advance(server, 3599)
    assert ask(right) == 45009
    advance(server, 1)
    assert ask(right) == 0


# --- concurrency -----------------------------------------------------------------------------------------


HELD = "&held=1"


class Held:
    """Calls that end when a test says so: they wait for their answer as those of a slow platform do.

    An address that ends with HELD holds its call.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._arrived = threading.Semaphore(0)
        self._waiting: list[asyncio.Future[None]] = []
        monkeypatch.setattr(pipeline, "STEPS", (self._hold, *pipeline.STEPS))
        monkeypatch.setattr(asgi, "wait", self._wait)

    @contextmanager
    def open(self, wecom: WeCom, count: int, operation: str = TAG_LIST) -> Iterator[list[socket.socket]]:
        """`count` calls under way, in their order."""
        connections = []
        try:
            for _ in range(count):
                connections.append(sent(wecom, operation, address_ends=HELD))
                assert self._arrived.acquire(timeout=30)
            yield connections
        finally:
            while self._waiting:
                self.finish()
            for connection in connections:
                connection.close()

    def finish(self) -> None:
        """Ends the oldest."""
        oldest = self._waiting.pop(0)
        oldest.get_loop().call_soon_threadsafe(oldest.set_result, None)

    @staticmethod
    def _hold(call: Call) -> None:
        call.wait_seconds = 1.0 if "held" in call.request.query else 0.0

    async def _wait(self, _: float) -> None:
        self._waiting.append(asyncio.get_running_loop().create_future())
        self._arrived.release()
        await self._waiting[-1]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    return Held(monkeypatch)


def sent(
    wecom: WeCom,
    operation: str = TAG_LIST,
    *,
    token: str | None = None,
    address_ends: str = "",
    body: str = "{}",
) -> socket.socket:
    """A connection on which a POST with a body of two bytes was sent, or the part `body` of it."""
    host, port = wecom.corp.server.base_url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    target = f"/cgi-bin/{operation}?access_token={token or wecom.token}{address_ends}"
    head = f"POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\n"
    connection.sendall(head.encode() + body.encode())
    return connection


def forged(corp: Corp) -> str:
    """A token that names the corp and was never issued."""
    return tokens.new_token(99, corp.corpid, 1, 1)


def test_a_sixth_call_of_one_operation_at_the_same_time_is_refused(wecom: WeCom, held: Held) -> None:
    with held.open(wecom, 5) as connections:
        refused = wecom.post(TAG_LIST)
        assert refused["errcode"] == 45033
        assert refused["errmsg"].startswith("api concurrent out of limit, hint: [")
        assert wecom.post("externalcontact/contact_list")["errcode"] == 0
        held.finish()
        assert b'"errcode":0,' in connections[0].recv(65_536)
        assert wecom.post(TAG_LIST)["errcode"] == 0
        for connection in connections[1:]:
            held.finish()
            assert b'"errcode":0,' in answered(connection)
    assert wecom.post(TAG_LIST)["errcode"] == 0


def test_concurrency_is_counted_per_corp(server: RunningServer, wecom: WeCom, held: Held) -> None:
    other = server.make_corp(seed="demo").client()
    with held.open(wecom, 5):
        assert other.post(TAG_LIST)["errcode"] == 0


def test_an_old_path_counts_as_the_same_operation_for_concurrency(
    start_server: StartServer, held: Held
) -> None:
    _, _, wecom = started(start_server, limit_concurrency=1)
    with held.open(wecom, 1, "externalcontact/list"):
        assert wecom.get("crm/get_external_contact_list", userid="zhangsan")["errcode"] == 45033


def test_concurrency_does_not_limit_calls_without_a_token(corp: Corp, wecom: WeCom, held: Held) -> None:
    app = corp.apps[0]
    nobody = corp.client()
    nobody.token = ""
    with held.open(nobody, 8, "gettoken"), held.open(nobody, 8, "externalcontact/list"):
        params = {"corpid": corp.corpid, "corpsecret": app["secret"]}
        assert wecom.http.get("gettoken", params=params).json()["errcode"] == 0
        assert nobody.get("externalcontact/list")["errcode"] == 41001


def test_the_concurrency_limit_is_a_setting(start_server: StartServer, held: Held) -> None:
    _, _, wecom = started(start_server, limit_concurrency=2)
    with held.open(wecom, 2):
        assert wecom.post(TAG_LIST)["errcode"] == 45033
    _, _, wecom = started(start_server, limit_concurrency=50)
    with held.open(wecom, 20):
        assert wecom.post(TAG_LIST)["errcode"] == 0


def answered(connection: socket.socket) -> bytes:
    """The answer, whose body can come after its head."""
    answer = connection.recv(65_536)
    while answer.endswith(b"\r\n\r\n"):
        answer += connection.recv(65_536)
    return answer


def test_calls_whose_body_has_not_arrived_hold_no_place(wecom: WeCom) -> None:
    half = [sent(wecom, body="{") for _ in range(200)]
    assert [wecom.post(TAG_LIST)["errcode"] for _ in range(20)] == [0] * 20
    for connection in half:
        connection.sendall(b"}")
        assert b'"errcode":0,' in answered(connection)
        connection.close()


def test_a_forged_token_does_not_use_up_the_corps_limit(corp: Corp, wecom: WeCom, held: Held) -> None:
    connections = [sent(wecom, token=forged(corp), body=body) for body in ("{", "{}") for _ in range(20)]
    with held.open(wecom, 4):
        assert wecom.post(TAG_LIST)["errcode"] == 0
    for connection in connections[20:]:
        assert b'"errcode":40014,' in connection.recv(65_536)
    for connection in connections:
        connection.close()


def test_a_refused_call_releases_its_place(wecom: WeCom, held: Held) -> None:
    with held.open(wecom, 4):
        for _ in range(10):
            assert wecom.post(TAG_LIST, tag_id=["\x00"])["errcode"] == 40058
        assert wecom.post(TAG_LIST)["errcode"] == 0


# --- who hangs up ----------------------------------------------------------------------------------------


def test_a_client_that_hangs_up_mid_request_leaves_no_record(corp: Corp, wecom: WeCom) -> None:
    for connection in [sent(wecom, body="{") for _ in range(5)]:
        connection.close()
    assert wecom.post(TAG_LIST)["errcode"] == 0
    ended = [call for call in corp.sim("calls")["calls"] if call["answer"]["errcode"] == 0]
    assert len(ended) == 2  # gettoken, and the call after the five
    used = corp.sim("usage")["calls"]["by_operation"][f"/cgi-bin/{TAG_LIST}"]
    assert used["charged"] == 1


def test_a_request_to_upgrade_to_a_websocket_breaks_nothing(wecom: WeCom) -> None:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    answer = wecom.http.get(LIST, params={"access_token": wecom.token}, headers=headers)
    assert answer.status_code < 500


@pytest.mark.parametrize(
    "garbage", [b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00", b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"]
)
def test_bytes_that_are_not_http_do_not_stop_the_server(wecom: WeCom, garbage: bytes) -> None:
    host, port = wecom.corp.server.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(garbage)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass
    assert wecom.get(LIST)["errcode"] == 0
