"""Keeps foreign web pages out of the control API.

A page of any site can send requests to 127.0.0.1, and one whose DNS name points there (DNS rebinding) can
also read the answers. A browser cannot hide two things: the name in `Host`, and where the page is from
(`Sec-Fetch-Site`, `Origin`). Programs that are not browsers send the loopback name and neither of the others.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wecom_tollbooth.client.framed_pages import MARK
from wecom_tollbooth.settings import Settings, environment_name
from wecom_tollbooth.sim_api.layers import is_console, is_control, refuse

SAFE_METHODS = frozenset({"GET", "HEAD"})
SETTING = environment_name("sim_hosts")
NO_FRAMES = (b"x-frame-options", b"SAMEORIGIN")
"""No foreign page may show /docs in a frame and lead somebody's clicks to "Execute"."""

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]/@]+)(?::[0-9]*)?")


class BrowserGuard:
    """An ASGI layer that answers 403 to what a foreign page sends to /_sim or to the console.

    `open_prefixes` are what phones and vendors' pages load: reading there is allowed to everybody. The paths
    `in_frames` are for frames of vendors' pages. `console` says which paths are the console's; links to its
    pages may stand anywhere.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        open_prefixes: Iterable[str],
        in_frames: Iterable[str] = (),
        console: Callable[[str], bool] = is_console,
    ) -> None:
        self._app = app
        self._settings = settings
        self._console = console
        self._names = settings.sim_host_names
        self._open = tuple(f"{prefix}/" for prefix in open_prefixes)
        self._in_frames = frozenset(in_frames)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        path, method = scope["path"], scope.get("method", "")
        if path.startswith(self._open) and method in SAFE_METHODS:
            await self._app(scope, receive, send)
            return
        if is_control(path) or self._console(path):
            headers = Headers(scope=scope)
            navigates = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
            opened = navigates and not is_control(path) and "/api/" not in path
            refusal = self._refusal(headers, method, opened=opened)
            if refusal is not None:
                await refuse(scope, receive, send, 403, refusal)
                return
        await self._app(scope, receive, send if path in self._in_frames else _without_frames(send))

    def _refusal(self, headers: Headers, method: str, *, opened: bool) -> str | None:
        """Why the request is refused, in one sentence; None if it is not. `opened`: a page, by its link."""
        hosts = headers.getlist("host")
        if not self._settings.admin_token and not (hosts and all(map(self._is_ours, hosts))):
            return (
                f"the control API does not answer to the host {', '.join(hosts)!r}; use 127.0.0.1 or "
                f"localhost, name the host in {SETTING}, or set an admin token"
            )
        if MARK in headers:
            return "a page in the frame of a client may not call the control API"
        if opened:
            return None
        site, origins = headers.get("sec-fetch-site"), headers.getlist("origin")
        if site in ("same-origin", "none"):
            return None
        foreign = [origin for origin in origins if not self._is_our_origin(origin, hosts)]
        if foreign:
            return (
                f"pages of {foreign[0]!r} may not call the control API; name their host in {SETTING} if "
                "they are yours"
            )
        if origins or site is None or (site == "same-site" and method in SAFE_METHODS):
            return None
        return (
            "pages and links of other sites may not call the control API; type the address into the address "
            f"bar, or name the host of the page in {SETTING} if it is yours"
        )

    def _is_ours(self, authority: str) -> bool:
        return answers_to(authority, self._settings)

    def _is_our_origin(self, origin: str, hosts: list[str]) -> bool:
        """Whether the origin is that of the request itself, or its host is named in the setting."""
        try:
            authority = urlsplit(origin).netloc
        except ValueError:
            return False
        name = _name_in(authority)
        return name is not None and (
            authority.lower() in [host.lower() for host in hosts] or _is_named(name, self._names)
        )


def answers_to(authority: str, settings: Settings) -> bool:
    """Whether the control API answers to `host:port`."""
    if settings.admin_token:
        return True
    name = _name_in(authority)
    return name is not None and (is_loopback(name) or _is_named(name, settings.sim_host_names))


def _is_named(name: str, names: Iterable[str]) -> bool:
    return any(name.endswith(known[1:]) if known.startswith("*.") else name == known for known in names)


def is_loopback(name: str) -> bool:
    """Whether this host name always leads to this machine; an IPv6 address has brackets."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _name_in(authority: str) -> str | None:
    """The host of `host:port` in lower case, an IPv6 address in brackets; None if it can't be read."""
    match = _AUTHORITY.fullmatch(authority)
    return match[1].lower().removesuffix(".") if match else None


def _without_frames(send: Send) -> Send:
    async def framed(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), NO_FRAMES]
        await send(message)

    return framed
