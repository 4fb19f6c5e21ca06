"""/_sim/corps/{corpid}/apps/{agentid}: an app is shown, and changed as an admin does in the console."""

from typing import Any

import httpx

from tests.conftest import Corp


def patch(corp: Corp, agentid: int, **changes: Any) -> Any:
    return corp.server.sim.patch(f"/corps/{corp.corpid}/apps/{agentid}", json=changes)


def test_an_app_is_shown_with_what_an_admin_may_change(corp: Corp) -> None:
    made = corp.new_app(visible={"userid": ["lisi"]}, trusted_domains=["CRM.example.com"])
    shown = corp.sim(f"apps/{made['agentid']}")
    assert shown == {
        **made,
        "enabled": True,
        "visible": {"userid": ["lisi"], "partyid": []},
        "contactable": None,
        "trusted_ips": [],
        "trusted_domains": ["crm.example.com"],
        "directory_details": False,
        "created_at": shown["created_at"],
    }
    assert corp.server.sim.get(f"/corps/{corp.corpid}/apps/7").status_code == 404
    assert corp.server.sim.get("/corps/ww0/apps/1000002").status_code == 404
    assert patch(corp, 7, enabled=False).status_code == 404


def test_a_field_that_is_not_given_stays(corp: Corp) -> None:
    app = corp.new_app(visible={"partyid": [1]}, trusted_ips=["192.0.2.7"])
    before = corp.sim(f"apps/{app['agentid']}")
    assert patch(corp, app["agentid"]).json() == before
    assert patch(corp, app["agentid"], name="改名", visible=None).json() == {
        **before,
        "name": "改名",
        "visible": None,
    }


def test_null_and_unknown_fields_are_refused(corp: Corp) -> None:
    agentid = corp.new_app()["agentid"]
    for name in ("enabled", "name", "trusted_ips", "trusted_domains"):
        assert patch(corp, agentid, **{name: None}).status_code == 422
    refused: list[dict[str, Any]] = [{"secret": "x"}, {"enabled": 2}, {"contactable": {"userid": []}}]
    for wrong in [*refused, {"name": ""}]:
        assert patch(corp, agentid, **wrong).status_code == 422
    assert corp.sim(f"apps/{agentid}")["enabled"] is True


def test_a_disabled_app_is_refused_until_it_is_enabled(corp: Corp) -> None:
    app = corp.new_app()
    wecom = corp.client(app)
    patch(corp, app["agentid"], enabled=False).raise_for_status()
    assert wecom.get("user/get", userid="zhangsan")["errcode"] == 50003
    login = {"appid": corp.corpid, "agentid": app["agentid"], "as": "zhangsan", "response_type": "code"}
    page = {**login, "scope": "snsapi_base", "redirect_uri": "http://crm.example.test"}
    answer = httpx.get(f"{corp.server.base_url}/connect/oauth2/authorize", params=page)
    assert (answer.status_code, "40056" in answer.text) == (403, True)
    patch(corp, app["agentid"], enabled=True).raise_for_status()
    assert wecom.get("user/get", userid="zhangsan")["errcode"] == 0
