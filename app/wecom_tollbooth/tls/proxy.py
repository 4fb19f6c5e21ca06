"""A proxy that leads WeCom's hosts here and refuses all others.

It speaks CONNECT, plain requests through a proxy (`GET http://host/…`) and SOCKS5, whichever the first byte
says. It never connects to anything but the two ports of this server.
"""

import asyncio
import ipaddress
import logging
import socket
import time
from contextlib import suppress
from urllib.parse import urlsplit

from wecom_tollbooth.tls.hosts import ADDRESS_FOR_SOCKS, is_served
from wecom_tollbooth.tls.newcomers import Newcomers, Reporter

log = logging.getLogger("tollbooth.proxy")

HEAD_BYTES = 16 * 1024
HEAD_SECONDS = 10
TUNNELS = 4_000
"""Open at once; more are refused with a sentence."""
BUFFER = 64 * 1024

HANDSHAKE = 0x16
"""The first byte of TLS, which is spoken through the proxy and not to it."""
SOCKS_VERSION = 5
NO_AUTHENTICATION, NO_ACCEPTABLE_METHOD = 0, 0xFF
CONNECT_COMMAND = 1
IPV4, NAME, IPV6 = 1, 3, 4
SUCCEEDED, FAILED, NOT_ALLOWED, UNREACHABLE, NO_SUCH_COMMAND, NO_SUCH_ADDRESS = 0, 1, 2, 4, 7, 8

Address = tuple[str, int]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Refused(Exception):
    """The client asked for what is not led anywhere; the text says why."""

    status, code = "403 Forbidden", NOT_ALLOWED


class Full(Refused):
    """There are too many tunnels."""

    status, code = "503 Service Unavailable", FAILED


class Proxy:
    """`tls` and `plain` are where this server listens; `plain` takes what is asked for on port 80."""

    def __init__(self, tls: Address, plain: Address | None) -> None:
        self._leads_to = {443: tls, 80: plain}
        self._server: asyncio.Server | None = None
        self._newcomers = Newcomers()
        self._report = Reporter(log, time.monotonic)
        self._tunnels: set[asyncio.Task[None]] = set()

    async def start(self, bound: socket.socket) -> None:
        self._server = await asyncio.start_server(self._accept, sock=bound, limit=BUFFER)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tunnels):
            task.cancel()
        await asyncio.gather(*self._newcomers.cancel(), *self._tunnels, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._newcomers.enter(task)
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                first = await reader.readexactly(1)
                serve = self._socks if first[0] == SOCKS_VERSION else self._http
                upstream = await serve(first, reader, writer)
            self._newcomers.leave(task)
            if upstream is not None:
                self._tunnels.add(task)
                await _relay((reader, writer), upstream)
        except (OSError, EOFError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # a client that hung up, said nothing or too much
        except asyncio.CancelledError:
            pass  # one newcomer too many, or the end; asyncio's server would log it as a fault
        finally:
            self._tunnels.discard(task)
            writer.close()

    # --- HTTP --------------------------------------------------------------------------------------------

    async def _http(
        self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Streams | None:
        if first[0] == HANDSHAKE:
            self._report("tls", "a client speaks TLS to the proxy: write http:// in HTTPS_PROXY")
            await _refuse(writer, Refused("this proxy speaks plain HTTP: write http:// in HTTPS_PROXY"))
            return None
        head = first + await reader.readuntil(b"\r\n\r\n")
        if len(head) > HEAD_BYTES:
            raise asyncio.LimitOverrunError("the head is too large", len(head))
        method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        target = rest.rpartition(" ")[0]
        try:
            if method == "CONNECT":
                host, port = _host_and_port(target, 443)
            else:
                parts = urlsplit(target)
                if parts.scheme != "http":
                    raise Refused(
                        "this is a proxy for WeCom's hosts: send CONNECT, or an address with http://"
                    )
                host, port = parts.hostname or "", parts.port or 80
            upstream = await self._connect(host, port)
        except (Refused, ValueError) as refusal:
            log.info("refused %s %s: %s", method, target[:200], refusal)
            await _refuse(writer, refusal)
            return None
        except OSError as error:
            log.warning("cannot reach this server: %s", error)
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return None
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            upstream[1].write(head)  # the path of a whole address is its own path to the server
        return upstream

    # --- SOCKS5 (RFC 1928) -------------------------------------------------------------------------------

    async def _socks(
        self, _: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Streams | None:
        methods = await reader.readexactly((await reader.readexactly(1))[0])
        if NO_AUTHENTICATION not in methods:
            writer.write(bytes([SOCKS_VERSION, NO_ACCEPTABLE_METHOD]))
            return None
        writer.write(bytes([SOCKS_VERSION, NO_AUTHENTICATION]))
        _version, command, _reserved, kind = await reader.readexactly(4)
        if kind == NAME:
            raw = await reader.readexactly((await reader.readexactly(1))[0])
            host = raw.decode("latin-1")
        elif kind in (IPV4, IPV6):
            host = str(ipaddress.ip_address(await reader.readexactly(4 if kind == IPV4 else 16)))
        else:
            await _socks_answer(writer, NO_SUCH_ADDRESS)
            return None
        port = int.from_bytes(await reader.readexactly(2))
        if command != CONNECT_COMMAND:
            await _socks_answer(writer, NO_SUCH_COMMAND)
            return None
        try:
            upstream = await self._connect(host, port)
        except Refused as refusal:
            log.info("refused SOCKS %s:%s: %s", host[:200], port, refusal)
            await _socks_answer(writer, refusal.code)
            return None
        except OSError:
            await _socks_answer(writer, UNREACHABLE)
            return None
        await _socks_answer(writer, SUCCEEDED)
        return upstream

    # --- where it leads ----------------------------------------------------------------------------------

    async def _connect(self, host: str, port: int) -> Streams:
        if not is_served(host) and host != ADDRESS_FOR_SOCKS:
            raise Refused(
                f"{host!r} is not a host of WeCom that is simulated here; NO_PROXY leaves hosts out"
            )
        address = self._leads_to.get(port)
        if address is None:
            raise Refused(f"WeCom serves the ports 443 and 80, not {port}")
        if len(self._tunnels) >= TUNNELS:
            raise Full(f"there are {TUNNELS} connections through this proxy already")
        return await asyncio.open_connection(*_reachable(address), limit=BUFFER)


def _reachable(address: Address) -> Address:
    host, port = address
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port


def _host_and_port(target: str, default: int) -> tuple[str, int]:
    parts = urlsplit(f"//{target}")
    return parts.hostname or "", parts.port or default


async def _refuse(writer: asyncio.StreamWriter, refusal: Refused | ValueError) -> None:
    status = refusal.status if isinstance(refusal, Refused) else Refused.status
    body = f"{refusal}\n".encode()
    writer.write(
        b"HTTP/1.1 %b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (status.encode(), len(body), body)
    )
    await writer.drain()


async def _socks_answer(writer: asyncio.StreamWriter, code: int) -> None:
    writer.write(bytes([SOCKS_VERSION, code, 0, IPV4, 0, 0, 0, 0, 0, 0]))
    await writer.drain()


async def _relay(client: Streams, upstream: Streams) -> None:
    """Passes bytes both ways until the server has ended; it ends what is idle, whatever the client does."""
    to_server = asyncio.ensure_future(_pass(client[0], upstream[1]))
    try:
        await _pass(upstream[0], client[1])
    finally:
        to_server.cancel()
        await asyncio.gather(to_server, return_exceptions=True)
        upstream[1].close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(BUFFER):
        if writer.is_closing():
            return  # uvloop raises RuntimeError for what is written then
        writer.write(data)
        await writer.drain()
    with suppress(OSError, NotImplementedError):
        writer.write_eof()
