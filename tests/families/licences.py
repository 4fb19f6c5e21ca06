"""Members' accounts of the API licence, as the tests give them."""

from typing import Any

from tests.conftest import Corp
from tests.providers import Provider

UNLICENSED = 701008


def license_members(provider: Provider, corp: Corp, *userids: str, **wanted: Any) -> dict[str, Any]:
    """The members alone hold an interop account, for a year or as `wanted`, and it is asked for."""
    lasting = {"type": "interop", "months": 12} | wanted
    return put(provider, corp, enforced=True, accounts=[{"userid": userid} | lasting for userid in userids])


def put(provider: Provider, corp: Corp, **body: Any) -> dict[str, Any]:
    answer = corp.server.sim.put(f"/corps/{corp.corpid}/licences/{provider.id}", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
