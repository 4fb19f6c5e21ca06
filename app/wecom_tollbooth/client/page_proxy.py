"""Serves the sites of framed_pages.py: fetches the product's page and puts the bridge into it."""

import asyncio
import json
import re
from collections.abc import Iterable, Iterator

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from wecom_tollbooth.client.devices import USER_AGENTS
from wecom_tollbooth.client.framed_pages import MARK, Framed, find_site, is_framed
from wecom_tollbooth.client.scripts import BRIDGE, text_of
from wecom_tollbooth.outgoing.answers import Answer, NoAnswer, Request
from wecom_tollbooth.server import Server

BRIDGE_PATH = "/.tollbooth/bridge.js"
SECONDS = 30
MOST = 20_000_000
"""Bytes of an answer; a longer one is refused."""
MOST_SENT = 10_000_000

BETWEEN_TWO = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers of one connection, which are not passed on."""
NOT_SENT = BETWEEN_TWO | {"host", "content-length", "accept-encoding", "user-agent", "expect"}
NOT_RETURNED = BETWEEN_TWO | {
    "content-length",
    "content-security-policy",
    "content-security-policy-report-only",
    "set-cookie",
    "strict-transport-security",
    "x-frame-options",
}
IN_FRAMES = "SameSite=None; Secure; Partitioned"
"""What a cookie needs in a frame of another origin."""

_HEAD = re.compile(rb"<head(?:\s[^>]*)?>", re.IGNORECASE)
_DOCTYPE = re.compile(rb"\s*<!doctype[^>]*>", re.IGNORECASE)


class PageProxy:
    """An ASGI layer that answers everything under the hosts of framed pages, and nothing else."""

    def __init__(self, app: ASGIApp, server: Server) -> None:
        self._app, self._server = app, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = next((value for name, value in scope.get("headers", ()) if name == b"host"), b"")
        if not is_framed(host):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "http":
            response = await self._answer(scope, receive, host.decode("latin-1"))
            await response(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "no websockets here"})

    async def _answer(self, scope: Scope, receive: Receive, host: str) -> Response:
        site = await self._server.run(lambda tx: find_site(tx, host))
        if site is None:
            return PlainTextResponse("No page is served under this name; open it in the client page.\n", 404)
        if scope["path"] == BRIDGE_PATH:
            agent = json.dumps(USER_AGENTS[site.device])
            script = f"window.tollboothUserAgent = {agent};\n{text_of(BRIDGE)}"
            return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})
        body = await _body(receive)
        if body is None:
            return PlainTextResponse(f"At most {MOST_SENT} bytes can be sent through the client.\n", 413)
        shown = f"{scope['scheme']}://{host}"
        request = _request(scope, site, shown, body)
        try:
            future = self._server.outgoing.submit(lambda outgoing: outgoing.request(request))
            answer = await asyncio.wrap_future(future)
        except NoAnswer as failure:
            return PlainTextResponse(f"{site.origin}: {failure}\n", 502)
        return _shown(answer, site, shown, with_body=scope["method"] != "HEAD")


async def _body(receive: Receive) -> bytes | None:
    """The body of the request; None if it is too long."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_SENT:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _request(scope: Scope, site: Framed, shown: str, body: bytes) -> Request:
    """The same request to the product, from its own origin and with the client's user agent."""
    given = Headers(scope=scope)
    headers = {
        name.title(): value.replace(shown, site.origin) if name in ("origin", "referer") else value
        for name, value in given.items()
        if name not in NOT_SENT and not name.startswith(("sec-fetch-", "sec-ch-"))
    }
    headers |= {"User-Agent": USER_AGENTS[site.device], "Accept-Encoding": "identity", MARK: "1"}
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0]
    query = scope["query_string"].decode("latin-1")
    path = f"/{path.lstrip('/')}" if not path.startswith("/") else path
    url = f"{site.origin}{path}" + (f"?{query}" if query else "")
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    return Request(method, url, SECONDS, headers=headers, content=body, most=MOST + 1)


def _shown(answer: Answer, site: Framed, shown: str, *, with_body: bool) -> Response:
    if len(answer.body) > MOST:
        return PlainTextResponse(f"{site.origin}: its answer is over {MOST} bytes\n", 502)
    content_type = answer.headers.get("content-type", "")
    body = with_bridge(answer.body) if content_type.lower().startswith("text/html") else answer.body
    response = Response(body if with_body else b"", answer.status)
    for name, value in answer.headers.items():
        if name == "location" and (value == site.origin or value.startswith(f"{site.origin}/")):
            value = shown + value[len(site.origin) :]
        if name not in NOT_RETURNED:
            response.headers[name] = value
    for cookie in cookies_in_frames(answer.headers.get("set-cookie", "").split("\n")):
        response.headers.append("set-cookie", cookie)
    return response


def with_bridge(page: bytes) -> bytes:
    """The page with the bridge before its own scripts."""
    tag = f'<script src="{BRIDGE_PATH}"></script>'.encode()
    place = _HEAD.search(page) or _DOCTYPE.match(page)
    end = place.end() if place else 0
    return page[:end] + tag + page[end:]


def cookies_in_frames(cookies: Iterable[str]) -> Iterator[str]:
    """The cookies as a page in a frame can keep them: of this host alone, and sent within the frame."""
    for cookie in cookies:
        parts = [part.strip() for part in cookie.split(";")]
        kept = [
            part
            for part in parts
            if part and part.partition("=")[0].lower() not in ("domain", "samesite", "secure", "partitioned")
        ]
        if parts[0]:
            yield "; ".join([*kept, IN_FRAMES])
