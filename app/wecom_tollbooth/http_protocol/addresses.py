"""Who calls, and under which address: what a client or a proxy says about it is checked before use."""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

UNKNOWN = "0.0.0.0"
"""The address of a caller whose address cannot be read."""

OF_NO_SOCKET = "127.0.0.1"
"""The address of a caller without one, on a Unix socket."""

FORWARDED_HOST = "tollbooth.forwarded_host"
"""Where a scope has the host that a trusted proxy was asked for."""

MOST_HOPS = 20

_HOST = re.compile(rb"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_ELEMENT = re.compile(r'(?:[^,"]|"[^"]*")+')
_PAIR = re.compile(r'([A-Za-z]+)=(?:"([^"]*)"|([^;,\s"]+))')

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_address(scope: Scope) -> str:
    """The caller's IP address; IPv4 is IPv4 also on a socket that takes both."""
    client = scope.get("client")
    return _address(client[0]) or UNKNOWN if client else OF_NO_SOCKET


def base_url(scope: Scope) -> str:
    """Scheme and host as the caller wrote them, for addresses of this server in answers.

    The server's own address where the caller's is not a host with or without a port.
    """
    host = scope.get(FORWARDED_HOST) or _first(scope, b"host")
    if host is None or not _HOST.fullmatch(host):
        name, port = scope.get("server") or (OF_NO_SOCKET, None)
        host = (f"[{name}]" if ":" in name else name).encode() + (b":%d" % port if port else b"")
    return f"{scope['scheme']}://{host.decode('ascii')}"


class TrustedProxies:
    """An ASGI layer that takes the caller's address, scheme and host from the proxies in these networks.

    It reads `X-Forwarded-For`, `-Proto` and `-Host`, and `Forwarded` (RFC 7239). The caller is the last
    address that isn't a trusted proxy's own; what stands before it was written by the caller. Where both
    headers are there and disagree, one of them is the caller's, so neither counts.
    """

    def __init__(self, app: ASGIApp, networks: Iterable[Network]) -> None:
        self._app = app
        self._networks = tuple(networks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and self._is_trusted(client_address(scope)):
            scope = self._as_forwarded(scope)
        await self._app(scope, receive, send)

    def _as_forwarded(self, scope: Scope) -> Scope:
        x_for, forwarded = _all(scope, b"x-forwarded-for"), _all(scope, b"forwarded")
        elements = [dict(_pairs(element)) for element in _ELEMENT.findall(forwarded)]
        peer = client_address(scope)
        told = {
            self._caller(peer, hops)
            for hops in (x_for.split(","), [element.get("for", "") for element in elements])
            if any(hops)
        }
        if len(told) > 1:
            return scope
        scope = dict(scope)
        caller = told.pop() if told else peer
        if caller != peer:
            scope["client"] = (caller, 0)
        last = elements[-1] if elements else {}
        proto = _all(scope, b"x-forwarded-proto").rpartition(",")[2].strip() or last.get("proto", "")
        if proto.lower() in ("http", "https"):
            secure = proto.lower() == "https"
            scope["scheme"] = ("wss" if secure else "ws") if scope["type"] == "websocket" else proto.lower()
        host = _all(scope, b"x-forwarded-host").rpartition(",")[2].strip() or last.get("host", "")
        if _HOST.fullmatch(host.encode("latin-1", "replace")):
            scope[FORWARDED_HOST] = host.encode("latin-1")
        return scope

    def _caller(self, peer: str, hops: list[str]) -> str:
        """The last address that isn't a trusted proxy's; what is no address ends the search."""
        caller = peer
        for hop in reversed(hops[-MOST_HOPS:]):
            address = _address(_without_port(hop.strip()))
            if not address:
                break
            caller = address
            if not self._is_trusted(address):
                break
        return caller

    def _is_trusted(self, address: str) -> bool:
        parsed = ipaddress.ip_address(address)
        return any(parsed in network for network in self._networks)


@lru_cache(maxsize=4096)
def _address(text: str) -> str:
    """An IP address in its usual form, without a zone; "" for anything else."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        address, closed, _ = hop[1:].partition("]")
        return address if closed else ""
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _pairs(element: str) -> Iterator[tuple[str, str]]:
    for name, quoted, plain in _PAIR.findall(element):
        yield name.lower(), quoted or plain


def _first(scope: Scope, name: bytes) -> bytes | None:
    found: bytes | None = next((value for key, value in scope["headers"] if key == name), None)
    return found


def _all(scope: Scope, name: bytes) -> str:
    """The header with this name; several are one list, as HTTP has it."""
    return ", ".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)
