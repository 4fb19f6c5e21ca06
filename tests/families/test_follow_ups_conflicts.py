"""Changes of follow-ups that meet a change of the pipeline: the one who began earlier is told to try again.

On PostgreSQL alone: SQLite takes one call after the other, so that no two can meet.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from app.families.follow_ups.tables import FollowUpCorp
from tests.conftest import ON_POSTGRESQL, WeCom
from tests.families.sheeting import text
from tests.families.test_follow_up_sheet import FollowUpSheet
from tests.families.test_follow_ups import FollowUps

WAITING = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def while_the_pipeline_changes(wecom: WeCom, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer to a call that read the pipeline before it changed, and would finish after that."""
    of_corp: sa.Table = FollowUpCorp.__table__  # type: ignore[attr-defined]
    mine = sa.update(of_corp).where(of_corp.c.corp_id == wecom.corp.corpid)
    with ThreadPoolExecutor(1) as pool:
        with wecom.corp.server.server.database.transaction() as tx:
            changed = tx.execute(mine.values(pipeline_version=of_corp.c.pipeline_version + 1))
            assert changed.rowcount == 1
            reply = pool.submit(call)
            deadline = time.monotonic() + 20
            while not tx.execute(WAITING).scalar_one():
                assert not reply.done(), reply.result()
                assert time.monotonic() < deadline, "the call does not come to the corp's row"
                time.sleep(0.005)
        return reply.result(20)


if ON_POSTGRESQL:

    @pytest.mark.parametrize("name", ["add", "update", "move", "delete", "add_log", "batch"])
    def test_an_operation_that_meets_a_change_of_the_pipeline_is_refused(wecom: WeCom, name: str) -> None:
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
    def test_a_sheet_that_meets_a_change_of_the_pipeline_answers_its_own_code(
        wecom: WeCom, name: str
    ) -> None:
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
