"""Few calls begin in a round of the event loop, each in its turn."""

import asyncio
from collections import Counter

from wecom_tollbooth.gateway.fair_scheduler import A_ROUND, Turns


async def _rounds_of(turns: Turns, calls: int, gone: frozenset[int] = frozenset()) -> list[tuple[int, int]]:
    """Which call began in which round; the calls `gone` are given up while they wait."""
    rounds = 0
    began: list[tuple[int, int]] = []

    def count_rounds() -> None:
        nonlocal rounds
        rounds += 1
        asyncio.get_running_loop().call_soon(count_rounds)

    async def call(number: int) -> None:
        await turns.next()
        began.append((number, rounds))

    asyncio.get_running_loop().call_soon(count_rounds)
    tasks = [asyncio.create_task(call(number)) for number in range(calls)]
    await asyncio.sleep(0)
    for number in gone:
        tasks[number].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return began


def test_no_more_than_a_rounds_calls_begin_in_one_and_all_begin_in_their_order() -> None:
    began = asyncio.run(_rounds_of(Turns(), 5 * A_ROUND + 1))
    assert [number for number, _ in began] == list(range(5 * A_ROUND + 1))
    assert list(Counter(at for _, at in began).values()) == [A_ROUND] * 5 + [1]


def test_a_caller_that_is_gone_takes_no_turn() -> None:
    began = asyncio.run(_rounds_of(Turns(), 3 * A_ROUND, gone=frozenset(range(A_ROUND, 2 * A_ROUND))))
    assert [number for number, _ in began] == [*range(A_ROUND), *range(2 * A_ROUND, 3 * A_ROUND)]
    assert len({at for _, at in began}) == 2


def test_who_comes_alone_begins_at_once() -> None:
    async def alone() -> list[bool]:
        turns, at_once = Turns(), []
        for _ in range(2 * A_ROUND):
            task = asyncio.create_task(turns.next())
            await asyncio.sleep(0)
            at_once.append(task.done())
            await asyncio.sleep(0)
        return at_once

    assert all(asyncio.run(alone()))
