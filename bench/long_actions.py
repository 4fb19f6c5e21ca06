"""`python -m bench.long_actions`: how long calls wait behind one long action, on SQLite.

A corp with 100,000 customers and a ledger of 300,000 records has tasks due, is verified, billed, exported and
deleted, and another one is seeded beside it, while clients call the API for a small corp. The longest answer
of each stretch counts. An outside program holds a write lock for some seconds. Exits 1 on a missed target.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from bench.driver import request
from bench.process import LIMITS_ON, TOLLBOOTH, ServerProcess
from wecom_tollbooth.billing.ledger import book
from wecom_tollbooth.db import Database
from wecom_tollbooth.migrate import prepare
from wecom_tollbooth.seeds import NewCorp, make_corp
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world.context import Context

CUSTOMERS = 100_000
RECORDS = 300_000
DAYS = 30
TASKS = 3_700
CALLERS = 4
PAUSE_SECONDS = 0.005
LOCKED_SECONDS = 5.0
LONGEST_MS = 100.0
MS_A_TASK = 1.0
DAY, HOUR = 86_400, 3_600
EXPIRED = 42001


@dataclass
class Stretch:
    """One long action: its length, and the answers to calls meanwhile. Latencies in milliseconds, sorted."""

    action: str
    seconds: float
    latencies: list[float]
    failed: int
    target: float | None = LONGEST_MS
    note: str = ""
    note_passed: bool = True

    @property
    def longest(self) -> float:
        return self.latencies[-1] if self.latencies else self.seconds * 1_000

    @property
    def passed(self) -> bool:
        return not self.failed and self.note_passed and (self.target is None or self.longest <= self.target)

    def percentile(self, share: float) -> float:
        last = len(self.latencies) - 1
        return self.latencies[min(int(len(self.latencies) * share), last)] if last >= 0 else 0.0


class Callers:
    """CALLERS connections that read a customer again and again, from a thread of their own."""

    def __init__(self, port: int, log_in: bytes, customer: str) -> None:
        self._port, self._log_in, self._customer = port, log_in, customer
        self._stop = False
        self._latencies: list[float] = []
        self._failed = 0

    @contextmanager
    def calling(self) -> Iterator[tuple[list[float], list[int]]]:
        """Calls until the block ends; then the lists hold the latencies (ms) and the number of failures."""
        latencies: list[float] = []
        failed: list[int] = [0]
        self._stop, self._latencies, self._failed = False, latencies, 0
        thread = threading.Thread(target=lambda: asyncio.run(self._all()))
        thread.start()
        time.sleep(0.2)
        latencies.clear()
        try:
            yield latencies, failed
        finally:
            self._stop = True
            thread.join()
            latencies.sort()
            failed[0] = self._failed

    async def _all(self) -> None:
        await asyncio.gather(*(self._one() for _ in range(CALLERS)))

    async def _one(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)

        async def ask(message: bytes) -> bytes:
            writer.write(message)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return await reader.readexactly(length)

        message = self._log_in
        while not self._stop:
            start = time.perf_counter()
            body = await ask(message)
            self._latencies.append((time.perf_counter() - start) * 1_000)
            reply = json.loads(body)
            if reply["errcode"] == EXPIRED:  # the clock was advanced
                message = self._log_in
            elif reply["errcode"]:
                self._failed += 1
            elif message is self._log_in:
                query = {"access_token": reply["access_token"], "external_userid": self._customer}
                message = request("/cgi-bin/externalcontact/get", query)
            await asyncio.sleep(PAUSE_SECONDS)
        writer.close()


def prepared(url: str, customers: int, records: int) -> tuple[str, str]:
    """A file with a large corp, whose ledger has `records` of the past month, and a small one."""
    database = Database(Settings(database_url=url))
    prepare(database)
    large = make_corp(database, NewCorp(seed="demo", members=50, customers=customers))
    small = make_corp(database, NewCorp(seed="demo"))
    for start in range(0, records, 50_000):
        count = min(50_000, records - start)
        database.reserve_ids(count)
        with database.transaction() as tx:
            context = Context(database.settings, tx, large)
            since = context.now - DAYS * DAY
            for number in range(start, start + count):
                book(
                    tx,
                    corp_id=large,
                    id=context.next_id(),
                    at=since + (DAYS * DAY - HOUR) * number // records,
                    agentid=1000002,
                    operation="/cgi-bin/externalcontact/get",
                    meter="customer.read",
                )
    database.close()
    return large, small


class Bench:
    def __init__(self, server: ServerProcess, file: Path, large: str, small: str) -> None:
        self.server, self.file, self.large = server, file, large
        self.sim = httpx.Client(base_url=f"{server.base_url}/_sim", timeout=900)
        secret = self.sim.get(f"/corps/{small}").json()["apps"][0]["secret"]
        log_in = request("/cgi-bin/gettoken", {"corpid": small, "corpsecret": secret})
        listed = self.cgi("externalcontact/list", self.token(small), userid="zhangsan")
        self.callers = Callers(server.port, log_in, listed["external_userid"][0])
        self.stretches: list[Stretch] = []

    def warm_up(self) -> None:
        """Makes each kind of control call once: the first one of a server builds its shapes."""
        corpid = self.sim.post("/corps", json={"seed": "demo"}).raise_for_status().json()["corpid"]
        self.ask("POST", f"/corps/{corpid}/seed", {"customers": 1, "follow_ups": 1})()
        for path in ("ledger/verify", "statement"):
            self.ask("GET", f"/corps/{corpid}/{path}")()
        self.ask("GET", "/statement?format=csv")()
        self.ask("POST", "/clock", {"advance_seconds": 1})()
        self.ask("DELETE", f"/corps/{corpid}")()

    def token(self, corpid: str) -> str:
        secret = self.sim.get(f"/corps/{corpid}").json()["apps"][0]["secret"]
        query = {"corpid": corpid, "corpsecret": secret}
        answer = httpx.get(f"{self.server.base_url}/cgi-bin/gettoken", params=query, timeout=60)
        return str(answer.json()["access_token"])

    def cgi(self, path: str, token: str, body: Any = None, **query: Any) -> dict[str, Any]:
        answer = httpx.request(
            "GET" if body is None else "POST",
            f"{self.server.base_url}/cgi-bin/{path}",
            params={"access_token": token, **query},
            json=body,
            timeout=60,
        )
        reply: dict[str, Any] = answer.json()
        assert reply["errcode"] == 0, reply
        return reply

    def run(self, action: str, act: Callable[[], Any], target: float | None = LONGEST_MS) -> Stretch:
        with self.callers.calling() as (latencies, failed):
            start = time.perf_counter()
            act()
            seconds = time.perf_counter() - start
        stretch = Stretch(action, seconds, latencies, failed[0], target)
        self.stretches.append(stretch)
        print(
            f"{action}: {seconds:.2f} s, longest wait {stretch.longest:.0f} ms", file=sys.stderr, flush=True
        )
        return stretch

    def ask(self, method: str, path: str, body: Any = None) -> Callable[[], httpx.Response]:
        return lambda: self.sim.request(method, path, json=body).raise_for_status()

    def remind(self, count: int) -> None:
        """Has `count` records of a corp of its own remind of themselves within the next hour."""
        made = self.sim.post("/corps", json={"seed": "demo", "customers": count, "follow_ups": count})
        corpid = made.raise_for_status().json()["corpid"]
        now = self.sim.get("/clock").json()["now"]
        with closing(sqlite3.connect(self.file, timeout=30)) as database:
            database.execute(
                "INSERT INTO scheduled_task (corp_id, id, due_at, kind, reference) "
                "SELECT corp_id, -seq, ? + seq % 3600, 'follow_up_due', seq FROM follow_up WHERE corp_id = ?",
                (now + 60, corpid),
            )
            database.execute(
                "UPDATE follow_up SET next_at = ? + seq % 3600, closed_at = 0 WHERE corp_id = ?",
                (now + 60, corpid),
            )
            database.commit()

    def transfer(self, count: int) -> None:
        """Has `count` customers go over to another member in a day."""
        token = self.token(self.large)
        members = self.cgi("externalcontact/get_follow_user_list", token)["follow_user"]
        left = count
        for giver, taker in zip(members, [*members[1:], members[0]], strict=True):
            customers = self.cgi("externalcontact/list", token, userid=giver)["external_userid"][:left]
            for place in range(0, len(customers), 100):
                body = {
                    "handover_userid": giver,
                    "takeover_userid": taker,
                    "external_userid": customers[place : place + 100],
                }
                self.cgi("externalcontact/transfer_customer", token, body)
            left -= len(customers)
            if not left:
                return

    def lock_from_outside(self) -> None:
        """Holds a write lock as a browser of SQLite files may; the health check must answer meanwhile."""
        healthy: list[float] = []
        done = threading.Event()

        def check() -> None:
            with httpx.Client(base_url=f"{self.server.base_url}/_sim", timeout=60) as sim:
                while not done.is_set():
                    start = time.perf_counter()
                    sim.get("/health").raise_for_status()
                    healthy.append((time.perf_counter() - start) * 1_000)
                    time.sleep(0.02)

        def hold() -> None:
            outside = sqlite3.connect(self.file, isolation_level=None, timeout=30)
            outside.execute("BEGIN IMMEDIATE")
            thread = threading.Thread(target=check)
            thread.start()
            time.sleep(LOCKED_SECONDS)
            outside.execute("ROLLBACK")
            outside.close()
            done.set()
            thread.join()

        stretch = self.run(f"an outside lock of {LOCKED_SECONDS:g} s", hold, target=None)
        stretch.note = f"/_sim/health at most {max(healthy):.0f} ms"
        stretch.note_passed = max(healthy) <= LONGEST_MS


def measure(customers: int, records: int, tasks: int) -> list[Stretch]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        file = folder / "long.db"
        url = f"sqlite:///{file}"
        large, small = prepared(url, customers, records)
        server = ServerProcess(TOLLBOOTH, folder, {**LIMITS_ON, "TOLLBOOTH_DATABASE_URL": url})
        server.start()
        try:
            bench = Bench(server, file, large, small)
            bench.warm_up()
            bench.run("nothing", lambda: time.sleep(3), target=None)
            bench.run("verify the ledger", bench.ask("GET", f"/corps/{large}/ledger/verify"))
            bench.run("its statement", bench.ask("GET", f"/corps/{large}/statement"))
            bench.run("all statements, csv", bench.ask("GET", "/statement?format=csv"))
            bench.remind(tasks)
            advance = bench.run(
                f"advance over {tasks:,} reminders",
                bench.ask("POST", "/clock", {"advance_seconds": 2 * HOUR}),
            )
            each = advance.seconds * 1_000 / tasks
            advance.note, advance.note_passed = f"{each:.2f} ms a task", each < MS_A_TASK
            bench.transfer(tasks)
            advance = bench.run(
                f"advance over {tasks:,} transfers",
                bench.ask("POST", "/clock", {"advance_seconds": DAY + HOUR}),
            )
            each = advance.seconds * 1_000 / tasks
            advance.note, advance.note_passed = f"{each:.2f} ms a task", each < MS_A_TASK
            wanted = {"seed": "demo", "members": 50, "customers": customers}
            bench.run(f"seed {customers:,} customers", bench.ask("POST", "/corps", wanted))
            more = {"customers": customers // 5, "follow_ups": customers // 10}
            bench.run("add customers and records", bench.ask("POST", f"/corps/{large}/seed", more))
            bench.lock_from_outside()
            bench.run(f"delete {customers:,} customers", bench.ask("DELETE", f"/corps/{large}"))
            return bench.stretches
        finally:
            server.stop()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.long_actions", description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--tasks", type=int, default=TASKS)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON too")
    options = parser.parse_args()
    before = os.getloadavg()[0]
    stretches = measure(options.customers, options.records, options.tasks)
    table = Table(
        title=f"SQLite, {options.customers:,} customers, {CALLERS} callers, "
        f"load average {before:.1f} before, {os.getloadavg()[0]:.1f} after"
    )
    table.add_column("meanwhile")
    for heading in ("seconds", "calls", "p50 ms", "p99 ms", "longest ms", "target", "failed"):
        table.add_column(heading, justify="right")
    table.add_column("")
    table.add_column("")
    for stretch in stretches:
        table.add_row(
            stretch.action,
            f"{stretch.seconds:.2f}",
            str(len(stretch.latencies)),
            f"{stretch.percentile(0.5):.1f}",
            f"{stretch.percentile(0.99):.1f}",
            f"{stretch.longest:.0f}",
            "" if stretch.target is None else f"≤ {stretch.target:g}",
            str(stretch.failed),
            stretch.note,
            "[green]pass[/]" if stretch.passed else "[red]miss[/]",
        )
    console = Console(width=max(130, Console().width))
    console.print(table)
    if options.json:
        print(json.dumps([{**vars(one), "latencies": one.latencies[-5:]} for one in stretches]))
    return 0 if all(stretch.passed for stretch in stretches) else 1


if __name__ == "__main__":
    sys.exit(main())
