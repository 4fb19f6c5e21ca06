"""What providers ask of their apps in a corp."""

from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import Corp
from tests.families.factories import act, act_error, new_member
from tests.providers import Provider
from wecom_tollbooth.db import table_of
from wecom_tollbooth.gateway.tables import ProviderToken


@pytest.fixture
def provider(corp: Corp) -> Provider:
    return Provider(corp.server)


def test_an_app_of_a_provider_has_the_rights_of_its_kind(corp: Corp, provider: Provider) -> None:
    rights = {
        kind: provider.app_in(corp, kind).post("agent/get_permissions")
        for kind in ("third_party", "third_party_unlisted", "provider_developed", "marketing")
    }
    assert rights["third_party_unlisted"]["app_permissions"] == ["contact:base:base"]
    assert rights["third_party_unlisted"]["app_permissions_ext"] == []
    assert "externalcontact:contact:tag" in rights["provider_developed"]["app_permissions"]
    assert "externalcontact:contact:tag" not in rights["marketing"]["app_permissions"]
    assert {one["expire_time"] for one in rights["third_party"]["app_permissions_ext"]} == {0}
    assert corp.client().post("agent/get_permissions")["errcode"] == 48002


def test_the_admins_of_an_app_are_listed(corp: Corp, provider: Provider) -> None:
    wecom = provider.app_in(corp, "third_party")
    assert wecom.post("agent/get_admin_list")["admin"] == []
    for userid, kind in (("ZhangSan", 1), ("lisi", 0), ("wangwu", 1), ("wangwu", None)):
        act(corp, "admin_sets_app_admin", agentid=wecom.agentid, userid=userid, auth_type=kind)
    assert wecom.post("agent/get_admin_list")["admin"] == [
        {"userid": "lisi", "auth_type": 0},
        {"userid": "zhangsan", "auth_type": 1},
    ]
    act(corp, "member_leaves_corp", userid="lisi")
    assert [one["userid"] for one in wecom.post("agent/get_admin_list")["admin"]] == ["zhangsan"]
    own = corp.client().agentid
    refused = act_error(corp, "admin_sets_app_admin", agentid=own, userid="zhangsan", auth_type=1)
    assert "the corp's own" in refused


def test_the_visible_range_of_an_app_is_set(corp: Corp) -> None:
    app = corp.client(corp.new_app())
    sync = corp.client(corp.app_of_kind("contacts_sync"))
    given = {"allow_user": ["ZhangSan", "nobody"], "allow_party": [99], "allow_tag": [7]}
    answer = sync.post("agent/set_scope", agentid=app.agentid, **given)
    assert (answer["invaliduser"], answer["invalidparty"], answer["invalidtag"]) == (["nobody"], [99], [7])
    assert app.get("user/get", userid="lisi")["errcode"] == 60011
    assert app.get("user/get", userid="zhangsan")["errcode"] == 0
    assert sync.post("agent/set_scope", agentid=app.agentid)["errcode"] == 0
    assert app.get("user/get", userid="zhangsan")["errcode"] == 60011
    assert sync.post("agent/set_scope", agentid=7)["errcode"] == 301002
    assert sync.post("agent/set_scope")["errcode"] == 40056
    many = ["x"] * 1001
    assert sync.post("agent/set_scope", agentid=app.agentid, allow_user=many)["errcode"] == 40058
    assert app.post("agent/set_scope", agentid=app.agentid)["errcode"] == 48002


def test_a_visible_range_with_tags_has_their_members_and_departments(corp: Corp) -> None:
    app = corp.client(corp.new_app(visible={"userid": ["lisi"]}))
    sync = corp.client(corp.app_of_kind("contacts_sync"))
    new_member(corp, "shop", department=2)
    tagid = act(corp, "admin_creates_member_tag", name="店长", userid=["wangwu"])["tagid"]
    answer = sync.post("agent/set_scope", agentid=app.agentid, allow_user=["lisi"], allow_tag=[tagid, 99])
    assert answer["invalidtag"] == [99]
    assert app.get("agent/get", agentid=app.agentid)["allow_tags"] == {"tagid": [tagid]}
    assert app.get("user/get", userid="wangwu")["errcode"] == 0
    assert app.get("user/get", userid="shop")["errcode"] == 60011
    act(corp, "admin_changes_member_tag", tagid=tagid, add_partyid=[2], remove_userid=["wangwu"])
    assert app.get("user/get", userid="shop")["errcode"] == 0
    assert app.get("department/get", id=2)["errcode"] == 0
    assert app.get("user/get", userid="wangwu")["errcode"] == 60011
    shown = corp.server.sim.get(f"/corps/{corp.corpid}/apps/{app.agentid}").json()["visible"]
    assert shown == {"userid": ["lisi"], "partyid": [], "tagid": [tagid]}
    assert "no member tag 99" in act_error(corp, "admin_sets_visible_range", agentid=app.agentid, tagid=[99])
    act(corp, "admin_deletes_member_tag", tagid=tagid)
    assert app.get("agent/get", agentid=app.agentid)["allow_tags"] == {"tagid": []}
    assert app.get("user/get", userid="shop")["errcode"] == 60011


def test_a_third_party_app_becomes_one_that_is_developed_for_the_corp(corp: Corp, provider: Provider) -> None:
    wecom = provider.app_in(corp, "third_party_unlisted")
    tokens: Any = provider.suite_token()
    assert wecom.post("agent/migrate_to_customized_app")["errcode"] == 41022
    wrong = {"suite_access_token": "x"}
    assert wecom.post("agent/migrate_to_customized_app", wrong)["errcode"] == 40082
    other: Any = Provider(corp.server).suite_token()
    assert wecom.post("agent/migrate_to_customized_app", other)["errcode"] == 40082
    assert wecom.post("agent/migrate_to_customized_app", tokens)["errcode"] == 0
    kinds = {
        app["agentid"]: app["kind"] for app in corp.server.sim.get(f"/corps/{corp.corpid}").json()["apps"]
    }
    assert kinds[wecom.agentid] == "provider_developed"
    table = table_of(ProviderToken)
    with corp.server.server.database.transaction() as tx:
        tx.execute(sa.update(table).where(table.c.corp_id == provider.id).values(expires_at=0))
    assert wecom.post("agent/migrate_to_customized_app", tokens)["errcode"] == 42009
