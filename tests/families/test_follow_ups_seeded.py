"""Seeded follow-ups are as those that came through the API: counted, searchable, each of a real relation."""

from tests.conftest import RunningServer
from tests.families.test_follow_ups import FollowUps
from tests.families.test_follow_ups_at_once import kept_and_counted


def test_seeded_records_are_counted_and_found(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", customers=30, follow_ups=60)
    ups = FollowUps(corp.client())
    assert sum(ups.counts().values()) == 60
    kept, counted = kept_and_counted(ups)
    assert kept == counted
    first = ups.ok("list", limit=1)["follow_ups"][0]
    assert first["follow_up_id"] in ups.listed(text=first["title"][:2])
    shown = ups.wecom.get("externalcontact/get", external_userid=first["external_userid"])
    assert first["userid"] in [one["userid"] for one in shown["follow_user"]]


def test_records_are_seeded_first_for_the_customers_that_are_there(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", customers=30)
    before = {pair[1] for pair in FollowUps(corp.client())._pairs()}
    reply = server.sim.post(f"/corps/{corp.corpid}/seed", json={"follow_ups": 20}).json()
    assert reply["follow_ups"] == 20
    ups = FollowUps(corp.client())
    assert {pair[1] for pair in ups._pairs()} == before
    assert {ups.get(id_)["external_userid"] for id_ in ups.listed()} <= before


def test_a_corp_without_followers_gets_no_records(server: RunningServer) -> None:
    corp = server.make_corp(seed="empty")
    act = {"act": "admin_sets_follow_right", "userid": "admin", "may_follow": False}
    assert server.sim.post(f"/corps/{corp.corpid}/acts", json=act).status_code == 200
    reply = server.sim.post(f"/corps/{corp.corpid}/seed", json={"follow_ups": 20}).json()
    assert reply["follow_ups"] == 0
