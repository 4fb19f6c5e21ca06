"""ID 转换, and the tokens of providers."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.providers import Provider

StartServer = Callable[..., RunningServer]

DAY = 86_400
NEW_ID = "externalcontact/get_new_external_userid"
FINISH = "service/externalcontact/finish_external_userid_migration"
OF_SUITE = "service/externalcontact/unionid_to_external_userid_3rd"
TO_PENDING = "idconvert/batch/external_userid_to_pending_id"
CONVERT_UNIONID = "idconvert/unionid_to_external_userid"
OLD_UNIONID = "externalcontact/unionid_to_external_userid"


@pytest.fixture
def provider(server: RunningServer) -> Provider:
    return Provider(server)


def act(corp: Corp | str, name: str, server: RunningServer, **fields: Any) -> dict[str, Any]:
    corpid = corp if isinstance(corp, str) else corp.corpid
    answer = server.sim.post(f"/corps/{corpid}/acts", json={"act": name, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def add(corp: Corp, userid: str = "zhangsan", **person: Any) -> str:
    done = act(corp, "member_adds_customer", corp.server, userid=userid, **person)
    return str(done["external_userid"])


def login(corp: Corp, subject: str | None = None, **person: Any) -> dict[str, str]:
    """unionid and openid of a person who logs in to the mini-program of the corp, or of `subject`."""
    done = act(subject or corp, "person_opens_mini_program", corp.server, **person)
    return {"unionid": done["unionid"], "openid": done["openid"]}


def with_new_token(app: WeCom) -> WeCom:
    """The same provider-developed app with a new token."""
    apps = app.corp.server.sim.get(f"/corps/{app.corp.corpid}").json()["apps"]
    return app.corp.client(next(one for one in apps if one["agentid"] == app.agentid))


def new_id(app: WeCom, external_userid: str) -> str:
    (item,) = app.post(NEW_ID, external_userid_list=[external_userid])["items"]
    return str(item["new_external_userid"])


# --- the tokens of a provider ------------------------------------------------------------------------------


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


# --- openid ------------------------------------------------------------------------------------------------


def test_a_customer_has_one_openid_for_self_built_and_provider_apps(
    provider: Provider, corp: Corp, wecom: WeCom
) -> None:
    external_userid = add(corp)
    openid = wecom.post("externalcontact/convert_to_openid", external_userid=external_userid)["openid"]
    third, developed = provider.app_in(corp), provider.app_in(corp, "provider_developed")
    for app, known in (
        (wecom, external_userid),
        (developed, external_userid),
        (third, new_id(third, external_userid)),
    ):
        reply = app.post("externalcontact/convert_to_openid", external_userid=known)
        assert (reply["errcode"], reply.get("openid")) == (0, openid)


def test_openid_is_refused_for_unknown_invisible_and_wecom_contacts(corp: Corp, wecom: WeCom) -> None:
    def errcode(app: WeCom, external_userid: str) -> int:
        return int(app.post("externalcontact/convert_to_openid", external_userid=external_userid)["errcode"])

    followed_by_lisi = add(corp, "lisi")
    narrow = corp.client(corp.new_app(visible={"userid": ["zhangsan"]}))
    assert errcode(wecom, "") == 41035
    assert errcode(wecom, "wmNobody") == 40096
    assert errcode(wecom, followed_by_lisi) == 0
    assert errcode(narrow, followed_by_lisi) == 40096
    assert errcode(wecom, add(corp, type=2, corp_name="丙公司")) == 41056
    act(corp, "member_deletes_customer", corp.server, userid="lisi", external_userid=followed_by_lisi)
    assert errcode(wecom, followed_by_lisi) == 40096


# --- unionids ----------------------------------------------------------------------------------------------


def test_each_app_gets_the_id_that_it_knows_for_a_unionid(provider: Provider, corp: Corp) -> None:
    external_userid = add(corp)
    ids = login(corp, external_userid=external_userid)
    third, developed = provider.app_in(corp), provider.app_in(corp, "provider_developed")
    for operation in (OLD_UNIONID, CONVERT_UNIONID):
        assert developed.post(operation, **ids)["external_userid"] == external_userid
        reply = third.post(operation, **ids)
        assert reply["external_userid"] == new_id(third, external_userid) != external_userid
        assert "pending_id" not in reply


def test_a_unionid_needs_its_own_openid_from_the_right_mini_program(provider: Provider, corp: Corp) -> None:
    app = provider.app_in(corp)
    ours, other = login(corp), login(corp)
    unionid = ours["unionid"]
    theirs = login(corp, provider.id, unionid=unionid)
    assert theirs["openid"] != ours["openid"]

    def errcode(operation: str, **body: Any) -> int:
        return int(app.post(operation, **{**ours, **body})["errcode"])

    for operation in (OLD_UNIONID, CONVERT_UNIONID):
        assert errcode(operation, unionid="") == 40063
        assert errcode(operation, openid="") == 40063
        assert errcode(operation, unionid="oNobody") == 610014
        assert errcode(operation, openid=other["openid"]) == 610018
        assert errcode(operation, openid=theirs["openid"]) == 610017
    assert errcode(CONVERT_UNIONID, subject_type=1) == 610017
    assert errcode(CONVERT_UNIONID, subject_type=1, openid=theirs["openid"]) == 0
    assert errcode(CONVERT_UNIONID, subject_type=2) == 40058
    assert login(corp, unionid=unionid) == ours, "a person has one openid in a mini-program"


def test_a_customer_who_never_logged_in_has_a_unionid_without_openid(provider: Provider, corp: Corp) -> None:
    add(corp, unionid="oKnownWithoutLogin")
    reply = provider.app_in(corp).post(OLD_UNIONID, unionid="oKnownWithoutLogin", openid="oX")
    assert reply["errcode"] == 610018


def test_a_non_customer_gets_a_pending_id_that_later_leads_to_the_customer(
    provider: Provider, corp: Corp
) -> None:
    app, other = provider.app_in(corp), Provider(corp.server).app_in(corp)
    ids = login(corp)
    assert app.post(OLD_UNIONID, **ids)["errcode"] == 84061
    reply = app.post(CONVERT_UNIONID, **ids)
    pending_id = reply["pending_id"]
    assert "external_userid" not in reply
    assert app.post(CONVERT_UNIONID, **ids)["pending_id"] == pending_id
    assert other.post(CONVERT_UNIONID, **ids)["pending_id"] != pending_id

    external_userid = add(corp, unionid=ids["unionid"])
    scoped, stranger = new_id(app, external_userid), add(corp)
    asked = [scoped, external_userid, stranger, "wmNobody"]
    assert app.post(TO_PENDING, external_userid=asked)["result"] == [
        {"external_userid": scoped, "pending_id": pending_id},
        {"external_userid": external_userid, "pending_id": pending_id},
    ]
    assert app.post(CONVERT_UNIONID, **ids)["external_userid"] == scoped
    narrow = provider.app_in(corp, visible={"userid": ["lisi"]})
    assert narrow.post(TO_PENDING, external_userid=asked)["result"] == []
    assert narrow.post(CONVERT_UNIONID, **ids)["pending_id"] == pending_id, "the follower is out of range"


def test_a_pending_id_expires_after_90_days(start_server: StartServer) -> None:
    server = start_server()
    server.sim.post("/clock", json={"freeze": True})
    corp, provider = server.make_corp(seed="demo"), Provider(server)
    app, ids = provider.app_in(corp, "provider_developed"), login(server.make_corp())
    ids = login(corp, unionid=ids["unionid"])
    first = app.post(CONVERT_UNIONID, **ids)["pending_id"]
    external_userid = add(corp, unionid=ids["unionid"])

    def found() -> list[str]:
        result = with_new_token(app).post(TO_PENDING, external_userid=[external_userid])["result"]
        return [row["pending_id"] for row in result]

    server.sim.post("/clock", json={"advance_seconds": 90 * DAY - 1})
    assert found() == [first]
    server.sim.post("/clock", json={"advance_seconds": 1})
    assert found() == []


def test_pending_ids_are_limited_to_100_customers_and_need_a_known_group(
    provider: Provider, corp: Corp
) -> None:
    app = provider.app_in(corp)
    assert app.post(TO_PENDING, external_userid=[])["errcode"] == 41035
    assert app.post(TO_PENDING, external_userid=["wm"] * 100)["errcode"] == 0
    assert app.post(TO_PENDING, external_userid=["wm"] * 101)["errcode"] == 40058
    assert app.post(TO_PENDING, external_userid=["wm"], chat_id="wr")["errcode"] == 40050


def test_a_suite_finds_a_person_in_every_corp_that_has_its_app(server: RunningServer) -> None:
    provider, other = Provider(server), Provider(server)
    first, second, without = (server.make_corp(seed="demo") for _ in range(3))
    ids = login(first, provider.id)
    expected = {}
    for corp in (first, second, without):
        external_userid = add(corp, unionid=ids["unionid"])
        if corp is not without:
            expected[corp.corpid] = new_id(provider.app_in(corp), external_userid)
    token = provider.suite_token()

    def found(**body: str) -> dict[str, str]:
        reply = provider.call(OF_SUITE, token=token, **{**ids, **body})
        assert reply["errcode"] == 0, reply
        return {row["corpid"]: row["external_userid"] for row in reply["external_userid_info"]}

    assert found() == expected
    assert len(set(expected.values())) == 2, "each corp has its own id for the person"
    assert found(corpid=second.corpid) == {second.corpid: expected[second.corpid]}
    assert provider.call(OF_SUITE, token=token, **ids, corpid=without.corpid)["errcode"] == 40013
    openid = login(second, unionid=ids["unionid"])["openid"]
    assert found(corpid=second.corpid, openid=openid) == {second.corpid: expected[second.corpid]}
    assert provider.call(OF_SUITE, token=token, **{**ids, "openid": openid})["errcode"] == 610018
    assert provider.call(OF_SUITE, token=token, unionid="oNo", openid="oNo")["errcode"] == 610014
    assert other.call(OF_SUITE, token=other.suite_token(), **ids)["errcode"] == 610014


def test_a_suite_does_not_find_customers_outside_its_apps_visible_range(
    provider: Provider, corp: Corp
) -> None:
    provider.app_in(corp, visible={"userid": ["lisi"]})
    ids = login(corp, provider.id)
    add(corp, "zhangsan", unionid=ids["unionid"])
    reply = provider.call(OF_SUITE, token=provider.suite_token(), **ids)
    assert (reply["errcode"], reply["external_userid_info"]) == (0, [])


@pytest.mark.parametrize(
    ("setting", "errcodes"),
    [
        ("unionid_bound", {OLD_UNIONID: 41057, CONVERT_UNIONID: 0}),
        ("corp_verified", {OLD_UNIONID: 610016, CONVERT_UNIONID: 610016, TO_PENDING: 610016}),
        ("open_platform_verified", {OLD_UNIONID: 610015, CONVERT_UNIONID: 610015, TO_PENDING: 0}),
    ],
)
def test_unionids_need_verified_and_bound_accounts(
    start_server: StartServer, setting: str, errcodes: dict[str, int]
) -> None:
    server = start_server(**{setting: False})
    corp = server.make_corp(seed="demo")
    app = Provider(server).app_in(corp)
    external_userid = add(corp)
    ids = login(corp, external_userid=external_userid)
    bodies: dict[str, Any] = {
        OLD_UNIONID: ids,
        CONVERT_UNIONID: ids,
        TO_PENDING: {"external_userid": [external_userid]},
    }
    assert {name: app.post(name, **bodies[name])["errcode"] for name in errcodes} == errcodes


def test_conversions_of_a_corp_are_limited_for_all_providers_together(start_server: StartServer) -> None:
    server = start_server(limit_unionid_hour=3, limit_unionid_day=5)
    server.sim.post("/clock", json={"freeze": True, "set": "2026-11-22T10:00:00+08:00"})
    corp = server.make_corp(seed="demo")
    provider, other = Provider(server), Provider(server)
    app, second = (one.app_in(corp, "provider_developed") for one in (provider, other))
    ids = login(corp)
    of_provider = {**login(corp, provider.id, unionid=ids["unionid"]), "subject_type": 1}

    def errcodes(*calls: tuple[WeCom, dict[str, Any]]) -> list[int]:
        return [int(one.post(CONVERT_UNIONID, **body)["errcode"]) for one, body in calls]

    refused = (app, {**ids, "openid": "x"})
    assert errcodes((app, ids), refused, (second, ids), (app, ids)) == [0, 610018, 0, 0]
    assert errcodes((app, ids), (second, ids), (app, of_provider)) == [45009, 45009, 0]
    server.sim.post("/clock", json={"advance_seconds": 3600})
    assert errcodes((app, ids), (app, ids), (app, ids)) == [0, 0, 45009], "five a day"
    server.sim.post("/clock", json={"set": "2026-11-23T00:00:00+08:00"})
    app, second = with_new_token(app), with_new_token(second)
    assert errcodes((app, ids), (second, ids)) == [0, 0]


def test_suite_conversions_are_limited_per_provider_unless_limits_are_off(start_server: StartServer) -> None:
    for rate_limits, expected in ((True, [0, 0, 45009]), (False, [0, 0, 0])):
        server = start_server(limit_unionid_3rd_hour=2, rate_limits=rate_limits)
        server.sim.post("/clock", json={"freeze": True})
        provider, other = Provider(server), Provider(server)
        for one, codes in ((provider, expected), (other, [0])):
            ids, token = login(server.make_corp(), one.id), one.suite_token()
            assert [one.call(OF_SUITE, token=token, **ids)["errcode"] for _ in codes] == codes


# --- ids in two scopes -------------------------------------------------------------------------------------


def test_each_provider_has_its_own_stable_id_for_a_customer(provider: Provider, corp: Corp) -> None:
    app, developed = provider.app_in(corp), provider.app_in(corp, "provider_developed")
    other = Provider(corp.server).app_in(corp)
    external_userid, unseen = add(corp), add(corp, "lisi")
    scoped = new_id(app, external_userid)
    assert scoped.startswith("wm")
    assert len(scoped) == len(external_userid)
    assert scoped == new_id(developed, external_userid) == new_id(app, scoped)
    assert scoped != new_id(other, external_userid)
    assert other.post(NEW_ID, external_userid_list=[scoped])["items"] == []
    narrow = provider.app_in(corp, visible={"userid": ["zhangsan"]})
    asked = [external_userid, unseen, "wmNobody", scoped, external_userid]
    assert narrow.post(NEW_ID, external_userid_list=asked)["items"] == [
        {"external_userid": external_userid, "new_external_userid": scoped},
        {"external_userid": scoped, "new_external_userid": scoped},
    ]


def test_up_to_a_thousand_ids_are_converted_at_once(provider: Provider, corp: Corp, wecom: WeCom) -> None:
    app = provider.app_in(corp)
    customers = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"]
    items = app.post(NEW_ID, external_userid_list=customers)["items"]
    assert [item["external_userid"] for item in items] == customers
    assert len({item["new_external_userid"] for item in items}) == len(customers)
    for operation, name in (
        (NEW_ID, "external_userid_list"),
        ("idconvert/external_tagid", "external_tagid_list"),
    ):
        assert app.post(operation, {name: ["x"] * 1000})["errcode"] == 0
        assert app.post(operation, {name: ["x"] * 1001})["errcode"] == 40058
    assert app.post(NEW_ID, external_userid_list=[])["errcode"] == 41035
    assert wecom.post(NEW_ID, external_userid_list=customers)["errcode"] == 48002


def test_after_the_migration_a_third_party_app_knows_only_the_providers_ids(
    provider: Provider, corp: Corp
) -> None:
    third, developed = provider.app_in(corp), provider.app_in(corp, "provider_developed")
    external_userid = add(corp)
    scoped = new_id(third, external_userid)
    openid = "externalcontact/convert_to_openid"
    assert third.post(openid, external_userid=external_userid)["errcode"] == 0
    for _ in range(2):
        reply = provider.call(FINISH, token=provider.provider_token(), corpid=corp.corpid)
        assert reply == {"errcode": 0, "errmsg": "ok"}
    assert third.post(NEW_ID, external_userid_list=[external_userid])["errcode"] == 48002
    assert third.post(openid, external_userid=external_userid)["errcode"] == 40096
    assert third.post(openid, external_userid=scoped)["errcode"] == 0
    assert new_id(developed, external_userid) == scoped
    assert developed.post(openid, external_userid=external_userid)["errcode"] == 0


def test_finishing_a_migration_needs_another_corp_that_has_the_app(provider: Provider, corp: Corp) -> None:
    def errcode(corpid: str) -> int:
        return int(provider.call(FINISH, token=provider.provider_token(), corpid=corpid)["errcode"])

    assert errcode("") == 41002
    assert errcode(corp.corpid) == 40013
    provider.app_in(corp, "provider_developed")
    assert errcode(corp.corpid) == 40013, "a provider-developed app is not a third-party app"
    assert errcode(provider.id) == 610022


def test_a_corp_that_exists_becomes_a_provider(corp: Corp) -> None:
    provider = Provider(corp.server, corpid=corp.corpid)
    assert provider.id == corp.corpid
    reply = provider.call(FINISH, token=provider.provider_token(), corpid=corp.corpid)
    assert reply["errcode"] == 610022


def test_a_provider_developed_app_converts_to_the_third_party_apps_id(provider: Provider, corp: Corp) -> None:
    developed = provider.app_in(corp, "provider_developed", visible={"userid": ["zhangsan"]})
    external_userid, unseen = add(corp), add(corp, "lisi")

    def reply(id_: str = external_userid) -> dict[str, Any]:
        return developed.post("externalcontact/to_service_external_userid", external_userid=id_)

    assert reply("")["errcode"] == 41035
    assert reply()["errcode"] == 610019
    Provider(corp.server).app_in(corp)
    assert reply()["errcode"] == 610020
    unlisted = provider.app_in(corp, "third_party_unlisted")
    assert reply()["errcode"] == 610021
    assert unlisted.post(NEW_ID, external_userid_list=[external_userid])["errcode"] == 48002
    third = provider.app_in(corp)
    assert reply()["external_userid"] == new_id(third, external_userid)
    assert reply(unseen)["errcode"] == 40096
    assert reply("wmNobody")["errcode"] == 40096
    assert third.post("externalcontact/to_service_external_userid")["errcode"] == 48002


def test_a_self_built_app_converts_a_providers_id_to_the_corps(provider: Provider, corp: Corp) -> None:
    third = provider.app_in(corp, visible={"userid": ["zhangsan"]})
    broad = provider.app_in(corp)
    external_userid, of_lisi = add(corp), add(corp, "lisi")
    scoped, scoped_of_lisi = new_id(third, external_userid), new_id(broad, of_lisi)
    operation = "externalcontact/from_service_external_userid"

    def ask(app: WeCom, id_: str, source: int) -> dict[str, Any]:
        return app.post(operation, external_userid=id_, source_agentid=source)

    for kind in ("self_built", "self_built_unlisted"):
        app = corp.client(corp.app_of_kind(kind))
        assert ask(app, scoped, third.agentid)["external_userid"] == external_userid
    assert ask(app, scoped_of_lisi, broad.agentid)["external_userid"] == of_lisi
    assert ask(app, scoped_of_lisi, third.agentid)["errcode"] == 40096, "the source does not see lisi"
    narrow = corp.client(corp.new_app(visible={"userid": ["lisi"]}))
    assert ask(narrow, scoped, broad.agentid)["errcode"] == 40096, "the caller does not see zhangsan"
    assert ask(app, external_userid, third.agentid)["errcode"] == 40096, "the corp's own id"
    stranger = Provider(corp.server).app_in(corp)
    assert ask(app, scoped, stranger.agentid)["errcode"] == 40096, "another provider's app"
    assert ask(app, scoped, app.agentid)["errcode"] == 40056
    assert ask(app, "", third.agentid)["errcode"] == 41035
    assert app.post(operation, external_userid=scoped)["errcode"] == 40063
    assert ask(third, scoped, third.agentid)["errcode"] == 48002


def test_tags_and_tag_groups_are_converted_to_the_providers_ids(
    provider: Provider, corp: Corp, wecom: WeCom
) -> None:
    app = provider.app_in(corp)
    group = wecom.post(
        "externalcontact/add_corp_tag", group_name="渠道", tag=[{"name": "甲"}, {"name": "乙"}]
    )
    group_id = group["tag_group"]["group_id"]
    living, deleted = (tag["id"] for tag in group["tag_group"]["tag"])
    assert wecom.post("externalcontact/del_corp_tag", tag_id=[deleted])["errcode"] == 0
    operation = "idconvert/external_tagid"
    reply = app.post(operation, external_tagid_list=[living, group_id, deleted, "etNone", living])
    converted = {item["external_tagid"]: item["open_external_tagid"] for item in reply["items"]}
    assert list(converted) == [living, group_id]
    assert set(converted.values()).isdisjoint(converted)
    assert reply["invalid_external_tagid_list"] == [deleted, "etNone"]
    again = app.post(operation, external_tagid_list=list(converted.values()))
    assert "invalid_external_tagid_list" not in again
    assert [item["open_external_tagid"] for item in again["items"]] == list(converted.values())
    assert app.post(operation, external_tagid_list=[])["errcode"] == 41017
    assert wecom.post(operation, external_tagid_list=[living])["errcode"] == 48002


def test_mini_program_logins_of_wecom_users_and_wrong_unionids_are_refused(corp: Corp) -> None:
    external_userid = add(corp, type=2, corp_name="丙公司")
    wanted = {"act": "person_opens_mini_program", "external_userid": external_userid}
    assert corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=wanted).status_code == 422
    wanted = {"act": "person_opens_mini_program", "external_userid": add(corp), "unionid": "oOther"}
    assert corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=wanted).status_code == 422


def test_deleting_a_corp_deletes_its_converted_ids(provider: Provider, corp: Corp) -> None:
    third = provider.app_in(corp)
    scoped = new_id(third, add(corp))
    third.post(CONVERT_UNIONID, **login(corp))
    provider.call(FINISH, token=provider.provider_token(), corpid=corp.corpid)
    assert corp.server.sim.delete(f"/corps/{corp.corpid}").status_code == 200
    assert third.post("externalcontact/convert_to_openid", external_userid=scoped)["errcode"] == 40014
    assert provider.call(FINISH, token=provider.provider_token(), corpid=corp.corpid)["errcode"] == 40013


def test_a_suite_needs_a_verified_open_platform_account(start_server: StartServer) -> None:
    provider = Provider(start_server(open_platform_verified=False))
    reply = provider.call(OF_SUITE, token=provider.suite_token(), unionid="o", openid="o")
    assert reply["errcode"] == 610015


def test_too_many_wrong_secrets_bar_an_address_from_provider_tokens(start_server: StartServer) -> None:
    provider = Provider(start_server(limit_wrong_secret_hour=2))
    keys = {name: provider.made[name] for name in ("suite_id", "suite_secret", "suite_ticket")}
    wrong = {**keys, "suite_secret": "x"}
    answers = [provider.call("service/get_suite_token", **wrong)["errcode"] for _ in range(3)]
    assert answers[:2] == [40080, 40080]
    assert provider.call("service/get_suite_token", **keys)["errcode"] == 45009
    secret = provider.made["provider_secret"]
    reply = provider.call("service/get_provider_token", corpid=provider.id, provider_secret=secret)
    assert reply["errcode"] == 45009
