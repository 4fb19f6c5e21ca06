"""A reset corp is what it was when it was made."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer
from tests.snapshots.worlds import Content, act, content_of, export, imported, without_the_restore

SEEDS: list[dict[str, Any]] = [
    {"seed": "empty"},
    {"seed": "demo", "activity": True, "customers": 20, "follow_ups": 10},
    {"seed": "edge"},
    {"seed": "demo", "key": "reset-me", "customers": 10},
    {"seed": {"members": [{"userid": "ada", "name": "Ada"}]}},
]


def seeded(corp: Corp) -> Content:
    """Without ids and times of the ledger, which counts a new corp a moment after it was made."""
    kept = without_the_restore(content_of(export(corp)))
    kept["rows/usage_total.jsonl"] = [[*row[:5], row[6]] for row in kept["rows/usage_total.jsonl"]]
    kept["rows/usage_record.jsonl"] = [row[2:] for row in kept["rows/usage_record.jsonl"]]
    kept["rows/usage_level.jsonl"] = [row[:4] for row in kept.get("rows/usage_level.jsonl", [])]
    return kept


@pytest.mark.parametrize("wanted", SEEDS, ids=lambda one: str(one.get("key") or one["seed"])[:12])
def test_a_reset_corp_is_what_it_was(server: RunningServer, wanted: dict[str, Any]) -> None:
    corp = server.make_corp(**{"activity": False, **wanted} if isinstance(wanted["seed"], str) else wanted)
    before = seeded(corp)
    wecom = corp.client()
    wecom.get("externalcontact/get_follow_user_list")
    act(corp, "admin_creates_member", userid="later", name="后来的人", department=[1], mobile="13712345678")
    server.sim.post(f"/corps/{corp.corpid}/clock", json={"advance_seconds": 100_000})
    for number in (1, 2):
        done = server.sim.post(f"/corps/{corp.corpid}/reset")
        assert done.status_code == 200, done.text
        assert done.json()["segment"] == number
        assert seeded(corp) == before
        assert corp.sim("ledger/verify")["intact"]
        assert corp.client().get("user/get", userid="later")["errcode"] == 60111


def test_what_was_added_to_a_seed_is_part_of_it(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", customers=5)
    for _ in range(2):
        server.sim.post(f"/corps/{corp.corpid}/seed", json={"customers": 10, "follow_ups": 4})
    before = seeded(corp)
    corp.client()
    server.sim.post(f"/corps/{corp.corpid}/reset")
    after = seeded(corp)
    # Booked at once instead of bit by bit.
    ledger = [f"rows/usage_{name}.jsonl" for name in ("record", "level", "total")]
    assert {name: rows for name, rows in after.items() if name not in ledger} == {
        name: rows for name, rows in before.items() if name not in ledger
    }
    assert corp.sim("usage")["contacts"] == 25
    assert corp.sim("ledger/verify")["intact"]


def test_an_imported_corp_goes_back_to_what_was_imported(corp: Corp) -> None:
    copy = imported(corp.server, export(corp), new_id=True)
    before = seeded(copy)
    act(copy, "admin_creates_member", userid="later", name="后来的人", department=[1], mobile="13712345678")
    assert seeded(copy) != before
    assert corp.server.sim.post(f"/corps/{copy.corpid}/reset").status_code == 200
    assert seeded(copy) == before
