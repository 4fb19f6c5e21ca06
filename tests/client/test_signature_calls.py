"""The control call that checks a signature."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from wecom_tollbooth.client.signatures import sign

URL = "https://crm.example.test:8443/sidebar?a=1&b=2"


def check(corp: Corp, **fields: Any) -> dict[str, Any]:
    body = {"url": f"{URL}#/top", "noncestr": "n1", "timestamp": 1795371801, **fields}
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/signatures/check", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def parts(reply: dict[str, Any]) -> list[str]:
    return [problem["part"] for problem in reply["problems"]]


@pytest.fixture
def tickets(wecom: WeCom) -> tuple[str, str]:
    """The corp's, and that of the app."""
    of_corp = wecom.get("get_jsapi_ticket")["ticket"]
    return of_corp, wecom.get("ticket/get", type="agent_config")["ticket"]


def test_a_right_signature_is_ok_for_its_own_ticket_alone(
    corp: Corp, wecom: WeCom, tickets: tuple[str, str]
) -> None:
    of_corp, of_app = (sign(ticket, "n1", "1795371801", URL) for ticket in tickets)
    assert check(corp, signature=of_corp)["ok"] is True
    assert check(corp, signature=of_app, agentid=wecom.agentid)["ok"] is True
    wrong = check(corp, signature=of_corp, agentid=wecom.agentid)
    assert (parts(wrong), wrong["signature"]) == (["ticket"], of_app)
    assert "企业的 jsapi_ticket" in wrong["problems"][0]["zh"]
    assert parts(check(corp, signature=of_app)) == ["ticket"]


def test_without_a_ticket_there_is_nothing_to_compare(corp: Corp) -> None:
    reply = check(corp, signature="f" * 40)
    assert (parts(reply), reply["string"], reply["signature"]) == (["ticket"], "", "")


def test_an_unlisted_domain_is_named_beside_the_signature(corp: Corp) -> None:
    app = corp.new_app(trusted_domains=["other.example.test"])
    ticket = corp.client(app).get("ticket/get", type="agent_config")["ticket"]
    right = sign(ticket, "n1", "1795371801", URL)
    assert parts(check(corp, signature=right, agentid=app["agentid"])) == ["domain"]
    assert parts(check(corp, signature="x", agentid=app["agentid"], url="no address")) == ["url", "signature"]


def test_an_unknown_app_and_corp_are_refused(corp: Corp) -> None:
    body = {"url": URL, "noncestr": "n", "timestamp": 1, "signature": "x"}
    sim = corp.server.sim
    assert sim.post(f"/corps/{corp.corpid}/signatures/check", json={**body, "agentid": 9}).status_code == 404
    assert sim.post("/corps/nobody/signatures/check", json=body).status_code == 404
