"""Steps that tests of corps' clocks share."""

from typing import Any

import sqlalchemy as sa

from tests.conftest import Corp
from tests.sim_api.test_advance import KIND
from wecom_tollbooth.world.scheduled_tasks import schedule

MAY = 1904515200
"""2030-05-09T08:00:00+08:00"""
LONG_AGO = 1577836800
"""2020-01-01T08:00:00+08:00"""
HOUR, DAY = 3_600, 86_400
LIST = "externalcontact/get_follow_user_list"


def move(corp: Corp, **body: Any) -> dict[str, Any]:
    """POST /_sim/corps/{corpid}/clock."""
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/clock", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def schedule_at(corp: Corp, *times: int) -> None:
    with corp.server.server.database.transaction() as tx:
        context = corp.server.server.context(tx, corp.corpid)
        for at in times:
            schedule(context, KIND, at, "")


def rows(corp: Corp, query: sa.Select[Any]) -> list[Any]:
    with corp.server.server.database.transaction() as tx:
        return list(tx.execute(query))
