"""Helpers that set members' accounts of the API licence."""

from typing import Any

from tests.conftest import Corp
from tests.providers import Provider

UNLICENSED = 701008


def license_members(provider: Provider, corp: Corp, *userids: str, **wanted: Any) -> dict[str, Any]:
    """Enforces licences; only these members hold an account: interop, a year, or as `wanted`."""
    lasting = {"type": "interop", "months": 12} | wanted
    return put(provider, corp, enforced=True, accounts=[{"userid": userid} | lasting for userid in userids])


def put(provider: Provider, corp: Corp, **body: Any) -> dict[str, Any]:
    answer = corp.server.sim.put(f"/corps/{corp.corpid}/licences/{provider.id}", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
