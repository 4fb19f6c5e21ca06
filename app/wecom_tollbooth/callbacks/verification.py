"""Verifying the address of an app, as WeCom does when an admin saves it (page 90930, 2026-02)."""

import asyncio

from wecom_tollbooth.callbacks.messages import Endpoint
from wecom_tollbooth.outgoing.outgoing import Outgoing
from wecom_tollbooth.settings import Settings


async def verify(outgoing: Outgoing, settings: Settings, endpoint: Endpoint, now: int, number: int) -> None:
    """Returns once the address has answered with the echo; waits without blocking the caller's loop.

    Raises EndpointRefused for the first check that fails. `number` makes the echo unique.
    """

    async def ask(outgoing: Outgoing) -> None:
        from wecom_tollbooth.callbacks.wire import ask_for_echo  # in the other thread: it takes a while

        await ask_for_echo(outgoing, settings, endpoint, now, number)

    await asyncio.wrap_future(outgoing.submit(ask))
