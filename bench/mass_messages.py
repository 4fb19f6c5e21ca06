"""`python -m bench.mass_messages`: a mass message to 100,000 customers, on SQLite.

How soon the call is answered and the tasks are made, how fast members' confirmations are sent and the results
are read, and how long other calls take meanwhile. Exits 1 when a target is missed.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from bench.driver import request
from bench.long_actions import Callers
from bench.process import LIMITS_ON, TOLLBOOTH, ServerProcess
from bench.volume import Client, Figure, show

CUSTOMERS, MEMBERS = 100_000, 20
PAGE = 1_000
ROUNDS = 3
SECONDS = 4.0
"""How long the usual latency of calls is measured in each round."""
MAKING_TASKS = 41063

MS_TO_ACCEPT = 100.0
SECONDS_TO_TASKS = 5.0
P99_TO_USUAL = 2.0
ROWS_A_SECOND = 20_000.0
LAST_TO_FIRST = 1.2

ADD = "/cgi-bin/externalcontact/add_msg_template"
TASKS = "/cgi-bin/externalcontact/get_groupmsg_task"
RESULTS = "/cgi-bin/externalcontact/get_groupmsg_send_result"


def prepared(url: str, customers: int, members: int) -> tuple[str, str, str]:
    """A file with a corp whose customers all have one tag, and a small corp; returns both ids and the tag."""
    from wecom_tollbooth.db import Database
    from wecom_tollbooth.families.relations.tables import FOLLOW_USER
    from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG, TAG
    from wecom_tollbooth.migrate import prepare
    from wecom_tollbooth.seeds import NewCorp, make_corp
    from wecom_tollbooth.settings import Settings

    database = Database(Settings(database_url=url))
    prepare(database)
    large = make_corp(database, NewCorp(seed="demo", members=members, customers=customers))
    small = make_corp(database, NewCorp(seed="demo"))
    with database.transaction() as tx:
        tag = tx.execute(sa.select(sa.func.min(TAG.c.tag_id)).where(TAG.c.corp_id == large)).scalar_one()
        of_corp = FOLLOW_TAG.c.corp_id == large
        tx.execute(sa.delete(FOLLOW_TAG).where(of_corp, FOLLOW_TAG.c.tag_id == tag))
        relations = sa.select(
            FOLLOW_USER.c.corp_id, FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid, sa.literal(tag)
        ).where(FOLLOW_USER.c.corp_id == large)
        names = ["corp_id", "external_userid", "userid", "tag_id"]
        tx.execute(sa.insert(FOLLOW_TAG).from_select(names, relations))
    database.close()
    return large, str(tag), small


@dataclass
class Meanwhile:
    """What took `seconds`, and the p99 of other calls meanwhile, in ms."""

    seconds: float
    p99: float


class Bench:
    def __init__(self, server: ServerProcess, large: str, tag: str, small: str) -> None:
        self._client = Client(server, large)
        self._query = self._client._query
        self._tag = tag
        self._sim = f"/_sim/corps/{large}/acts"
        self.callers = Callers(server.port, *_small_corp(server, small))

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return self._client.call("POST", path + self._query, orjson.dumps(body))

    def meanwhile(self, work: Callable[[], Any]) -> Meanwhile:
        with self.callers.calling() as (latencies, failed):
            start = time.perf_counter()
            work()
            seconds = time.perf_counter() - start
        assert not failed[0], f"{failed[0]} calls failed"
        return Meanwhile(seconds, latencies[min(int(len(latencies) * 0.99), len(latencies) - 1)])

    def accept(self) -> tuple[str, float]:
        """The msgid of a new message to everybody who has the tag, and the milliseconds to the answer."""
        start = time.perf_counter()
        reply = self.post(
            ADD, tag_filter={"group_list": [{"tag_list": [self._tag]}]}, text={"content": "新茶上市"}
        )
        return reply["msgid"], (time.perf_counter() - start) * 1_000

    def tasks(self, msgid: str) -> list[str]:
        """The members who have a task, once there are tasks."""
        while True:
            self._client._connection.request(
                "POST", TASKS + self._query, orjson.dumps({"msgid": msgid, "limit": PAGE})
            )
            reply = orjson.loads(self._client._connection.getresponse().read())
            if reply["errcode"] != MAKING_TASKS:
                assert reply["errcode"] == 0, reply
                return [task["userid"] for task in reply["task_list"]]
            time.sleep(0.02)

    def confirm(self, msgid: str, last: dict[str, str]) -> None:
        """Has all members send, and waits until their last customers, behind these cursors, got it."""
        for userid in last:
            act = {"act": "member_confirms_group_message", "userid": userid, "msgid": msgid}
            self._client._connection.request("POST", self._sim, orjson.dumps(act), _JSON)
            answer = self._client._connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body
        for userid, cursor in last.items():
            while (
                self.post(RESULTS, msgid=msgid, userid=userid, cursor=cursor)["send_list"][0]["status"] == 0
            ):
                time.sleep(0.2)  # asking is work too

    def before_last(self, msgid: str, userid: str) -> str:
        """The cursor behind which only the last customer of the member is left."""
        cursor = ""
        while True:
            reply = self.post(RESULTS, msgid=msgid, userid=userid, limit=PAGE, cursor=cursor)
            if not reply["next_cursor"]:
                break
            cursor = reply["next_cursor"]
        before = len(reply["send_list"]) - 1
        if not before:
            return cursor
        reply = self.post(RESULTS, msgid=msgid, userid=userid, limit=before, cursor=cursor)
        return str(reply["next_cursor"])

    def read(self, msgid: str, userids: list[str]) -> tuple[int, int, float]:
        """Reads all results; returns rows, rows with status 1 and seconds."""
        rows = sent = 0
        start = time.perf_counter()
        for userid in userids:
            cursor = ""
            while True:
                reply = self.post(RESULTS, msgid=msgid, userid=userid, limit=PAGE, cursor=cursor)
                rows += len(reply["send_list"])
                sent += sum(one["status"] == 1 for one in reply["send_list"])
                cursor = reply["next_cursor"]
                if not cursor:
                    break
        return rows, sent, time.perf_counter() - start

    def last_to_first(self, msgid: str, userid: str, page: int) -> float:
        """The median time of the last full page beside that of the first."""
        cursor = last = ""
        while True:
            reply = self.post(RESULTS, msgid=msgid, userid=userid, limit=page, cursor=cursor)
            if len(reply["send_list"]) == page:
                last = cursor
            cursor = reply["next_cursor"]
            if not cursor:
                break

        def seconds(cursor: str) -> float:
            start = time.perf_counter()
            self.post(RESULTS, msgid=msgid, userid=userid, limit=page, cursor=cursor)
            return time.perf_counter() - start

        pairs = [(seconds(""), seconds(last)) for _ in range(31)]
        first, at_the_end = (statistics.median(times) for times in zip(*pairs, strict=True))
        return float(at_the_end / first)


_JSON = {"Content-Type": "application/json"}


def _small_corp(server: ServerProcess, corp_id: str) -> tuple[bytes, str]:
    """The login of the small corp's app as a request, and a customer of it."""
    import httpx

    secret = httpx.get(f"{server.base_url}/_sim/corps/{corp_id}", timeout=60).json()["apps"][0]["secret"]
    client = Client(server, corp_id)
    listed = client.call("GET", f"/cgi-bin/externalcontact/list{client._query}&userid=zhangsan")
    return request("/cgi-bin/gettoken", {"corpid": corp_id, "corpsecret": secret}), listed["external_userid"][
        0
    ]


def measure(customers: int, members: int, rounds: int, seconds: float) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'mass.db'}"
        corps = prepared(url, customers, members)
        server = ServerProcess(TOLLBOOTH, folder, {"TOLLBOOTH_DATABASE_URL": url, **LIMITS_ON})
        server.start()
        try:
            return _figures(Bench(server, *corps), rounds, seconds)
        finally:
            server.stop()


def _figures(bench: Bench, rounds: int, seconds_of_usual: float) -> list[Figure]:
    bench.tasks(bench.accept()[0])
    accepted, made, sent, usual = [], [], [], []
    msgid, userids = "", []
    for _ in range(rounds):
        usual.append(bench.meanwhile(lambda: time.sleep(seconds_of_usual)))

        def accept_and_make() -> None:
            nonlocal msgid, userids
            msgid, ms = bench.accept()
            accepted.append(ms)
            userids = bench.tasks(msgid)

        made.append(bench.meanwhile(accept_and_make))
        last = {userid: bench.before_last(msgid, userid) for userid in userids}
        sent.append(bench.meanwhile(partial(bench.confirm, msgid, last)))
    rows, arrived, seconds = bench.read(msgid, userids)
    p99 = statistics.median(one.p99 for one in usual)
    return [
        Figure(f"a message to {rows:,} customers is accepted, ms, the slowest", max(accepted), MS_TO_ACCEPT),
        Figure("its tasks are made, s, the slowest", max(one.seconds for one in made), SECONDS_TO_TASKS),
        Figure(
            f"p99 of other calls meanwhile, of its usual {p99:.2f} ms",
            statistics.median(one.p99 for one in made) / p99,
            P99_TO_USUAL,
        ),
        Figure(
            f"all {len(userids)} members confirm, {arrived:,} customers get it, s",
            statistics.median(one.seconds for one in sent),
            60.0,
        ),
        Figure(
            f"p99 of other calls meanwhile, of its usual {p99:.2f} ms",
            statistics.median(one.p99 for one in sent) / p99,
            P99_TO_USUAL,
        ),
        Figure("results read over the API, rows/s", rows / seconds, ROWS_A_SECOND, True),
        Figure(
            "the last page of results beside the first, median",
            bench.last_to_first(msgid, userids[0], min(PAGE, max(1, rows // len(userids) // 4))),
            LAST_TO_FIRST,
        ),
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.mass_messages", description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of usual calls in each round")
    options = parser.parse_args(arguments)
    print(f"load average {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return show(measure(options.customers, options.members, options.rounds, options.seconds))


if __name__ == "__main__":
    sys.exit(main())
