"""A database of 0.1 is opened by this program: nothing is lost, and pending work continues.

make_database.py created the rows and recorded what 0.1 answered about them.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import ON_POSTGRESQL, Databases, RunningServer
from tests.upgrade import asking, rows
from tests.upgrade.opening import (
    REVISION,
    VERSION_TABLE,
    migrated,
    open_old_database,
    restore_old_database,
)
from tests.upgrade.talking import Corp, Ear, Talk
from wecom_tollbooth.db import Database
from wecom_tollbooth.migrate import newest_revision
from wecom_tollbooth.settings import Settings

DATABASE = "postgresql" if ON_POSTGRESQL else "sqlite"
SEED = 26
BARRED = 701063
LIST = "externalcontact/list"

RENAMED_TABLES = {
    "due_deed": "scheduled_task",
    "callback_try": "callback_attempt",
    "delivery_knobs": "delivery_faults",
}
"""The current name of a table of 0.1."""
RENAMED_COLUMNS = {
    "callback.tries": "attempts",
    "follow_user.half": "pending_confirmation",
    "follow_user.brought_by": "source_agentid",
    "budget.down": "blocked",
    "budget_month.told": "alerts_sent",
}
"""The current name of a column, by its old "table.column"."""


@pytest.fixture
def empty(databases: Databases) -> Iterator[str]:
    made = databases.new_url(migrated=False)
    yield made
    databases.remove(made)


@pytest.fixture
def url(empty: str) -> str:
    """The address of a copy of the database of 0.1."""
    restore_old_database(empty)
    return empty


class Opened:
    """This program on the database of 0.1, and the corps in it with the tokens that 0.1 gave."""

    def __init__(self, server: RunningServer) -> None:
        self.talk = Talk(server.base_url)
        self._database = server.server.database
        self.known = asking.read(DATABASE)
        self.named: dict[str, Any] = self.known["named"]
        self.shop, self.barred = (self._corp(name) for name in ("shop", "barred"))

    def _corp(self, name: str) -> Corp:
        found = self.known["corps"][name]
        corp = Corp(self.talk, found)
        corp.token = found["token"]
        return corp

    def set_clock(self, at: str) -> None:
        """Runs everything that is due at this time, including what the server's thread has just started."""
        self.talk.set_clock(at)
        now = self.talk.now
        self.shop.wait_until(lambda: self._due(now) == 0)

    def _due(self, now: int) -> int:
        with self._database.transaction() as tx:
            query = sa.text("SELECT count(*) FROM scheduled_task WHERE due_at <= :now")
            return int(tx.execute(query, {"now": now}).scalar_one())

    def events(self, change_type: str) -> list[str]:
        """The XML of the events that the shop's first app received."""
        agentid = self.shop.apps[0]["agentid"]
        return [one["xml"] for one in self.shop.callbacks(agentid=agentid, change_type=change_type)]

    def followers(self, customer: str) -> list[str]:
        reply = self.shop.ok_get("externalcontact/get", external_userid=customer)
        return [one["userid"] for one in reply["follow_user"]]


@pytest.fixture
def opened(empty: str, start_server: Any) -> Iterator[Opened]:
    open_old_database(empty)
    opened = Opened(start_server(database_url=empty, seed=SEED, sim_hosts="tollbooth.test"))
    yield opened
    opened.talk.close()


def test_the_migration_keeps_every_row(url: str) -> None:
    assert migrated(url) == newest_revision()
    engine = Database(Settings(database_url=url)).engine
    found = {name: (columns, values) for name, columns, values in rows.read_all(engine)}
    engine.dispose()
    kept = {name: (columns, values) for name, columns, values in rows.read(rows.path_of(DATABASE))}
    assert kept.pop(VERSION_TABLE) == (["version_num"], [[REVISION]])
    assert all(values for _, values in kept.values()), "0.1 had something in each of its tables"
    columns, values = kept.pop("latency_profile")  # moved into the row of the corp
    now, there = found["corp"]
    moved = [[row[now.index("corp_id")], row[now.index("latency")]] for row in there]
    assert [row for row in moved if row[1] is not None] == values
    assert columns == ["corp_id", "profile"]
    for name, (columns, values) in kept.items():
        now, there = found[RENAMED_TABLES.get(name, name)]
        if name == "call_journal":  # its key was a slot of a ring buffer and is now the order of arrival
            assert [row[now.index("seq")] for row in there] == _counted_by_corp(there)
            in_order, there = (
                columns.index("usage_id"),
                sorted(there, key=lambda row: row[now.index("usage_id")]),
            )
            values = [row[:1] + row[2:] for row in sorted(values, key=lambda row: row[in_order])]
            columns = [column for column in columns if column != "slot"]
        places = [now.index(RENAMED_COLUMNS.get(f"{name}.{column}", column)) for column in columns]
        assert [[row[place] for place in places] for row in there] == values, name


@pytest.mark.skipif(DATABASE != "sqlite", reason="a file")
def test_the_file_is_rebuilt_once_so_that_it_can_shrink(url: str) -> None:
    def mode() -> Any:
        with closing(sqlite3.connect(sa.make_url(url).database or "")) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return file.execute("PRAGMA auto_vacuum").fetchone()[0]

    with closing(sqlite3.connect(sa.make_url(url).database or "")) as file:
        file.executescript("PRAGMA auto_vacuum = NONE; VACUUM")  # as 0.1 made its files
    assert mode() == 0
    migrated(url)
    assert mode() == 2, "incremental"


def _counted_by_corp(journal: list[list[Any]]) -> list[int]:
    """1, 2, 3 … for each corp, by the first column."""
    calls: Counter[str] = Counter()
    numbers = []
    for row in journal:
        calls[row[0]] += 1
        numbers.append(calls[row[0]])
    return numbers


def test_every_answer_of_0_1_is_unchanged(opened: Opened) -> None:
    for question in opened.known["replies"]:
        found = asking.answer(opened.talk, question)
        assert asking.differences(question["reply"], found) == [], question["path"]


def test_the_ledger_is_intact_and_accepts_records(opened: Opened) -> None:
    before = opened.talk.sim("GET", "/ledger/verify")
    assert before["intact"]
    assert sum(corp["hours"] for corp in before["corps"]) > 20
    months = [opened.shop.sim("statement", month=month) for month in asking.MONTHS]
    opened.shop.ok_get(LIST, userid="lisi")
    opened.talk.advance(3600)
    after = opened.talk.sim("GET", "/ledger/verify")
    assert after["intact"]
    assert sum(corp["records"] for corp in after["corps"]) > sum(corp["records"] for corp in before["corps"])
    assert opened.shop.sim("statement", month="2026-03") == months[0]
    assert float(opened.shop.sim("statement", month="2026-04")["total"]) >= float(months[1]["total"])


def test_tokens_of_0_1_are_still_valid(opened: Opened) -> None:
    for corp in (opened.shop, opened.barred):
        assert corp.log_in() == opened.known["corps"]["shop" if corp is opened.shop else "barred"]["token"]
    opened.shop.ok_get(LIST, userid="zhangsan")
    opened.talk.advance(7200)
    assert opened.talk.get(LIST, opened.shop.token, userid="zhangsan")["errcode"] == 42001


def test_the_whole_journal_is_readable(opened: Opened) -> None:
    corpid = opened.shop.corpid
    (kept,) = [values for name, _, values in rows.read(rows.path_of(DATABASE)) if name == "call_journal"]
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = opened.shop.sim("calls", limit=50, cursor=cursor)
        found += page["calls"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len(found) == sum(row[0] == corpid for row in kept)
    refused = opened.shop.sim("calls", refused=True)["calls"][0]
    assert opened.shop.sim("calls", hint=refused["hint"])["calls"] == [refused]


def test_the_webhook_of_a_smart_sheet_still_adds_rows(opened: Opened) -> None:
    where = {name: opened.named[name] for name in ("docid", "sheet_id")}
    before = opened.shop.ok("wedoc/smartsheet/get_records", **where)["records"]
    (added,) = opened.talk.send(opened.named["webhook"], opened.named["row"])["add_records"]
    after = opened.shop.ok("wedoc/smartsheet/get_records", **where)["records"]
    assert [one["record_id"] for one in after] == [one["record_id"] for one in before] + [added["record_id"]]


# --- what waits ------------------------------------------------------------------------------------------


def test_pending_transfers_complete(opened: Opened) -> None:
    customer, left_behind = opened.named["on_its_way"], opened.named["left_behind"]
    assert opened.followers(customer) == ["zhangsan"]
    opened.set_clock("2026-04-03T09:59:59")
    opened.shop.log_in()
    assert opened.followers(customer) == ["zhangsan"]
    opened.set_clock("2026-04-03T10:00:00")
    assert opened.followers(customer) == ["lisi"]
    assert opened.followers(left_behind) == ["lisi"]
    found = [xml for xml in opened.events("add_external_contact") if customer in xml]
    assert len(found) == 2, "once when zhangsan added the customer, once when lisi took it over"


def test_a_due_follow_up_raises_its_event(opened: Opened) -> None:
    before = opened.events("follow_up_due")
    assert not [xml for xml in before if opened.named["follow_up"] in xml]
    opened.set_clock("2026-04-03T09:00:00")
    (found,) = [xml for xml in opened.events("follow_up_due") if opened.named["follow_up"] in xml]
    assert "<StageId><![CDATA[talking]]></StageId>" in found


def test_quota_raises_its_expiry_events_and_expires(opened: Opened) -> None:
    quota = "externalcontact/customer_acquisition_quota"
    left = opened.shop.ok_get(quota)["balance"]
    before = len(opened.events("quota_expire_soon"))
    opened.set_clock("2026-04-05T09:00:00")
    assert len(opened.events("quota_expire_soon")) == before + 3
    assert f"<ExpireQuotaNum>{left}</ExpireQuotaNum>" in opened.events("quota_expire_soon")[-1]
    assert opened.events("balance_exhausted") == []
    opened.set_clock("2026-04-06T09:00:00")
    assert len(opened.events("balance_exhausted")) == 1
    opened.shop.log_in()
    assert opened.shop.ok_get(quota)["balance"] == 0


def test_a_licence_expires_on_its_day(opened: Opened) -> None:
    def valid() -> dict[str, bool]:
        (provider,) = opened.shop.sim("licences")["providers"]
        return {account["userid"]: account["valid"] for account in provider["accounts"]}

    opened.set_clock("2026-04-09T23:59:59")
    assert valid() == {"zhangsan": True, "lisi": True}
    assert opened.shop.sim("usage", month="2026-04")["seats"] == {"base": 1, "interop": 1}
    opened.set_clock("2026-04-10T00:00:00")
    assert valid() == {"zhangsan": True, "lisi": False}


def test_a_temporary_session_that_was_running_ends_with_its_conclusions(url: str, start_server: Any) -> None:
    engine = Database(Settings(database_url=url)).engine
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE temp_chat SET expires_at = (SELECT frozen_at + 60 FROM sim_clock)")
        )
        (row,) = connection.execute(sa.text("SELECT external_userid FROM temp_chat"))
    engine.dispose()
    migrated(url)
    opened = Opened(start_server(database_url=url, seed=SEED, sim_hosts="tollbooth.test"))
    phone = f"phones/{row.external_userid}"
    assert opened.shop.sim(phone)["items"] == []
    opened.talk.sim("POST", "/clock", {"advance_seconds": 60})
    (item,) = opened.shop.sim(phone)["items"]
    assert item["body"]["text"] == {"content": "感谢咨询"}
    opened.talk.close()


# --- callbacks -------------------------------------------------------------------------------------------


def test_waiting_callbacks_keep_their_order_and_attempts(opened: Opened) -> None:
    waiting = opened.shop.callbacks(state="waiting")
    assert [len(one["tries"]) for one in waiting] == [2, 0, 0]
    (agentid,) = {one["agentid"] for one in waiting}
    ear = Ear(opened.shop.corpid, next(app for app in opened.shop.apps if app["agentid"] == agentid))
    ear.listen(opened.shop)
    opened.talk.advance(6)
    assert ear.received(3) == [one["xml"] for one in waiting]
    done = _delivered(opened.shop, waiting)
    assert [len(one["tries"]) for one in done] == [3, 1, 1]
    assert [one["number"] for one in done[0]["tries"]] == [1, 2, 3]
    assert done[0]["tries"][:2] == waiting[0]["tries"]
    ear.close()


def test_callbacks_delayed_by_a_delivery_fault_are_sent_at_their_time(opened: Opened) -> None:
    waiting = opened.barred.callbacks(state="waiting")
    assert [one["copy_of"] is None for one in waiting] == [True, False] * 2
    assert len({re.findall("<CreateTime>(.*?)</CreateTime>", one["xml"])[0] for one in waiting}) == 1
    ear = Ear(opened.barred.corpid, opened.barred.apps[0])
    ear.listen(opened.barred)
    opened.talk.advance(int(waiting[0]["due_at"]) - opened.talk.now - 1)
    opened.barred.act("member_adds_customer", userid="lisi", name="后来的")
    assert ear.receiver.posts == []
    opened.talk.advance(1)
    assert ear.received(4) == [one["xml"] for one in waiting]
    assert [len(one["tries"]) for one in _delivered(opened.barred, waiting)] == [1, 1, 1, 1]
    ear.close()


def test_failed_dropped_and_kept_callbacks_can_be_replayed(opened: Opened) -> None:
    (failed,) = opened.shop.callbacks(state="failed")
    assert [one["status"] for one in failed["tries"]] == [500] * 4
    ear = Ear(opened.shop.corpid, next(a for a in opened.shop.apps if a["agentid"] == failed["agentid"]))
    ear.listen(opened.shop)
    opened.talk.sim("POST", f"{opened.shop.path}/callbacks/{failed['id']}/replay")
    assert ear.received(1) == [failed["xml"]]
    ear.close()
    assert opened.barred.callbacks(state="dropped")
    kept = opened.shop.callbacks(state="kept")[0]
    again = opened.talk.sim("POST", f"{opened.shop.path}/callbacks/{kept['id']}/replay")
    assert again["state"] == "kept"


def _delivered(corp: Corp, sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The callbacks once they are recorded as delivered."""
    ids = {one["id"] for one in sent}
    corp.wait_until(lambda: not [one for one in corp.callbacks(state="waiting") if one["id"] in ids])
    found = [one for one in corp.callbacks() if one["id"] in ids]
    assert {one["state"] for one in found} == {"delivered"}
    return found


# --- budgets ---------------------------------------------------------------------------------------------


def test_a_budget_still_blocks_calls_until_it_is_paid(opened: Opened) -> None:
    barred = opened.barred
    assert opened.talk.get(LIST, barred.token, userid="zhangsan")["errcode"] == BARRED
    budget = barred.sim("budget")
    assert (budget["down"], budget["told"], budget["barrier"]) == (True, [50, 90], "hard")
    assert not opened.talk.sim("POST", f"{barred.path}/budget/pay")["down"]
    barred.ok_get(LIST, userid="zhangsan")


def test_a_sent_alert_is_not_sent_again(opened: Opened) -> None:
    shop = opened.shop
    budget = shop.sim("budget")
    assert (budget["told"], budget["alerts"], budget["barrier"]) == ([50], [50, 95], "soft")
    found = len(opened.events("alert"))
    while float(shop.sim("budget")["spent"]) < 0.95 * float(budget["amount"]):
        for _ in range(20):
            shop.ok_get(LIST, userid="zhangsan")
    assert shop.sim("budget")["told"] == [50, 95]
    assert len(opened.events("alert")) == found + 1
