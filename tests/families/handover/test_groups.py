"""Customer groups of present and resigned members are transferred."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, new_member, seen_by
from tests.families.handover.transfers import DAY, Shop, shop
from wecom_tollbooth.families.handover import groups

__all__ = ["shop"]

ON_JOB = "externalcontact/groupchat/onjob_transfer"
RESIGNED = "externalcontact/groupchat/transfer"


def group_of(corp: Corp, userid: str = "zhangsan") -> str:
    return str(act(corp, "member_creates_group", userid=userid)["chat_id"])


def failed(wecom: WeCom, operation: str, *chats: str, new_owner: str = "lisi") -> list[int]:
    reply = wecom.post(operation, chat_id_list=list(chats), new_owner=new_owner)
    assert reply["errcode"] == 0, reply
    return [one["errcode"] for one in reply["failed_chat_list"]]


def group(wecom: WeCom, chat_id: str) -> dict[str, Any]:
    return dict(wecom.post("externalcontact/groupchat/get", chat_id=chat_id)["group_chat"])


def status(wecom: WeCom, chat_id: str, owner: str) -> int:
    asked = {"limit": 1000, "owner_filter": {"userid_list": [owner]}}
    listed = wecom.post("externalcontact/groupchat/list", asked)["group_chat_list"]
    (found,) = [one["status"] for one in listed if one["chat_id"] == chat_id]
    return int(found)


def test_a_group_of_who_stays_becomes_anothers_and_the_old_owner_stays_in_it(
    corp: Corp, wecom: WeCom
) -> None:
    chat = group_of(corp)
    told = len(corp.sim("callbacks", limit=1000)["callbacks"])
    assert failed(wecom, ON_JOB, chat) == []
    after = group(wecom, chat)
    assert after["owner"] == "lisi"
    assert {one["userid"] for one in after["member_list"]} == {"zhangsan", "lisi"}
    assert status(wecom, chat, "lisi") == 0
    assert len(corp.sim("callbacks", limit=1000)["callbacks"]) == told


def test_a_group_of_who_left_is_inherited_once(corp: Corp, wecom: WeCom) -> None:
    chat = group_of(corp)
    assert failed(wecom, RESIGNED, chat) == [90500]
    act(corp, "member_leaves_corp", userid="zhangsan")
    assert failed(wecom, ON_JOB, chat) == [90502]
    assert (status(wecom, chat, "zhangsan"), failed(wecom, RESIGNED, chat)) == (1, [])
    assert (group(wecom, chat)["owner"], status(wecom, chat, "lisi")) == ("lisi", 3)
    assert failed(wecom, RESIGNED, chat, new_owner="wangwu") == [90508]


def test_each_group_has_its_own_errcode(corp: Corp, wecom: WeCom) -> None:
    chat, of_lisi, gone = group_of(corp), group_of(corp, "lisi"), group_of(corp)
    act(corp, "dismiss_group", chat_id=gone)
    reply = wecom.post(ON_JOB, chat_id_list=["wrNobody", of_lisi, chat, gone], new_owner="lisi")
    assert [(one["chat_id"], one["errcode"]) for one in reply["failed_chat_list"]] == [
        ("wrNobody", 90501),
        (of_lisi, 90504),
        (gone, 90501),
    ]
    assert group(wecom, chat)["owner"] == "lisi"


def test_a_group_of_who_may_have_no_customers_is_not_handed_on(corp: Corp, wecom: WeCom) -> None:
    chat = group_of(corp)
    act(corp, "admin_sets_follow_right", userid="zhangsan", may_follow=False)
    assert failed(wecom, ON_JOB, chat) == [90501]


def test_a_group_is_handed_on_twice_in_90_days(shop: Shop) -> None:
    chat = group_of(shop.corp)
    assert failed(shop.wecom, ON_JOB, chat) == []
    assert failed(shop.wecom, ON_JOB, chat, new_owner="wangwu") == []
    assert failed(shop.wecom, ON_JOB, chat) == [45009]
    shop.wait(89 * DAY)
    assert failed(shop.wecom, ON_JOB, chat) == [45009]
    shop.wait(DAY)
    assert failed(shop.wecom, ON_JOB, chat) == []


def test_an_owner_gives_away_at_most_300_groups_a_day(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "GROUPS_A_DAY", 2)
    chats = [group_of(shop.corp) for _ in range(3)]
    assert failed(shop.wecom, ON_JOB, *chats) == [45009]
    shop.wait(DAY)
    assert failed(shop.wecom, ON_JOB, chats[2]) == []


def test_groups_of_who_left_over_a_year_ago_stay(shop: Shop) -> None:
    chat = group_of(shop.corp)
    act(shop.corp, "member_leaves_corp", userid="zhangsan")
    shop.wait(365 * DAY + 1)
    assert failed(shop.wecom, RESIGNED, chat) == [40205]


@pytest.mark.parametrize("operation", [ON_JOB, RESIGNED])
def test_members_who_cannot_own_the_groups(corp: Corp, wecom: WeCom, operation: str) -> None:
    def refused(by: WeCom = wecom, new_owner: str = "lisi") -> int:
        return int(by.post(operation, chat_id_list=["wrNobody"], new_owner=new_owner)["errcode"])

    narrow = seen_by(corp, userid=["lisi"], partyid=[])
    chat = group_of(corp)
    assert failed(narrow, operation, chat) == [60011]
    assert refused(narrow, "wangwu") == 60011
    assert refused(new_owner="nobody") == 46004
    new_member(corp, "clerk", may_follow=False)
    assert refused(new_owner="clerk") == 84061
    act(corp, "admin_sets_member_status", userid="lisi", status=2)
    assert refused() == 40143
    act(corp, "admin_sets_member_status", userid="lisi", status=4)
    assert refused() == 41054
    act(corp, "admin_sets_member_status", userid="lisi", status=1)
    act(corp, "member_sets_real_name", userid="lisi", real_named=False)
    assert refused() == 40098
