"""Customer groups as the API lists and shows them."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, seen_by
from tests.providers import Provider
from wecom_tollbooth.families.group_chats import owners

LIST, GET = "externalcontact/groupchat/list", "externalcontact/groupchat/get"
TO_PENDING = "idconvert/batch/external_userid_to_pending_id"
OPENGID = "externalcontact/opengid_to_chatid"


def new_group(corp: Corp, userid: str = "zhangsan", **fields: Any) -> str:
    return str(act(corp, "member_creates_group", userid=userid, **fields)["chat_id"])


def list_groups(wecom: WeCom, **fields: Any) -> list[tuple[str, int]]:
    reply = wecom.post(LIST, **{"limit": 1000, **fields})
    assert reply["errcode"] == 0, reply
    return [(chat["chat_id"], chat["status"]) for chat in reply["group_chat_list"]]


def get_group(wecom: WeCom, chat_id: str, **fields: Any) -> dict[str, Any]:
    reply = wecom.post(GET, chat_id=chat_id, **fields)
    assert reply["errcode"] == 0, reply
    return dict(reply["group_chat"])


# --- the list --------------------------------------------------------------------------------------------


def test_groups_are_listed_in_pages(empty_corp: Corp) -> None:
    created = [new_group(empty_corp, userid) for userid in ("zhangsan", "lisi", "zhangsan")]
    wecom = empty_corp.client()
    first = wecom.post(LIST, limit=2)
    second = wecom.post(LIST, limit=2, cursor=first["next_cursor"])
    assert [chat["chat_id"] for chat in first["group_chat_list"] + second["group_chat_list"]] == created
    assert second["next_cursor"] == ""
    by_offset = wecom.post(LIST, limit=2, offset=2)
    assert by_offset["group_chat_list"] == second["group_chat_list"]
    named = {"userid_list": ["zhangsan"]}
    assert wecom.post(LIST, limit=2, cursor=first["next_cursor"], owner_filter=named)["errcode"] == 50100


def test_the_list_is_filtered_by_owner_and_leaves_out_dissolved_groups(empty_corp: Corp) -> None:
    mine, hers, gone = new_group(empty_corp), new_group(empty_corp, "lisi"), new_group(empty_corp)
    act(empty_corp, "dismiss_group", chat_id=gone)
    wecom = empty_corp.client()
    assert list_groups(wecom) == [(mine, 0), (hers, 0)]
    assert list_groups(wecom, owner_filter={"userid_list": ["LiSi"]}) == [(hers, 0)]
    nobody: list[dict[str, Any]] = [{"userid_list": None}, {"userid_list": []}, {}]
    for unset in nobody:
        assert list_groups(wecom, owner_filter=unset, status_filter=0) == [(mine, 0), (hers, 0)]


def test_groups_of_a_resigned_owner_are_listed_only_with_an_owner_filter(empty_corp: Corp) -> None:
    orphan, kept = new_group(empty_corp), new_group(empty_corp, "lisi")
    act(empty_corp, "member_leaves_corp", userid="zhangsan")
    wecom = empty_corp.client()
    both = {"userid_list": ["zhangsan", "lisi"]}
    assert list_groups(wecom) == [(kept, 0)]
    assert list_groups(wecom, owner_filter=both) == [(orphan, 1), (kept, 0)]
    assert list_groups(wecom, owner_filter=both, status_filter=1) == [(orphan, 1)]
    assert list_groups(wecom, owner_filter=both, status_filter=3) == []
    assert get_group(wecom, orphan)["owner"] == "zhangsan"


def test_groups_of_owners_without_the_right_are_not_listed(empty_corp: Corp) -> None:
    new_group(empty_corp)
    act(empty_corp, "admin_sets_follow_right", userid="zhangsan", may_follow=False)
    wecom = empty_corp.client()
    assert list_groups(wecom) == []
    assert list_groups(wecom, owner_filter={"userid_list": ["zhangsan"]}) == []


def test_third_party_apps_get_no_unionids(empty_corp: Corp) -> None:
    chat_id = new_group(empty_corp)
    act(empty_corp, "join_group", chat_id=chat_id)
    provider = Provider(empty_corp.server)
    found = {
        kind: "unionid" in get_group(provider.app_in(empty_corp, kind), chat_id)["member_list"][-1]
        for kind in ("third_party", "provider_developed")
    }
    assert found == {"third_party": False, "provider_developed": True}


def test_a_group_of_an_owner_without_the_right_answers_90501(empty_corp: Corp) -> None:
    wecom, app = empty_corp.client(), Provider(empty_corp.server).app_in(empty_corp)
    chat_id, fine = new_group(empty_corp), new_group(empty_corp, "lisi")
    person = act(empty_corp, "join_group", chat_id=chat_id)["external_userid"]
    opened = act(empty_corp, "person_opens_mini_program_in_group", chat_id=chat_id, person=person)
    way = {"scene": 2, "chat_id_list": [fine]}
    config_id = wecom.post("externalcontact/groupchat/add_join_way", way)["config_id"]
    act(empty_corp, "admin_sets_follow_right", userid="zhangsan", may_follow=False)
    way["chat_id_list"] = [chat_id]
    new_ids = {"chat_id": chat_id, "external_userid_list": [person]}
    answers = {
        GET: wecom.post(GET, chat_id=chat_id),
        OPENGID: wecom.post(OPENGID, opengid=opened["opengid"]),
        "add": wecom.post("externalcontact/groupchat/add_join_way", way),
        "update": wecom.post("externalcontact/groupchat/update_join_way", config_id=config_id, **way),
        "new ids": app.post("externalcontact/groupchat/get_new_external_userid", new_ids),
        TO_PENDING: app.post(TO_PENDING, chat_id=chat_id, external_userid=[person]),
    }
    expected = dict.fromkeys(answers, 90501) | {OPENGID: 90509}
    assert {what: reply["errcode"] for what, reply in answers.items()} == expected
    act(empty_corp, "admin_sets_follow_right", userid="zhangsan", may_follow=True)
    assert get_group(wecom, chat_id)["owner"] == "zhangsan"


def test_an_app_sees_groups_of_owners_in_its_visible_range(empty_corp: Corp) -> None:
    mine, hers = new_group(empty_corp, people=["lisi"]), new_group(empty_corp, "lisi")
    opengid = act(empty_corp, "person_opens_mini_program_in_group", chat_id=mine, person="lisi")["opengid"]
    wecom = seen_by(empty_corp, userid=["lisi"])
    assert list_groups(wecom) == [(hers, 0)]
    assert wecom.post(LIST, limit=1, owner_filter={"userid_list": ["zhangsan"]})["errcode"] == 60011
    assert wecom.post(GET, chat_id=mine)["errcode"] == 60011
    assert wecom.post(OPENGID, opengid=opengid)["errcode"] == 60011


@pytest.mark.parametrize(
    ("fields", "errcode", "errmsg"),
    [
        ({"limit": 0}, 40058, "limit invalid"),
        ({"limit": 1001}, 40058, "limit invalid"),
        ({"limit": None}, 40063, "some parameters are empty"),
        ({"status_filter": 4}, 40058, "status_filter invalid"),
        ({"owner_filter": {"userid_list": ["nobody"]}}, 60111, "userid not found"),
        ({"owner_filter": {"userid_list": ["zhangsan"] * 101}}, 40058, "owner_filter.userid_list exceed"),
        ({"offset": 49_001}, 40058, "offset invalid"),
        ({"cursor": "CURSOR"}, 50100, "invalid cursor"),
    ],
)
def test_invalid_list_requests_are_refused(
    empty_corp: Corp, fields: dict[str, Any], errcode: int, errmsg: str
) -> None:
    reply = empty_corp.client().post(LIST, {"limit": 1000, **fields})
    assert (reply["errcode"], reply["group_chat_list"]) == (errcode, [])
    assert reply["errmsg"].startswith(errmsg)


def test_an_owner_filter_is_required_if_too_many_members_are_visible(
    empty_corp: Corp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owners, "MOST_UNNAMED", 1)
    chat_id = new_group(empty_corp)
    wecom = empty_corp.client()
    assert wecom.post(LIST, limit=10)["errcode"] == 81017
    assert list_groups(wecom, owner_filter={"userid_list": ["zhangsan"]}) == [(chat_id, 0)]
    assert list_groups(seen_by(empty_corp, userid=["zhangsan"])) == [(chat_id, 0)]
    assert seen_by(empty_corp, partyid=[1]).post(LIST, limit=10)["errcode"] == 81017


# --- one group -------------------------------------------------------------------------------------------


def test_a_group_is_returned_with_all_its_members(empty_corp: Corp) -> None:
    corp = empty_corp
    friend = act(corp, "member_adds_customer", userid="zhangsan", name="王芳", unionid="oWang")
    chat_id = new_group(corp, name="老客户群", people=["lisi", friend["external_userid"]])
    passer_by = act(corp, "join_group", chat_id=chat_id, type=2, name="赵六", group_nickname="小赵")
    act(corp, "set_group_admins", chat_id=chat_id, userids=["lisi"])
    wecom = corp.client()
    group = get_group(wecom, chat_id)
    assert group["owner"] == "zhangsan"
    assert group["name"] == "老客户群"
    assert group["admin_list"] == [{"userid": "lisi"}]
    assert "notice" not in group
    of_owner, of_lisi, of_friend, of_passer_by = group["member_list"]
    joined = {"join_time": group["create_time"], "join_scene": 1, "group_nickname": ""}
    assert of_owner == {"userid": "zhangsan", "type": 1, **joined}
    assert of_lisi == {"userid": "lisi", "type": 1, **joined, "invitor": {"userid": "zhangsan"}}
    assert of_friend == {
        "userid": friend["external_userid"],
        "type": 2,
        "unionid": "oWang",
        **joined,
        "invitor": {"userid": "zhangsan"},
    }
    assert of_passer_by == {
        "userid": passer_by["external_userid"],
        "type": 2,
        "join_time": of_passer_by["join_time"],
        "join_scene": 3,
        "group_nickname": "小赵",
    }
    with_names = get_group(wecom, chat_id, need_name=1)["member_list"]
    assert [person["name"] for person in with_names] == ["zhangsan", "lisi", "王芳", "赵六"]


def test_a_group_is_returned_with_its_current_name_notice_owner_and_nicknames(empty_corp: Corp) -> None:
    corp, wecom = empty_corp, empty_corp.client()
    chat_id = new_group(corp, people=["lisi"])
    act(corp, "rename_group", chat_id=chat_id, name="新客户群")
    act(corp, "change_group_notice", chat_id=chat_id, notice="周五团购")
    act(corp, "set_group_admins", chat_id=chat_id, userids=["lisi"])
    act(corp, "change_group_owner", chat_id=chat_id, userid="lisi")
    act(corp, "change_group_nickname", chat_id=chat_id, person="zhangsan", group_nickname="店长")
    group = get_group(wecom, chat_id)
    assert (group["name"], group["notice"], group["owner"]) == ("新客户群", "周五团购", "lisi")
    assert group["admin_list"] == []
    assert group["member_list"][0]["group_nickname"] == "店长"
    act(corp, "change_group_notice", chat_id=chat_id, notice="")
    assert "notice" not in get_group(wecom, chat_id)


def test_member_version_equals_that_of_the_last_event(empty_corp: Corp) -> None:
    corp, wecom = empty_corp, empty_corp.client()
    chat_id = new_group(corp)
    before = get_group(wecom, chat_id)["member_version"]
    result = act(corp, "join_group", chat_id=chat_id)
    callbacks = corp.sim("callbacks", agentid=wecom.agentid)["callbacks"]
    (xml,) = [row["xml"] for row in callbacks if row["id"] in result["callbacks"]]
    after = get_group(wecom, chat_id)["member_version"]
    assert f"<LastMemVer><![CDATA[{before}]]></LastMemVer><CurMemVer><![CDATA[{after}]]></CurMemVer>" in xml
    act(corp, "rename_group", chat_id=chat_id, name="x")
    assert get_group(wecom, chat_id)["member_version"] == after


def test_a_person_who_rejoins_is_listed_once(empty_corp: Corp) -> None:
    corp, wecom = empty_corp, empty_corp.client()
    chat_id = new_group(corp)
    person = act(corp, "join_group", chat_id=chat_id)["external_userid"]
    act(corp, "leave_group", chat_id=chat_id, people=[person])
    assert [one["userid"] for one in get_group(wecom, chat_id)["member_list"]] == ["zhangsan"]
    act(corp, "join_group", chat_id=chat_id, external_userid=person, join_scene=2)
    assert [one["join_scene"] for one in get_group(wecom, chat_id)["member_list"]] == [1, 2]


def test_a_group_member_who_is_not_a_customer_answers_84061(empty_corp: Corp) -> None:
    chat_id = new_group(empty_corp)
    person = act(empty_corp, "join_group", chat_id=chat_id)["external_userid"]
    assert empty_corp.client().get("externalcontact/get", external_userid=person)["errcode"] == 84061


def test_unionids_are_returned_only_with_a_bound_developer_account(start_server: Any) -> None:
    corp = start_server(unionid_bound=False).make_corp(seed="demo")
    chat_id = new_group(corp)
    act(corp, "join_group", chat_id=chat_id, unionid="oWang")
    assert "unionid" not in get_group(corp.client(), chat_id)["member_list"][1]


def test_unknown_and_dissolved_groups_are_refused(empty_corp: Corp) -> None:
    wecom = empty_corp.client()
    chat_id = new_group(empty_corp)
    opened = act(empty_corp, "person_opens_mini_program_in_group", chat_id=chat_id, person="zhangsan")
    assert wecom.post(OPENGID, opengid=opened["opengid"])["chat_id"] == chat_id
    act(empty_corp, "dismiss_group", chat_id=chat_id)
    assert wecom.post(OPENGID, opengid=opened["opengid"])["errcode"] == 49008
    assert wecom.post(OPENGID, opengid="oNone")["errcode"] == 90511
    assert wecom.post(GET, chat_id=chat_id)["errcode"] == 49008
    unknown = wecom.post(GET, chat_id="wrNone")
    assert (unknown["errcode"], unknown["errmsg"].split(",")[0]) == (40050, "invalid group id")
    assert wecom.post(GET, need_name=1)["errcode"] == 40058


# --- ids of a provider -----------------------------------------------------------------------------------


def test_a_provider_converts_ids_of_group_members_who_are_not_customers(empty_corp: Corp) -> None:
    corp = empty_corp
    chat_id = new_group(corp)
    person = act(corp, "join_group", chat_id=chat_id)["external_userid"]
    elsewhere = act(corp, "join_group", chat_id=new_group(corp, "lisi"))["external_userid"]
    app = Provider(corp.server).app_in(corp, "third_party")
    operation = "externalcontact/groupchat/get_new_external_userid"
    given = {"chat_id": chat_id, "external_userid_list": [person, elsewhere, "wmNone"]}
    (item,) = app.post(operation, **given)["items"]
    assert item["external_userid"] == person != item["new_external_userid"]
    again = app.post(operation, chat_id=chat_id, external_userid_list=[item["new_external_userid"]])
    assert again["items"][0]["new_external_userid"] == item["new_external_userid"]
    assert app.post("externalcontact/get_new_external_userid", external_userid_list=[person])["items"] == []
    assert app.post(operation, chat_id="wrNone", external_userid_list=[person])["errcode"] == 40050
    act(corp, "dismiss_group", chat_id=chat_id)
    assert app.post(operation, **given)["errcode"] == 49008


def test_a_provider_is_refused_for_owners_out_of_range_and_after_its_migration(
    empty_corp: Corp,
) -> None:
    corp, provider = empty_corp, Provider(empty_corp.server)
    chat_id = new_group(corp)
    person = act(corp, "join_group", chat_id=chat_id)["external_userid"]
    operation = "externalcontact/groupchat/get_new_external_userid"
    given = {"chat_id": chat_id, "external_userid_list": [person]}
    app = provider.app_in(corp, visible={"userid": ["lisi"]})
    assert app.post(operation, **given)["errcode"] == 60011
    assert app.post(TO_PENDING, chat_id=chat_id, external_userid=[person])["errcode"] == 60011
    finish = "service/externalcontact/finish_external_userid_migration"
    assert provider.call(finish, token=provider.provider_token(), corpid=corp.corpid)["errcode"] == 0
    assert app.post(operation, **given)["errcode"] == 48002


def test_pending_ids_of_group_members_are_found_with_chat_id(empty_corp: Corp) -> None:
    corp = empty_corp
    app = Provider(corp.server).app_in(corp)
    user = act(corp, "person_opens_mini_program")
    convert = "idconvert/unionid_to_external_userid"
    pending = app.post(convert, unionid=user["unionid"], openid=user["openid"])["pending_id"]
    chat_id, other = new_group(corp), new_group(corp, "lisi")
    person = act(corp, "join_group", chat_id=chat_id, unionid=user["unionid"])["external_userid"]
    assert app.post(TO_PENDING, external_userid=[person])["result"] == []
    found = app.post(TO_PENDING, external_userid=[person], chat_id=chat_id)["result"]
    assert found == [{"external_userid": person, "pending_id": pending}]
    assert app.post(TO_PENDING, external_userid=[person], chat_id=other)["result"] == []
    act(corp, "dismiss_group", chat_id=chat_id)
    assert app.post(TO_PENDING, external_userid=[person], chat_id=chat_id)["errcode"] == 49008
