"""Corps with keys: who gets one, and that ids and bodies are the same each time."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.callbacks.steps import act
from tests.conftest import Corp, RunningServer, WeCom
from tests.determinism.recording import busy, differences, play, port_of
from wecom_tollbooth.corp_deletion import Removed, deleting, removing
from wecom_tollbooth.db import Work, in_transaction, run_slices
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world.keyed_corps import STARTS_AT, corpid_of


def test_the_same_calls_give_the_same_bytes_beside_other_corps(
    server: RunningServer, second_server: RunningServer
) -> None:
    with busy(server.base_url):
        beside = play(port_of(server), key="bytes", seed=1, fuzzed=30)
    assert not list(differences(beside, play(port_of(second_server), key="bytes", seed=1, fuzzed=30)))


def test_many_callers_of_one_corp_get_different_ids(server: RunningServer) -> None:
    """On PostgreSQL they wait for each other, and none waits for ever."""
    corp = server.make_corp(key="many", seed="demo", customers=8)
    wecom = corp.client()
    customers = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"]

    def work(number: int) -> list[str]:
        client = WeCom(corp, corp.apps[0])
        made = []
        for step in range(6):
            way = {"type": 1, "scene": 2, "user": ["zhangsan"], "state": f"{number}/{step}"}
            made.append(client.post("externalcontact/add_contact_way", way)["config_id"])
            remark = {"userid": "zhangsan", "external_userid": customers[0], "remark": f"{number}{step}"}
            assert client.post("externalcontact/remark", remark)["errcode"] == 0
            made.append(act(corp, "scan_contact_way", config_id=made[-1])["external_userid"])
        return made

    with ThreadPoolExecutor(4) as pool:
        made = [one for some in pool.map(work, range(4)) for one in some]
    assert len(set(made)) == len(made) == 48


def test_a_key_in_use_answers_409(server: RunningServer) -> None:
    made = server.make_corp(key="in-use")
    refused = server.sim.post("/corps", json={"key": "in-use", "seed": "demo"})
    assert refused.status_code == 409
    assert refused.json()["error"] == (
        f"the key 'in-use' is in use: it is that of the corp {made.corpid!r}; delete it, or take another key"
    )


def test_the_key_of_a_deleted_corp_is_free_without_its_ledger(server: RunningServer) -> None:
    bills = []
    for customers in (3, 1):
        corp = server.make_corp(key="freed", seed="demo", customers=customers)
        corp.client().get("department/list")
        bills.append(corp.sim("usage"))
        assert corp.sim("ledger/verify")["intact"]
        assert server.sim.delete(f"/corps/{corp.corpid}").status_code == 200
        assert server.sim.get(f"/corps/{corp.corpid}/usage").json() == bills[-1]
    assert [(bill["calls"]["charged"], bill["contacts"]) for bill in bills] == [(2, 3), (2, 1)]


def test_limits_of_a_deleted_corp_are_forgotten(start_server: Any) -> None:
    server: RunningServer = start_server(limit_per_corp_minute=2)
    for _ in range(2):
        wecom = server.make_corp(key="limits").client()
        codes = [wecom.get("department/list")["errcode"] for _ in range(3)]
        assert codes == [0, 0, 45009]
        assert server.sim.delete(f"/corps/{wecom.corp.corpid}").status_code == 200


def test_follow_ups_of_a_deleted_corp_are_not_shown(server: RunningServer) -> None:
    """The second corp comes into the state of the first, with other titles."""
    boards = []
    for title in ("甲", "乙"):
        corp = server.make_corp(key="boards", seed="demo", customers=0)
        wecom = corp.client()
        customer = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
        record = {"userid": "zhangsan", "external_userid": customer, "title": title}
        assert wecom.post("externalcontact/follow_up/add", record)["errcode"] == 0
        boards.append(wecom.post("externalcontact/follow_up/board", {})["stages"][0]["cards"][0]["title"])
        assert server.sim.delete(f"/corps/{corp.corpid}").status_code == 200
    assert boards == ["甲", "乙"]


@pytest.mark.parametrize("key", ["", "a b", "键", "a" * 201, "a\n", "a%2F"])
def test_a_bad_key_is_refused_clearly(server: RunningServer, key: str) -> None:
    refused = server.sim.post("/corps", json={"key": key})
    assert refused.status_code == 422
    assert "a key is 1 to 200 letters, digits or the characters . _ : / [ ] -" in refused.json()["error"]


def test_the_clock_stands_where_the_caller_wants(server: RunningServer) -> None:
    usual, wanted = server.make_corp(key="usual"), server.make_corp(key="wanted", starts_at=1_800_000_000)
    assert [made.sim("clock")["now"] for made in (usual, wanted)] == [STARTS_AT, 1_800_000_000]
    assert usual.sim("clock")["frozen"]
    without = server.sim.post("/corps", json={"starts_at": 1_800_000_000})
    assert without.status_code == 422
    assert "starts_at is for a corp with a key" in without.json()["error"]


def test_other_seeds_and_keys_give_other_ids(server: RunningServer, start_server: Any) -> None:
    corps: list[Corp] = [
        server.make_corp(key="a"),
        server.make_corp(key="b"),
        start_server(seed=2).make_corp(key="a"),
    ]
    assert len({corp.corpid for corp in corps}) == 3
    assert len({corp.apps[0]["secret"] for corp in corps}) == 3
    assert all(corp.corpid.startswith("wx") for corp in corps)


def test_the_documented_key_gives_the_documented_corpid() -> None:
    for name in ("control-api.md", "control-api.zh-CN.md"):
        text = (Path(__file__).parents[2] / "docs" / name).read_text(encoding="utf-8")
        found = re.search(r'`\{"key": "(\S+)"\}`\D*`(wx\w+)`', text)
        assert found is not None
        assert corpid_of(Settings().seed, found[1]) == found[2]


def test_of_many_who_want_a_key_one_gets_it(server: RunningServer) -> None:
    with ThreadPoolExecutor(8) as pool:
        body = {"key": "race", "seed": "demo"}
        wanted = [pool.submit(server.sim.post, "/corps", json=body) for _ in range(8)]
        statuses = sorted(answer.result().status_code for answer in wanted)
    assert statuses == [200, *[409] * 7]


def test_a_restored_corp_gives_the_same_ids_again(server: RunningServer) -> None:
    corp = server.make_corp(key="restored", seed="demo", customers=2)
    act(corp, "member_adds_customer", userid="lisi")
    path = f"/corps/{corp.corpid}/snapshots"
    assert server.sim.post(path, json={"name": "before"}).status_code == 200
    made = []
    for _ in range(2):
        made.append([act(corp, "member_adds_customer", userid="zhangsan"), corp.client().token])
        restored = server.sim.post(f"{path}/before/restore")
        assert restored.status_code == 200, restored.text
    assert made[0] == made[1]
    assert server.sim.delete(f"/corps/{corp.corpid}").status_code == 200
    again = server.make_corp(key="restored")
    assert again.sim("usage")["calls"]["charged"] == 0
    report = again.sim("ledger/verify")
    assert (report["intact"], report["hours"]) == (True, 0)
    assert again.sim("snapshots")["snapshots"] == []


def test_an_imported_corp_goes_on_with_the_same_ids(
    server: RunningServer, second_server: RunningServer
) -> None:
    corp = server.make_corp(key="imported", seed="demo", customers=2)
    file = server.sim.get(f"/corps/{corp.corpid}/export").content
    there = Corp(second_server, second_server.sim.post("/corps/import", content=file).json())
    here = act(corp, "member_adds_customer", userid="zhangsan")
    assert act(there, "member_adds_customer", userid="zhangsan") == here
    assert second_server.sim.post("/corps", json={"key": "imported"}).status_code == 409


def test_who_removes_a_deleted_corp_leaves_the_next_with_its_key_alone(server: RunningServer) -> None:
    """The background thread may be removing what a call has removed in the meantime."""
    own = server.server
    corp = server.make_corp(key="removed", seed="demo", customers=2)
    deletion, thread = deleting(own.settings, corp.corpid), removing(own.settings, corp.corpid)
    in_transaction(own.database, the(next(deletion)))
    first = the(next(thread))
    run_slices(own.database, removing(own.settings, corp.corpid))
    again = server.make_corp(key="removed", seed="demo", customers=2)
    with pytest.raises(Removed) as removed:
        in_transaction(own.database, first)
    with pytest.raises(StopIteration):
        thread.throw(removed.value)
    assert again.corpid == corp.corpid
    assert act(again, "member_adds_customer", userid="lisi")["external_userid"]
    assert len(again.client().get("department/list")["department"]) > 1


def the(work: Work | None) -> Work:
    assert work is not None
    return work
