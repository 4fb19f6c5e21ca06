"""SQLite's write connection is shared in turn; reads have their own and see a consistent state."""

import threading

import pytest

from tests.conftest import RunningServer
from wecom_tollbooth.db import Transaction, reading, run_slices
from wecom_tollbooth.db.slices import Slices
from wecom_tollbooth.db.turns import Turns
from wecom_tollbooth.world.clock import Goal


def test_the_longest_waiting_caller_is_next() -> None:
    turns = Turns()
    order: list[str] = []
    turns.acquire()
    waiting = [threading.Thread(target=_take, args=(turns, order, name)) for name in "abc"]
    for count, thread in enumerate(waiting, 1):
        thread.start()
        while len(turns._waiting) < count:
            pass
    turns.release()
    turns.acquire()  # at once, but three have waited longer
    order.append("first again")
    turns.release()
    for thread in waiting:
        thread.join(10)
    assert order == ["a", "b", "c", "first again"]


def _take(turns: Turns, order: list[str], name: str) -> None:
    turns.acquire()
    order.append(name)
    turns.release()


def test_a_transaction_inside_another_is_an_error_and_no_deadlock() -> None:
    turns = Turns()
    turns.acquire()
    with pytest.raises(RuntimeError):
        turns.acquire()


def test_a_reading_sees_one_state(server: RunningServer) -> None:
    database = server.server.database

    def contacts(tx: Transaction) -> int:
        return int(tx.connection.exec_driver_sql("SELECT count(*) FROM corp").scalar_one())

    with reading(database) as tx:
        before = contacts(tx)
        server.make_corp()
        assert contacts(tx) == before
    with reading(database) as tx:
        assert contacts(tx) == before + 1


def test_a_reading_cannot_write(server: RunningServer) -> None:
    with reading(server.server.database) as tx, pytest.raises(Exception, match=r"(?i)read.?only"):
        Goal(0, None).reach(tx)


def test_an_error_in_a_slice_reaches_the_generator(server: RunningServer) -> None:
    cleaned: list[bool] = []

    def fails(tx: Transaction) -> None:
        raise LookupError

    def slices() -> Slices[None]:
        try:
            yield fails
        except LookupError:
            cleaned.append((yield lambda tx: tx.reads_only) is False)
            raise

    with pytest.raises(LookupError):
        run_slices(server.server.database, slices())
    assert cleaned == [True]
