"""The control API answers hostile requests with a sentence, never with a 5xx."""

import json
import random
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.conftest import Corp, RunningServer
from tests.sim_api.hostile.requests import Attack, World, routes, variants
from wecom_tollbooth.sim_api.routes import ControlRoute
from wecom_tollbooth.sim_api.sections import SECTIONS
from wecom_tollbooth.world.strict_numbers import LARGEST, SMALLEST

REQUESTS = 220
"""More than there are control calls and acts, each of which is attacked at least once."""


def test_hostile_requests_are_answered_with_a_sentence(start_server: Any) -> None:
    """On a server of its own: calls about all corps would take seconds for the corps of all other tests."""
    server = start_server()
    rng, world, attack = random.Random(5), World(server), Attack(server)
    attacked = [route for route in routes() if not (route.path.endswith("/clock") and route.method == "POST")]
    for route in rng.sample(attacked, len(attacked)) + rng.choices(attacked, k=REQUESTS - len(attacked)):
        attack.send(route, next(variants(route, world, rng)))
    attack.close()
    assert attack.seen.total() == REQUESTS
    assert sum(count for (_, _, status), count in attack.seen.items() if status == 200) > REQUESTS // 10


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('{"advance_seconds": 9223372036854775808}', f"a whole number is from {SMALLEST} to {LARGEST}"),
        ('{"advance_seconds": true}', "not true or false"),
        ('{"advance_seconds": -1}', "greater than or equal to 0"),
        ('{"advance_seconds": 1e400}', "NaN and Infinity are not JSON numbers"),
        ('{"set": 4102444800}', "not a time from 2015 to 2099"),
        ('{"set": "9999-12-31"}', "not a time from 2015 to 2099"),
        ('{"set": "0001-01-01T00:00:00+14:00"}', "not a time from 2015 to 2099"),
        ('{"set": NaN}', "NaN and Infinity are not JSON numbers"),
        ('{"set": true}', "not a time from 2015 to 2099"),
        ('{"freeze": "\\u0000"}', "NUL"),
        ("", "a JSON object is missing"),
        ("[]", "dictionary"),
    ],
)
def test_an_invalid_clock_time_is_refused(server: RunningServer, body: str, sentence: str) -> None:
    answer = server.sim.post("/clock", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert sentence in answer.json()["error"]


@pytest.mark.parametrize("value", [str(2**63), "9" * 30, "-9223372036854775809"])
def test_a_number_in_an_address_is_at_most_64_bits_long(corp: Corp, value: str) -> None:
    sim, own = corp.server.sim, f"/corps/{corp.corpid}"
    for method, path, body in (
        ("PUT", f"{own}/apps/{value}/callback", {"url": ""}),
        ("POST", f"{own}/callbacks/{value}/replay", None),
        ("POST", f"{own}/ledger/{value}/reverse", {"reason": "x"}),
        ("GET", f"{own}/callbacks?after={value}", None),
        ("GET", f"{own}/callbacks?agentid={value}", None),
        ("GET", f"{own}/callbacks?limit={value}", None),
        ("GET", f"{own}/calls?usage_id={value}", None),
        ("GET", f"{own}/ledger?errcode={value}", None),
        ("GET", f"/qr/{value}/aGVsbG8.png", None),
    ):
        answer = sim.request(method, path, json=body)
        assert answer.status_code == 422, path
        assert "should be" in answer.json()["error"]


def test_every_number_in_an_address_is_declared_with_bounds() -> None:
    unbounded = []
    for section in SECTIONS:
        for router in section.routers:
            for route in router.routes:
                assert isinstance(route, ControlRoute)
                for parameter in (*route.dependant.path_params, *route.dependant.query_params):
                    annotation: Any = parameter.field_info.annotation
                    schema = TypeAdapter(annotation).json_schema()
                    text = json.dumps(schema | {"metadata": str(parameter.field_info.metadata)})
                    if '"type": "integer"' in text and "maximum" not in text and "Le(" not in text:
                        unbounded.append(f"{route.path}: {parameter.name}")
    assert unbounded == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"name": "a\\u0000"}', "body.name: the character NUL"),
        ('{"name": "\\ud800"}', "body.name: half of a surrogate pair"),
        ('{"\\udfff": 1}', "body: half of a surrogate pair"),
        ('{"trusted_ips": ["\\ud800"]}', "body.trusted_ips.0: half of a surrogate pair"),
        ('{"visible": {"partyid": [9223372036854775808]}}', "body.visible.partyid.0: a whole number is"),
        ('{"created_at": true}', "body.created_at: Input should be a number, not true or false"),
        ('{"created_at": Infinity}', "body.created_at: NaN and Infinity"),
    ],
)
def test_values_that_no_database_stores_are_refused_with_their_place(
    corp: Corp, text: str, sentence: str
) -> None:
    answer = corp.server.sim.post(
        f"/corps/{corp.corpid}/apps", content=text, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(sentence)


def test_two_characters_outside_of_the_basic_plane_are_kept(corp: Corp) -> None:
    answer = corp.server.sim.post(
        f"/corps/{corp.corpid}/apps",
        content='{"name": "\\ud83c\\udf75 \\\\u0000"}',
        headers={"content-type": "application/json"},
    )
    assert answer.json()["name"] == "🍵 \\u0000"


@pytest.mark.parametrize("path", ["/corps", "/providers", "/corps/{corpid}/apps", "/corps/{corpid}/seed"])
def test_a_missing_body_is_named(corp: Corp, path: str) -> None:
    answer = corp.server.sim.post(path.format(corpid=corp.corpid))
    assert answer.status_code == 422
    assert answer.json() == {
        "error": "body: a JSON object is missing; send {} where every field may be left out"
    }


def test_true_is_not_a_number_for_an_act(corp: Corp) -> None:
    answer = corp.server.sim.post(
        f"/corps/{corp.corpid}/acts", json={"act": "group_is_created", "owner": "zhangsan", "customers": True}
    )
    assert answer.status_code == 422
