"""Strict mode as tests switch it and look at what it noticed."""

from typing import Any

from tests.conftest import Corp


def strict(corp: Corp, on: bool = True) -> None:
    answer = corp.server.sim.patch(f"/corps/{corp.corpid}", json={"strict": on})
    assert answer.status_code == 200, answer.text
    assert answer.json()["strict"] is on


def advice(corp: Corp, *codes: str, **query: Any) -> list[dict[str, Any]]:
    """The advice of the corp, or what of it has one of the codes."""
    found: list[dict[str, Any]] = corp.sim("advice", **query)["advice"]
    return [one for one in found if not codes or one["code"] in codes]


def briefly(found: list[dict[str, Any]]) -> list[tuple[str, str, str, int]]:
    """Code, operation, field and count of each."""
    return [(one["code"], one["operation"], one["field"], one["count"]) for one in found]


def forget(corp: Corp) -> int:
    answer = corp.server.sim.delete(f"/corps/{corp.corpid}/advice")
    assert answer.status_code == 200, answer.text
    return int(answer.json()["deleted"])


def detail_of(corp: Corp, hint: str) -> str:
    """What the journal says of the call."""
    (call,) = corp.sim("calls", hint=hint)["calls"]
    return str(call["detail"])
