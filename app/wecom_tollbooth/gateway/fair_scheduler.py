"""Whose call begins in this round of the event loop, where calls run on the loop itself."""

import asyncio
from collections import deque

A_ROUND = 4
"""One call a round would be fairest, and a tenth slower: each round looks at all connections."""


class Turns:
    """Lets A_ROUND calls begin in each round of the event loop, in the order they came.

    A loop reads in one round what all connections have sent, and sends at its end what was answered in it. Of
    twenty calls that came at once each would be answered when all are done, and one that came meanwhile would
    wait for two such rounds, while the clients have nothing to do.
    """

    def __init__(self) -> None:
        self._left = A_ROUND
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def next(self) -> None:
        """Returns when the caller may begin."""
        loop = asyncio.get_running_loop()
        if self._left:
            if self._left == A_ROUND:
                loop.call_soon(self._next_round, loop)
            self._left -= 1
            return
        turn = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _next_round(self, loop: asyncio.AbstractEventLoop) -> None:
        self._left = A_ROUND
        while self._waiting and self._left:
            turn = self._waiting.popleft()
            if not turn.done():  # else its caller is gone
                turn.set_result(None)
                self._left -= 1
        if self._left < A_ROUND:
            loop.call_soon(self._next_round, loop)
