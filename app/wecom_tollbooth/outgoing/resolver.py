"""Looks names up without blocking the event loop, and without threads that delay the end of the process."""

import asyncio
import ipaddress
import socket
import threading
from contextlib import suppress

MAX_LOOKUPS = 64
"""Names that are looked up at a time; more wait. All requests for one name share one lookup."""


class Resolver:
    def __init__(self) -> None:
        self._lookups: dict[str, asyncio.Future[list[str] | OSError]] = {}

    async def addresses(self, host: str) -> list[str]:
        """The IP addresses of `host`, in the order of the system's resolver. Raises OSError."""
        with suppress(ValueError):
            return [str(ipaddress.ip_address(host))]
        while host not in self._lookups and len(self._lookups) >= MAX_LOOKUPS:
            await asyncio.wait(self._lookups.values(), return_when=asyncio.FIRST_COMPLETED)
        if host not in self._lookups:
            loop = asyncio.get_running_loop()
            self._lookups[host] = loop.create_future()
            # A daemon thread, because a resolver that doesn't answer must not hold up the end of the process.
            threading.Thread(target=self._look_up, args=(loop, host), daemon=True).start()
        # The lookup goes on for the others when one of those who wait gives up.
        found = await asyncio.shield(self._lookups[host])
        if isinstance(found, OSError):
            raise found
        return found

    def _look_up(self, loop: asyncio.AbstractEventLoop, host: str) -> None:
        found: list[str] | OSError
        try:
            entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
        except OSError as error:
            found = error
        except UnicodeError:
            found = OSError(f"{host!r} is not a name")
        with suppress(RuntimeError):  # the loop has been closed
            loop.call_soon_threadsafe(self._done, host, found)

    def _done(self, host: str, found: list[str] | OSError) -> None:
        self._lookups.pop(host).set_result(found)
