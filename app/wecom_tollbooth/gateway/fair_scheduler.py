"""Shares the event loop fairly between calls, where calls run on the loop itself."""

import asyncio
from collections import deque

CALLS_PER_ROUND = 4
"""One call per round would be fairest, but 10 % slower: each round polls all connections."""


class FairScheduler:
    """Lets CALLS_PER_ROUND calls begin in each round of the event loop, in the order they arrived.

    In one round the loop reads what all connections have sent, and sends the answers at the end of the round.
    Without a limit, twenty calls that arrive together would all be answered after the last is done, and the
    next one would wait for two such rounds, while the clients sit idle.
    """

    def __init__(self) -> None:
        self._left = CALLS_PER_ROUND
        self.waiting: deque[asyncio.Future[None]] = deque()
        """The calls that wait for their turn."""

    async def wait(self) -> None:
        """Returns when the caller may begin."""
        loop = asyncio.get_running_loop()
        if self._left:
            if self._left == CALLS_PER_ROUND:
                loop.call_soon(self._next_round, loop)
            self._left -= 1
            return
        turn = loop.create_future()
        self.waiting.append(turn)
        await turn

    def _next_round(self, loop: asyncio.AbstractEventLoop) -> None:
        self._left = CALLS_PER_ROUND
        while self.waiting and self._left:
            turn = self.waiting.popleft()
            if not turn.done():  # else its caller is gone
                turn.set_result(None)
                self._left -= 1
        if self._left < CALLS_PER_ROUND:
            loop.call_soon(self._next_round, loop)
