"""Transfer of customer groups of active and resigned members."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, new_member, seen_by
from tests.families.handover.transfers import DAY, Shop, shop
from wecom_tollbooth.families.handover import groups

__all__ = ["shop"]

ON_JOB = "externalcontact/groupchat/onjob_transfer"
RESIGNED = "externalcontact/groupchat/transfer"


def new_group(corp: Corp, userid: str = "zhangsan") -> str:
    return str(act(corp, "member_creates_group", userid=userid)["chat_id"])


def transfer_groups(wecom: WeCom, operation: str, *chats: str, new_owner: str = "lisi") -> list[int]:
    reply = wecom.post(operation, chat_id_list=list(chats), new_owner=new_owner)
    assert reply["errcode"] == 0, reply
    return [one["errcode"] for one in reply["failed_chat_list"]]


def get_group(wecom: WeCom, chat_id: str) -> dict[str, Any]:
    return dict(wecom.post("externalcontact/groupchat/get", chat_id=chat_id)["group_chat"])


def group_status(wecom: WeCom, chat_id: str, owner: str) -> int:
    asked = {"limit": 1000, "owner_filter": {"userid_list": [owner]}}
    listed = wecom.post("externalcontact/groupchat/list", asked)["group_chat_list"]
    (found,) = [one["status"] for one in listed if one["chat_id"] == chat_id]
    return int(found)


def test_onjob_transfer_changes_the_owner_who_stays_a_member(corp: Corp, wecom: WeCom) -> None:
    chat = new_group(corp)
    events_before = len(corp.sim("callbacks", limit=1000)["callbacks"])
    assert transfer_groups(wecom, ON_JOB, chat) == []
    after = get_group(wecom, chat)
    assert after["owner"] == "lisi"
    assert {one["userid"] for one in after["member_list"]} == {"zhangsan", "lisi"}
    assert group_status(wecom, chat, "lisi") == 0
    assert len(corp.sim("callbacks", limit=1000)["callbacks"]) == events_before


def test_a_group_of_a_resigned_owner_is_transferred_once(corp: Corp, wecom: WeCom) -> None:
    chat = new_group(corp)
    assert transfer_groups(wecom, RESIGNED, chat) == [90500]
    act(corp, "member_leaves_corp", userid="zhangsan")
    assert transfer_groups(wecom, ON_JOB, chat) == [90502]
    assert (group_status(wecom, chat, "zhangsan"), transfer_groups(wecom, RESIGNED, chat)) == (1, [])
    assert (get_group(wecom, chat)["owner"], group_status(wecom, chat, "lisi")) == ("lisi", 3)
    assert transfer_groups(wecom, RESIGNED, chat, new_owner="wangwu") == [90508]


def test_each_failed_group_has_its_errcode(corp: Corp, wecom: WeCom) -> None:
    chat, of_lisi, gone = new_group(corp), new_group(corp, "lisi"), new_group(corp)
    act(corp, "dismiss_group", chat_id=gone)
    reply = wecom.post(ON_JOB, chat_id_list=["wrNobody", of_lisi, chat, gone], new_owner="lisi")
    assert [(one["chat_id"], one["errcode"]) for one in reply["failed_chat_list"]] == [
        ("wrNobody", 90501),
        (of_lisi, 90504),
        (gone, 90501),
    ]
    assert get_group(wecom, chat)["owner"] == "lisi"


def test_a_group_of_an_owner_without_the_right_is_not_transferred(corp: Corp, wecom: WeCom) -> None:
    chat = new_group(corp)
    act(corp, "admin_sets_follow_right", userid="zhangsan", may_follow=False)
    assert transfer_groups(wecom, ON_JOB, chat) == [90501]


def test_a_group_is_transferred_at_most_twice_in_90_days(shop: Shop) -> None:
    chat = new_group(shop.corp)
    assert transfer_groups(shop.wecom, ON_JOB, chat) == []
    assert transfer_groups(shop.wecom, ON_JOB, chat, new_owner="wangwu") == []
    assert transfer_groups(shop.wecom, ON_JOB, chat) == [45009]
    shop.wait(89 * DAY)
    assert transfer_groups(shop.wecom, ON_JOB, chat) == [45009]
    shop.wait(DAY)
    assert transfer_groups(shop.wecom, ON_JOB, chat) == []


def test_transferred_groups_of_an_owner_are_limited_per_day(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "GROUPS_A_DAY", 2)
    chats = [new_group(shop.corp) for _ in range(3)]
    assert transfer_groups(shop.wecom, ON_JOB, *chats) == [45009]
    shop.wait(DAY)
    assert transfer_groups(shop.wecom, ON_JOB, chats[2]) == []
    of_leaver = [new_group(shop.corp, "wangwu") for _ in range(3)]
    act(shop.corp, "member_leaves_corp", userid="wangwu")
    assert transfer_groups(shop.wecom, RESIGNED, *of_leaver) == [45009]


def test_groups_of_members_who_resigned_over_a_year_ago_answer_40205(shop: Shop) -> None:
    chat = new_group(shop.corp)
    act(shop.corp, "member_leaves_corp", userid="zhangsan")
    shop.wait(365 * DAY + 1)
    assert transfer_groups(shop.wecom, RESIGNED, chat) == [40205]


@pytest.mark.parametrize("operation", [ON_JOB, RESIGNED])
def test_members_who_cannot_own_groups_are_refused(corp: Corp, wecom: WeCom, operation: str) -> None:
    def errcode_of(by: WeCom = wecom, new_owner: str = "lisi") -> int:
        return int(by.post(operation, chat_id_list=["wrNobody"], new_owner=new_owner)["errcode"])

    narrow = seen_by(corp, userid=["lisi"], partyid=[])
    chat = new_group(corp)
    assert transfer_groups(narrow, operation, chat) == [60011]
    assert errcode_of(narrow, "wangwu") == 60011
    assert errcode_of(new_owner="nobody") == 46004
    new_member(corp, "clerk", may_follow=False)
    assert errcode_of(new_owner="clerk") == 84061
    act(corp, "admin_sets_member_status", userid="lisi", status=2)
    assert errcode_of() == 40143
    act(corp, "admin_sets_member_status", userid="lisi", status=4)
    assert errcode_of() == 41054
    act(corp, "admin_sets_member_status", userid="lisi", status=1)
    act(corp, "member_sets_real_name", userid="lisi", real_named=False)
    assert errcode_of() == 40098
