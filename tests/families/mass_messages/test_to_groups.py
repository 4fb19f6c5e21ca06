"""Mass messages to customer groups."""

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, act_error
from tests.families.mass_messages.messages import (
    OLD_RESULTS,
    TEXT,
    confirm,
    made,
    phone,
    refused,
    results,
    tasks,
)


@pytest.fixture
def wecom(untagged: WeCom) -> WeCom:
    """zhangsan follows wmA and wmB, lisi follows wmA."""
    return untagged


def new_group(corp: Corp, *people: str, owner: str = "zhangsan") -> str:
    return str(act(corp, "member_creates_group", userid=owner, people=list(people))["chat_id"])


def test_named_groups_get_the_message_when_their_owner_confirms(wecom: WeCom) -> None:
    corp = wecom.corp
    first, second = new_group(corp, "wmA", "lisi"), new_group(corp, "wmB")
    foreign, not_named = new_group(corp, "wmA", owner="lisi"), new_group(corp, "wmA")
    reply = made(
        wecom,
        chat_type="group",
        sender="zhangsan",
        chat_id_list=[first, foreign, "wrNone", second],
        allow_select=True,
    )
    msgid = reply["msgid"]
    assert reply["fail_list"] == [foreign, "wrNone"]
    assert tasks(wecom, msgid) == {"zhangsan": 0}
    assert results(wecom, msgid) == {}
    error = act_error(
        corp, "member_confirms_group_message", userid="zhangsan", msgid=msgid, chat_ids=[not_named]
    )
    assert "names its groups" in error
    confirm(corp, msgid)
    assert tasks(wecom, msgid) == {"zhangsan": 2}
    assert results(wecom, msgid) == dict.fromkeys(sorted([first, second]), 1)
    body = {"chat_id": first, "msgid": msgid, "text": TEXT}
    assert phone(corp, "wmA") == [("mass_message", "zhangsan", body, "delivered")]
    assert phone(corp, "lisi") == phone(corp, "wmA")
    assert phone(corp, "wmB") == [("mass_message", "zhangsan", {**body, "chat_id": second}, "delivered")]


def test_the_older_operation_shows_the_groups_too(wecom: WeCom) -> None:
    group = new_group(wecom.corp, "wmA")
    msgid = made(wecom, chat_type="group", sender="zhangsan", chat_id_list=[group])["msgid"]
    confirm(wecom.corp, msgid)
    (row,) = wecom.post(OLD_RESULTS, msgid=msgid)["detail_list"]
    assert (row["chat_id"], row["userid"], row["status"]) == (group, "zhangsan", 1)
    assert row["send_time"] > 0


def test_without_named_groups_the_owner_chooses(wecom: WeCom) -> None:
    corp = wecom.corp
    first, second = sorted([new_group(corp, "wmA"), new_group(corp, "wmB")])
    foreign = new_group(corp, owner="lisi")
    msgid = made(wecom, chat_type="group", sender="zhangsan", external_userid=["wmA"])["msgid"]
    for wrong in ({"chat_ids": [foreign]}, {"external_userids": ["wmA"]}):
        act_error(corp, "member_confirms_group_message", userid="zhangsan", msgid=msgid, **wrong)
    confirm(corp, msgid, chat_ids=[second])
    assert results(wecom, msgid) == {second: 1}
    msgid = made(wecom, chat_type="group", sender="zhangsan")["msgid"]
    confirm(corp, msgid)
    assert results(wecom, msgid) == {first: 1, second: 1}
    single = made(wecom, sender="zhangsan")["msgid"]
    error = act_error(
        corp, "member_confirms_group_message", userid="zhangsan", msgid=single, chat_ids=[first]
    )
    assert "goes to customers" in error


def test_a_group_dissolved_or_handed_over_meanwhile_gets_status_2(wecom: WeCom) -> None:
    corp = wecom.corp
    groups = sorted(new_group(corp, "wmA", "lisi") for _ in range(3))
    msgid = made(wecom, chat_type="group", sender="zhangsan", chat_id_list=groups)["msgid"]
    act(corp, "dismiss_group", chat_id=groups[0])
    act(corp, "change_group_owner", chat_id=groups[1], userid="lisi")
    confirm(corp, msgid)
    assert results(wecom, msgid) == {groups[0]: 2, groups[1]: 2, groups[2]: 1}
    assert len(phone(corp, "wmA")) == 1


def test_groups_need_a_sender_who_owns_some(wecom: WeCom) -> None:
    corp = wecom.corp
    assert refused(wecom, chat_type="group") == 40063
    assert refused(wecom, chat_type="group", sender="zhangsan") == 41048
    foreign = new_group(corp, owner="lisi")
    assert refused(wecom, chat_type="group", sender="zhangsan", chat_id_list=[foreign]) == 41048
    assert refused(wecom, chat_type="group", sender="lisi", chat_id_list=["wr"] * 2001) == 40058
    assert refused(wecom, chat_type="group", sender="nobody") == 40003
