"""Faults as tests plan and look at them."""

from typing import Any

from tests.conftest import Corp


def plan(corp: Corp, path: str, then: dict[str, Any], **about: Any) -> int:
    """Plans a fault and returns its id."""
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/faults", json={"path": path, "then": then, **about})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["id"])


def refused(corp: Corp, **body: Any) -> str:
    """The sentence with which a fault is refused."""
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/faults", json=body)
    assert answer.status_code == 422, answer.text
    return str(answer.json()["error"])


def fired(corp: Corp) -> list[int]:
    """How often each fault has fired, in the order of planning."""
    return [fault["fired"] for fault in corp.sim("faults")["faults"]]


def faulty_calls(corp: Corp, fault: int) -> list[dict[str, Any]]:
    """The journal's entries of the calls that met the fault, newest first."""
    calls: list[dict[str, Any]] = corp.sim("calls", fault=fault)["calls"]
    return calls


def ledger(corp: Corp) -> list[dict[str, Any]]:
    """The records of the corp's ledger, oldest first."""
    records: list[dict[str, Any]] = corp.sim("ledger", limit=1000)["records"]
    return records
