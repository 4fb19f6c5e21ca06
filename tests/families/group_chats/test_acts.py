"""Acts in customer groups: joining and leaving, events, refusals."""

import re
from typing import Any

import pytest
from sqlmodel import select

from tests.conftest import Corp
from tests.families.factories import act, act_error, new_contact
from wecom_tollbooth.billing.levels import level_now
from wecom_tollbooth.billing.meters import CONTACTS
from wecom_tollbooth.families.group_chats import chat_lifecycle
from wecom_tollbooth.families.group_chats.membership import present_in, present_in_groups
from wecom_tollbooth.families.relations.tables import ExternalContact

CHAT = "change_external_chat"


def chat_events(corp: Corp, result: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns the events that an act raised for the corp's first app, as element and text."""
    callbacks = corp.sim("callbacks", agentid=corp.apps[0]["agentid"], limit=1000)["callbacks"]
    raised = [row for row in callbacks if row["id"] in result["callbacks"]]
    return [_elements(row["xml"]) for row in raised if row["event"] == CHAT]


def _elements(xml: str) -> dict[str, Any]:
    inner = xml.removeprefix("<xml>").removesuffix("</xml>")
    found = re.findall(r"<(\w+)>(.*?)</\1>", inner, re.S)
    return {
        name: re.findall(r"<Item><!\[CDATA\[(.*?)\]\]></Item>", text)
        if name == "MemChangeList"
        else text.removeprefix("<![CDATA[").removesuffix("]]>")
        for name, text in found
    }


def is_in_groups(corp: Corp, external_userid: str) -> bool:
    with corp.server.server.database.transaction() as tx:
        return present_in_groups(tx, corp.corpid, external_userid)


@pytest.fixture
def friend(empty_corp: Corp) -> str:
    """The only customer of zhangsan in a new corp."""
    return str(act(empty_corp, "member_adds_customer", userid="zhangsan")["external_userid"])


@pytest.fixture
def chat_id(empty_corp: Corp, friend: str) -> str:
    """zhangsan's group with lisi and the friend in it."""
    created = act(
        empty_corp, "member_creates_group", userid="zhangsan", name="老客户群", people=["lisi", friend]
    )
    return str(created["chat_id"])


def test_a_new_group_raises_create_with_chat_id_before_change_type(empty_corp: Corp) -> None:
    created = act(empty_corp, "member_creates_group", userid="ZhangSan")
    assert re.fullmatch(r"wr[A-Za-z0-9]{30}", created["chat_id"])
    (event,) = chat_events(empty_corp, created)
    assert list(event)[4:] == ["Event", "ChatId", "ChangeType"]
    assert (event["ChatId"], event["ChangeType"]) == (created["chat_id"], "create")


def test_joining_raises_add_member_with_both_member_versions(empty_corp: Corp, chat_id: str) -> None:
    first = act(empty_corp, "join_group", chat_id=chat_id, name="路人")
    second = act(empty_corp, "join_group", chat_id=chat_id, type=2, corp_name="甲乙商贸", join_scene=2)
    ((scanned,), (came_by_link,)) = chat_events(empty_corp, first), chat_events(empty_corp, second)
    assert list(scanned)[5:] == [
        "ChatId",
        "ChangeType",
        "UpdateDetail",
        "JoinScene",
        "MemChangeCnt",
        "MemChangeList",
        "LastMemVer",
        "CurMemVer",
    ]
    assert (scanned["UpdateDetail"], scanned["JoinScene"], scanned["MemChangeCnt"]) == (
        "add_member",
        "3",
        "1",
    )
    assert scanned["MemChangeList"] == [first["external_userid"]]
    assert came_by_link["JoinScene"] == "0"
    assert came_by_link["LastMemVer"] == scanned["CurMemVer"] != scanned["LastMemVer"]
    assert re.fullmatch("[0-9a-f]{32}", came_by_link["CurMemVer"])
    assert (first["external_userid"][:2], second["external_userid"][:2]) == ("wm", "wo")


def test_a_bulk_invitation_raises_one_event(empty_corp: Corp) -> None:
    corp = empty_corp
    friends = [act(corp, "member_adds_customer", userid="zhangsan")["external_userid"] for _ in range(3)]
    chat_id = act(corp, "member_creates_group", userid="zhangsan")["chat_id"]
    result = act(corp, "join_group", chat_id=chat_id, people=[*friends, "lisi"], join_scene=1)
    (event,) = chat_events(corp, result)
    assert event["MemChangeCnt"] == "4"
    assert event["MemChangeList"] == [*friends, "lisi"]


def test_quit_scene_distinguishes_leaving_from_removal(empty_corp: Corp, chat_id: str, friend: str) -> None:
    went = act(empty_corp, "leave_group", chat_id=chat_id, people=[friend])
    removed = act(empty_corp, "leave_group", chat_id=chat_id, people=["lisi"], removed_by="zhangsan")
    ((by_itself,), (by_owner,)) = chat_events(empty_corp, went), chat_events(empty_corp, removed)
    assert (by_itself["UpdateDetail"], by_itself["QuitScene"]) == ("del_member", "0")
    assert (by_owner["QuitScene"], by_owner["MemChangeList"]) == ("1", ["lisi"])
    assert by_owner["LastMemVer"] == by_itself["CurMemVer"]
    assert "JoinScene" not in by_owner


def test_changes_of_name_notice_and_owner_raise_events_without_members(
    empty_corp: Corp, chat_id: str
) -> None:
    for name, fields, detail in (
        ("rename_group", {"name": "新客户群"}, "change_name"),
        ("change_group_notice", {"notice": "周五团购"}, "change_notice"),
        ("change_group_owner", {"userid": "lisi"}, "change_owner"),
    ):
        (event,) = chat_events(empty_corp, act(empty_corp, name, chat_id=chat_id, **fields))
        assert list(event)[5:] == ["ChatId", "ChangeType", "UpdateDetail"]
        assert (event["ChangeType"], event["UpdateDetail"]) == ("update", detail)


def test_a_dissolved_group_raises_dismiss_and_refuses_acts(
    empty_corp: Corp, chat_id: str, friend: str
) -> None:
    assert is_in_groups(empty_corp, friend)
    (event,) = chat_events(empty_corp, act(empty_corp, "dismiss_group", chat_id=chat_id))
    assert event["ChangeType"] == "dismiss"
    assert not is_in_groups(empty_corp, friend)
    for name in ("dismiss_group", "rename_group", "join_group"):
        fields = {"name": "x"} if name != "dismiss_group" else {}
        assert "was dissolved" in act_error(empty_corp, name, chat_id=chat_id, **fields)


def test_messages_admins_and_nicknames_raise_no_events(empty_corp: Corp, chat_id: str, friend: str) -> None:
    for name, fields in (
        ("group_message", {"sender": friend, "count": 3}),
        ("set_group_admins", {"userids": ["lisi"]}),
        ("change_group_nickname", {"person": friend, "group_nickname": "老王"}),
        ("person_opens_mini_program_in_group", {"person": friend}),
    ):
        assert act(empty_corp, name, chat_id=chat_id, **fields)["callbacks"] == []


def test_apps_that_do_not_see_the_owner_receive_no_events(empty_corp: Corp, chat_id: str) -> None:
    lisis = empty_corp.new_app(visible={"userid": ["lisi"]})
    act(empty_corp, "join_group", chat_id=chat_id)
    of_lisi = empty_corp.sim("callbacks", agentid=lisis["agentid"])["callbacks"]
    assert of_lisi == []
    handed_over = act(empty_corp, "change_group_owner", chat_id=chat_id, userid="lisi")
    of_lisi = empty_corp.sim("callbacks", agentid=lisis["agentid"])["callbacks"]
    assert [row["id"] for row in of_lisi] == [handed_over["callbacks"][-1]]


def test_groups_of_resigned_owners_or_owners_without_the_right_raise_no_events(
    empty_corp: Corp, chat_id: str
) -> None:
    act(empty_corp, "admin_sets_follow_right", userid="zhangsan", may_follow=False)
    assert act(empty_corp, "join_group", chat_id=chat_id)["callbacks"] == []
    act(empty_corp, "admin_sets_follow_right", userid="zhangsan", may_follow=True)
    act(empty_corp, "member_leaves_corp", userid="zhangsan")
    assert act(empty_corp, "join_group", chat_id=chat_id)["callbacks"] == []
    for name, fields in (("dismiss_group", {}), ("change_group_owner", {"userid": "lisi"})):
        assert "has left the corp" in act_error(empty_corp, name, chat_id=chat_id, **fields)


def test_a_person_is_in_groups_until_leaving_the_last_one(empty_corp: Corp) -> None:
    chats = [act(empty_corp, "member_creates_group", userid="zhangsan")["chat_id"] for _ in range(2)]
    person = act(empty_corp, "join_group", chat_id=chats[0])["external_userid"]
    act(empty_corp, "join_group", chat_id=chats[1], external_userid=person)
    for chat_id, still in zip(chats, (True, False), strict=True):
        act(empty_corp, "leave_group", chat_id=chat_id, people=[person])
        assert is_in_groups(empty_corp, person) is still
    act(empty_corp, "join_group", chat_id=chats[0], external_userid=person)
    with empty_corp.server.server.database.transaction() as tx:
        assert present_in(tx, empty_corp.corpid, chats[0], [person, "lisi", "zhangsan"]) == {
            person,
            "zhangsan",
        }
        assert present_in(tx, empty_corp.corpid, chats[1], [person]) == set()
    assert not is_in_groups(empty_corp, "zhangsan")


def test_joining_with_a_known_unionid_reuses_the_contact(empty_corp: Corp, chat_id: str) -> None:
    new_contact(empty_corp, "wmKnown", unionid="oKnown")
    assert act(empty_corp, "join_group", chat_id=chat_id, unionid="oKnown")["external_userid"] == "wmKnown"


def test_a_full_group_refuses_joins_and_creates_no_contact(
    empty_corp: Corp, chat_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_lifecycle, "MOST_IN_A_GROUP", 4)
    act(empty_corp, "join_group", chat_id=chat_id)
    assert "4 of 4 people" in act_error(empty_corp, "join_group", chat_id=chat_id, unionid="oNobody")
    with empty_corp.server.server.database.transaction() as tx:
        query = select(ExternalContact).where(ExternalContact.corp_id == empty_corp.corpid)
        unionids = {contact.unionid for contact in tx.session.exec(query)}
    assert "oNobody" not in unionids, "the refused act left the person behind"


def test_impossible_acts_are_refused(empty_corp: Corp, chat_id: str, friend: str) -> None:
    corp = empty_corp
    new_contact(corp, "wmStranger")
    passer_by = act(corp, "join_group", chat_id=chat_id)["external_userid"]
    chat = {"chat_id": chat_id}
    for name, fields, why in (
        ("member_creates_group", {"userid": "nobody"}, "there is no member"),
        ("member_creates_group", {"userid": "lisi", "people": [friend]}, "no contact of lisi"),
        ("member_creates_group", {"userid": "lisi", "people": ["LiSi"]}, "in it anyway"),
        ("rename_group", {"chat_id": "wrNone", "name": "x"}, "no customer group"),
        ("join_group", {**chat, "external_userid": friend}, "already"),
        ("join_group", {**chat, "external_userid": "wmNone"}, "no external contact"),
        ("join_group", {**chat, "people": ["nobody"]}, "there is no member"),
        ("join_group", {**chat, "people": ["wmStranger"], "name": "x"}, "either people or name"),
        ("join_group", {**chat, "external_userid": "wmStranger", "join_scene": 1}, "no contact of zhangsan"),
        ("join_group", {**chat, "invitor": "wmStranger"}, "not in the group"),
        ("join_group", {**chat, "join_scene": 4}, "join_scene"),
        ("leave_group", {**chat, "people": ["wmStranger"]}, "not in the group"),
        ("leave_group", {**chat, "people": ["zhangsan"]}, "owns the group"),
        ("leave_group", {**chat, "people": [friend, passer_by]}, "one after the other"),
        ("leave_group", {**chat, "people": [friend], "removed_by": "lisi"}, "neither owner nor admin"),
        ("group_message", {**chat, "sender": "wmStranger"}, "not in the group"),
        ("group_message", {**chat, "sender": friend, "count": 0}, "count"),
        ("change_group_owner", {**chat, "userid": "zhangsan"}, "owns"),
        ("set_group_admins", {**chat, "userids": ["zhangsan"]}, "manages it anyway"),
        ("set_group_admins", {**chat, "userids": ["nobody"]}, "there is no member"),
    ):
        assert why in act_error(corp, name, **fields), name
    act(corp, "leave_group", chat_id=chat_id, people=["lisi"])
    assert "not in the group" in act_error(corp, "change_group_owner", chat_id=chat_id, userid="lisi")
    assert "not in the group" in act_error(corp, "set_group_admins", chat_id=chat_id, userids=["lisi"])
    act(corp, "admin_sets_follow_right", userid="lisi", may_follow=False)
    assert "range of use" in act_error(corp, "member_creates_group", userid="lisi")


def test_an_admin_who_left_cannot_remove_people_anymore(empty_corp: Corp, chat_id: str, friend: str) -> None:
    act(empty_corp, "set_group_admins", chat_id=chat_id, userids=["lisi"])
    act(empty_corp, "leave_group", chat_id=chat_id, people=[friend], removed_by="lisi")
    act(empty_corp, "leave_group", chat_id=chat_id, people=["lisi"])
    act(empty_corp, "join_group", chat_id=chat_id, people=["lisi", friend])
    assert "neither owner nor admin" in act_error(
        empty_corp, "leave_group", chat_id=chat_id, people=[friend], removed_by="lisi"
    )


def test_a_customer_in_the_group_can_invite_anybody(empty_corp: Corp, chat_id: str, friend: str) -> None:
    result = act(empty_corp, "join_group", chat_id=chat_id, join_scene=1, invitor=friend, name="朋友")
    assert result["external_userid"] in result["people"]


def test_a_person_in_several_groups_counts_as_one_contact(
    empty_corp: Corp, chat_id: str, friend: str
) -> None:
    corp = empty_corp
    other = act(corp, "member_creates_group", userid="lisi")["chat_id"]

    def contacts() -> int:
        """Returns the current number of contacts."""
        with corp.server.server.database.transaction() as tx:
            return level_now(tx, corp.corpid, CONTACTS)

    assert contacts() == 1
    person = act(corp, "join_group", chat_id=chat_id)["external_userid"]
    act(corp, "join_group", chat_id=other, people=[person, friend, "zhangsan"])
    assert contacts() == 2
    act(corp, "member_deletes_customer", userid="zhangsan", external_userid=friend)
    act(corp, "leave_group", chat_id=chat_id, people=[person])
    assert contacts() == 2
    act(corp, "leave_group", chat_id=other, people=[person])
    assert contacts() == 1
    for gone, left in ((chat_id, 1), (other, 0)):
        act(corp, "dismiss_group", chat_id=gone)
        assert contacts() == left
    assert corp.sim("usage")["contacts"] == 2, "the most that there were on the day"
