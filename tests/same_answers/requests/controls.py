"""Calls of the control API for the fuzzer: acts, settings and reads of a corp."""

import random
from typing import Any

from tests.same_answers.exchanges import HOST, Request, in_json
from tests.same_answers.requests.mutations import mutated
from tests.same_answers.requests.pool import IDS, meaning
from tests.same_answers.requests.world import World

SHARE_OF_OPTIONAL = 0.5
WORDS = ("奶茶", "老客", "a", "展会 2026", "VIP")
SMALL = (0, 1, 2, 3, 5, 16, 200)
UNMAKING = frozenset(
    {
        "member_leaves_corp",
        "admin_deletes_members",
        "admin_deletes_tag",
        "member_closes_webhook",
        "dismiss_group",
    }
)
"""Destructive acts, rarely applied to existing ids."""

AMOUNT = {"amount": "1000.00", "alerts": [50, 100], "barrier": "soft"}
LATENCY = {"profile": {"threshold": 400, "ms_per_100": 1, "jitter": 0.2, "operations": {"board": 2}}}
SET: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("PUT", "/corps/{corpid}/budget", AMOUNT),
    ("PUT", "/corps/{corpid}/budget", {**AMOUNT, "barrier": "hard"}),
    ("POST", "/corps/{corpid}/budget/pay", {"amount": "5.00"}),
    ("POST", "/corps/{corpid}/budget/pay", {}),
    ("DELETE", "/corps/{corpid}/budget", {}),
    ("PUT", "/corps/{corpid}/contact_scale", {"limit": None}),
    ("PUT", "/corps/{corpid}/contact_scale", {"limit": 500}),
    ("PUT", "/corps/{corpid}/callbacks/knobs", {"duplicate": 1, "same_second": 3}),
    ("POST", "/corps/{corpid}/statement", {"price_books": ["wecom-2025"], "month": "2026-12"}),
    (
        "POST",
        "/corps/{corpid}/corp_groups",
        {"kind": "circle", "name": "圈", "corps": ["{other}"], "agentids": []},
    ),
    ("PUT", "/corps/{corpid}/licences/{provider_id}", {"enforced": False, "accounts": []}),
    ("POST", "/corps/{corpid}/apps", {"name": "应用", "kind": "self_built"}),
)
FIXED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("PUT", "/corps/{corpid}/latency", LATENCY),
    ("PUT", "/corps/{corpid}/latency", {"profile": None}),
    (
        "PUT",
        "/corps/{corpid}/licences/{provider_id}",
        {"accounts": [{"userid": "lisi", "type": "base", "days": 40}]},
    ),
    ("POST", "/corps/{corpid}/seed", {"customers": 3, "follow_ups": 2}),
    ("POST", "/corps", {"name": "小店"}),
    ("POST", "/clock", {"set": "2026", "advance_seconds": 1}),
    ("POST", "/clock", {"set": "nonsense"}),
    ("POST", "/providers", {"corpid": "nonsense"}),
    ("PUT", "/corps/{corpid}/apps/{agentid}/callback", {"url": ""}),
    ("PUT", "/corps/{corpid}/apps/{agentid}/callback", {"url": "ftp://nowhere"}),
)
"""Sent unchanged: mutations would take long or not be reproducible."""
READ = (
    "/corps/{corpid}",
    "/corps/{corpid}/budget",
    "/corps/{corpid}/usage",
    "/corps/{corpid}/statement?format=csv",
    "/corps/{corpid}/statement?month=2026-13",
    "/corps/{corpid}/calls?limit=5",
    "/corps/{corpid}/calls?limit=x",
    "/corps/{corpid}/calls?errcode=40058&limit=3",
    "/corps/{corpid}/ledger?meter=refused&errcode=40063",
    "/corps/{corpid}/callbacks?limit=3&agentid={agentid}",
    "/corps/{corpid}/licences",
    "/corps/nonsense/usage",
    "/corps/{other}/usage",
    "/providers/{provider_id}",
    "/providers/{corpid}/statement",
    "/nonsense",
    "/acts/none",
    "/scan/contact_way/{corpid}/{config_id}",
    "/scan/join_way/{corpid}/{config_id}",
    "/scan/acquisition_link/{corpid}/{config_id}",
    "/scan/member/{corpid}/{userid}",
    "/scan/join_corp/{corpid}/{userid}",
    "/corps/{corpid}/ledger/verify",
    "/corps/{corpid}/statement?price_book=nonsense",
)


def control_call(rng: random.Random, world: World, other: World) -> Request:
    places = {
        "corpid": world.corpid,
        "other": other.corpid,
        "provider_id": world.provider["provider_id"],
        **{name: world.pool.pick(rng, name) or "none" for name in ("agentid", "config_id", "userid")},
    }
    if rng.random() < 0.4:
        address = world.pool.pick(rng, "url") if rng.random() < 0.2 else None
        return in_json("GET", _on_server(address) or f"/_sim{rng.choice(READ).format(**places)}")
    method, path, body = rng.choice((*SET, *FIXED))
    if path.endswith("corp_groups"):
        body = {**body, "corps": [places["other"]]}
    if (method, path, body) not in FIXED and rng.random() < 0.5:
        body = mutated(rng, body, 1)
    return in_json(method, f"/_sim{path.format(**places)}", body)


def act_body(rng: random.Random, name: str, schema: dict[str, Any], world: World) -> dict[str, Any]:
    """The fields of the act, filled from the pool by name."""
    body: dict[str, Any] = {"act": name}
    needed = schema.get("required", ())
    together = world.pool.any_together(rng, {meaning(field) for field in schema["properties"]})
    for field, about in schema["properties"].items():
        if field in needed or rng.random() < SHARE_OF_OPTIONAL:
            known = together.get(meaning(field)) if rng.random() < 0.7 else None
            body[field] = _value(rng, field, about, world, known)
    body.pop("expires_at", None)
    if name in UNMAKING and rng.random() < 0.8:
        body[next(iter(schema["properties"]))] = "nobody"
    return body


def _on_server(address: Any) -> str:
    """The path of an address of the server itself; "" for any other."""
    scheme, found, rest = str(address or "").partition(f"://{HOST}")
    return rest if found and scheme.isalpha() and rest.startswith("/") and rest.isascii() else ""


def _value(rng: random.Random, name: str, about: dict[str, Any], world: World, known: Any) -> Any:
    kinds = [one.get("type") for one in about.get("anyOf", [about])]
    if "boolean" in kinds:
        return rng.random() < 0.5
    if "integer" in kinds:
        found = world.pool.pick(rng, meaning(name, 0), 0) if meaning(name, 0) in IDS else None
        return rng.choice(SMALL) if found is None else found
    found = known if known is not None else world.pool.pick(rng, meaning(name))
    if "array" in kinds:
        return [] if found is None else [found]
    if "string" in kinds:
        return rng.choice(about.get("enum", WORDS)) if found is None else str(found)
    return None
