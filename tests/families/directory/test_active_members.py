"""How many members were active on a day."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from tests.conftest import Corp, RunningServer
from tests.families.directory.members import new_member
from tests.families.factories import act

StartServer = Callable[..., RunningServer]
SHANGHAI = timezone(timedelta(hours=8))
OPERATION = "user/get_active_stat"


def day(server: RunningServer, days: int) -> str:
    """The date so many days before that of the simulated clock."""
    now = server.sim.get("/clock").json()["now"]
    return (datetime.fromtimestamp(now, SHANGHAI) - timedelta(days=days)).strftime("%Y-%m-%d")


def test_active_members_are_counted_from_the_day_on_which_they_joined(start_server: StartServer) -> None:
    server = start_server()
    corp = server.make_corp(seed="demo")
    sync = corp.client(corp.app_of_kind("contacts_sync"))
    seeded = sync.post(OPERATION, date=day(server, 1))
    assert seeded == {"errcode": 0, "errmsg": "ok", "active_cnt": 5}
    assert sync.post(OPERATION, date=day(server, 30))["active_cnt"] == 5, "they were here before"
    server.sim.post("/clock", json={"advance_seconds": 2 * 86_400})
    sync = corp.client(corp.app_of_kind("contacts_sync"))  # with a token of today
    new_member(sync, "hua")
    assert sync.post(OPERATION, date=day(server, 0))["active_cnt"] == 5, "not activated"
    act(corp, "admin_sets_member_status", userid="hua", status=1)
    assert sync.post(OPERATION, date=day(server, 0))["active_cnt"] == 6
    assert sync.post(OPERATION, date=day(server, 1))["active_cnt"] == 5
    act(corp, "member_leaves_corp", userid="lisi")
    assert sync.post(OPERATION, date=day(server, 0))["active_cnt"] == 5


def test_days_that_cannot_be_asked_for(corp: Corp) -> None:
    sync, server = corp.client(corp.app_of_kind("contacts_sync")), corp.server
    assert sync.post(OPERATION)["errcode"] == 40063
    wrong_dates = [
        "2026/11/30",
        "2026-02-30",
        "yesterday",
        "２０２６-11-30",
        day(server, 31),
        day(server, -1),
    ]
    for wrong in wrong_dates:
        assert sync.post(OPERATION, date=wrong)["errcode"] == 40058, wrong
    assert sync.post(OPERATION, date=day(server, 30))["errcode"] == 0
    assert corp.client().post(OPERATION, date=day(server, 1))["errcode"] == 48002
