"""Schemathesis and hostile values on the control API: no request answers HTTP 5xx.

Half of the requests are made from the OpenAPI document, valid and invalid ones, mostly with ids that exist;
the others come from tests/sim_api/hostile/requests.py. TOLLBOOTH_TEST_REQUESTS sets the number of requests.
"""

import logging
import os
import random
from typing import Any

import pytest
import schemathesis

from tests.conftest import ON_POSTGRESQL, RunningServer
from tests.sim_api.hostile.requests import Attack, Request, Route, World, routes, tamed, variants
from tests.slow.generation import generated
from wecom_tollbooth.world.acts import ACTS

REQUESTS = int(os.environ.get("TOLLBOOTH_TEST_REQUESTS", "4000" if ON_POSTGRESQL else "20000"))
VARIANTS = 6
"""Requests that are made of one generated case: generating costs ten times what a request does."""
ACT_PREFIX = "/_sim/corps/{corpid}/acts/"

pytestmark = pytest.mark.slow


def document_of(server: RunningServer) -> dict[str, Any]:
    """The control API's part of the OpenAPI document, with a path for each act."""
    document = dict(server.app.openapi())
    paths = {path: methods for path, methods in document["paths"].items() if path.startswith("/_sim")}
    schemas = dict(document["components"]["schemas"])
    for kind in ACTS:
        schema = kind.shape.model_json_schema(ref_template=f"#/components/schemas/{kind.name}_{{model}}")
        schemas |= {f"{kind.name}_{name}": one for name, one in schema.pop("$defs", {}).items()}
        body = {"required": True, "content": {"application/json": {"schema": schema}}}
        answers = {"200": {"description": "it happened"}}
        paths[ACT_PREFIX + kind.name] = {"post": {"requestBody": body, "responses": answers}}
    return {**document, "paths": paths, "components": {"schemas": schemas}}


def requests_of(case: Any, route: Route, world: World, rng: random.Random) -> list[Request]:
    """The case as generated, and with ids that exist."""
    made = []
    for number in range(VARIANTS):
        request = Request(route.method, world.path(route, rng, hostile=route.method == "DELETE"))
        request.query = dict(case.query) if isinstance(case.query, dict) else {}
        body = case.body if isinstance(case.body, dict | list | str | int | float | None) else None
        if isinstance(body, dict):
            kept = {name: value for name, value in body.items() if not number or rng.random() < 0.6}
            known = {
                name: rng.choice(world.ids[name]) for name in route.fields if number and name in world.ids
            }
            body = tamed(route.path, {**route.sample, **known, **kept} if number else kept, rng)
        if isinstance(body, dict) and "act" in route.sample:
            body["act"] = route.sample["act"]
        request.body = body
        made.append(request)
    return made


def test_no_request_to_the_control_api_answers_5xx(
    start_server: Any, capsys: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server = start_server(rate_limits=False)
    attack = Attack(server)
    by_path = {(route.method, route.path, route.sample.get("act", "")): route for route in routes()}
    results: list[Any] = list(schemathesis.openapi.from_dict(document_of(server)).get_all_operations())
    operations = [result.ok() for result in results]
    cases = -(-REQUESTS // (2 * len(operations) * VARIANTS))
    with caplog.at_level(logging.ERROR, logger="tollbooth.control"):
        for number, operation in enumerate(operations):
            path, act = operation.path, ""
            if path.startswith(ACT_PREFIX):
                path, act = ACT_PREFIX.rstrip("/"), path.removeprefix(ACT_PREFIX)
            sample_act = act or ("member_adds_customer" if f"{path}/" == ACT_PREFIX else "")
            route = by_path[operation.method.upper(), path, sample_act]
            world, rng = World(server), random.Random(f"{number} {operation.path}")

            def send(case: Any, route: Route = route, world: World = world, rng: random.Random = rng) -> None:
                for request in requests_of(case, route, world, rng):
                    attack.send(route, request)

            generated(operation, cases, number, send)
            endless = variants(route, world, rng)
            # Schemathesis makes fewer cases where there are fewer to make.
            wanted = REQUESTS * (number + 1) // len(operations)
            while attack.seen.total() < wanted:
                attack.send(route, next(endless))
    attack.close()
    succeeded = sum(count for (_, _, status), count in attack.seen.items() if status == 200)
    with capsys.disabled():
        print(
            f"\ncontrol API: {attack.seen.total():,} requests to {len(operations)} operations and acts, "
            f"{succeeded:,} of them answered with 200; {len(attack.seen)} distinct pairs of call and status"
        )
    assert attack.seen.total() >= REQUESTS
    assert [record.message for record in caplog.records if record.name == "tollbooth.control"] == []
    assert server.sim.get("/health").status_code == 200
