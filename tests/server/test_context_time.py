"""Every call asks its context for the time, and none waits for another's read of the clock."""

import threading
from typing import Any, cast

import pytest

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.context import Context


def test_a_waiting_clock_read_does_not_block_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL it may wait for a transaction that looks at the clock too."""
    slow, waiting, go_on = object(), threading.Event(), threading.Event()

    def read(tx: Any, corp_id: str) -> clock.ClockRow:
        if tx is slow:
            waiting.set()
            assert go_on.wait(30)
        return 0, 1, None, None

    def context(tx: Any) -> Context:
        return Context(Settings(), cast(Transaction, tx), "ww")

    monkeypatch.setattr(clock, "read", read)
    threads = [threading.Thread(target=lambda tx=tx: context(tx).now, daemon=True) for tx in (slow, object())]
    threads[0].start()
    assert waiting.wait(30)
    threads[1].start()
    threads[1].join(10)
    held_up = threads[1].is_alive()
    go_on.set()
    threads[0].join(30)
    assert not held_up


def test_the_clock_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    times, this_thread, read = iter((1, 2)), threading.get_ident(), clock.read

    def read_here(*given: Any) -> Any:
        """The threads of the suite's server read the clock too."""
        return (0, next(times), None, None) if threading.get_ident() == this_thread else read(*given)

    monkeypatch.setattr(clock, "read", read_here)
    context = Context(Settings(), cast(Transaction, None), "ww")
    assert (context.now, context.now) == (1, 1)
    context.now = 7
    assert context.now == 7
