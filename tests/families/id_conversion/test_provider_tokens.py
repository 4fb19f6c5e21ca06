"""The tokens of providers and of their apps."""

import httpx
import pytest

from tests.conftest import Corp, WeCom
from tests.families.id_conversion.apps import FINISH, OF_SUITE, StartServer
from tests.providers import Provider

# --- the tokens of a provider ----------------------------------------------------------------------------


def test_a_suite_token_is_reused_and_success_carries_no_errcode(provider: Provider) -> None:
    keys = {name: provider.made[name] for name in ("suite_id", "suite_secret", "suite_ticket")}
    first = provider.call("service/get_suite_token", **keys)
    again = provider.call("service/get_suite_token", **keys)
    assert set(first) == {"suite_access_token", "expires_in"}
    assert first["suite_access_token"] == again["suite_access_token"]
    assert 0 < first["expires_in"] <= 7200


@pytest.mark.parametrize(
    ("wrong", "errcode"),
    [
        ({"suite_id": ""}, 41021),
        ({"suite_secret": ""}, 41024),
        ({"suite_ticket": ""}, 41023),
        ({"suite_id": "ww0"}, 40083),
        ({"suite_secret": "x"}, 40080),
        ({"suite_ticket": "x"}, 40085),
    ],
)
def test_a_suite_token_needs_id_secret_and_ticket(
    provider: Provider, wrong: dict[str, str], errcode: int
) -> None:
    keys = {name: provider.made[name] for name in ("suite_id", "suite_secret", "suite_ticket")}
    assert provider.call("service/get_suite_token", **{**keys, **wrong})["errcode"] == errcode


def test_a_ticket_is_valid_for_30_minutes_and_the_token_for_two_hours(start_server: StartServer) -> None:
    server = start_server()
    server.sim.post("/clock", json={"freeze": True})
    provider = Provider(server)
    token, old = provider.suite_token(), provider.ticket()
    keys = {name: provider.made[name] for name in ("suite_id", "suite_secret")}
    for passed, errcode in ((1200, None), (600, 40085)):
        server.sim.post("/clock", json={"advance_seconds": passed})
        assert provider.ticket() != old
        answered = provider.call("service/get_suite_token", **keys, suite_ticket=old)
        assert answered.get("errcode") == errcode
    server.sim.post("/clock", json={"advance_seconds": 7200})
    assert provider.call(OF_SUITE, token=token, unionid="o", openid="o")["errcode"] == 42009
    assert provider.suite_token() != token


def test_a_provider_token_needs_the_provider_and_its_secret(provider: Provider, corp: Corp) -> None:
    def errcode(**body: str) -> int:
        return int(provider.call("service/get_provider_token", **body)["errcode"])

    assert errcode(provider_secret="x") == 41002
    assert errcode(corpid=provider.id) == 41004
    assert errcode(corpid=corp.corpid, provider_secret="x") == 40013
    assert errcode(corpid=provider.id, provider_secret="x") == 40091
    assert provider.provider_token() == provider.provider_token()


def test_each_kind_of_token_opens_only_its_own_operations(provider: Provider, wecom: WeCom) -> None:
    body = {"unionid": "o", "openid": "o"}
    assert provider.call(OF_SUITE, **body)["errcode"] == 41022
    for foreign in (provider.provider_token()["provider_access_token"], wecom.token, "x"):
        token = {"suite_access_token": foreign}
        assert provider.call(OF_SUITE, token=token, **body)["errcode"] == 40082
    assert provider.call(FINISH, corpid="ww")["errcode"] == 41001
    suite = {"provider_access_token": provider.suite_token()["suite_access_token"]}
    assert provider.call(FINISH, token=suite, corpid="ww")["errcode"] == 40014
    wecom.token = provider.suite_token()["suite_access_token"]
    assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == 40014


def test_a_third_party_app_gets_its_token_only_through_the_suite(provider: Provider, corp: Corp) -> None:
    app = corp.new_app(kind="third_party", provider_id=provider.id)
    direct = httpx.get(
        f"{corp.server.base_url}/cgi-bin/gettoken",
        params={"corpid": corp.corpid, "corpsecret": app["secret"]},
    ).json()
    assert direct["errcode"] == 40001

    def errcode(other: Provider, **body: str) -> int | None:
        wanted = {"auth_corpid": corp.corpid, "permanent_code": app["secret"], **body}
        return other.call("service/get_corp_token", token=other.suite_token(), **wanted).get("errcode")

    assert errcode(provider) is None
    assert errcode(provider, permanent_code="x") == 40084
    assert errcode(provider, permanent_code="") == 41025
    assert errcode(provider, auth_corpid="") == 41002
    assert errcode(Provider(corp.server)) == 40084


def test_a_providers_calls_are_journaled_under_it_without_its_secrets(provider: Provider) -> None:
    provider.suite_token()
    (call,) = provider.server.sim.get(f"/corps/{provider.id}/calls").json()["calls"]
    assert call["request"]["path"] == "/cgi-bin/service/get_suite_token"
    assert provider.made["suite_secret"] not in str(call)
    assert provider.made["suite_secret"][:8] + "…" in call["request"]["body"]


def test_providers_apps_may_not_call_the_directory(provider: Provider, corp: Corp) -> None:
    for kind in ("third_party", "provider_developed"):
        app = provider.app_in(corp, kind)
        for operation in ("department/list", "user/list"):
            assert app.get(operation)["errcode"] == 48002, (kind, operation)
        assert app.post("user/create")["errcode"] == 48002, kind


def test_only_apps_of_provider_kinds_take_a_provider_id(provider: Provider, corp: Corp) -> None:
    for wanted in ({"kind": "third_party"}, {"provider_id": provider.id}, {"kind": "third_party_unlisted"}):
        answer = corp.server.sim.post(f"/corps/{corp.corpid}/apps", json=wanted)
        assert (answer.status_code, list(answer.json())) == (422, ["error"]), wanted
    wanted = {"kind": "third_party", "provider_id": corp.corpid}
    assert corp.server.sim.post(f"/corps/{corp.corpid}/apps", json=wanted).status_code == 422
    assert corp.server.sim.post("/providers", json={"corpid": provider.id}).status_code == 422
    assert corp.server.sim.post("/providers", json={"corpid": "ww0"}).status_code == 404
    assert corp.server.sim.get(f"/providers/{corp.corpid}").status_code == 404


def test_a_suite_needs_a_verified_open_platform_account(start_server: StartServer) -> None:
    provider = Provider(start_server(open_platform_verified=False))
    reply = provider.call(OF_SUITE, token=provider.suite_token(), unionid="o", openid="o")
    assert reply["errcode"] == 610015


def test_too_many_wrong_secrets_block_an_address_from_provider_tokens(start_server: StartServer) -> None:
    provider = Provider(start_server(limit_wrong_secret_hour=2))
    keys = {name: provider.made[name] for name in ("suite_id", "suite_secret", "suite_ticket")}
    wrong = {**keys, "suite_secret": "x"}
    answers = [provider.call("service/get_suite_token", **wrong)["errcode"] for _ in range(3)]
    assert answers[:2] == [40080, 40080]
    assert provider.call("service/get_suite_token", **keys)["errcode"] == 45009
    secret = provider.made["provider_secret"]
    reply = provider.call("service/get_provider_token", corpid=provider.id, provider_secret=secret)
    assert reply["errcode"] == 45009
