"""What happens to a new connection of the TLS port until its handshake is over.

Nothing is set up for a client before its first byte, which tells TLS from plain HTTP.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable

from wecom_tollbooth.tls.hosts import LOCAL_NAMES, is_served
from wecom_tollbooth.tls.newcomers import Newcomers, Reporter

log = logging.getLogger("tollbooth.tls")

HANDSHAKE_SECONDS = 10
"""From the connection to the end of the handshake."""
SECONDS_TO_READ_ANSWER = 1
HANDSHAKE = 0x16
"""The first byte of every TLS connection."""
BYTES_READ_OF_PLAIN_HTTP = 1024 * 1024

UNTRUSTING = ("ALERT_UNKNOWN_CA", "ALERT_CERTIFICATE_UNKNOWN", "ALERT_BAD_CERTIFICATE")
OUTDATED = ("UNSUPPORTED_PROTOCOL", "ALERT_PROTOCOL_VERSION", "VERSION_TOO_LOW")


class Doorstep:
    """Leads new connections into `protocol` over TLS; the answer to plain HTTP names `plain_port`."""

    def __init__(
        self, protocol: Callable[[], asyncio.Protocol], context: ssl.SSLContext, plain_port: int
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._protocol, self._context = protocol, context
        self._newcomers = Newcomers()
        self._report = Reporter(log, self._loop.time)
        advice = f" HTTP 请用端口 {plain_port}。 Plain HTTP is on port {plain_port}." if plain_port else ""
        text = f"此端口只接受 HTTPS：请把 http:// 改为 https://。 This port speaks HTTPS: write https://.{advice}\n"
        body = text.encode()
        self._answer_to_plain_http = (
            b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        context.sni_callback = self._note_name

    def welcome(self, connection: socket.socket) -> None:
        self._newcomers.enter(self._loop.create_task(self._lead_in(connection)))

    async def close(self) -> None:
        await asyncio.gather(*self._newcomers.cancel(), return_exceptions=True)

    async def _lead_in(self, connection: socket.socket) -> None:
        led_in = False
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                first = await self._peek(connection)
                if first == HANDSHAKE:
                    led_in = True  # from here on the transport closes the connection
                    await self._loop.connect_accepted_socket(
                        self._protocol, connection, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_SECONDS
                    )
                elif first is not None and chr(first).isupper():
                    self._report("plain", "plain HTTP was sent to the HTTPS port; write https://")
                    await self._answer(connection)
        except ssl.SSLError as error:
            self._report_failure(error)
        except (OSError, TimeoutError):
            pass  # hung up, or said nothing in time
        finally:
            if not led_in:
                connection.close()

    async def _peek(self, connection: socket.socket) -> int | None:
        """The first byte, which stays unread; None if the client hung up."""
        while True:
            try:
                return next(iter(connection.recv(1, socket.MSG_PEEK)), None)
            except (BlockingIOError, InterruptedError):
                await self._readable(connection)

    async def _readable(self, connection: socket.socket) -> None:
        arrived = asyncio.Event()
        self._loop.add_reader(connection, arrived.set)
        try:
            await arrived.wait()
        finally:
            self._loop.remove_reader(connection)

    async def _answer(self, connection: socket.socket) -> None:
        await self._loop.sock_sendall(connection, self._answer_to_plain_http)
        connection.shutdown(socket.SHUT_WR)
        received = 0
        async with asyncio.timeout(SECONDS_TO_READ_ANSWER):  # unread bytes would take the answer back
            while (part := await self._loop.sock_recv(connection, 65536)) and (
                received < BYTES_READ_OF_PLAIN_HTTP
            ):
                received += len(part)

    # --- what is logged ----------------------------------------------------------------------------------

    def _report_failure(self, error: ssl.SSLError) -> None:
        reason = error.reason or str(error)
        if reason.endswith(UNTRUSTING):
            self._report(
                "untrusting", "a client does not trust the certificate (%s): see tollbooth tls trust", reason
            )
        elif reason.endswith(OUTDATED):
            self._report("outdated", "a client speaks no TLS 1.2 or 1.3 (%s)", reason)
        else:
            self._report(reason, "a TLS handshake failed: %s", reason)

    def _note_name(self, _: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        """The certificate doesn't name other hosts, so a client that checks it hangs up."""
        if name and not is_served(name) and name not in LOCAL_NAMES:
            self._report(
                f"name {name}", "a client asks for %a over TLS, which is no host that is served", name
            )
