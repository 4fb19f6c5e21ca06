"""`python -m bench.follow_ups`: the speed of follow-ups with 400 records in a corp, and with a million.

One server holds a corp of each size. One client calls them in turn, so that a busy machine slows both, and
the 99th percentiles of list, board and move are compared. Then 20 clients without a pause between their calls
open boards at 100,000 records (crowd.py), and one client searches them by text. Seeding is measured in a
process of its own, the records apart from the customers, who are there before them. Exits 1 when a target is
missed.

The client does what a sales team does: it opens the board of the team, moves a card that it sees there to the
top of another stage or behind a card that it sees, and reads the first page of a list: the newest, what is
due, and what changed last, by turns. 50 records fill a page of either size, so the replies are as long.
Nobody moves a card that no board shows, so only database pages at the heads of stages and lists are touched,
which stay in the cache at either size.
"""

import argparse
import http.client
import random
import resource
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import orjson
from rich.console import Console
from rich.table import Table

from bench import crowd
from bench.database import database
from bench.process import LIMITS_ON, TOLLBOOTH, ServerProcess
from bench.volume import Figure, in_a_process, show

MEMBERS = 50
LARGE_TO_SMALL = 1.3
BOARD_MS, SEARCH_MS = 25.0, 100.0
SECONDS_TO_SEED, MIB_TO_SEED, SEEDED = 120.0, 1024.0, 1_000_000
WARM_UP = 50
OPERATIONS = ("list", "board", "move")
LISTS: tuple[dict[str, Any], ...] = ({}, {"sort": "next_time", "closed": False}, {"sort": "updated"})
SOUGHT = ("团购", "下午茶", "到店试饮", "店长很感兴趣", "没有这样的话")
PREFIX = "/cgi-bin/externalcontact/follow_up/"


@dataclass(frozen=True)
class Seeded:
    """A seeded corp with its times; `mib` is the peak memory of the process so far."""

    corp_id: str
    customers_seconds: float
    records_seconds: float
    mib: float


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    small, large = sorted(options.sizes)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with database(folder, options.postgresql) as own:
            url = options.database_url or own
            seeded: dict[int, Seeded] = in_a_process(partial(seed, [large, options.many, small]), url)
            server = ServerProcess(TOLLBOOTH, folder, {**LIMITS_ON, "TOLLBOOTH_DATABASE_URL": url})
            server.start()
            try:
                clients = {size: Client(server, one.corp_id) for size, one in seeded.items()}
                figures = _seeding(large, seeded[large])
                figures += in_turn(clients[small], clients[large], small, large, options.calls)
                many = clients[options.many]
                figures += crowds(server, folder, many, options)
                figures.append(search(many, options.many, options.calls))
            finally:
                server.stop()
    return show(figures)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.follow_ups", description=__doc__)
    parser.add_argument("--sizes", type=_two, default=(400, SEEDED), help="two sizes (400,1000000)")
    parser.add_argument("--many", type=int, default=100_000, help="records for boards and search (100000)")
    parser.add_argument("--calls", type=int, default=1_500, help="calls of each operation and size (1500)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of clients who open boards (5)")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a round, each server (3)")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own, not SQLite")
    parser.add_argument("--database-url", default="", help="on this empty database")
    return parser.parse_args(arguments)


def _two(text: str) -> tuple[int, ...]:
    sizes = tuple(int(part) for part in text.split(","))
    if len(set(sizes)) != 2 or min(sizes) < 1:
        raise argparse.ArgumentTypeError("two sizes, such as 400,1000000")
    return sizes


# --- seeding ---------------------------------------------------------------------------------------------


def seed(sizes: list[int], url: str) -> dict[int, Seeded]:
    """Creates a corp of each size in this order: customers first, then a record for each."""
    from wecom_tollbooth.db import Database
    from wecom_tollbooth.families import load_families
    from wecom_tollbooth.migrate import prepare
    from wecom_tollbooth.seeds import NewCorp, add_customers, add_follow_ups, make_corp
    from wecom_tollbooth.settings import Settings

    load_families()  # declares the scheduled tasks of reminders
    database = Database(Settings(database_url=url))
    prepare(database)
    seeded: dict[int, Seeded] = {}
    for size in dict.fromkeys(sizes):
        corp_id = make_corp(database, NewCorp(seed="demo", members=MEMBERS, customers=0))
        start = time.perf_counter()
        add_customers(database, corp_id, size)
        middle = time.perf_counter()
        assert add_follow_ups(database, corp_id, size) == size
        end = time.perf_counter()
        mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        seeded[size] = Seeded(corp_id, middle - start, end - middle, mib)
    database.close()
    return seeded


def _seeding(size: int, seeded: Seeded) -> list[Figure]:
    print(f"{size:,} customers for the records: {seeded.customers_seconds:.1f} s")
    # A start takes its time however few records there are.
    seconds = max(SECONDS_TO_SEED * size / SEEDED, 2.0)
    return [
        Figure(f"seeding {size:,} records, s", seeded.records_seconds, seconds),
        Figure("memory of the seeding process at its peak, MiB", seeded.mib, MIB_TO_SEED),
    ]


# --- one client, two sizes -------------------------------------------------------------------------------


class Client:
    """One connection to one corp; `took` holds the milliseconds of each operation."""

    def __init__(self, server: ServerProcess, corp_id: str) -> None:
        app = httpx.get(f"{server.base_url}/_sim/corps/{corp_id}", timeout=60).json()["apps"][0]
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        about = {"corpid": corp_id, "corpsecret": app["secret"]}
        reply = httpx.get(f"{server.base_url}/cgi-bin/gettoken", params=about, timeout=60).json()
        self.query = {"access_token": reply["access_token"]}
        self.took: defaultdict[str, list[float]] = defaultdict(list)
        self.stages: list[dict[str, Any]] = []

    def call(self, operation: str, **body: Any) -> dict[str, Any]:
        content = orjson.dumps(body)
        target = f"{PREFIX}{operation}?access_token={self.query['access_token']}"
        start = time.perf_counter()
        self._connection.request("POST", target, content)
        answer = self._connection.getresponse().read()
        self.took[operation].append((time.perf_counter() - start) * 1_000)
        reply: dict[str, Any] = orjson.loads(answer)
        assert reply["errcode"] == 0, reply
        return reply

    def work(self, operation: str, turn: int, rng: random.Random) -> None:
        """One call of a salesperson."""
        if operation == "board":
            self.stages = self.call("board")["stages"]
        elif operation == "list":
            self.call("list", **LISTS[turn % len(LISTS)])
        else:
            self._move(turn, rng)

    def _move(self, turn: int, rng: random.Random) -> None:
        filled = [stage for stage in self.stages if stage["cards"]]
        source = rng.choice(filled)
        card = rng.choice(source["cards"])["follow_up_id"]
        target = rng.choice([stage for stage in self.stages if stage is not source])
        position = {"side": "top"}
        if turn % 2 and target["cards"]:
            position = {"side": "after", "follow_up_id": rng.choice(target["cards"])["follow_up_id"]}
        self.call("move", follow_up_id=card, stage_id=target["stage_id"], position=position)


def in_turn(small: Client, large: Client, few: int, many: int, calls: int) -> list[Figure]:
    """Both clients make the same calls, taking turns in going first."""
    rng = random.Random(few)
    for turn in range(-WARM_UP, calls):
        if turn == 0:
            small.took.clear()
            large.took.clear()
        for operation in ("board", "move", "list"):
            for client in (small, large) if turn % 2 else (large, small):
                client.work(operation, turn, rng)
    table = Table("operation", "records", "p50 ms", "p95 ms", "p99 ms")
    figures: list[Figure] = []
    for operation in OPERATIONS:
        for size, client in ((few, small), (many, large)):
            shown = [f"{percentile(client.took[operation], share):.2f}" for share in (0.5, 0.95, 0.99)]
            table.add_row(operation, f"{size:,}", *shown)
        ratio = percentile(large.took[operation], 0.99) / percentile(small.took[operation], 0.99)
        figures.append(Figure(f"{operation}: p99 at {many:,} beside {few:,}", ratio, LARGE_TO_SMALL))
    Console(width=max(100, Console().width)).print(table)
    return figures


def percentile(took: list[float], share: float) -> float:
    """The milliseconds below which `share` of the calls stayed."""
    ordered = sorted(took)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


# --- many clients, and a search --------------------------------------------------------------------------


def crowds(server: ServerProcess, folder: Path, client: Client, options: argparse.Namespace) -> list[Figure]:
    """Boards for twenty clients; without a pause there is a target only on SQLite.

    On PostgreSQL a board takes six statements, and twenty clients without a pause need more than two cores,
    which worker, database and clients share. The table shows the figures.
    """
    board = client.call("board")
    seen = crowd.boards(
        server, folder, f"{PREFIX}board", client.query, board, options.rounds, options.seconds
    )
    what = f"board at {options.many:,}, {crowd.CLIENTS} clients"
    figures = [Figure(f"{what} of a sales team, p99 ms", seen.of_a_sales_team, BOARD_MS)]
    if not options.postgresql and not options.database_url.startswith("postgresql"):
        figures.append(Figure(f"{what} without a pause, p99 ms", seen.without_a_pause, BOARD_MS))
    return figures


def search(client: Client, size: int, calls: int) -> Figure:
    """Searches for existing names, words of logs, and text that doesn't exist."""
    titles = [record["title"] for record in client.call("list", limit=500)["follow_ups"]]
    rng = random.Random(size)
    for _ in range(WARM_UP):
        client.call("list", text=rng.choice(titles))
    client.took.clear()
    for turn in range(calls):
        title = rng.choice(titles)
        client.call("list", text=(SOUGHT[turn // 3 % len(SOUGHT)], title, title[:2])[turn % 3])
    return Figure(f"search by text at {size:,}, p99 ms", percentile(client.took["list"], 0.99), SEARCH_MS)


if __name__ == "__main__":
    sys.exit(main())
