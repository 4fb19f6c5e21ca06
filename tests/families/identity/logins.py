"""Logging in by the OAuth page."""

from urllib.parse import parse_qs, urlsplit

import httpx

from tests.conftest import Corp

PAGE = "http://crm.example.test/login"


def code_for(corp: Corp, person: str, *, agentid: int | None = None, scope: str = "snsapi_base") -> str:
    """The code that the page gets when `person` logs in."""
    query = {
        "appid": corp.corpid,
        "redirect_uri": PAGE,
        "response_type": "code",
        "scope": scope,
        "as": person,
    }
    if agentid is not None:
        query["agentid"] = str(agentid)
    answer = httpx.get(f"{corp.server.base_url}/connect/oauth2/authorize", params=query)
    assert answer.status_code == 302, answer.text
    [code] = parse_qs(urlsplit(answer.headers["location"]).query)["code"]
    return code


def advance(corp: Corp, seconds: int) -> None:
    corp.server.sim.post("/clock", json={"advance_seconds": seconds}).raise_for_status()
