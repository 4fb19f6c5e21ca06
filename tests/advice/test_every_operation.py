"""Strict mode over all operations: a call as documented is no advice, a misspelt field is one.

Two servers with the same seed answer the same calls, one with strict mode and one without: byte for byte the
same.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Databases, RunningServer
from tests.gateway.operation_calls import IMAGE_IN_A_FORM, OPERATIONS, World, each, in_a_query
from wecom_tollbooth.advice import noting
from wecom_tollbooth.gateway.operation import Operation
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.worker import Worker

ABOUT_THE_REQUEST = (
    "unknown_field",
    "misplaced_field",
    "old_field",
    "old_path",
    "other_method",
    "malformed_body",
)


FETCHES = "media/upload_by_url"
"""Its job draws numbers at a time of its own, so it comes last and its answers differ."""
IN_ORDER = sorted(OPERATIONS, key=lambda operation: operation.name == FETCHES)


@pytest.fixture(scope="module")
def worlds(databases: Databases) -> Iterator[tuple[World, World]]:
    """A world with strict mode and one without, on servers of their own whose clocks stand."""
    with pytest.MonkeyPatch.context() as patch:
        # Scheduled tasks draw numbers too, and would do so between other calls.
        patch.setattr(Worker, "start", lambda self: None)
        patch.setattr(Worker, "stop", lambda self: None)
        servers = [RunningServer(Settings(database_url=databases.new_url())) for _ in range(2)]
        for server in servers:
            server.sim.post("/clock", json={"set": 1_790_000_000, "freeze": True})
        strict, usual = (World(server) for server in servers)
        strict.api.caller = usual.api.caller = "http://wecom.test"  # it is part of some answers
        for corp in (strict.corp.corpid, strict.provider.id):
            assert servers[0].sim.patch(f"/corps/{corp}", json={"strict": True}).status_code == 200
        yield strict, usual
        for world, server in zip((strict, usual), servers, strict=True):
            world.api.close()
            server.stop()


@each(IN_ORDER)
def test_a_documented_call_is_no_advice_and_a_misspelt_field_is_one(
    worlds: tuple[World, World], operation: Operation, caplog: pytest.LogCaptureFixture
) -> None:
    strict, usual = worlds
    forget(strict)
    sample = dict(operation.sample or {})
    answers = [
        [answer_to(world, operation, body) for body in bodies(world, operation, sample)] for world in worlds
    ]
    assert found(strict) == []
    name = max(sample, key=len, default="")
    if name:
        for world, seen in zip(worlds, answers, strict=True):
            body = bodies(world, operation, sample)[1]
            seen.append(answer_to(world, operation, {**body, f"{name}_x": in_a_query(body[name])}))
        assert found(strict) == [("unknown_field", operation.path, f"{name}_x", 1, name)]
    assert answers[0] == answers[1] or operation.name == FETCHES
    assert found(usual) == []
    assert not [record for record in caplog.records if record.msg.startswith("no advice")]


def bodies(world: World, operation: Operation, sample: dict[str, Any]) -> list[dict[str, Any]]:
    """The documented sample, and the same with ids of the world in it."""
    of_the_world = world.real(operation, sample)
    if operation.token is None and sample:
        of_the_world |= {name: value for name, value in ids_of(world, operation).items() if name in sample}
    return [sample, of_the_world]


def ids_of(world: World, operation: Operation) -> dict[str, str]:
    """What names a corp or provider to an operation without a token."""
    if operation.name == "gettoken":
        return {"corpid": world.corp.corpid, "corpsecret": world.corp.apps[0]["secret"]}
    return {"corpid": world.provider.id, **world.provider.made}


def answer_to(world: World, operation: Operation, body: dict[str, Any]) -> bytes:
    params = {str(operation.token): world.token_for(operation)} if operation.token else {}
    content = IMAGE_IN_A_FORM if operation.takes_file else b""
    if operation.fields_in_address:
        params |= {name: in_a_query(value) for name, value in body.items()}
    else:
        content = json.dumps(body).encode()
    return world.api.request(operation.method, operation.path, params, content).body


def found(world: World) -> list[tuple[str, str, str, int, str]]:
    """Code, operation, field, count and nearest name of what was noticed about requests."""
    with world.corp.server.server.database.transaction() as tx:
        return [
            (row.code, row.operation, row.field, row.count, *row.about.get("meant", [""])[:1])
            for corp in (world.corp.corpid, world.provider.id)
            for row in noting.advice_of(tx, corp)
            if row.code in ABOUT_THE_REQUEST
        ]


def forget(world: World) -> None:
    with world.corp.server.server.database.transaction() as tx:
        for corp in (world.corp.corpid, world.provider.id):
            noting.forget(tx, corp)
