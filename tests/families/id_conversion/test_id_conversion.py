"""ID 转换: the ids of customers and tags for each app and provider."""

from typing import Any

from tests.conftest import Corp, WeCom
from tests.families.id_conversion.apps import CONVERT_UNIONID, FINISH, NEW_ID, add, login, new_id
from tests.providers import Provider

# --- ids in two scopes -----------------------------------------------------------------------------------


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
