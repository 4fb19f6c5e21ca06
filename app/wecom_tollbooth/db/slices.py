"""Long work in slices: a generator of short transactions, with other work in between.

A generator yields what to do in one transaction and gets back what came of it:

    def delete_all(corp_id: str) -> Slices[int]:
        while (yield partial(delete_some, corp_id=corp_id)):
            pass

It yields None where it has only calculated for a while. No transaction is open while it waits, so each slice
must leave the data in order. The runner decides what happens in between: `run_slices` nothing,
`Server.in_slices` the calls that wait.
"""

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from wecom_tollbooth.db.errors import StartOver, is_conflict
from wecom_tollbooth.db.transactions import ID_BLOCK, Database, OutOfIds, Transaction

T = TypeVar("T")

MAX_ATTEMPTS = 4

Work = Callable[[Transaction], Any]
Slices = Generator[Work | None, Any, T]


def may_succeed_again(error: Exception) -> bool:
    """Whether a later attempt may succeed: another transaction interfered, or the reserved ids ran out."""
    return isinstance(error, StartOver | OutOfIds) or is_conflict(error)


def in_transaction(database: Database, work: Callable[[Transaction], T]) -> T:
    """The result of `work` in a transaction; runs it again when another one interfered or ids ran out."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            with database.transaction() as tx:
                return work(tx)
        except Exception as error:
            if attempt == MAX_ATTEMPTS or not may_succeed_again(error):
                raise
            if isinstance(error, OutOfIds):
                database.reserve_ids(ID_BLOCK * 10**attempt)
    raise AssertionError("the last attempt returns or raises")


def run_in(tx: Transaction, slices: Slices[T]) -> T:
    """Runs the slices all in the transaction `tx`, for little work, or where nobody waits."""
    return _drive(slices, lambda work: None if work is None else work(tx))


def run_slices(database: Database, slices: Slices[T], between: Callable[[], None] = lambda: None) -> T:
    """Runs the slices one after the other and returns what the generator returns; calls `between` them."""

    def run(work: Work | None) -> Any:
        came = None if work is None else in_transaction(database, work)
        between()
        return came

    return _drive(slices, run)


def _drive(slices: Slices[T], run: Callable[[Work | None], Any]) -> T:
    """Gives the generator what `run` makes of each thing that it yields, or the error that it raises."""
    try:
        work = next(slices)
        while True:
            try:
                came = run(work)
            except BaseException as error:
                work = slices.throw(error)
            else:
                work = slices.send(came)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        slices.close()
