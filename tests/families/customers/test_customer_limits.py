"""Of which customers a provider's app gets data since 2025-12-18 (page 92109)."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import BATCH, GET, act, act_error, follow, new_contact
from tests.providers import Provider

LIST = "externalcontact/list"
DAY = 86_400


def names(app: WeCom, userid: str = "zhangsan") -> list[str]:
    return sorted(app.get(LIST, userid=userid).get("external_userid", []))


def pairs(app: WeCom, *userids: str) -> list[str]:
    listed = app.post(BATCH, userid_list=list(userids))["external_contact_list"]
    return sorted(one["external_contact"]["external_userid"] for one in listed)


@pytest.fixture
def provider(server: RunningServer) -> Provider:
    return Provider(server)


@pytest.mark.parametrize("kind", ["third_party", "provider_developed"])
def test_in_the_trial_an_app_gets_customers_of_the_month_before_it_and_later_ones(
    provider: Provider, empty_corp: Corp, kind: str
) -> None:
    app = provider.app_in(empty_corp, kind)
    since = int(empty_corp.sim(f"apps/{app.agentid}")["created_at"]) - 30 * DAY
    for external_userid, createtime in (("wmOld", since - 1), ("wmLate", since), ("wmNew", since + 31 * DAY)):
        follow(empty_corp, new_contact(empty_corp, external_userid), createtime=createtime)
    assert names(app) == ["wmLate", "wmNew", "wmOld"]
    act(empty_corp, "platform_limits_customers", agentid=app.agentid, limit="trial")
    assert names(app) == pairs(app, "zhangsan") == ["wmLate", "wmNew"]
    assert app.get(GET, external_userid="wmOld")["errcode"] == 84061
    assert app.get(GET, external_userid="wmLate")["errcode"] == 0
    assert names(empty_corp.client()) == ["wmLate", "wmNew", "wmOld"], "the corp's own apps see all"
    act(empty_corp, "platform_limits_customers", agentid=app.agentid, limit="off")
    assert pairs(app, "zhangsan") == ["wmLate", "wmNew", "wmOld"]


def test_a_hardly_used_app_gets_only_the_customers_of_active_members(provider: Provider, corp: Corp) -> None:
    app = provider.app_in(corp)
    ours, theirs = (
        act(corp, "member_adds_customer", userid=userid)["external_userid"] for userid in ("zhangsan", "lisi")
    )
    act(corp, "member_adds_customer", userid="lisi", external_userid=ours)
    act(corp, "platform_limits_customers", agentid=app.agentid, limit="members", userids=["zhangsan"])
    assert ours in names(app)
    assert app.get(LIST, userid="lisi")["errcode"] == 48011
    assert [one["userid"] for one in app.get(GET, external_userid=ours)["follow_user"]] == ["zhangsan"]
    refused = app.get(GET, external_userid=theirs)
    assert (refused["errcode"], refused["follow_user"]) == (48011, [])
    limited = set(pairs(app, "zhangsan", "lisi"))
    assert ours in limited
    assert theirs not in limited
    assert app.post(BATCH, userid_list=["lisi"])["errcode"] == 48011


def test_an_app_that_nobody_uses_gets_no_customers(provider: Provider, corp: Corp) -> None:
    app = provider.app_in(corp)
    customer = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    act(corp, "platform_limits_customers", agentid=app.agentid, limit="nobody")
    assert app.get(LIST, userid="zhangsan")["errcode"] == 48011
    assert app.get(GET, external_userid=customer)["errcode"] == 48011
    assert app.post(BATCH, userid_list=["zhangsan"])["errcode"] == 48011
    assert corp.client().get(GET, external_userid=customer)["errcode"] == 0


def test_only_apps_of_providers_are_limited(provider: Provider, corp: Corp, wecom: WeCom) -> None:
    limited: dict[str, Any] = {"agentid": wecom.agentid, "limit": "nobody"}
    assert "only apps of providers" in act_error(corp, "platform_limits_customers", **limited)
    app = provider.app_in(corp)
    for wrong in ({"limit": "members"}, {"limit": "trial", "userids": ["zhangsan"]}):
        error = act_error(corp, "platform_limits_customers", agentid=app.agentid, **wrong)
        assert "userids belongs to the limit members" in error
