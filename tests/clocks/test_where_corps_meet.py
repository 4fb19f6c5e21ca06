"""A provider and the corps that have its apps keep their own times."""

from collections.abc import Callable
from typing import Any

from tests.clocks.corps import DAY, LIST, LONG_AGO, MAY, move
from tests.conftest import Corp, RunningServer, WeCom
from tests.providers import Provider

StartServer = Callable[..., RunningServer]


def clocked_provider(server: RunningServer, at: int) -> tuple[Provider, Corp]:
    provider = Provider(server)
    as_corp = Corp(server, {"corpid": provider.id, "apps": []})
    move(as_corp, set=at, freeze=True)
    return provider, as_corp


def test_a_providers_tokens_go_by_its_clock_and_those_of_its_app_by_the_corps(server: RunningServer) -> None:
    provider, as_corp = clocked_provider(server, MAY)
    corp = server.make_corp(seed="demo")
    move(corp, set=LONG_AGO, freeze=True)
    app = corp.new_app(kind="third_party", provider_id=provider.id)
    suite = provider.suite_token()

    def corp_token() -> dict[str, Any]:
        return provider.call(
            "service/get_corp_token", token=suite, auth_corpid=corp.corpid, permanent_code=app["secret"]
        )

    first = corp_token()
    assert first["expires_in"] == 7_200
    # The corp's time passes: the app's token expires, the provider's does not.
    wecom = WeCom.__new__(WeCom)
    wecom.corp, wecom.agentid, wecom.token = corp, app["agentid"], first["access_token"]
    move(corp, advance_seconds=7_100)
    assert wecom.get(LIST)["errcode"] == 0
    assert corp_token() == {**first, "expires_in": 100}
    move(corp, advance_seconds=100)
    assert wecom.get(LIST)["errcode"] == 42001
    assert corp_token()["access_token"] != first["access_token"]
    # The provider's time passes: its own token expires, the app's does not.
    second = corp_token()
    move(as_corp, advance_seconds=7_200)
    assert corp_token()["errcode"] == 42009
    wecom.token = second["access_token"]
    assert wecom.get(LIST)["errcode"] == 0
    assert provider.suite_token() != suite


def test_a_suite_ticket_goes_by_the_providers_clock(server: RunningServer) -> None:
    provider, as_corp = clocked_provider(server, MAY)
    ticket = provider.ticket()
    keys = {name: provider.made[name] for name in ("suite_id", "suite_secret")}
    move(as_corp, advance_seconds=1_200)
    assert "suite_access_token" in provider.call("service/get_suite_token", **keys, suite_ticket=ticket)
    move(as_corp, advance_seconds=7_200)
    assert provider.call("service/get_suite_token", **keys, suite_ticket=ticket)["errcode"] == 40085
    assert provider.ticket() != ticket


def test_a_providers_statement_adds_up_the_same_month_of_each_corps_clock(server: RunningServer) -> None:
    provider, _ = clocked_provider(server, MAY)
    for at in (MAY, MAY + 60 * DAY):
        corp = server.make_corp(seed="demo")
        move(corp, set=at, freeze=True)
        provider.app_in(corp, "provider_developed").get(LIST)
    statement = server.sim.get(f"/providers/{provider.id}/statement").json()
    assert statement["month"] == "2030-05"
    charged = [section["corpid"] for section in statement["corps"] if section["lines"]]
    assert len(statement["corps"]) == 2
    assert len(charged) == 1
