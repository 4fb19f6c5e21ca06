"""The named seeds hold what docs/seeds.md says."""

import httpx
import pytest

from tests.conftest import Corp, RunningServer
from tests.project.markdown import DOCS, rows
from wecom_tollbooth.seeds.edge import edge_file
from wecom_tollbooth.seeds.named import NUMBERS, SeedName, named_corp


def test_the_numbers_of_the_docs_are_those_of_the_seeds() -> None:
    for page in ("seeds.md", "seeds.zh-CN.md"):
        table = {cells[0].strip("`"): cells for cells in rows(DOCS / page) if cells[0] != "`empty`"}
        for seed, numbers in NUMBERS.items():
            told = [int(cell.replace(",", "")) for cell in table[seed][2:5]]
            assert told == list(numbers[:3]), (page, seed)
        file = edge_file()
        records = sum(one.follow_up is not None for c in file.customers for one in c.followers)
        told = [int(cell) for cell in table["edge"][2:5]]
        assert told == [len(file.members), len(file.customers), records], page


def test_a_corp_of_400_has_what_a_vendors_test_needs(server: RunningServer) -> None:
    corp = server.make_corp(seed="scrm-400")
    wecom = corp.client()
    members = wecom.get("externalcontact/get_follow_user_list")["follow_user"]
    assert len(members) == 20
    customers: set[str] = set()
    for userid in members:
        customers |= set(wecom.get("externalcontact/list", userid=userid)["external_userid"])
    assert len(customers) >= 400
    tagged = wecom.post("externalcontact/batch/get_by_user", userid_list=members, limit=100)
    assert sum(bool(one["follow_info"]["tag_id"]) for one in tagged["external_contact_list"]) > 50
    assert len(wecom.post("externalcontact/groupchat/list", limit=10)["group_chat_list"]) == 3
    stages = wecom.post("externalcontact/follow_up/board")["stages"]
    cards = [stage["count"] for stage in stages]
    assert sum(cards) == 240
    assert all(cards)


def test_numbers_of_a_request_come_before_those_of_the_seed(server: RunningServer) -> None:
    corp = server.make_corp(seed="big", members=3, customers=7)
    assert server.sim.get(f"/corps/{corp.corpid}/usage").json()["contacts"] == 7
    assert named_corp(SeedName.BIG, "n").customers == 100_000


@pytest.mark.slow
def test_a_big_corp_has_100_000_customers(server: RunningServer) -> None:
    made = httpx.post(f"{server.base_url}/_sim/corps", json={"seed": "big"}, timeout=300)
    corp = Corp(server, made.json())
    assert server.sim.get(f"/corps/{corp.corpid}/usage").json()["contacts"] == 100_000


def test_a_described_corp_with_a_key_is_the_same_again(server: RunningServer) -> None:
    shown = []
    for _ in range(2):
        corp = server.make_corp(seed="edge", key="the-same-edge")
        customer = corp.client().get("externalcontact/get", external_userid="wmEdgeFull")
        shown.append((corp.apps, customer))
        assert server.sim.delete(f"/corps/{corp.corpid}").status_code == 200
    assert shown[0] == shown[1]
