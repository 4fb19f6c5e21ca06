"""Providers' apps use customers, tags, contact ways and links by the corp's ids or the provider's."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.providers import Provider


@pytest.fixture
def provider(server: RunningServer) -> Provider:
    return Provider(server)


@pytest.fixture
def third_party(provider: Provider, corp: Corp) -> WeCom:
    return provider.app_in(corp)


def migrate(provider: Provider, corp: Corp) -> None:
    finished = "service/externalcontact/finish_external_userid_migration"
    reply = provider.call(finished, token=provider.provider_token(), corpid=corp.corpid)
    assert reply["errcode"] == 0


def customers(app: WeCom) -> list[str]:
    reply = app.get("externalcontact/list", userid="zhangsan")
    assert reply["errcode"] == 0, reply
    return list(reply["external_userid"])


def mark(app: WeCom, external_userid: str, tag_id: str) -> int:
    body = {"userid": "zhangsan", "external_userid": external_userid, "add_tag": [tag_id]}
    return int(app.post("externalcontact/mark_tag", body)["errcode"])


@pytest.mark.parametrize("kind", ["third_party", "provider_developed"])
def test_providers_apps_can_do_what_their_kind_permits(provider: Provider, corp: Corp, kind: str) -> None:
    app = provider.app_in(corp, kind)
    customer = customers(app)[0]
    assert app.get("externalcontact/get", external_userid=customer)["errcode"] == 0
    group = app.post("externalcontact/add_corp_tag", group_name="新", tag=[{"name": "一"}])["tag_group"]
    assert mark(app, customer, group["tag"][0]["id"]) == 0
    way = app.post("externalcontact/add_contact_way", type=1, scene=2, user=["zhangsan"])
    assert way["errcode"] == 0
    link = {"link_name": "海报", "range": {"user_list": ["zhangsan"]}}
    assert app.post("externalcontact/customer_acquisition/create_link", link)["errcode"] == 0
    assert app.post("externalcontact/contact_list")["errcode"] == 48002
    assert app.post("user/list_id")["errcode"] == 48002
    unlisted = provider.app_in(corp, "third_party_unlisted")
    assert unlisted.get("externalcontact/list", userid="zhangsan")["errcode"] == 48002


def test_a_providers_app_is_limited_to_its_visible_range(provider: Provider, corp: Corp) -> None:
    narrow = provider.app_in(corp, visible={"userid": ["lisi"], "partyid": []})
    assert narrow.get("externalcontact/list", userid="zhangsan")["errcode"] == 60011


def test_after_the_migration_an_app_uses_only_the_providers_ids(
    provider: Provider, corp: Corp, wecom: WeCom, third_party: WeCom
) -> None:
    plain = customers(wecom)
    assert customers(third_party) == plain
    migrate(provider, corp)
    own = customers(third_party)
    assert len(own) == len(plain)
    assert not set(own) & set(plain)
    detail = third_party.get("externalcontact/get", external_userid=own[0])
    assert detail["external_contact"]["external_userid"] == own[0]
    assert third_party.get("externalcontact/get", external_userid=plain[0])["errcode"] == 40096
    remark: dict[str, Any] = {"userid": "zhangsan", "external_userid": own[0], "remark": "老客"}
    assert third_party.post("externalcontact/remark", remark)["errcode"] == 0
    read = wecom.get("externalcontact/get", external_userid=plain[own.index(own[0])])
    assert "老客" in [one["remark"] for one in read["follow_user"]]
    back = wecom.post(
        "externalcontact/from_service_external_userid",
        external_userid=own[0],
        source_agentid=third_party.agentid,
    )
    assert back["external_userid"] == plain[0]
    assert customers(provider.app_in(corp, "provider_developed")) == plain


def test_after_the_migration_tags_have_the_providers_ids(
    provider: Provider, corp: Corp, wecom: WeCom, third_party: WeCom
) -> None:
    migrate(provider, corp)
    theirs = wecom.post("externalcontact/get_corp_tag_list")["tag_group"][0]
    ours = third_party.post("externalcontact/get_corp_tag_list")["tag_group"][0]
    assert ours["group_name"] == theirs["group_name"]
    assert ours["group_id"] != theirs["group_id"]
    plain, own = theirs["tag"][0]["id"], ours["tag"][0]["id"]
    assert plain != own
    customer = customers(third_party)[0]
    assert mark(third_party, customer, plain) == 40068
    assert mark(third_party, customer, own) == 0
    read = third_party.get("externalcontact/get", external_userid=customer)
    assert own in [tag.get("tag_id") for one in read["follow_user"] for tag in one["tags"]]
    only = third_party.post("externalcontact/get_corp_tag_list", tag_id=[own])["tag_group"]
    assert [tag["id"] for group in only for tag in group["tag"]] == [own]
