"""`python -m bench.volume`: the speed with many customers and many events.

Seeding 100,000 customers with their tags and followers; pulling all of them page by page as one client does;
delivering encrypted events to a receiver on loopback. Exits 1 when a target is missed.
"""

import asyncio
import http.client
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from bench.process import TOLLBOOTH, ServerProcess

CUSTOMERS, MEMBERS, EVENTS = 100_000, 20, 2_000
PAGE = 100
REPEATS = 15
SECONDS_TO_SEED, MIB_TO_SEED = 20.0, 500.0
CUSTOMERS_A_SECOND = 20_000.0
LAST_TO_FIRST = 1.2
EVENTS_A_SECOND = 500.0
BATCH = "/cgi-bin/externalcontact/batch/get_by_user"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess"


@dataclass(frozen=True)
class Figure:
    """A figure with its target; `at_least`: whether more is better."""

    name: str
    value: float
    target: float
    at_least: bool = False

    @property
    def passed(self) -> bool:
        return self.value >= self.target if self.at_least else self.value <= self.target


def main() -> int:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'volume.db'}"
        corp_id, seconds, mib = in_a_process(seed, url)
        figures += [
            Figure(f"seeding {CUSTOMERS:,} customers, s", seconds, SECONDS_TO_SEED),
            Figure("memory of the seeding process at its peak, MiB", mib, MIB_TO_SEED),
        ]
        figures += pull(folder, url, corp_id)
        figures.append(deliver(folder, f"sqlite:///{folder / 'events.db'}"))
    return show(figures)


def show(figures: list[Figure]) -> int:
    """Prints the figures with their targets; returns 1 if one is missed, else 0."""
    table = Table("figure", "value", "target", "")
    for figure in figures:
        target = f"{'≥' if figure.at_least else '≤'} {figure.target:,.4g}"
        verdict = "[green]pass[/]" if figure.passed else "[red]miss[/]"
        table.add_row(figure.name, f"{figure.value:,.4g}", target, verdict)
    Console(width=max(100, Console().width)).print(table)
    return 0 if all(figure.passed for figure in figures) else 1


# --- seeding ---------------------------------------------------------------------------------------------


def in_a_process(work: Callable[[str], Any], url: str) -> Any:
    """The result of `work(url)` in a new process, so that only its memory counts."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (url,))


def seed(url: str) -> tuple[str, float, float]:
    """Creates the corp; returns its id, the seconds it took, the peak memory in MiB."""
    from wecom_tollbooth.db import Database
    from wecom_tollbooth.migrate import prepare
    from wecom_tollbooth.seeds import NewCorp, make_corp
    from wecom_tollbooth.settings import Settings

    database = Database(Settings(database_url=url))
    prepare(database)
    start = time.perf_counter()
    corp_id = make_corp(database, NewCorp(seed="demo", members=MEMBERS, customers=CUSTOMERS))
    seconds = time.perf_counter() - start
    database.close()
    return corp_id, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- a full pull -----------------------------------------------------------------------------------------


class Client:
    """One client with one connection, like a nightly sync."""

    def __init__(self, server: ServerProcess, corp_id: str) -> None:
        app = httpx.get(f"{server.base_url}/_sim/corps/{corp_id}", timeout=60).json()["apps"][0]
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        reply = self.call("GET", f"/cgi-bin/gettoken?corpid={corp_id}&corpsecret={app['secret']}")
        self._query = f"?access_token={reply['access_token']}"
        self.members = self.call("GET", f"/cgi-bin/externalcontact/get_follow_user_list{self._query}")[
            "follow_user"
        ]

    def call(self, method: str, target: str, content: bytes | None = None) -> dict[str, Any]:
        self._connection.request(method, target, content)
        reply: dict[str, Any] = orjson.loads(self._connection.getresponse().read())
        assert reply["errcode"] == 0, reply
        return reply

    def page(self, cursor: str) -> tuple[dict[str, Any], float]:
        """One page and the seconds it took."""
        asked = {"userid_list": self.members, "cursor": cursor, "limit": PAGE}
        start = time.perf_counter()
        reply = self.call("POST", BATCH + self._query, orjson.dumps(asked))
        return reply, time.perf_counter() - start


def pull(folder: Path, url: str, corp_id: str) -> list[Figure]:
    server = ServerProcess(TOLLBOOTH, folder, {"TOLLBOOTH_DATABASE_URL": url, "TOLLBOOTH_RATE_LIMITS": "off"})
    server.start()
    try:
        client = Client(server, corp_id)
        read, cursor, last_full = set(), "", ""
        start = time.perf_counter()
        count = 0
        while True:
            reply, _ = client.page(cursor)
            entries = reply["external_contact_list"]
            count += len(entries)
            read |= {entry["external_contact"]["external_userid"] for entry in entries}
            if len(entries) == PAGE:
                last_full = cursor
            cursor = reply["next_cursor"]
            if not cursor:
                break
        seconds = time.perf_counter() - start
        assert len(read) == CUSTOMERS, f"{len(read)} customers came"
        pairs = [(client.page("")[1], client.page(last_full)[1]) for _ in range(REPEATS)]
    finally:
        server.stop()
    first, last = (statistics.median(times) for times in zip(*pairs, strict=True))
    return [
        Figure(f"a full pull of {count:,} entries, customers/s", count / seconds, CUSTOMERS_A_SECOND, True),
        Figure("the last page beside the first, median", last / first, LAST_TO_FIRST),
    ]


# --- callbacks -------------------------------------------------------------------------------------------


def receive(sender: Any) -> None:
    """Listens on a free port and answers every event.

    Sends the port, then the seconds from the first event to the last.
    """
    asyncio.run(_receive(sender))


async def _receive(sender: Any) -> None:
    times: list[float] = []
    enough = asyncio.Event()

    class Receiver(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self._transport, self._received = transport, b""

        def data_received(self, data: bytes) -> None:
            self._received += data
            while (end := self._received.find(b"\r\n\r\n")) >= 0:
                head = self._received[:end].lower()
                length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                if len(self._received) < end + 4 + length:
                    return
                self._received = self._received[end + 4 + length :]
                self._transport.write(ANSWER)
                times.append(time.perf_counter())
                if len(times) == EVENTS:
                    enough.set()

    listening = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0)
    sender.send(listening.sockets[0].getsockname()[1])
    await enough.wait()
    sender.send(times[-1] - times[0])


def fill_outbox(url: str, address: str) -> None:
    """Creates a small corp with EVENTS events waiting for `address`."""
    from wecom_tollbooth.callbacks.emit import emit
    from wecom_tollbooth.callbacks.events.contacts import AddExternalContact
    from wecom_tollbooth.callbacks.receivers import Receiver
    from wecom_tollbooth.corps.app_kinds import AppKind
    from wecom_tollbooth.corps.tables import APP
    from wecom_tollbooth.db import Database
    from wecom_tollbooth.migrate import prepare
    from wecom_tollbooth.seeds import NewCorp, make_corp
    from wecom_tollbooth.settings import Settings
    from wecom_tollbooth.world.context import Context

    database = Database(Settings(database_url=url))
    prepare(database)
    corp_id = make_corp(database, NewCorp(seed="demo"))
    database.reserve_ids(EVENTS)
    with database.transaction() as tx:
        tx.execute(sa.update(APP).values(callback_url=address))
        agentid = tx.execute(sa.select(sa.func.min(APP.c.agentid))).scalar_one()
        receiver = Receiver(agentid, AppKind.SELF_BUILT, address, None, False)
        context = Context(database.settings, tx, corp_id)
        for number in range(EVENTS):
            event = AddExternalContact(
                UserID="zhangsan", ExternalUserID=f"wm{number:030d}", WelcomeCode="c" * 43
            )
            emit(context, event, to=receiver)
    database.close()


def deliver(folder: Path, url: str) -> Figure:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    receiver = context.Process(target=receive, args=(theirs,), daemon=True)
    receiver.start()
    server = ServerProcess(TOLLBOOTH, folder, {"TOLLBOOTH_DATABASE_URL": url})
    try:
        fill_outbox(url, f"http://127.0.0.1:{ours.recv()}/callback")
        server.start()
        if not ours.poll(120):
            raise RuntimeError("not all events came within two minutes")
        seconds = ours.recv()
    finally:
        server.stop()
        receiver.terminate()
        receiver.join()
    return Figure(
        f"{EVENTS:,} encrypted events to one receiver, events/s", EVENTS / seconds, EVENTS_A_SECOND, True
    )


if __name__ == "__main__":
    sys.exit(main())
