"""Which addresses may be connected to, and that the connection goes to the address that was checked."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.callbacks.receiver import Receiver
from wecom_tollbooth.outgoing.addresses import AllowedAddresses
from wecom_tollbooth.outgoing.answers import Answer, NoAnswer, Request
from wecom_tollbooth.outgoing.outgoing import Outgoing
from wecom_tollbooth.settings import Settings, WrongSetting

DEFAULT = "loopback,private,public"
LOOPBACK = ["127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", "64:ff9b::7f00:1"]
PRIVATE = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "2002:a00:1::",
]
PUBLIC = ["1.1.1.1", "172.32.0.1", "2606:4700::1111"]
SPECIAL = [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "fe80::1%eth0",
    "224.0.0.1",
    "255.255.255.255",
    "ff02::1",
]


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [
        (DEFAULT, LOOPBACK + PRIVATE + PUBLIC),
        ("public", PUBLIC),
        ("loopback", LOOPBACK),
        ("private", PRIVATE),
        ("public, 169.254.0.0/16", [*PUBLIC, "169.254.169.254", "::ffff:169.254.169.254"]),
        ("10.0.0.0/24", ["10.0.0.1", "::ffff:10.0.0.1", "2002:a00:1::"]),
        ("", []),
    ],
)
def test_a_setting_allows_kinds_of_addresses_and_networks(setting: str, allowed: list[str]) -> None:
    rule = AllowedAddresses(setting)
    assert [a for a in LOOPBACK + PRIVATE + PUBLIC + SPECIAL if rule.allow(a)] == allowed


def test_an_unknown_word_stops_the_start_with_one_sentence() -> None:
    with pytest.raises(WrongSetting, match="'intranet' is neither loopback, private or public nor a network"):
        Outgoing(Settings(allowed_addresses="public,intranet"))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver(lambda _: b"here")
    yield made
    made.close()


def fetch(url: str, allowed: str) -> Answer:
    outgoing = Outgoing(Settings(allowed_addresses=allowed))
    try:
        return outgoing.submit(lambda them: them.request(Request("GET", url, seconds=5))).result(10)
    finally:
        outgoing.stop()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_loopback_is_refused_however_it_is_written(receiver: Receiver, host: str) -> None:
    url = receiver.url.replace("127.0.0.1", host)
    with pytest.raises(NoAnswer, match="TOLLBOOTH_ALLOWED_ADDRESSES does not allow"):
        fetch(url, "public,private")
    assert fetch(url, "loopback").body == b"here"


def test_a_name_that_changes_its_address_leads_to_the_one_that_was_checked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the name is looked up once, and only what was checked is connected to."""
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    asked, connected = [], []
    connect = asyncio.BaseEventLoop.create_connection

    def look_up(host: Any, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 0))]

    async def note(loop: Any, factory: Any, host: str, port: int, **more: Any) -> Any:
        connected.append(host)
        return await connect(loop, factory, "127.0.0.1", port, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", note)
    url = receiver.url.replace("127.0.0.1", "rebinding.example")
    assert fetch(url, "public").body == b"here"
    assert asked == ["rebinding.example"]
    assert connected == ["93.184.216.34"]
    with pytest.raises(NoAnswer, match=r"does not allow its address 127\.0\.0\.1"):
        fetch(url, "public")
    assert connected == ["93.184.216.34"]


def test_a_name_with_an_allowed_and_a_forbidden_address_leads_to_the_allowed_one(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 0)) for ip in ("169.254.169.254", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert fetch(receiver.url.replace("127.0.0.1", "both.example"), DEFAULT).body == b"here"


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://", "http://a b/", "/callback", "http://[::1"])
def test_an_invalid_address_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(NoAnswer):
        fetch(url, DEFAULT)
