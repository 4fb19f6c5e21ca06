"""Calls from a seeded generator: samples with existing ids and mutations."""

import random
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from tests.same_answers.exchanges import Request, in_json
from tests.same_answers.requests.controls import act_body, control_call
from tests.same_answers.requests.filling import filled
from tests.same_answers.requests.mutations import broken, mutated
from tests.same_answers.requests.operations import Operation
from tests.same_answers.requests.samples import request_for
from tests.same_answers.requests.world import World

HARMS = (0, 0, 0, 0, 1, 1, 1, 2, 3)
"""How often a body is changed."""
SHARES = (1.0, 1.0, 1.0, 0.7, 0.3)
SPARED = 0.75
"""The share of destructive calls with invented ids, so that some data is left."""


class Fuzzer:
    """Generates calls; call `number` depends on the seed, the number and the answers so far."""

    def __init__(self, seed: int, operations: list[Operation], acts: dict[str, dict[str, Any]]) -> None:
        self._seed = seed
        self._operations = operations
        self._acts = acts

    def run(self, world: World, before: World | None, numbers: range) -> None:
        """`before` is another corp, whose tokens and ids are used too."""
        for number in numbers:
            world.send(self._made(random.Random(f"{self._seed}/{number}"), world, before or world))

    def _made(self, rng: random.Random, world: World, before: World) -> Request:
        kinds: tuple[Callable[[random.Random, World, World], Request], ...] = (
            self._call,
            self._act,
            self._control,
            self._malformed,
        )
        (kind,) = rng.choices(kinds, (74, 12, 6, 8))
        return kind(rng, world, before)

    def _call(self, rng: random.Random, world: World, before: World) -> Request:
        operation = rng.choice(self._operations)
        body = self._body(rng, operation, world if rng.random() < 0.97 else before)
        token = self._token(rng, operation, world, before)
        if rng.random() < 0.4:
            body = {name: value for name, value in body.items() if rng.random() < 0.7}
        body = mutated(rng, body, rng.choice(HARMS))
        if operation.method == "GET":
            body = {name: value if isinstance(value, str) else str(value) for name, value in body.items()}
        return _safely(request_for, operation, body, token)

    def _body(self, rng: random.Random, operation: Operation, world: World) -> dict[str, Any]:
        spared = operation.destroys and rng.random() < SPARED
        share = 0.0 if spared else rng.choice(SHARES)
        return filled(rng, operation.sample, world.pool, world.recorder.now, share)

    def _token(self, rng: random.Random, operation: Operation, world: World, before: World) -> str:
        draw = rng.random()
        if draw < 0.86:
            holders = operation.holders or [operation.token]
            # The first kind may do most; the others send bodies too.
            return world.tokens.get(holders[0] if rng.random() < 0.6 else rng.choice(holders), "")
        if draw < 0.92:
            return rng.choice(list(world.tokens.values()))
        if draw < 0.95:
            return before.token_for(operation)
        right = world.token_for(operation)
        return rng.choice((world.expired, "", "unknown", "a" * 600, "\u4e2d", right[:-1], right + "A"))

    def _act(self, rng: random.Random, world: World, before: World) -> Request:
        name = rng.choice(list(self._acts))
        body = act_body(rng, name, self._acts[name], world)
        if rng.random() < 0.3:
            body = mutated(rng, body, 1)
        return in_json("POST", f"/_sim/corps/{world.corpid}/acts", body)

    def _control(self, rng: random.Random, world: World, before: World) -> Request:
        return control_call(rng, world, before)

    def _malformed(self, rng: random.Random, world: World, before: World) -> Request:
        """Faults of HTTP itself: the method, the path, the query, a body that is not JSON."""
        operation = rng.choice(self._operations)
        query = urlencode({operation.token: world.token_for(operation)}) if operation.token else ""
        body = filled(rng, operation.sample, world.pool, world.recorder.now)
        path = operation.path
        plain = in_json("POST", f"{path}?{query}", body)
        ways: tuple[Callable[[], Request], ...] = (
            lambda: Request("POST", f"{path}?{query}", broken(rng, body), plain.headers),
            lambda: Request("POST", f"{path}?{query}", broken(rng, body), plain.headers),
            lambda: Request("POST", f"{path}?{query}", plain.body, {"Host": plain.headers["Host"]}),
            lambda: Request(
                rng.choice(("GET", "PUT", "DELETE", "PATCH")), plain.target, headers=plain.headers
            ),
            lambda: in_json("POST", f"{_mutated_path(rng, path)}?{query}", body),
            lambda: in_json("GET", f"{_mutated_path(rng, path)}?{query}"),
            lambda: in_json(operation.method, f"{path}?{_mutated_query(rng, query)}", body),
            lambda: in_json("GET", f"{path}?{query}&{urlencode(_texts(body))}&{query}&limit=2&limit=%zz"),
        )
        return rng.choice(ways)()


def _mutated_path(rng: random.Random, path: str) -> str:
    """A path that doesn't exist, almost exists, or isn't ours."""
    head, _, last = path.rpartition("/")
    ways = (
        f"{path}/",
        f"{head}/{last}s",
        f"{head}/{last.upper()}",
        f"{head}//{last}",
        f"{path}/{last}",
        f"{head}/",
        path.replace("/cgi-bin", ""),
        f"/cgi-bin/{last}",
        f"{head}/{quote('中文')}",
        f"/_sim{path}",
        f"{path}%00",
    )
    return rng.choice(ways)


def _mutated_query(rng: random.Random, query: str) -> str:
    return rng.choice(
        (query.upper(), f"{query}&{query}x", query.replace("=", "%3D"), f"a=b&&{query}&", f"{query}#x")
    )


def _texts(body: dict[str, Any]) -> dict[str, str]:
    return {name: str(value)[:200] for name, value in body.items()}


def _safely(make: Callable[..., Request], operation: Operation, body: dict[str, Any], token: str) -> Request:
    """The request without lone surrogates, which an address can't contain."""
    try:
        return make(operation, body, token)
    except UnicodeEncodeError:
        return make(operation, {}, token)
