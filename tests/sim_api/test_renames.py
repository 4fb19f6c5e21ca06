"""Old names of the control API answer beside the new ones until 0.3, and /docs marks them as deprecated."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer
from tests.families.factories import act

ROUTES = {
    "/corps/{corpid}/callbacks/knobs": "/corps/{corpid}/callbacks/delivery_faults",
    "/corps/{corpid}/contact_scale": "/corps/{corpid}/contact_limit",
}
FIELDS = {
    ("BudgetReply", "told"): "alerts_sent",
    ("BudgetReply", "down"): "blocked",
    ("CallbackEntry", "tries"): "attempts",
    ("LatencyFigures", "most_ms"): "max_ms",
    ("LatencyFiguresReply", "most_ms"): "max_ms",
    ("LedgerFinding", "sentence"): "message",
}


@pytest.mark.parametrize(
    ("old", "new", "body"),
    [
        (
            "callbacks/knobs",
            "callbacks/delivery_faults",
            {"duplicate": 2, "reorder": 0, "delay_seconds": 3, "drop_one_in": 0, "same_second": 4},
        ),
        ("contact_scale", "contact_limit", {"limit": 500}),
    ],
)
def test_old_paths_work_like_the_new_ones(corp: Corp, old: str, new: str, body: dict[str, Any]) -> None:
    answer = corp.server.sim.put(f"/corps/{corp.corpid}/{old}", json=body)
    assert answer.status_code == 200
    assert body.items() <= answer.json().items()
    assert corp.sim(old) == corp.sim(new) == answer.json()


def test_a_budget_answers_both_names(corp: Corp) -> None:
    corp.server.sim.put(
        f"/corps/{corp.corpid}/budget", json={"amount": "0.01", "alerts": [50], "barrier": "hard"}
    )
    budget = corp.sim("budget")
    assert budget["alerts_sent"] == budget["told"] == [50]
    assert budget["blocked"] is budget["down"] is True


def test_a_callback_answers_both_names(corp: Corp) -> None:
    act(corp, "member_adds_customer", userid="zhangsan")
    for callback in corp.sim("callbacks")["callbacks"]:
        assert callback["attempts"] == callback["tries"]


def test_a_latency_profile_takes_and_answers_both_names(corp: Corp) -> None:
    for name in ("most_ms", "max_ms"):
        answer = corp.server.sim.put(f"/corps/{corp.corpid}/latency", json={"profile": {name: 70}})
        assert (answer.json()["profile"]["max_ms"], answer.json()["profile"]["most_ms"]) == (70, 70)


def deprecated_fields(schemas: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for schema_name, schema in schemas.items():
        for name, field in schema.get("properties", {}).items():
            if field.get("deprecated"):
                yield schema_name, name


def test_the_old_names_are_marked_as_deprecated_and_no_others(server: RunningServer) -> None:
    document = server.app.openapi()
    old_routes = {
        path.removeprefix("/_sim")
        for path, methods in document["paths"].items()
        if any(method.get("deprecated") for method in methods.values())
    }
    assert old_routes == set(ROUTES)
    for old, new in ROUTES.items():
        for method in document["paths"][f"/_sim{old}"].values():
            assert method["deprecated"]
            assert f"`/_sim{new}`" in method["description"]
    schemas = document["components"]["schemas"]
    assert set(deprecated_fields(schemas)) == set(FIELDS)
    for (schema_name, old), new in FIELDS.items():
        fields = schemas[schema_name]["properties"]
        assert new in fields[old]["description"]
        assert "deprecated" not in fields[new]
