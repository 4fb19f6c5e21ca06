"""The parts of uvicorn and httptools that our HTTP protocol leans on are those it was written for.

Where a hash differs, compare the part with that of uvicorn 0.54.0, adapt http_protocol/protocol.py, and put
the new hash here. The other tests of this folder say whether it still works.
"""

import hashlib
import inspect
from collections.abc import Callable
from typing import Any

import httptools
import pytest
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from wecom_tollbooth.http_protocol.protocol import HttpProtocol

PARTS: list[tuple[Callable[..., Any], str]] = [
    (HttpToolsProtocol.connection_made, "6efb565ff3d36b91"),
    (HttpToolsProtocol.connection_lost, "c91a4c9bf2e29c55"),
    (HttpToolsProtocol.data_received, "010a7ae59a5d3b1a"),
    (HttpToolsProtocol.on_message_begin, "96d377fdc7c2baef"),
    (HttpToolsProtocol.on_header, "65d62c044f61fdbd"),
    (HttpToolsProtocol.on_headers_complete, "1ea8589acfad92d8"),
    (HttpToolsProtocol.on_body, "dba9c32aeba35b6a"),
    (HttpToolsProtocol.on_message_complete, "1fbad42dc31fc01f"),
    (HttpToolsProtocol.on_response_complete, "64e254f28e389e76"),
    (HttpToolsProtocol.shutdown, "d7351fa33f00d430"),
    (HttpToolsProtocol.pause_writing, "17a8fd215d96a13c"),
    (HttpToolsProtocol.resume_writing, "7844bbaa8cceb1ef"),
    (HttpToolsProtocol.timeout_keep_alive_handler, "8b53bf5f2e202970"),
    (HttpToolsProtocol.send_400_response, "ae5a4a3782b646fd"),
    (HttpToolsProtocol.__init__, "4f08999410347141"),
    (RequestResponseCycle.send, "abdd8601b326a8da"),
    (RequestResponseCycle.receive, "8124ae006be71184"),
    (RequestResponseCycle.run_asgi, "0f33f2449a444bc2"),
    (FlowControl.pause_reading, "7c27388bb984e9ed"),
    (FlowControl.resume_reading, "a0429d30857e8488"),
]


@pytest.mark.parametrize(("part", "digest"), PARTS, ids=[part.__qualname__ for part, _ in PARTS])
def test_a_used_part_of_uvicorn_is_unchanged(part: Callable[..., Any], digest: str) -> None:
    assert digest_of(part) == digest


def digest_of(part: Callable[..., Any]) -> str:
    return hashlib.sha256(inspect.getsource(part).encode()).hexdigest()[:16]


def test_every_method_that_we_replace_is_among_the_parts() -> None:
    replaced = {name for name in vars(HttpProtocol) if name in vars(HttpToolsProtocol) and name[0] != "_"}
    compared = {part.__name__ for part, _ in PARTS if part.__qualname__.startswith("HttpToolsProtocol.")}
    assert replaced <= compared


def test_httptools_says_where_the_data_of_an_upgrade_begins_and_has_skipped_its_body() -> None:
    class Seen:
        def __init__(self) -> None:
            self.calls: list[str] = []

        def on_headers_complete(self) -> None:
            self.calls.append("head")

        def on_body(self, body: bytes) -> None:
            self.calls.append("body")

        def on_message_complete(self) -> None:
            self.calls.append("complete")

    seen, head = (
        Seen(),
        b"POST / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n",
    )
    with pytest.raises(httptools.HttpParserUpgrade) as upgrade:
        httptools.HttpRequestParser(seen).feed_data(head + b"{}")
    assert upgrade.value.args == (len(head),)
    assert seen.calls == ["head", "complete"]
