"""Changes of follow-ups during a change of the pipeline: the call that started earlier is refused.

Only on PostgreSQL: SQLite runs one call at a time.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import ON_POSTGRESQL, WeCom
from tests.families.follow_ups.records import FollowUps, FollowUpSheet
from tests.families.sheets import text
from tests.families.smart_sheets.webhooks import Webhook
from wecom_tollbooth.db import Transaction, table_of
from wecom_tollbooth.families.follow_ups.store.ids import seq_of
from wecom_tollbooth.families.follow_ups.tables import FollowUp, FollowUpCorp

WAITING = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def wait_for_lock(tx: Transaction, reply: "Future[dict[str, Any]]") -> None:
    """Returns when the call waits for a lock of the transaction."""
    deadline = time.monotonic() + 20
    while not tx.execute(WAITING).scalar_one():
        assert not reply.done(), reply.result()
        assert time.monotonic() < deadline, "the call waits for no lock"
        time.sleep(0.005)


def while_the_pipeline_changes(wecom: WeCom, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The reply to a call that read the pipeline before it changed, and finishes after the change."""
    of_corp = table_of(FollowUpCorp)
    mine = sa.update(of_corp).where(of_corp.c.corp_id == wecom.corp.corpid)
    with ThreadPoolExecutor(1) as pool:
        with wecom.corp.server.server.database.transaction() as tx:
            changed = tx.execute(mine.values(pipeline_version=of_corp.c.pipeline_version + 1))
            assert changed.rowcount == 1
            reply = pool.submit(call)
            wait_for_lock(tx, reply)
        return reply.result(20)


if ON_POSTGRESQL:

    @pytest.mark.parametrize("name", ["add", "update", "move", "delete", "add_log", "batch"])
    def test_an_operation_is_refused_while_the_pipeline_changes(wecom: WeCom, name: str) -> None:
        ups = FollowUps(wecom)
        id_ = ups.add(title="甲")
        of_it = {"follow_up_id": id_}
        bodies: dict[str, dict[str, Any]] = {
            "add": ups.pair(),
            "update": {**of_it, "title": "乙"},
            "move": {**of_it, "stage_id": "connected"},
            "delete": of_it,
            "add_log": {**of_it, "text": "电话"},
            "batch": {"items": [{"update": {**of_it, "title": "乙"}}]},
        }
        before = ups.get(id_)
        refused = while_the_pipeline_changes(wecom, lambda: ups.call(name, **bodies[name]))
        assert refused["errcode"] == 45035
        assert ups.get(id_) == before
        assert ups.call(name, **bodies[name])["errcode"] == 0

    @pytest.mark.parametrize("name", ["add_records", "update_records", "delete_records"])
    def test_a_sheet_operation_answers_2010003_while_the_pipeline_changes(wecom: WeCom, name: str) -> None:
        ups, sheet = FollowUps(wecom), FollowUpSheet(wecom)
        id_, pair = ups.add(title="甲"), ups.pair()
        new = {
            "external_userid": text(pair["external_userid"]),
            "销售对接人": [{"user_id": pair["userid"]}],
        }
        bodies: dict[str, dict[str, Any]] = {
            "add_records": {"records": [{"values": new}]},
            "update_records": {"records": [{"record_id": id_, "values": {"客户名称": text("乙")}}]},
            "delete_records": {"record_ids": [id_]},
        }
        before = sheet.rows()
        refused = while_the_pipeline_changes(wecom, lambda: sheet.call(name, **bodies[name]))
        assert refused["errcode"] == 2010003
        assert sheet.rows() == before
        assert sheet.call(name, **bodies[name])["errcode"] == 0

    def test_a_webhook_answers_2010003_while_the_pipeline_changes(wecom: WeCom) -> None:
        ups, sheet = FollowUps(wecom), FollowUpSheet(wecom)
        webhook, pair = Webhook(wecom.corp, **sheet.where), ups.pair()
        row = {"fExtId": pair["external_userid"], "fOwner": [{"user_id": pair["userid"]}]}
        ups.add(title="甲")
        refused = while_the_pipeline_changes(wecom, lambda: webhook.send(add_records=[{"values": row}]))
        assert refused["errcode"] == 2010003
        assert len(sheet.rows()) == 1
        webhook.add(row)

    @pytest.mark.parametrize("name", ["batch", "update_records", "delete_records"])
    def test_several_records_are_locked_in_one_order(wecom: WeCom, name: str) -> None:
        """In the order of the request, two calls could deadlock."""
        ups, sheet = FollowUps(wecom), FollowUpSheet(wecom)
        first, second = sorted((ups.add(), ups.add()), key=lambda id_: seq_of(id_) or 0)
        named = (second, first)
        bodies: dict[str, dict[str, Any]] = {
            "batch": {"items": [{"update": {"follow_up_id": id_, "title": "乙"}} for id_ in named]},
            "update_records": {
                "records": [{"record_id": id_, "values": {"客户名称": text("乙")}} for id_ in named]
            },
            "delete_records": {"record_ids": named},
        }
        call = ups.call if name == "batch" else sheet.call
        row = table_of(FollowUp)
        mine = sa.select(row.c.seq).where(row.c.corp_id == wecom.corp.corpid)
        with ThreadPoolExecutor(1) as pool:
            with wecom.corp.server.server.database.transaction() as tx:
                tx.execute(mine.where(row.c.seq == seq_of(first)).with_for_update())
                reply = pool.submit(lambda: call(name, **bodies[name]))
                wait_for_lock(tx, reply)
                still_free = mine.where(row.c.seq == seq_of(second)).with_for_update(nowait=True)
                assert tx.execute(still_free).scalar_one() == seq_of(second)
            assert reply.result(20)["errcode"] == 0
