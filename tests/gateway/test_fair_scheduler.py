"""The scheduler starts a few calls in each round of the event loop, in order."""

import asyncio
from collections import Counter

from wecom_tollbooth.gateway.fair_scheduler import CALLS_PER_ROUND, FairScheduler


async def _rounds_of(
    scheduler: FairScheduler, calls: int, gone: frozenset[int] = frozenset()
) -> list[tuple[int, int]]:
    """Each call with the round in which it began; the calls `gone` are cancelled while they wait."""
    rounds = 0
    began: list[tuple[int, int]] = []

    def count_rounds() -> None:
        nonlocal rounds
        rounds += 1
        asyncio.get_running_loop().call_soon(count_rounds)

    async def call(number: int) -> None:
        await scheduler.wait()
        began.append((number, rounds))

    asyncio.get_running_loop().call_soon(count_rounds)
    tasks = [asyncio.create_task(call(number)) for number in range(calls)]
    await asyncio.sleep(0)
    for number in gone:
        tasks[number].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return began


def test_a_round_starts_a_fixed_number_of_calls_in_order() -> None:
    began = asyncio.run(_rounds_of(FairScheduler(), 5 * CALLS_PER_ROUND + 1))
    assert [number for number, _ in began] == list(range(5 * CALLS_PER_ROUND + 1))
    assert list(Counter(at for _, at in began).values()) == [CALLS_PER_ROUND] * 5 + [1]


def test_a_cancelled_caller_is_skipped() -> None:
    began = asyncio.run(
        _rounds_of(
            FairScheduler(), 3 * CALLS_PER_ROUND, gone=frozenset(range(CALLS_PER_ROUND, 2 * CALLS_PER_ROUND))
        )
    )
    assert [number for number, _ in began] == [
        *range(CALLS_PER_ROUND),
        *range(2 * CALLS_PER_ROUND, 3 * CALLS_PER_ROUND),
    ]
    assert len({at for _, at in began}) == 2


def test_a_single_call_starts_at_once() -> None:
    async def alone() -> list[bool]:
        scheduler, at_once = FairScheduler(), []
        for _ in range(2 * CALLS_PER_ROUND):
            task = asyncio.create_task(scheduler.wait())
            await asyncio.sleep(0)
            at_once.append(task.done())
            await asyncio.sleep(0)
        return at_once

    assert all(asyncio.run(alone()))
