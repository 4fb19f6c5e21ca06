"""`python -m bench.ledger`: what the ledger costs a read, and how long billing a million records takes.

Three servers answer the reads in turn within one run: the normal one, one without the ledger, and one without
ledger and journal, whose reads write nothing. The month is billed from the totals and from every record.
Exits 1 when a target is missed.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bench import world
from bench.driver import CONNECTIONS, drive
from bench.process import LIMITS_ON, TOLLBOOTH, ServerProcess
from bench.unrecorded import started_by
from wecom_tollbooth.billing.ledger import book, used_by_day, used_from_records
from wecom_tollbooth.billing.price_books.timetable import PriceBooks
from wecom_tollbooth.billing.statements import make_statement
from wecom_tollbooth.db import Database, Transaction
from wecom_tollbooth.main import create_app
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world import clock

KINDS = (TOLLBOOTH, started_by("without_ledger"), started_by("without_records"))
ROUNDS = 7
SECONDS = 2.0
WARM_UP_SECONDS = 0.5
LEAST_RATIO = 0.75
"""The least ratio of reads with the ledger to reads without it."""

RECORDS = 1_000_000
MONTH = "2026-03"
CORP = "wwbench"
APPS = 5
REFUSED_OF = 20

T = TypeVar("T")


def fill(tx: Transaction, operations: list[tuple[str, str]]) -> None:
    """Books records evenly over the month, each like that of a call."""
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


def reads_with_and_without_ledger() -> bool:
    """Prints the throughput of externalcontact/get; returns whether the ratio is reached."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        servers = [
            ServerProcess(
                arguments, folder, {**LIMITS_ON, "TOLLBOOTH_DATABASE_URL": f"sqlite:///{folder}/{place}.db"}
            )
            for place, arguments in enumerate(KINDS)
        ]
        try:
            driven = []
            for server in servers:
                server.start()
                corp, _ = world.make_corp(server.base_url)
                requests = world.measured_operations(corp)[0].requests
                drive(server.port, requests, WARM_UP_SECONDS)
                driven.append((server.port, requests))
            rounds = [[drive(*each, SECONDS) for each in driven] for _ in range(ROUNDS)]
        finally:
            for server in servers:
                server.stop()
    recorded, unbooked, unrecorded = (
        statistics.median(load.per_second for load in loads) for loads in zip(*rounds, strict=True)
    )
    ratio = statistics.median(whole.per_second / without.per_second for whole, without, _ in rounds)
    failed = sum(load.failed for loads in rounds for load in loads)
    passed = not failed and ratio >= LEAST_RATIO
    print(
        f"externalcontact/get, {CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS:g} s: "
        f"{recorded:,.0f}/s as it is, {unbooked:,.0f}/s without ledger, "
        f"ratio {ratio:.2f}, target ≥ {LEAST_RATIO}, "
        f"{unrecorded:,.0f}/s without ledger and journal, "
        f"{failed} failed: {'pass' if passed else 'MISS'}",
        flush=True,
    )
    return passed


def a_month_billed() -> bool:
    """Prints how long a statement takes; returns whether totals and records give the same one."""
    with tempfile.TemporaryDirectory() as folder:
        state = create_app(Settings(database_url=f"sqlite:///{folder}/ledger.db")).state
        server, gateway = state.server, state.gateway
        database: Database = server.database
        books: PriceBooks = server.price_books
        operations = [(operation.path, operation.meter) for operation in gateway.operations]
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
        return quick == whole


def main() -> int:
    cheap = reads_with_and_without_ledger()
    return 0 if a_month_billed() and cheap else 1


if __name__ == "__main__":
    sys.exit(main())
