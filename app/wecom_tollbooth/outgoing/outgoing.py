"""The thread in which requests to told addresses are made, many at once, on an event loop of its own."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from wecom_tollbooth.outgoing.addresses import AllowedAddresses
from wecom_tollbooth.outgoing.answers import Answer, Request
from wecom_tollbooth.settings import Settings, WrongSetting

if TYPE_CHECKING:
    from wecom_tollbooth.outgoing.client import Client

T = TypeVar("T")

SECONDS_TO_STOP = 1


class Outgoing:
    """Makes requests. The thread starts with the first one; a caller waits in no thread of its own."""

    def __init__(self, settings: Settings) -> None:
        """Raises WrongSetting."""
        try:
            self._allowed = AllowedAddresses(settings.allowed_addresses)
        except ValueError as error:
            raise WrongSetting(f"{settings.named('allowed_addresses')}: {error}") from None
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._client: Client | None = None
        self._stopped = False

    def submit(self, work: Callable[["Outgoing"], Coroutine[None, None, T]]) -> Future[T]:
        """Runs `work` on the thread's loop; to be called from any other thread.

        `asyncio.wrap_future` lets another loop wait for the future. Raises RuntimeError after `stop`.
        """
        return asyncio.run_coroutine_threadsafe(work(self), self._started())

    async def request(self, request: Request) -> Answer:
        """The answer; only for `work` that was submitted. Raises NoAnswer."""
        if self._client is None:
            from wecom_tollbooth.outgoing.client import Client

            self._client = Client(self._allowed)
        return await self._client.request(request)

    def stop(self) -> None:
        """Cancels what is still running, and ends the thread."""
        with self._lock:
            self._stopped = True
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(SECONDS_TO_STOP)

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._stopped:
                raise RuntimeError("the server is stopping")
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._run, args=(self._loop,), name="outgoing", daemon=True
                )
                self._thread.start()
            return self._loop

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
            running = asyncio.all_tasks(loop)
            for task in running:
                task.cancel()
            if running:
                loop.run_until_complete(asyncio.wait(running, timeout=SECONDS_TO_STOP / 2))
            if self._client is not None:
                self._client.close()
        finally:
            loop.close()
