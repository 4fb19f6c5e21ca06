"""Strict mode says whose an external_userid is that means nobody to the app."""

import pytest

from tests.advice.strict import advice, briefly
from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act
from tests.providers import Provider

GET = "externalcontact/get"


@pytest.fixture
def strict_corp(server: RunningServer) -> Corp:
    return server.make_corp(seed="demo", customers=0, members=3, activity=False, strict=True)


@pytest.fixture
def api(strict_corp: Corp) -> WeCom:
    return strict_corp.client()


def new_customer(corp: Corp) -> str:
    return str(act(corp, "member_adds_customer", userid="zhangsan")["external_userid"])


def test_a_customer_of_another_corp(strict_corp: Corp, api: WeCom, corp: Corp) -> None:
    reply = api.get(GET, external_userid=new_customer(corp))
    assert reply["errcode"] == 40096
    (one,) = advice(strict_corp)
    assert briefly([one]) == [("foreign_id", GET, "external_userid", 1)]
    assert f"an id of another corp, {corp.corpid}" in one["en"]
    assert f"另一企业 {corp.corpid} 的 ID" in one["zh"]


def test_the_id_of_a_providers_apps(strict_corp: Corp, api: WeCom) -> None:
    provider = Provider(strict_corp.server)
    customer = new_customer(strict_corp)
    third_party = provider.app_in(strict_corp)
    finish = {"corpid": strict_corp.corpid}
    token = provider.provider_token()
    reply = provider.call("service/externalcontact/finish_external_userid_migration", token=token, **finish)
    assert reply["errcode"] == 0, reply
    (scoped,) = third_party.get("externalcontact/list", userid="zhangsan")["external_userid"]
    assert scoped != customer
    api.get(GET, external_userid=scoped)
    third_party.get(GET, external_userid=customer)
    (one,) = advice(strict_corp, "foreign_id")
    assert one["count"] == 2
    assert "it is the corp's own id" in one["en"]
    details = [call["detail"] for call in strict_corp.sim("calls", path=f"/cgi-bin/{GET}")["calls"]]
    assert f"apps of the provider {provider.id} have" in details[1]


def test_an_id_that_nobody_has_and_one_that_is_known_are_no_foreign_ids(
    strict_corp: Corp, api: WeCom
) -> None:
    api.get(GET, external_userid="wmnobody")
    customer = new_customer(strict_corp)
    api.post("externalcontact/remark", userid="lisi", external_userid=customer, remark="a")
    assert advice(strict_corp) == []
