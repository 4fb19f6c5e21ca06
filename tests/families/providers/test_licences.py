"""Providers' apps and members without an interop account (互通账号): what is left out, and 701008."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.providers.licences import UNLICENSED, license_members, put
from tests.providers import Provider
from wecom_tollbooth.families.providers import licences

StartServer = Callable[..., RunningServer]
LIST, GET = "externalcontact/list", "externalcontact/get"
BATCH = "externalcontact/batch/get_by_user"
GROUPS, GROUP = "externalcontact/groupchat/list", "externalcontact/groupchat/get"
STAFF = ["zhangsan", "lisi", "wangwu"]


@pytest.fixture
def provider(server: RunningServer) -> Provider:
    return Provider(server)


@pytest.fixture
def app(provider: Provider, corp: Corp) -> WeCom:
    return provider.app_in(corp)


def act(corp: Corp, name: str, **fields: Any) -> dict[str, Any]:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": name, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def customer_of(corp: Corp, *userids: str) -> str:
    """A new customer of all these members."""
    first, *others = userids
    customer = str(act(corp, "member_adds_customer", userid=first)["external_userid"])
    for userid in others:
        act(corp, "member_adds_customer", userid=userid, external_userid=customer)
    return customer


def group_of(corp: Corp, userid: str) -> str:
    return str(act(corp, "member_creates_group", userid=userid)["chat_id"])


def followers(reply: dict[str, Any]) -> list[str]:
    assert reply["errcode"] == 0, reply
    return [follow["userid"] for follow in reply["follow_user"]]


def owners_listed(app: WeCom, corp: Corp, **body: Any) -> list[str]:
    """The owners of the groups that the app sees, looked up by the corp's own app."""
    reply = app.post(GROUPS, limit=100, **body)
    assert reply["errcode"] == 0, reply
    own = corp.client()
    chats = [own.post(GROUP, chat_id=chat["chat_id"]) for chat in reply["group_chat_list"]]
    return [chat["group_chat"]["owner"] for chat in chats]


def test_accounts_are_needed_only_while_licences_are_enforced(
    provider: Provider, corp: Corp, app: WeCom
) -> None:
    shown = {"provider_id": provider.id, "enforced": False, "accounts": []}
    assert corp.sim("licences") == {"corpid": corp.corpid, "providers": [shown]}
    assert app.get(LIST, userid="zhangsan")["errcode"] == 0
    assert "fail_info" not in app.post(BATCH, userid_list=STAFF)
    license_members(provider, corp)
    assert app.get(LIST, userid="zhangsan")["errcode"] == UNLICENSED
    put(provider, corp, enforced=False)
    assert app.get(LIST, userid="zhangsan")["errcode"] == 0


def test_licences_are_shown_as_they_were_set(provider: Provider, corp: Corp, app: WeCom) -> None:
    now = int(corp.server.sim.get("/clock").json()["now"])
    accounts = [
        {"userid": "ZhangSan", "type": "interop", "expires_at": now + 86_400},
        {"userid": "zhangsan", "type": "base", "expires_at": now - 1},
        {"userid": "lisi", "type": "base", "expires_at": "2099-01-01T00:00:00+08:00"},
    ]
    over_long = corp.server.sim.put(
        f"/corps/{corp.corpid}/licences/{provider.id}", json={"accounts": accounts}
    )
    assert (over_long.status_code, "accounts.2.expires_at" in over_long.json()["error"]) == (422, True)
    made = put(provider, corp, accounts=accounts[:2])
    assert made == {
        "corpid": corp.corpid,
        "provider_id": provider.id,
        "enforced": False,
        "accounts": [
            {"userid": "zhangsan", "type": "base", "expires_at": now - 1, "valid": False},
            {"userid": "zhangsan", "type": "interop", "expires_at": now + 86_400, "valid": True},
        ],
    }
    enforced = put(provider, corp, enforced=True)
    assert (enforced["enforced"], enforced["accounts"]) == (True, made["accounts"])
    assert corp.sim("licences")["providers"] == [{k: v for k, v in enforced.items() if k != "corpid"}]
    assert put(provider, corp, accounts=[])["accounts"] == []


@pytest.mark.parametrize("operation", [LIST, "crm/get_external_contact_list"])
def test_listing_customers_of_an_unlicensed_member_answers_701008(
    provider: Provider, corp: Corp, app: WeCom, operation: str
) -> None:
    license_members(provider, corp, "zhangsan")
    assert app.get(operation, userid="zhangsan")["errcode"] == 0
    refused = app.get(operation, userid="lisi")
    assert (refused["errcode"], refused["external_userid"]) == (UNLICENSED, [])
    assert "lisi has no valid interop account" in corp.sim("calls", errcode=UNLICENSED)["calls"][0]["detail"]


@pytest.mark.parametrize("kind", ["third_party", "provider_developed"])
def test_an_account_covers_all_apps_of_one_provider_only(provider: Provider, corp: Corp, kind: str) -> None:
    apps = [provider.app_in(corp, kind), provider.app_in(corp, kind)]
    other = Provider(corp.server)
    of_other = other.app_in(corp, kind)
    license_members(provider, corp, "zhangsan")
    license_members(other, corp, "lisi")
    for userid, answers in {"zhangsan": [0, 0, UNLICENSED], "lisi": [UNLICENSED, UNLICENSED, 0]}.items():
        assert [one.get(LIST, userid=userid)["errcode"] for one in (*apps, of_other)] == answers
    assert [corp.client().get(LIST, userid=userid)["errcode"] for userid in STAFF] == [0, 0, 0]


def test_calls_of_the_corps_own_apps_run_no_licence_query(
    provider: Provider, corp: Corp, app: WeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    license_members(provider, corp)
    chat_id, customer = group_of(corp, "zhangsan"), customer_of(corp, "zhangsan")
    monkeypatch.delattr(licences, "_ENFORCED_FOR")
    monkeypatch.delattr(licences, "_LICENSED_AMONG")
    own = corp.client()
    for reply in (
        own.get(LIST, userid="zhangsan"),
        own.get(GET, external_userid=customer),
        own.post(BATCH, userid_list=STAFF),
        own.post(GROUPS, limit=10),
        own.post(GROUP, chat_id=chat_id),
    ):
        assert (reply["errcode"], "fail_info" in reply) == (0, False)


def test_a_base_account_is_not_enough_for_customers(provider: Provider, corp: Corp, app: WeCom) -> None:
    license_members(provider, corp, "zhangsan", type="base")
    assert app.get(LIST, userid="zhangsan")["errcode"] == UNLICENSED


def test_followers_without_an_account_are_left_out_of_a_customer(
    provider: Provider, corp: Corp, app: WeCom
) -> None:
    customer = customer_of(corp, *STAFF)
    assert set(followers(app.get(GET, external_userid=customer))) == set(STAFF)
    license_members(provider, corp, "lisi", "wangwu")
    assert followers(app.get(GET, external_userid=customer)) == ["lisi", "wangwu"]
    assert set(followers(corp.client().get(GET, external_userid=customer))) == set(STAFF)
    license_members(provider, corp, "zhaoliu")
    refused = app.get(GET, external_userid=customer)
    assert (refused["errcode"], refused["follow_user"]) == (UNLICENSED, [])


def test_visibility_and_relation_are_checked_before_licences(provider: Provider, corp: Corp) -> None:
    app = provider.app_in(corp, visible={"userid": ["lisi"], "partyid": []})
    customer = customer_of(corp, "zhangsan")
    license_members(provider, corp)
    assert app.get(GET, external_userid=customer)["errcode"] == 60011
    act(corp, "member_deletes_customer", userid="zhangsan", external_userid=customer)
    assert app.get(GET, external_userid=customer)["errcode"] == 84061
    assert app.get(LIST, userid="nobody")["errcode"] == 40003
    assert app.get(LIST, userid="zhangsan")["errcode"] == 60011


def test_pages_of_followers_stay_full_when_some_are_unlicensed(
    provider: Provider, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    corp = server.make_corp(seed="demo", members=7, customers=0)
    app = provider.app_in(corp)
    staff = sorted(corp.client().get("externalcontact/get_follow_user_list")["follow_user"])
    customer = customer_of(corp, *staff)
    license_members(provider, corp, *staff[2:6])
    monkeypatch.setattr("wecom_tollbooth.families.customers.detail.FOLLOWERS_A_PAGE", 3)
    first = app.get(GET, external_userid=customer)
    assert followers(first) == staff[2:5]
    second = app.get(GET, external_userid=customer, cursor=first["next_cursor"])
    assert (followers(second), "next_cursor" in second) == (staff[5:6], False)


def test_every_page_of_a_batch_names_the_unlicensed_members(
    provider: Provider, corp: Corp, app: WeCom
) -> None:
    license_members(provider, corp, "zhangsan", "wangwu")
    pages: list[dict[str, Any]] = []
    cursor = ""
    while not pages or cursor:
        pages.append(app.post(BATCH, userid_list=["LiSi", "zhangsan", "wangwu"], cursor=cursor, limit=3))
        cursor = pages[-1]["next_cursor"]
    assert len(pages) > 1
    assert [page["fail_info"] for page in pages] == [{"unlicensed_userid_list": ["lisi"]}] * len(pages)
    shown = [entry["follow_info"]["userid"] for page in pages for entry in page["external_contact_list"]]
    own = corp.client().post(BATCH, userid_list=["zhangsan", "wangwu"], limit=100)
    assert shown == [entry["follow_info"]["userid"] for entry in own["external_contact_list"]]
    assert set(shown) == {"zhangsan", "wangwu"}


def test_a_batch_without_unlicensed_members_has_no_fail_info(
    provider: Provider, corp: Corp, app: WeCom
) -> None:
    license_members(provider, corp, "zhangsan")
    reply = app.post(BATCH, userid_list=["zhangsan"])
    assert (reply["errcode"], "fail_info" in reply) == (0, False)


def test_a_batch_of_only_unlicensed_members_answers_701008(
    provider: Provider, corp: Corp, app: WeCom
) -> None:
    license_members(provider, corp, "zhangsan")
    refused = app.post(BATCH, userid_list=["lisi", "wangwu"])
    assert (refused["errcode"], refused["external_contact_list"]) == (UNLICENSED, [])


def test_a_batch_does_not_mention_members_outside_the_visible_range(provider: Provider, corp: Corp) -> None:
    app = provider.app_in(corp, visible={"userid": ["lisi", "wangwu"], "partyid": []})
    license_members(provider, corp, "zhangsan", "lisi")
    reply = app.post(BATCH, userid_list=["sunqi", "zhangsan", "lisi", "wangwu"])
    assert reply["fail_info"] == {"unlicensed_userid_list": ["wangwu"]}
    assert {entry["follow_info"]["userid"] for entry in reply["external_contact_list"]} == {"lisi"}
    hidden = app.post(BATCH, userid_list=["sunqi"])
    assert (hidden["errcode"], hidden["external_contact_list"]) == (0, [])
    records = corp.sim("ledger", meter="seats.interop")["records"]
    assert sorted(record["subject"] for record in records) == ["lisi", "zhangsan"], (
        "seats are taken only for visible members"
    )


def test_groups_of_owners_without_an_account_are_left_out(provider: Provider, corp: Corp, app: WeCom) -> None:
    for userid in STAFF:
        group_of(corp, userid)
    license_members(provider, corp, "lisi")
    assert owners_listed(app, corp) == ["lisi"]
    assert owners_listed(app, corp, owner_filter={"userid_list": ["zhangsan", "lisi"]}) == ["lisi"]
    assert owners_listed(corp.client(), corp) == STAFF
    refused = app.post(GROUPS, limit=10, owner_filter={"userid_list": ["zhangsan", "wangwu"]})
    assert (refused["errcode"], refused["group_chat_list"]) == (UNLICENSED, [])
    license_members(provider, corp, "zhaoliu")
    assert app.post(GROUPS, limit=10)["errcode"] == UNLICENSED


def test_a_corp_without_groups_gets_an_empty_list(provider: Provider, corp: Corp, app: WeCom) -> None:
    license_members(provider, corp)
    reply = app.post(GROUPS, limit=10)
    assert (reply["errcode"], reply["group_chat_list"]) == (0, [])


def test_pages_of_groups_stay_full_when_some_owners_are_unlicensed(
    provider: Provider, corp: Corp, app: WeCom
) -> None:
    for userid in ("zhangsan", "lisi", "zhangsan", "lisi", "lisi"):
        group_of(corp, userid)
    license_members(provider, corp, "lisi")
    first = app.post(GROUPS, limit=2)
    second = app.post(GROUPS, limit=2, cursor=first["next_cursor"])
    assert [len(page["group_chat_list"]) for page in (first, second)] == [2, 1]
    assert second["next_cursor"] == ""


def test_a_group_is_shown_while_its_owner_has_an_account(provider: Provider, corp: Corp, app: WeCom) -> None:
    chat_id = group_of(corp, "zhangsan")
    license_members(provider, corp, "zhangsan")
    assert app.post(GROUP, chat_id=chat_id)["group_chat"]["owner"] == "zhangsan"
    license_members(provider, corp, "lisi")
    assert app.post(GROUP, chat_id=chat_id)["errcode"] == UNLICENSED
    assert app.post(GROUP, chat_id="none")["errcode"] == 40050


def test_a_member_who_leaves_loses_the_account(provider: Provider, corp: Corp, app: WeCom) -> None:
    chat_id = group_of(corp, "lisi")
    license_members(provider, corp, "zhangsan", "lisi")
    act(corp, "member_leaves_corp", userid="lisi")
    assert app.post(GROUP, chat_id=chat_id)["errcode"] == UNLICENSED
    assert app.post(GROUPS, limit=10, owner_filter={"userid_list": ["lisi"]})["errcode"] == UNLICENSED
    accounts = corp.sim("licences")["providers"][0]["accounts"]
    assert [account["userid"] for account in accounts] == ["zhangsan"]


def test_other_customer_operations_need_no_account(provider: Provider, corp: Corp, app: WeCom) -> None:
    customer = customer_of(corp, "zhangsan")
    license_members(provider, corp)
    remarked = app.post(
        "externalcontact/remark", userid="zhangsan", external_userid=customer, remark="老客户"
    )
    assert remarked["errcode"] == 0
    assert "zhangsan" in app.get("externalcontact/get_follow_user_list")["follow_user"]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def test_an_account_ends_at_midnight_after_its_last_day_and_can_be_renewed(start_server: StartServer) -> None:
    """WeCom's example: 12 months of 31 days from 2022-05-17 12:30 end on 2023-05-25 at 0:00."""
    server = start_server()
    server.sim.post("/clock", json={"set": "2022-05-17T12:30:00+08:00", "freeze": True})
    provider, corp = Provider(server), server.make_corp(seed="demo")
    app = provider.app_in(corp, "provider_developed")
    (account,) = license_members(provider, corp, "zhangsan")["accounts"]
    assert account["expires_at"] == at("2023-05-25T00:00:00+08:00")

    server.sim.post("/clock", json={"set": "2023-05-24T23:59:59+08:00"})
    apps = server.sim.get(f"/corps/{corp.corpid}").json()["apps"]
    app = corp.client(next(one for one in apps if one["agentid"] == app.agentid))
    assert app.get(LIST, userid="zhangsan")["errcode"] == 0
    server.sim.post("/clock", json={"advance_seconds": 1})
    assert app.get(LIST, userid="zhangsan")["errcode"] == UNLICENSED
    (expired,) = corp.sim("licences")["providers"][0]["accounts"]
    assert (expired["userid"], expired["valid"]) == ("zhangsan", False)

    (renewed,) = license_members(provider, corp, "zhangsan", months=1, days=2)["accounts"]
    assert renewed["expires_at"] == at("2023-05-25T00:00:00+08:00") + 34 * 86_400
    assert app.get(LIST, userid="zhangsan")["errcode"] == 0


def test_an_account_that_expires_between_pages_is_named_on_the_next_page(start_server: StartServer) -> None:
    server = start_server()
    now = server.sim.post("/clock", json={"freeze": True}).json()["now"]
    provider, corp = Provider(server), server.make_corp(seed="demo")
    app = provider.app_in(corp)
    put(
        provider,
        corp,
        enforced=True,
        accounts=[
            {"userid": "zhangsan", "type": "interop", "expires_at": now + 60},
            {"userid": "lisi", "type": "interop", "expires_at": now + 3600},
        ],
    )
    first = app.post(BATCH, userid_list=["zhangsan", "lisi"], limit=1)
    server.sim.post("/clock", json={"advance_seconds": 60})
    second = app.post(BATCH, userid_list=["zhangsan", "lisi"], limit=100, cursor=first["next_cursor"])
    assert ("fail_info" in first, second["fail_info"]) == (False, {"unlicensed_userid_list": ["zhangsan"]})
    assert {entry["follow_info"]["userid"] for entry in second["external_contact_list"]} == {"lisi"}


LASTING = {"userid": "zhangsan", "type": "interop", "months": 1}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "give enforced, accounts or both"),
        ({"enforced": None}, "give enforced, accounts or both"),
        ({"enforced": 1}, "body.enforced: Input should be a valid boolean"),
        ({"accounts": {}}, "body.accounts: Input should be a valid list"),
        ({"licences": []}, "Extra inputs are not permitted"),
        ({"accounts": [{**LASTING, "type": 2}]}, "Input should be 'base' or 'interop'"),
        ({"accounts": [{**LASTING, "state": 1}]}, "Extra inputs are not permitted"),
        (
            {"accounts": [{**LASTING, "months": "1"}]},
            "body.accounts.0.months: Input should be a valid integer",
        ),
        ({"accounts": [{**LASTING, "months": 0, "days": 30}]}, "30 days; an account lasts 31 to 1860"),
        ({"accounts": [{**LASTING, "months": 60, "days": 1}]}, "1861 days; an account lasts 31 to 1860"),
        ({"accounts": [{**LASTING, "months": 0}]}, "give the duration by expires_at, or by months and days"),
        ({"accounts": [{**LASTING, "expires_at": 1_900_000_000}]}, "not by both"),
        ({"accounts": [{**LASTING, "months": 0, "expires_at": "soon"}]}, "is not a time from 2015 to 2099"),
        ({"accounts": [{**LASTING, "userid": "nobody"}]}, "accounts.0.userid: 'nobody' is not a member"),
        (
            {"accounts": [LASTING, {**LASTING, "userid": "ZHANGSAN"}]},
            "accounts.1: zhangsan has two interop accounts in the list",
        ),
    ],
)
def test_invalid_licences_are_refused_and_change_nothing(
    provider: Provider, corp: Corp, app: WeCom, body: dict[str, Any], sentence: str
) -> None:
    license_members(provider, corp, "lisi")
    before = corp.sim("licences")
    answer = corp.server.sim.put(f"/corps/{corp.corpid}/licences/{provider.id}", json=body)
    assert (answer.status_code, sentence in answer.json()["error"]) == (422, True), answer.text
    assert corp.sim("licences") == before


def test_licences_need_an_existing_corp_provider_and_app(provider: Provider, corp: Corp) -> None:
    sim = corp.server.sim
    body = {"enforced": True}
    for path in (f"/corps/ww0/licences/{provider.id}", f"/corps/{corp.corpid}/licences/ww0"):
        assert sim.put(path, json=body).status_code == 404
    assert sim.get("/corps/ww0/licences").status_code == 404
    without_app = sim.put(f"/corps/{corp.corpid}/licences/{provider.id}", json=body)
    assert (without_app.status_code, "has no app in" in without_app.json()["error"]) == (422, True)
