"""Hostile requests to the control API: what no program should send, wherever something is sent."""

import json
import math
import random
import re
import typing
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from pydantic import BaseModel

from tests.conftest import RunningServer
from wecom_tollbooth.sim_api.routes import ControlRoute
from wecom_tollbooth.sim_api.sections import SECTIONS
from wecom_tollbooth.world.acts import ACTS

LEAVES: tuple[Any, ...] = (
    2**31, 2**32, 2**63 - 1, 2**63, 2**64, -1, -(2**31) - 1, -(2**63), -(2**63) - 1, 10**40, 0, 0.5, 1e308,
    -0.0, float("nan"), float("inf"), True, False, None, "", " ", "\x00", "a\x00b", "\ud800", "\udfff x",
    "\uffff", "'", "𝟗", "９", "-1", "9" * 400, "1e999", "NaN", "Infinity", "0000-00", "9999-12", "2199-12",
    "9999-12-31", "0001-01-01T00:00:00+14:00", "2026-12-01T00:00:00-23:59", "=1+1", "%00", "../..", "<a>",
    "x" * 5_000, {}, [[]], [None], [True], ["\x00"], [2**63], {"": ""}, {"a": {"b": [2**64]}}, ["x"] * 300,
)  # fmt: skip
RAW_BODIES: tuple[bytes, ...] = (
    b"", b"null", b"[]", b'""', b"0", b"true", b"{", b"{}", b'{"a":1,}', b"\xff\xfe", b"\xef\xbb\xbf{}",
    b"NaN", b'{"a":' * 3_000, b"[" * 100_000, b'{"name":"\xed\xa0\x80"}', b'{"limit":' + b"9" * 5_000 + b"}",
)  # fmt: skip
TYPES = (
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json; charset=x",
    "",
)
ADDRESSES = (
    "", "nonsense", "http://", "http://127.0.0.1:9/a", "http://127.0.0.1:99999/", "http://[::1", 5, "x:/",
    "ftp://127.0.0.1/", "http://127.0.0.1:9/\x00", "http://127.0.0.1:9/\ud800", "http://127.0.0.1:9/ ü", None,
)  # fmt: skip
"""No address outside of this machine is ever named."""
A_WEEK = 7 * 86_400
MOST = {"customers": 5, "members": 5, "follow_ups": 5, "count": 20, "duplicate": 3}
"""What valid numbers are cut down to, so that no request makes a large world."""


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    raw: bytes | None = None
    content_type: str = "application/json"

    def send(self, http: httpx.Client) -> httpx.Response:
        content = self.raw
        if content is None and self.body is not None:
            content = json.dumps(self.body).encode()
        headers = {"content-type": self.content_type} if content is not None and self.content_type else {}
        address = f"{self.path}?{_query_text(self.query)}" if self.query else self.path
        return http.request(self.method, address, content=content, headers=headers)


def _query_text(query: dict[str, Any]) -> str:
    return urlencode({name: _text(value) for name, value in query.items()}, errors="surrogatepass")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True)
class Route:
    """A control call, or one act of those that share a path, with a body that is nearly right."""

    method: str
    path: str
    queries: tuple[str, ...]
    sample: dict[str, Any]
    fields: tuple[str, ...]

    @property
    def places(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)


def routes() -> list[Route]:
    """Every control route, and every act."""
    found = []
    for section in SECTIONS:
        for router in section.routers:
            for route in router.routes:
                assert isinstance(route, ControlRoute)
                path = route.path if section.is_open else f"/_sim{route.path}"
                shape = _model_in(route.body_field.field_info.annotation) if route.body_field else None
                queries: list[str] = []
                for parameter in route.dependant.query_params:
                    model = _model_in(parameter.field_info.annotation)
                    queries += model.model_fields if model else [parameter.alias]
                examples: Any = (shape.model_config.get("json_schema_extra") if shape else None) or {}
                sample: dict[str, Any] = next(iter(examples.get("examples", ())), {})
                method = min(route.methods or ())
                found.append(
                    Route(method, path, tuple(queries), sample, tuple(shape.model_fields if shape else ()))
                )
                if path.endswith("/acts") and method == "POST":
                    found += [
                        Route(method, path, (), {"act": kind.name}, tuple(kind.shape.model_fields))
                        for kind in ACTS
                    ]
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    for one in (annotation, *typing.get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


class World:
    """Ids that exist, by the names under which paths, queries and bodies take them."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.corp = corp = server.make_corp(seed="demo", members=5, customers=20)
        wecom = corp.client()
        members = wecom.get("externalcontact/get_follow_user_list")["follow_user"]
        customers = wecom.get("externalcontact/list", userid=members[0])["external_userid"]
        config_id = wecom.post("externalcontact/add_contact_way", type=1, scene=2, user=members[:1])[
            "config_id"
        ]
        provider = server.sim.post("/providers", json={}).json()
        records = corp.sim("ledger")["records"]
        self.ids: dict[str, list[Any]] = {
            "corpid": [corp.corpid],
            "corps": [[provider["provider_id"]]],
            "provider_id": [provider["provider_id"]],
            "agentid": [app["agentid"] for app in corp.apps],
            "agentids": [[corp.apps[0]["agentid"]]],
            "number": [record["id"] for record in records],
            "callback_id": [1],
            "config_id": [config_id],
            "pixels": [200],
            "name": ["aGVsbG8"],
            **dict.fromkeys(("userid", "to_userid", "owner", "by_userid"), members),
            "userids": [members[:2]],
            "external_userid": customers,
            "external_userids": [customers[:2]],
            "department_id": [1, 2],
            "month": ["2026-11", "2026-12"],
        }

    def path(self, route: Route, rng: random.Random, hostile: bool) -> str:
        path = route.path
        spoiled = rng.choice(route.places) if hostile and route.places else None
        for name in route.places:
            known = rng.choice(self.ids.get(name, ["x"]))
            value = _text(rng.choice(LEAVES)) if name == spoiled else str(known)
            path = path.replace(f"{{{name}}}", quote(value, safe="", errors="surrogatepass") or "x")
        return path

    def body(self, route: Route, rng: random.Random) -> dict[str, Any]:
        """The sample with other fields that may fit: ids that exist, or anything."""
        body = dict(route.sample)
        for name in route.fields:
            if name in self.ids and rng.random() < 0.8:
                body[name] = rng.choice(self.ids[name])
            elif name not in body and rng.random() < 0.3:
                body[name] = rng.choice(LEAVES)
        return body


def spoiled(value: Any, rng: random.Random) -> Any:
    """The value with one thing in it replaced by something hostile."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        name = rng.choice(list(value))
        if rng.random() < 0.05:
            return {**value, rng.choice(["\x00", "\ud800", "x" * 3_000, ""]): 1}
        return {**value, name: spoiled(value[name], rng)}
    if isinstance(value, list) and value and rng.random() < 0.7:
        place = rng.randrange(len(value))
        return [*value[:place], spoiled(value[place], rng), *value[place + 1 :]]
    return rng.choice(LEAVES)


def tamed(path: str, value: Any, rng: random.Random) -> Any:
    """The body with what would be valid but too much cut down: the clock, large worlds, foreign addresses."""
    if not isinstance(value, dict):
        return value
    tame = dict(value)
    for name, number in value.items():
        if name == "advance_seconds" and _is_number(number) and number < 2**31:
            tame[name] = number if number < 0 else number % A_WEEK
        elif name in MOST and _is_number(number) and 0 <= number <= 1_000_000:
            tame[name] = number % (MOST[name] + 1)
    if path.endswith("/clock") and "set" in tame:
        seconds = rng.choice([1796000000, "2026-12-01", "x", *LEAVES])
        tame["set"] = 1796000000 if seconds in ("2199-12", "9999-12") else seconds
    if "url" in tame:
        tame["url"] = rng.choice(ADDRESSES)
    return tame


def _impatient(query: dict[str, Any]) -> dict[str, Any]:
    """The query of a call that waits for seconds, without the wait; what is no number of seconds stays."""
    seconds = query.get("timeout_seconds", 5)
    try:
        waits = 0 <= float(seconds) <= 60
    except (TypeError, ValueError, OverflowError):
        waits = False
    return {**query, "timeout_seconds": 0} if waits else query


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and not isinstance(value, bool)


def variants(route: Route, world: World, rng: random.Random) -> Iterator[Request]:
    """Endless requests to the route: nearly right ones, and ones with one or more hostile values."""
    has_body = route.method in ("POST", "PUT")
    while True:
        body = world.body(route, rng) if has_body else None
        # The world's own corp is never deleted.
        hostile = rng.random() < 0.15 or (route.method == "DELETE" and route.places == ["corpid"])
        request = Request(route.method, world.path(route, rng, hostile), body=body)
        for name in route.queries:
            if rng.random() < 0.4:
                request.query[name] = rng.choice(
                    world.ids.get(name, LEAVES) if rng.random() < 0.5 else LEAVES
                )
        if has_body:
            for _ in range(rng.choice((0, 1, 1, 2))):
                request.body = spoiled(request.body, rng)
            request.body = tamed(route.path, request.body, rng)
            if rng.random() < 0.08:
                request.raw, request.content_type = rng.choice(RAW_BODIES), rng.choice(TYPES)
        yield request


class Attack:
    """Sends requests and keeps what each route answered. DELETE of the world's own corp is left out."""

    def __init__(self, server: RunningServer) -> None:
        self.seen: Counter[tuple[str, str, int]] = Counter()
        self._http = httpx.Client(base_url=server.base_url, timeout=60)

    def send(self, route: Route, request: Request) -> None:
        if route.path.endswith("/callbacks/wait"):
            request.query = _impatient(request.query)
        answer = request.send(self._http)
        self.seen[route.method, route.path, answer.status_code] += 1
        shown = f"{request} -> {answer.status_code} {answer.text[:300]}"
        assert answer.status_code < 500, shown
        if answer.status_code >= 400 and "json" in answer.headers.get("content-type", ""):
            with_what_is_there = {"callbacks"} if answer.status_code == 408 else set()
            assert set(answer.json()) == {"error"} | with_what_is_there, shown
            assert answer.json()["error"], shown

    def close(self) -> None:
        self._http.close()
