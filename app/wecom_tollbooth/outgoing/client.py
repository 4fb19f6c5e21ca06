"""The HTTP client behind `Outgoing`. Imported with the first request: a server should start without it.

It follows no redirects, decompresses nothing, keeps no cookies and uses no proxy. A general client costs a
millisecond for each request, more than all the rest of a delivery.
"""

import asyncio
import ssl
from collections import defaultdict
from functools import cached_property

from wecom_tollbooth import __version__
from wecom_tollbooth.outgoing.addresses import AllowedAddresses
from wecom_tollbooth.outgoing.answers import Answer, NoAnswer, Request
from wecom_tollbooth.outgoing.connection import Connection
from wecom_tollbooth.outgoing.resolver import Resolver
from wecom_tollbooth.outgoing.urls import Target, parse

IDLE_SECONDS = 1
"""How long a connection is kept for the next request; receivers close theirs after two seconds or more."""
SECONDS_PER_ADDRESS = 1
"""For each address of a name but the last."""
ERROR_CHARS = 200

Origin = tuple[str, str, int]


class Client:
    """Connections to addresses that `allowed` allows."""

    def __init__(self, allowed: AllowedAddresses) -> None:
        self._allowed = allowed
        self._resolver = Resolver()
        self._idle: defaultdict[Origin, list[Connection]] = defaultdict(list)

    async def request(self, request: Request) -> Answer:
        """The answer. Raises NoAnswer if no whole answer came within the request's seconds."""
        try:
            async with asyncio.timeout(request.seconds):
                return await self._exchange(request)
        except TimeoutError:
            raise NoAnswer(f"no answer within {request.seconds:g} s") from None
        except OSError as failure:
            reason = str(failure) or type(failure).__name__
            raise NoAnswer(f"it cannot be reached: {reason}"[:ERROR_CHARS]) from None

    def close(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                connection.close()

    async def _exchange(self, request: Request) -> Answer:
        target = parse(request.url)
        connection = self._kept(target) or await self._connect(target)
        try:
            answer = await connection.exchange(_written(request, target), request.most)
        except BaseException:
            connection.close()
            raise
        if connection.is_reusable:
            self._keep(target, connection)
        else:
            connection.close()
        return answer

    def _kept(self, target: Target) -> Connection | None:
        kept = self._idle.get(target[:3], [])
        while kept:
            connection = kept.pop()
            if connection.is_reusable:
                return connection
        return None

    def _keep(self, target: Target, connection: Connection) -> None:
        origin = target[:3]
        self._idle[origin].append(connection)
        asyncio.get_running_loop().call_later(IDLE_SECONDS, self._let_go, origin, connection)

    def _let_go(self, origin: Origin, connection: Connection) -> None:
        kept = self._idle.get(origin, [])
        if connection in kept:
            kept.remove(connection)
            connection.close()
        if not kept:
            self._idle.pop(origin, None)

    async def _connect(self, target: Target) -> Connection:
        """Connects to an address that was checked: a second lookup of the name could lead elsewhere."""
        found = await self._resolver.addresses(target.host)
        addresses = [address for address in found if self._allowed.allow(address)]
        if not addresses:
            raise NoAnswer(
                f"TOLLBOOTH_ALLOWED_ADDRESSES does not allow its address {', '.join(found) or target.host}"
            )
        for address in addresses[:-1]:
            try:
                async with asyncio.timeout(SECONDS_PER_ADDRESS):
                    return await self._connect_to(address, target)
            except OSError:  # of which TimeoutError is one
                continue
        return await self._connect_to(addresses[-1], target)

    async def _connect_to(self, address: str, target: Target) -> Connection:
        encrypted = target.scheme == "https"
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection,
            address,
            target.port,
            ssl=self._certificates if encrypted else None,
            server_hostname=target.host if encrypted else None,
        )
        return connection

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        """Those of the system, which SSL_CERT_FILE replaces."""
        return ssl.create_default_context()


def _written(request: Request, target: Target) -> bytes:
    path = target.path
    if request.query:
        path += ("&" if "?" in path else "?") + request.query
    headers = {
        "Host": target.authority,
        "User-Agent": f"wecom-tollbooth/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        **request.headers,
    }
    if request.content or request.method == "POST":
        headers["Content-Length"] = str(len(request.content))
    lines = [f"{request.method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + request.content
