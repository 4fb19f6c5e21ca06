"""The HTTP client behind `Outgoing`. Imported with the first request: a server should start without it.

It follows no redirects, decompresses nothing, keeps no cookies and uses no proxy.
"""

import asyncio
import ssl
from collections.abc import Iterable
from functools import cached_property

import httpcore
import httpx

from wecom_tollbooth.outgoing.addresses import AllowedAddresses
from wecom_tollbooth.outgoing.answers import MAX_ANSWER_BYTES, Answer, NoAnswer, Request
from wecom_tollbooth.outgoing.resolver import Resolver

IDLE_CONNECTIONS = 64
IDLE_SECONDS = 5
SECONDS_PER_ADDRESS = 1
"""For each address of a name but the last."""
ERROR_CHARS = 200


class Client:
    """Connections to addresses that `allowed` allows."""

    def __init__(self, allowed: AllowedAddresses) -> None:
        self._network = _CheckedNetwork(allowed)

    async def request(self, request: Request) -> Answer:
        """The answer. Raises NoAnswer if no whole answer came within the request's seconds."""
        try:
            async with asyncio.timeout(request.seconds):
                return await self._exchange(request)
        except TimeoutError:
            raise NoAnswer(f"no answer within {request.seconds:g} s") from None
        except NoAnswer:
            raise
        except Exception as failure:
            raise NoAnswer(
                f"it cannot be reached: {failure or type(failure).__name__}"[:ERROR_CHARS]
            ) from None

    async def close(self) -> None:
        for pool in ("_plain", "_encrypted"):
            if pool in self.__dict__:
                await self.__dict__[pool].aclose()

    async def _exchange(self, request: Request) -> Answer:
        url = httpx.URL(request.url)
        pool = {"http": lambda: self._plain, "https": lambda: self._encrypted}.get(url.scheme)
        if pool is None or not url.host:
            raise NoAnswer("the url must begin with http:// or https:// and name a host")
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        headers = {"Accept": "*/*", "Accept-Encoding": "identity", **request.headers}
        async with pool().stream(
            request.method, target, headers=list(headers.items()), content=request.content or None
        ) as response:
            body = bytearray()
            async for chunk in response.aiter_stream():
                body += chunk
                if len(body) >= MAX_ANSWER_BYTES:
                    break
            return Answer(response.status, bytes(body[:MAX_ANSWER_BYTES]))

    @cached_property
    def _plain(self) -> httpcore.AsyncConnectionPool:
        return self._pool(None)

    @cached_property
    def _encrypted(self) -> httpcore.AsyncConnectionPool:
        # The certificates of the system, which SSL_CERT_FILE replaces.
        return self._pool(ssl.create_default_context())

    def _pool(self, context: ssl.SSLContext | None) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=None,
            max_keepalive_connections=IDLE_CONNECTIONS,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=self._network,
        )


class _CheckedNetwork(httpcore.AnyIOBackend):
    """Connects to the address that was checked, so no second lookup of the name can lead elsewhere."""

    def __init__(self, allowed: AllowedAddresses) -> None:
        self._allowed = allowed
        self._resolver = Resolver()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        found = await self._resolver.addresses(host)
        addresses = [address for address in found if self._allowed.allow(address)]
        if not addresses:
            raise NoAnswer(
                f"TOLLBOOTH_ALLOWED_ADDRESSES does not allow its address {', '.join(found) or host}"
            )
        for address in addresses[:-1]:
            try:
                async with asyncio.timeout(SECONDS_PER_ADDRESS):
                    return await super().connect_tcp(address, port, None, local_address, socket_options)
            except (TimeoutError, httpcore.ConnectError):
                continue
        return await super().connect_tcp(addresses[-1], port, None, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise NoAnswer("a socket file is not an address")
