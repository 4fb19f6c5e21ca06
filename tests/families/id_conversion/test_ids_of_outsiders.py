"""Ids of downstream customers, of parents of a school, and tmp_external_userids."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act, act_error
from tests.providers import Provider

StartServer = Callable[..., RunningServer]

DOWNSTREAM = "corpgroup/unionid_to_external_userid"
PARENTS = "externalcontact/batch_to_external_userid"
TEMPORARY = "idconvert/convert_tmp_external_userid"
CUSTOMER, LINKED, STREAM, CIRCLE = 1, 2, 3, 4


def group(corp: Corp, *corps: Corp, **wanted: Any) -> dict[str, Any]:
    wanted.setdefault("agentids", [corp.apps[0]["agentid"]])
    body = {"corps": [one.corpid for one in corps], **wanted}
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/corp_groups", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def customer_everywhere(brand: Corp, *shops: Corp) -> dict[str, str]:
    """unionid and openid of a user of the brand's mini-program whom a member of each shop added."""
    person = act(brand, "person_opens_mini_program")
    for shop in shops:
        act(shop, "member_adds_customer", userid="zhangsan", unionid=person["unionid"])
    return {"unionid": person["unionid"], "openid": person["openid"]}


@pytest.fixture
def shop(server: RunningServer) -> Corp:
    return server.make_corp(seed="demo", customers=0)


# --- groups of corps -------------------------------------------------------------------------------------


def test_groups_of_corps_are_created_and_listed(corp: Corp, shop: Corp) -> None:
    made = group(corp, shop, name="经销商")
    assert made["corps"] == [shop.corpid]
    assert made["agentids"] == [corp.apps[0]["agentid"]]
    assert corp.sim("corp_groups") == {"corp_groups": [made]}
    assert shop.sim("corp_groups") == {"corp_groups": []}


@pytest.mark.parametrize(
    "wrong",
    [{"corps": ["ww0"]}, {"agentids": [1]}, {"agentids": [2**63]}, {"corps": []}, {"kind": "friends"}],
)
def test_a_group_needs_existing_corps_and_apps(corp: Corp, shop: Corp, wrong: dict[str, Any]) -> None:
    body = {"corps": [shop.corpid], **wrong}
    assert corp.server.sim.post(f"/corps/{corp.corpid}/corp_groups", json=body).status_code == 422
    itself = {"corps": [corp.corpid]}
    assert corp.server.sim.post(f"/corps/{corp.corpid}/corp_groups", json=itself).status_code == 422


# --- downstream ------------------------------------------------------------------------------------------


def test_a_person_has_a_different_id_in_each_downstream_corp(corp: Corp, wecom: WeCom, shop: Corp) -> None:
    other = corp.server.make_corp(seed="demo", customers=0)
    apart = corp.server.make_corp(seed="demo", customers=0)
    group(corp, shop, other)
    person = customer_everywhere(corp, shop, other, apart)
    reply = wecom.post(DOWNSTREAM, **person)
    assert reply["errcode"] == 0
    found = {one["corpid"]: one["external_userid"] for one in reply["external_userid_info"]}
    assert set(found) == {shop.corpid, other.corpid}
    assert len(set(found.values())) == 2
    theirs = shop.client().get("externalcontact/list", userid="zhangsan")["external_userid"]
    assert found[shop.corpid] not in theirs
    (one,) = wecom.post(DOWNSTREAM, **person, corpid=shop.corpid)["external_userid_info"]
    assert one == {"corpid": shop.corpid, "external_userid": found[shop.corpid]}


def test_each_upstream_corp_has_its_own_id_for_a_person(corp: Corp, shop: Corp) -> None:
    rival = corp.server.make_corp(seed="demo")
    ids = set()
    for brand in (corp, rival):
        group(brand, shop)
        person = act(brand, "person_opens_mini_program", unionid="oThePersonWithTwoBrands")
        act(
            shop,
            "member_adds_customer",
            userid="zhangsan" if brand is corp else "lisi",
            unionid=person["unionid"],
        )
        (one,) = brand.client().post(DOWNSTREAM, unionid=person["unionid"], openid=person["openid"])[
            "external_userid_info"
        ]
        ids.add(one["external_userid"])
    assert len(ids) == 2


def test_a_person_without_a_downstream_follower_gives_an_empty_list(
    corp: Corp, wecom: WeCom, shop: Corp
) -> None:
    group(corp, shop)
    person = customer_everywhere(corp)
    assert wecom.post(DOWNSTREAM, **person) == {"errcode": 0, "errmsg": "ok", "external_userid_info": []}


def test_only_an_app_shared_downstream_may_convert(corp: Corp, wecom: WeCom, shop: Corp) -> None:
    person = customer_everywhere(corp, shop)
    assert wecom.post(DOWNSTREAM, **person)["errcode"] == 48002
    group(corp, shop, agentids=[])
    group(corp, shop, kind="linked_corps")
    assert wecom.post(DOWNSTREAM, **person)["errcode"] == 48002
    developed = Provider(corp.server).app_in(corp, "provider_developed")
    group(corp, shop, agentids=[developed.agentid])
    assert wecom.post(DOWNSTREAM, **person)["errcode"] == 48002
    assert len(developed.post(DOWNSTREAM, **person)["external_userid_info"]) == 1


def test_downstream_conversion_needs_ids_from_the_brands_mini_program(
    corp: Corp, wecom: WeCom, shop: Corp
) -> None:
    group(corp, shop)
    person = customer_everywhere(corp, shop)
    assert wecom.post(DOWNSTREAM, **{**person, "unionid": "oNobody"})["errcode"] == 610014
    assert wecom.post(DOWNSTREAM, **{**person, "openid": "oNobody"})["errcode"] == 610018
    assert wecom.post(DOWNSTREAM, **person, corpid=corp.corpid)["errcode"] == 40013


@pytest.mark.parametrize(("off", "errcode"), [("corp_verified", 610016), ("open_platform_verified", 610015)])
def test_downstream_conversion_needs_a_verified_brand(
    start_server: StartServer, off: str, errcode: int
) -> None:
    server = start_server(**{off: False})
    brand, shop = server.make_corp(seed="demo"), server.make_corp(seed="demo")
    group(brand, shop)
    assert brand.client().post(DOWNSTREAM, **customer_everywhere(brand))["errcode"] == errcode


def test_downstream_conversions_have_their_own_limit(start_server: StartServer) -> None:
    server = start_server(limit_unionid_hour=2)
    brand, shop = server.make_corp(seed="demo"), server.make_corp(seed="demo")
    group(brand, shop)
    person, wecom = customer_everywhere(brand, shop), brand.client()
    assert [wecom.post(DOWNSTREAM, **person)["errcode"] for _ in range(3)] == [0, 0, 45009]


# --- parents ---------------------------------------------------------------------------------------------


def test_parents_are_found_by_mobile_number(corp: Corp, wecom: WeCom) -> None:
    first = act(corp, "parent_follows_school", mobile="13800000001", name="王妈妈", foreign_key="P-7")
    second = act(corp, "parent_follows_school", mobile="13800000002")
    reply = wecom.post(PARENTS, mobiles=["13800000002", "13800000009", "13800000001", "13800000001"])
    assert reply["success_list"] == [
        {"mobile": "13800000002", "external_userid": second["external_userid"]},
        {"mobile": "13800000001", "external_userid": first["external_userid"], "foreign_key": "P-7"},
    ]
    missing = {"errcode": 60136, "errmsg": "record not found", "mobile": "13800000009"}
    assert reply["fail_list"] == [missing]
    elsewhere = corp.server.make_corp(seed="empty").client()
    assert elsewhere.post(PARENTS, mobiles=["13800000001"])["success_list"] == []


def test_a_parent_becomes_a_customer_when_a_member_adds_them(corp: Corp, wecom: WeCom) -> None:
    parent = act(corp, "parent_follows_school", mobile="13800000001")["external_userid"]
    assert wecom.get("externalcontact/get", external_userid=parent)["errcode"] == 84061
    act(corp, "member_adds_customer", userid="zhangsan", external_userid=parent)
    assert wecom.get("externalcontact/get", external_userid=parent)["errcode"] == 0


def test_a_customer_can_also_be_a_parent(corp: Corp, wecom: WeCom) -> None:
    customer = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    act(corp, "parent_follows_school", mobile="13800000001", external_userid=customer)
    (found,) = wecom.post(PARENTS, mobiles=["13800000001"])["success_list"]
    assert found["external_userid"] == customer


def test_a_parent_cannot_subscribe_twice_or_when_the_school_forbids_it(corp: Corp, wecom: WeCom) -> None:
    act(corp, "parent_follows_school", mobile="13800000001")
    assert "already" in act_error(corp, "parent_follows_school", mobile="13800000001")
    wecom.post("externalcontact/set_subscribe_mode", subscribe_mode=2)
    assert "set_subscribe_mode" in act_error(corp, "parent_follows_school", mobile="13800000002")


# --- temporary ids ---------------------------------------------------------------------------------------


def temporary(corp: Corp, app: WeCom, business: str = "meeting", **person: str) -> str:
    done = act(corp, "outsider_takes_part", business=business, agentid=app.agentid, **person)
    return str(done["tmp_external_userid"])


def ask(app: WeCom, *tmp: str, business: int = 1, user: int = CUSTOMER) -> dict[str, Any]:
    return app.post(TEMPORARY, business_type=business, user_type=user, tmp_external_userid_list=list(tmp))


def test_a_temporary_id_converts_to_the_customer(corp: Corp, wecom: WeCom) -> None:
    customer = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    tmp = temporary(corp, wecom, external_userid=customer)
    assert tmp.startswith("ou")
    assert temporary(corp, wecom, external_userid=customer) == tmp
    reply = ask(wecom, tmp, "ouNobody", tmp)
    assert reply["results"] == [{"tmp_external_userid": tmp, "external_userid": customer}]
    assert reply["invalid_tmp_external_userid_list"] == ["ouNobody"]
    assert "invalid_tmp_external_userid_list" not in ask(wecom, tmp)


def test_a_temporary_id_is_valid_for_one_app_business_type_and_user_type(corp: Corp, wecom: WeCom) -> None:
    customer = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    tmp = temporary(corp, wecom, "form", external_userid=customer)
    other = corp.client(corp.apps[1])
    assert ask(wecom, tmp, business=2)["results"] != []
    for invalid in (
        ask(wecom, tmp, business=1),
        ask(wecom, tmp, business=2, user=STREAM),
        ask(other, tmp, business=2),
    ):
        assert invalid["results"] == []
        assert invalid["invalid_tmp_external_userid_list"] == [tmp]


def test_a_temporary_id_is_invalid_when_the_follower_is_not_visible(corp: Corp, wecom: WeCom) -> None:
    customer = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    narrow = corp.client(corp.new_app(visible={"userid": ["sunqi"], "partyid": []}))
    tmp = temporary(corp, narrow, external_userid=customer)
    assert ask(narrow, tmp)["invalid_tmp_external_userid_list"] == [tmp]


def test_a_third_party_app_gets_its_own_id_for_a_temporary_id(corp: Corp, wecom: WeCom) -> None:
    customer = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    app = Provider(corp.server).app_in(corp)
    (found,) = ask(app, temporary(corp, app, external_userid=customer))["results"]
    (item,) = app.post("externalcontact/get_new_external_userid", external_userid_list=[customer])["items"]
    assert found["external_userid"] == item["new_external_userid"] != customer


@pytest.mark.parametrize(
    ("kind", "user"), [("linked_corps", LINKED), ("upstream_downstream", STREAM), ("circle", CIRCLE)]
)
def test_a_temporary_id_converts_to_the_member_of_another_corp(
    corp: Corp, wecom: WeCom, shop: Corp, kind: str, user: int
) -> None:
    tmp = temporary(corp, wecom, "document", corpid=shop.corpid, userid="lisi")
    assert ask(wecom, tmp, business=3, user=user)["invalid_tmp_external_userid_list"] == [tmp]
    group(corp, shop, kind=kind)
    person = {"tmp_external_userid": tmp, "corpid": shop.corpid, "userid": "lisi"}
    assert ask(wecom, tmp, business=3, user=user)["results"] == [person]
    for another in {CUSTOMER, LINKED, STREAM, CIRCLE} - {user}:
        assert ask(wecom, tmp, business=3, user=another)["results"] == []
    act(shop, "member_leaves_corp", userid="lisi")
    assert ask(wecom, tmp, business=3, user=user)["results"] == []


def test_an_app_without_customer_permission_converts_only_members(corp: Corp, shop: Corp) -> None:
    unlisted = corp.client(corp.app_of_kind("self_built_unlisted"))
    group(corp, shop, agentids=[unlisted.agentid])
    tmp = temporary(corp, unlisted, corpid=shop.corpid, userid="lisi")
    assert ask(unlisted, tmp)["errcode"] == 48002
    assert len(ask(unlisted, tmp, user=STREAM)["results"]) == 1


@pytest.mark.parametrize(("field", "value"), [("business_type", 4), ("user_type", 5), ("user_type", 0)])
def test_other_business_and_user_types_answer_40058(wecom: WeCom, field: str, value: int) -> None:
    body = {"business_type": 1, "user_type": 1, "tmp_external_userid_list": ["ou"], field: value}
    assert wecom.post(TEMPORARY, body)["errcode"] == 40058


def test_taking_part_needs_an_existing_outsider_and_app(corp: Corp, wecom: WeCom, shop: Corp) -> None:
    def text(**person: Any) -> str:
        who = {"business": "meeting", "agentid": wecom.agentid, **person}
        return act_error(corp, "outsider_takes_part", **who)

    assert "give external_userid" in text()
    assert "give external_userid" in text(external_userid="wm", corpid=shop.corpid, userid="lisi")
    assert "not an outsider" in text(corpid=corp.corpid, userid="lisi")
    assert "no member" in text(corpid=shop.corpid, userid="nobody")
    assert "no app" in text(agentid=1, external_userid="wm")
