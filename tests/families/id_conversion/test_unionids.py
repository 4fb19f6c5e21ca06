"""ID 转换: openids and unionids of persons, and pending ids."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.id_conversion.apps import CONVERT_UNIONID, OF_SUITE, StartServer, act, add, login, new_id
from tests.providers import Provider

DAY = 86_400
TO_PENDING = "idconvert/batch/external_userid_to_pending_id"
OLD_UNIONID = "externalcontact/unionid_to_external_userid"


def with_new_token(app: WeCom) -> WeCom:
    """The same provider-developed app with a new token."""
    apps = app.corp.server.sim.get(f"/corps/{app.corp.corpid}").json()["apps"]
    return app.corp.client(next(one for one in apps if one["agentid"] == app.agentid))


# --- openid ----------------------------------------------------------------------------------------------


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


# --- unionids --------------------------------------------------------------------------------------------


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


def test_a_non_customer_gets_a_pending_id_that_later_resolves_to_the_customer(
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


# --- people who are only in a customer group -------------------------------------------------------------


def test_somebody_who_is_only_in_a_customer_group_is_a_customer_for_conversions(
    provider: Provider, corp: Corp
) -> None:
    chat_id = act(corp, "member_creates_group", corp.server, userid="zhangsan")["chat_id"]
    third, developed = provider.app_in(corp), provider.app_in(corp, "provider_developed")
    narrow = provider.app_in(corp, visible={"userid": ["lisi"]})
    ids = login(corp)
    assert third.post(OLD_UNIONID, **ids)["errcode"] == 84061
    pending_id = third.post(CONVERT_UNIONID, **ids)["pending_id"]
    came = act(corp, "join_group", corp.server, chat_id=chat_id, unionid=ids["unionid"])
    external_userid = came["external_userid"]
    in_group = {"chat_id": chat_id, "external_userid_list": [external_userid]}
    (item,) = third.post("externalcontact/groupchat/get_new_external_userid", in_group)["items"]
    scoped = item["new_external_userid"]
    for operation in (OLD_UNIONID, CONVERT_UNIONID):
        assert third.post(operation, **ids)["external_userid"] == scoped
        assert developed.post(operation, **ids)["external_userid"] == external_userid
    assert narrow.post(OLD_UNIONID, **ids)["errcode"] == 84061, "it doesn't see the owner"
    assert "external_userid" not in narrow.post(CONVERT_UNIONID, **ids)
    assert third.post(TO_PENDING, external_userid=[scoped])["result"] == [], "only followers count here"
    with_group = third.post(TO_PENDING, external_userid=[scoped], chat_id=chat_id)["result"]
    assert with_group == [{"external_userid": scoped, "pending_id": pending_id}]
    of_provider = login(corp, provider.id, unionid=ids["unionid"])
    found = provider.call(OF_SUITE, token=provider.suite_token(), **of_provider)["external_userid_info"]
    assert found == [{"corpid": corp.corpid, "external_userid": scoped}]

    back = {"external_userid": scoped, "source_agentid": third.agentid}
    operation = "externalcontact/from_service_external_userid"
    assert corp.client().post(operation, back)["external_userid"] == external_userid
    no_owner = corp.client(corp.new_app(visible={"userid": ["lisi"]}))
    assert no_owner.post(operation, back)["errcode"] == 40096
    back["source_agentid"] = narrow.agentid
    assert corp.client().post(operation, back)["errcode"] == 40096, "the source doesn't see the owner"

    act(corp, "leave_group", corp.server, chat_id=chat_id, people=[external_userid])
    assert third.post(OLD_UNIONID, **ids)["errcode"] == 84061


def test_a_group_of_an_owner_who_may_have_no_customers_does_not_count(provider: Provider, corp: Corp) -> None:
    app, ids = provider.app_in(corp), login(corp)
    chat_id = act(corp, "member_creates_group", corp.server, userid="lisi")["chat_id"]
    act(corp, "join_group", corp.server, chat_id=chat_id, unionid=ids["unionid"])
    assert app.post(OLD_UNIONID, **ids)["errcode"] == 0
    act(corp, "admin_sets_follow_right", corp.server, userid="lisi", may_follow=False)
    assert app.post(OLD_UNIONID, **ids)["errcode"] == 84061


def test_a_marketing_app_gets_no_ids_of_people_in_groups(provider: Provider, corp: Corp) -> None:
    app, ids = provider.app_in(corp, "marketing"), login(corp)
    chat_id = act(corp, "member_creates_group", corp.server, userid="zhangsan")["chat_id"]
    act(corp, "join_group", corp.server, chat_id=chat_id, unionid=ids["unionid"])
    assert "external_userid" not in app.post(CONVERT_UNIONID, **ids)
