"""`python -m bench.ledger`: a month of a million records, billed from the totals and from every record."""

import tempfile
import time
from collections.abc import Callable
from typing import TypeVar

from app.billing.ledger import book, used_by_day, used_from_records
from app.billing.price_books.timetable import PriceBooks
from app.billing.statements import make_statement
from app.db import Database, Transaction
from app.main import create_app
from app.settings import Settings
from app.world import clock

RECORDS = 1_000_000
MONTH = "2026-03"
CORP = "wwbench"
APPS = 5
REFUSED_OF = 20

T = TypeVar("T")


def fill(tx: Transaction, operations: list[tuple[str, str]]) -> None:
    """Records spread evenly over the month, each booked as a call's is."""
    since, until = clock.month_bounds(MONTH)
    for number in range(RECORDS):
        path, meter = operations[number % len(operations)]
        book(
            tx,
            corp_id=CORP,
            id=number + 1,
            at=since + (until - since) * number // RECORDS,
            agentid=number % APPS,
            operation=path,
            meter=meter,
            errcode=0 if number % REFUSED_OF else 40003,
        )


def timed(what: str, work: Callable[[], T]) -> T:
    started = time.perf_counter()
    done = work()
    print(f"{what}: {time.perf_counter() - started:.2f} s", flush=True)
    return done


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = create_app(Settings(database_url=f"sqlite:///{folder}/ledger.db")).state.server
        database: Database = server.database
        books: PriceBooks = server.price_books
        operations = [(operation.path, operation.meter) for operation in server.operations]
        with database.transaction() as tx:
            timed(f"{RECORDS:,} records booked", lambda: fill(tx, operations))
        month = clock.month_bounds(MONTH)
        with database.transaction() as tx:
            quick = timed(
                "statement from the totals",
                lambda: make_statement(CORP, MONTH, books, used_by_day(tx, CORP, *month), []),
            )
            whole = timed(
                "statement from every record",
                lambda: make_statement(CORP, MONTH, books, used_from_records(tx, CORP, *month), []),
            )
        print("equal" if quick == whole else "DIFFERENT", f"total {quick.total} {books.currency}")
        server.close()
        if quick != whole:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
