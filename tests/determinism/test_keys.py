"""Corps with keys: who gets one, and that ids and bodies are the same each time."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.determinism.recording import differences, play
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world.keyed_corps import STARTS_AT, corpid_of


@contextmanager
def busy(server: RunningServer) -> Iterator[None]:
    """Other corps are made, changed and deleted all the time."""
    over = threading.Event()

    def make_and_delete() -> None:
        while not over.wait(0.005):
            corp = server.make_corp(seed="demo", customers=3, follow_ups=3)
            server.sim.post(
                f"/corps/{corp.corpid}/acts", json={"act": "member_adds_customer", "userid": "lisi"}
            )
            server.sim.delete(f"/corps/{corp.corpid}")

    thread = threading.Thread(target=make_and_delete)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_the_same_calls_give_the_same_bytes_beside_other_corps(
    server: RunningServer, start_server: Any
) -> None:
    """Two corps with keys, whose rows have the same numbers, beside busy corps; then each alone."""
    keys = ("one", "other")
    with busy(server), ThreadPoolExecutor(2) as pool:
        beside = list(pool.map(lambda key: play(server, key, seed=1, fuzzed=60), keys))
    alone = start_server()
    for key, played in zip(keys, beside, strict=True):
        assert not list(differences(played, play(alone, key, seed=1, fuzzed=60)))


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
            act = {"act": "scan_contact_way", "config_id": made[-1]}
            made.append(server.sim.post(f"/corps/{corp.corpid}/acts", json=act).json()["external_userid"])
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


def test_the_key_of_a_deleted_corp_is_free_and_begins_again(server: RunningServer) -> None:
    first = play(server, "again", seed=2, fuzzed=40)
    for number in range(2):
        corpid = server.sim.post("/corps", json={"key": f"again/{number}"}).json()["error"].split("'")[3]
        assert server.sim.delete(f"/corps/{corpid}").status_code == 200
    assert not list(differences(first, play(server, "again", seed=2, fuzzed=40)))


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
