"""The documented sample of every operation: by every kind of app, with existing ids, and with faults."""

import random
from typing import Any
from urllib.parse import urlencode

from tests.same_answers.exchanges import Request, in_json
from tests.same_answers.requests.filling import filled
from tests.same_answers.requests.operations import REFUSED_TO_KIND, Operation
from tests.same_answers.requests.world import World

WITH_REAL_IDS = 3
"""How often each sample is sent with other ids of the corp."""


def record_samples(world: World, operations: list[Operation], rng: random.Random) -> None:
    for operation in operations:
        if operation.token == "access_token":
            _learn_holders(world, operation)
    for operation in sorted(operations, key=lambda one: one.destroys):
        _record_sample(world, operation, rng)
    for operation in operations:
        _record_what_is_wrong(world, operation)


def request_for(operation: Operation, body: dict[str, Any], token: str, *, path: str = "") -> Request:
    """The fields in the query of a GET or as the JSON of a POST."""
    query = {operation.token: token} if operation.token else {}
    path = path or operation.path
    if operation.method == "GET":
        return in_json("GET", f"{path}?{urlencode({**query, **body})}")
    return in_json("POST", f"{path}?{urlencode(query)}" if query else path, body)


def _learn_holders(world: World, operation: Operation) -> None:
    """Calls without fields by every kind of app, to learn which kinds may call."""
    for kind, token in world.tokens.items():
        if not kind.endswith("_access_token") and kind != "key":
            reply = world.send(request_for(operation, {}, token)).json()
            if reply["errcode"] not in REFUSED_TO_KIND:
                operation.holders.append(kind)


def _record_sample(world: World, operation: Operation, rng: random.Random) -> None:
    token = world.token_for(operation)
    world.send(request_for(operation, operation.sample, token))
    times = 1 if operation.destroys else WITH_REAL_IDS
    for _ in range(times):
        body = filled(rng, operation.sample, world.pool, world.recorder.now)
        world.send(request_for(operation, body, token))


def _record_what_is_wrong(world: World, operation: Operation) -> None:
    token, sample = world.token_for(operation), operation.sample
    query = urlencode({operation.token: token}) if operation.token else ""
    for alias in operation.aliases:
        world.send(request_for(operation, {}, token, path=alias))
    for wrong in ("", "nonsense", world.expired, "中"):
        if operation.token:
            world.send(request_for(operation, sample, wrong))
    other = "GET" if operation.method == "POST" else "POST"
    for method in (other, "PUT"):
        world.send(in_json(method, f"{operation.path}?{query}", sample if method != "GET" else None))
    if operation.method == "POST":
        headers = in_json("POST", "/").headers
        world.send(Request("POST", f"{operation.path}?{query}", b'{"limit": ', headers))
