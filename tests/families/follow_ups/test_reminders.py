"""用户跟进: the event when the next follow-up of a record is due."""

from typing import Any

from tests.families.follow_ups.records import frozen


def test_a_due_next_time_raises_one_event_per_app(start_server: Any) -> None:
    ups = frozen(start_server)
    server = ups.wecom.corp.server
    due = ups.now + 1800
    due_record = ups.add(next_time=due)
    for other in (due + 60, due, 0, due):
        ups.ok("update", follow_up_id=due_record, next_time=other)
    changed, closed = ups.add(next_time=due), ups.add(next_time=due)
    ups.ok("update", follow_up_id=changed, next_time=due + 9999)
    ups.ok("move", follow_up_id=closed, stage_id="ended")
    server.sim.post("/clock", json={"advance_seconds": 3600})
    raised = ups.wecom.corp.sim("callbacks")["callbacks"]
    events = [one for one in raised if one["event"] == "follow_up_event"]
    assert {one["change_type"] for one in events} == {"follow_up_due"}
    assert {due_record in one["xml"] for one in events} == {True}
    assert len({one["agentid"] for one in events}) == len(events)
    assert ups.listed(overdue=True) == [due_record]
    assert ups.ok("statistics")["overdue"] == 1


def test_an_overdue_record_can_be_saved_with_its_unchanged_time(start_server: Any) -> None:
    ups = frozen(start_server)
    server = ups.wecom.corp.server
    due = ups.now + 1800
    id_ = ups.add(next_time=due)
    server.sim.post("/clock", json={"advance_seconds": 3600})
    ups.ok("update", follow_up_id=id_, next_time=due, note="没接电话")
    assert (ups.get(id_)["next_time"], ups.get(id_)["note"]) == (due, "没接电话")
    assert ups.call("update", follow_up_id=id_, next_time=due + 1)["errcode"] == 990008
