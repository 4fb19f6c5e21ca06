"""在职继承: customers of a member who stays are transferred a day later."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, new_member, seen_by
from tests.families.handover.transfers import DAY, RESULT, TRANSFER, Shop, each_unfit_taker, shop
from wecom_tollbooth.families.handover import results
from wecom_tollbooth.families.relations import lifecycle

__all__ = ["shop"]

UPS = "externalcontact/follow_up/"


# --- the transfer ----------------------------------------------------------------------------------------


def test_a_customer_is_transferred_after_exactly_a_day(shop: Shop) -> None:
    customer = shop.add(name="小王")
    assert shop.transfer(customer) == [0]
    begun = shop.now
    assert shop.result() == [(customer, 2, begun + DAY)]
    shop.wait(DAY - 1)
    assert (shop.followers(customer), shop.result()) == (["zhangsan"], [(customer, 2, begun + DAY)])
    shop.wait(1)
    assert (shop.followers(customer), shop.result()) == (["lisi"], [(customer, 1, begun + DAY)])
    assert customer in shop.customers("lisi")
    assert customer not in shop.customers("zhangsan")


def test_the_new_relation_keeps_notes_and_tags_and_has_add_way_202(shop: Shop) -> None:
    customer = shop.add(name="小王")
    group = shop.wecom.post("externalcontact/get_corp_tag_list")["tag_group"][0]
    tag = group["tag"][0]["id"]
    marked = shop.wecom.post(
        "externalcontact/mark_tag", userid="zhangsan", external_userid=customer, add_tag=[tag]
    )
    assert marked["errcode"] == 0
    noted = {"remark": "王总", "description": "爱喝拿铁", "remark_mobiles": ["13800000001"]}
    shop.wecom.post("externalcontact/remark", userid="zhangsan", external_userid=customer, **noted)
    before = shop.follower(customer, "zhangsan")
    shop.transfer(customer)
    shop.wait(DAY)
    after = shop.follower(customer, "lisi")
    assert {name: after[name] for name in noted} == noted
    assert after["tags"] == before["tags"] != []
    assert (after["add_way"], after["oper_userid"], after["createtime"]) == (202, "lisi", shop.now)


def test_events_of_both_members_are_raised_at_the_transfer(shop: Shop) -> None:
    customer = shop.add()
    since = shop.last_event_id()
    shop.transfer(customer)
    shop.wait(DAY - 1)
    assert shop.events_of(customer, since) == []
    shop.wait(1)
    (gone, gone_xml), (come, come_xml) = shop.events_of(customer, since)
    assert (gone, come) == ("del_external_contact", "add_external_contact")
    assert "<UserID><![CDATA[zhangsan]]></UserID>" in gone_xml
    assert "<Source><![CDATA[DELETE_BY_TRANSFER]]></Source>" in gone_xml
    assert "<UserID><![CDATA[lisi]]></UserID>" in come_xml
    assert "WelcomeCode" not in come_xml
    assert f"<CreateTime>{shop.now}</CreateTime>" in come_xml


def test_a_customer_whom_the_taker_already_has_is_not_added_again(shop: Shop) -> None:
    customer = shop.add("zhangsan")
    shop.add("lisi", external_userid=customer, add_way=3)
    since = shop.last_event_id()
    shop.transfer(customer)
    shop.wait(DAY)
    assert [name for name, _ in shop.events_of(customer, since)] == ["del_external_contact"]
    assert shop.followers(customer) == ["lisi"]
    assert shop.follower(customer, "lisi")["add_way"] == 3
    assert shop.result()[0][1] == 1


def test_a_customer_transferred_back_raises_no_add_event(shop: Shop) -> None:
    customer = shop.add()
    shop.transfer(customer)
    shop.wait(DAY)
    since = shop.last_event_id()
    assert shop.transfer(customer, giver="lisi", taker="zhangsan") == [0]
    shop.wait(DAY)
    assert shop.followers(customer) == ["zhangsan"]
    assert [name for name, _ in shop.events_of(customer, since)] == ["del_external_contact"]


def test_a_transfer_keeps_the_number_of_contacts(shop: Shop) -> None:
    customers = [shop.add(), shop.add()]
    before = shop.contacts
    shop.transfer(*customers)
    shop.wait(DAY)
    assert shop.contacts == before
    act(shop.corp, "member_deletes_customer", userid="lisi", external_userid=customers[0])
    assert shop.contacts == before - 1


def test_a_transfer_does_not_count_as_a_new_customer(shop: Shop) -> None:
    customer = shop.add()
    shop.transfer(customer)
    shop.wait(DAY)
    shop.wait(DAY)
    reply = shop.wecom.post(
        "externalcontact/get_user_behavior_data",
        userid=["lisi"],
        start_time=shop.now - 2 * DAY,
        end_time=shop.now - DAY,
    )
    assert {day["new_contact_cnt"] for day in reply["behavior_data"]} == {0}


def test_a_transfer_ends_the_temporary_session(shop: Shop) -> None:
    way = shop.wecom.post("externalcontact/add_contact_way", type=1, scene=2, user=["zhangsan"], is_temp=True)
    customer = act(shop.corp, "scan_contact_way", config_id=way["config_id"])["external_userid"]
    assert shop.transfer(customer) == [0]
    shop.wait(DAY)
    shop.add("zhangsan", external_userid=customer)
    for name in ("customer_sends_message", "member_sends_message"):
        act(shop.corp, name, userid="zhangsan", external_userid=customer)
    assert shop.corp.sim("temp_chats")["temp_chats"] == []


# --- follow-up records -----------------------------------------------------------------------------------


def test_the_follow_up_record_is_transferred_with_the_customer(shop: Shop) -> None:
    customer = shop.add()
    created = shop.wecom.post(UPS + "add", userid="zhangsan", external_userid=customer, title="谈合作")
    shop.transfer(customer)
    shop.wait(DAY)
    record = shop.wecom.post(UPS + "get", follow_up_id=created["follow_up_id"])["follow_up"]
    assert (record["userid"], record["title"], record["stage_id"]) == ("lisi", "谈合作", "untouched")
    changes = shop.wecom.post(UPS + "changes")["changes"]
    (handed,) = [one for one in changes if one["kind"] == "handed_over"]
    assert (handed["follow_up_id"], handed["userid"]) == (created["follow_up_id"], "lisi")


# --- before the transfer ---------------------------------------------------------------------------------


def test_a_customer_who_refuses_is_not_transferred(shop: Shop) -> None:
    customer = shop.add()
    shop.transfer(customer)
    since = shop.last_event_id()
    act(shop.corp, "customer_refuses_transfer", takeover_userid="lisi", external_userid=customer)
    ((change_type, xml),) = shop.events_of(customer, since)
    assert change_type == "transfer_fail"
    reason, member = "<FailReason><![CDATA[customer_refused]]>", "<UserID><![CDATA[lisi]]>"
    assert -1 < xml.index(reason) < xml.index(member)
    assert shop.result() == [(customer, 3, 0)]
    shop.wait(2 * DAY)
    assert (shop.followers(customer), shop.result()) == (["zhangsan"], [(customer, 3, 0)])
    again = {"act": "customer_refuses_transfer", "takeover_userid": "lisi", "external_userid": customer}
    assert shop.sim.post(f"/corps/{shop.corp.corpid}/acts", json=again).status_code == 422


def test_a_refused_transfer_can_be_repeated_and_is_listed_once(shop: Shop) -> None:
    customer = shop.add()
    shop.transfer(customer)
    act(shop.corp, "customer_refuses_transfer", takeover_userid="lisi", external_userid=customer)
    assert shop.transfer(customer) == [0]
    assert shop.result() == [(customer, 2, shop.now + DAY)]


def test_a_transfer_to_a_member_at_the_customer_limit_fails(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = shop.add()
    shop.transfer(customer)
    since = shop.last_event_id()
    monkeypatch.setattr(lifecycle, "CUSTOMERS_OF_A_MEMBER", len(shop.customers("lisi")))
    shop.wait(DAY)
    ((change_type, xml),) = shop.events_of(customer, since)
    assert change_type == "transfer_fail"
    assert "<FailReason><![CDATA[customer_limit_exceed]]>" in xml
    assert (shop.result(), shop.followers(customer)) == ([(customer, 4, 0)], ["zhangsan"])


def test_a_transfer_to_a_resigned_member_is_dropped(shop: Shop) -> None:
    customer = shop.add()
    shop.transfer(customer)
    act(shop.corp, "member_leaves_corp", userid="lisi")
    shop.wait(DAY)
    assert (shop.followers(customer), shop.result()) == (["zhangsan"], [])
    assert shop.transfer(customer, taker="wangwu") == [0]


def test_a_customer_deleted_before_the_transfer_is_still_transferred(shop: Shop) -> None:
    customer = shop.add()
    before = shop.contacts
    shop.transfer(customer)
    act(shop.corp, "member_deletes_customer", userid="zhangsan", external_userid=customer)
    since = shop.last_event_id()
    shop.wait(DAY)
    assert (shop.followers(customer), shop.contacts) == (["lisi"], before)
    assert [name for name, _ in shop.events_of(customer, since)] == ["add_external_contact"]


# --- refused customers -----------------------------------------------------------------------------------


def test_each_customer_has_its_own_errcode(shop: Shop) -> None:
    mine, other = shop.add(), shop.add("wangwu")
    assert shop.transfer("wmNobody", other, mine, mine) == [40096, 40131, 0, 40100]
    assert shop.transfer(mine, taker="wangwu") == [40100]
    shared = shop.add("zhangsan")
    shop.add("wangwu", external_userid=shared)
    assert shop.transfer(shared) == [0]
    assert shop.transfer(shared, giver="wangwu") == [40129]
    assert [customer for customer, _, _ in shop.result()] == [mine, shared]


def test_a_customer_is_transferred_at_most_twice_in_90_days_not_counting_refusals(shop: Shop) -> None:
    customer = shop.add()
    shop.transfer(customer)
    act(shop.corp, "customer_refuses_transfer", takeover_userid="lisi", external_userid=customer)
    for giver, taker in (("zhangsan", "lisi"), ("lisi", "wangwu")):
        assert shop.transfer(customer, giver=giver, taker=taker) == [0]
        shop.wait(DAY)
    assert shop.transfer(customer, giver="wangwu", taker="zhangsan") == [40128]
    shop.wait(87 * DAY)
    assert shop.transfer(customer, giver="wangwu", taker="zhangsan") == [40128]
    shop.wait(DAY)
    assert shop.transfer(customer, giver="wangwu", taker="zhangsan") == [0]


def test_a_member_at_the_customer_limit_can_only_take_over_existing_contacts(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger, friend = shop.add(), shop.add()
    shop.add("lisi", external_userid=friend)
    monkeypatch.setattr(lifecycle, "CUSTOMERS_OF_A_MEMBER", len(shop.customers("lisi")))
    assert shop.transfer(stranger, friend) == [40099, 0]


def test_of_concurrent_transfers_of_a_customer_one_starts(shop: Shop) -> None:
    customer = shop.add()
    callers = [shop.wecom for _ in range(4)]
    body = {"handover_userid": "zhangsan", "takeover_userid": "lisi", "external_userid": [customer]}
    with ThreadPoolExecutor(len(callers)) as pool:
        replies = list(pool.map(lambda wecom: wecom.post(TRANSFER, body), callers))
    assert sorted(reply["customer"][0]["errcode"] for reply in replies) == [0, 40100, 40100, 40100]
    assert shop.result() == [(customer, 2, shop.now + DAY)]


# --- refused members -------------------------------------------------------------------------------------


def errcode_of(wecom: WeCom, operation: str = TRANSFER, **changed: Any) -> int:
    body = {"handover_userid": "zhangsan", "takeover_userid": "lisi", **changed}
    reply = wecom.post(operation, {**body, "external_userid": ["wmNobody"]})
    assert reply["errcode"] == 0 or reply["customer"] == []
    return int(reply["errcode"])


def test_members_who_cannot_hand_over_or_take_over_are_refused(corp: Corp, wecom: WeCom) -> None:
    assert errcode_of(wecom, handover_userid="nobody") == 40003
    assert errcode_of(wecom, takeover_userid="nobody") == 40003
    assert errcode_of(wecom, takeover_userid="ZhangSan") == 40130
    new_member(corp, "clerk", may_follow=False)
    assert errcode_of(wecom, takeover_userid="clerk") == 84061
    assert {reason: errcode_of(wecom) for reason in each_unfit_taker(corp)} == {
        "disabled": 40143,
        "not activated": 41054,
        "not real-named": 40098,
    }
    act(corp, "member_leaves_corp", userid="zhangsan")
    assert errcode_of(wecom, takeover_userid="wangwu") == 40003


def test_only_the_taker_must_be_in_the_visible_range(corp: Corp) -> None:
    narrow = seen_by(corp, userid=["lisi"], partyid=[])
    assert errcode_of(narrow) == 0
    assert errcode_of(narrow, handover_userid="lisi", takeover_userid="zhangsan") == 60011
    assert errcode_of(narrow, RESULT) == 0
    assert errcode_of(narrow, RESULT, handover_userid="lisi", takeover_userid="zhangsan") == 60011


def test_results_of_unknown_members_and_invalid_cursors_are_refused(wecom: WeCom) -> None:
    assert errcode_of(wecom, RESULT, handover_userid="nobody") == 40003
    assert errcode_of(wecom, RESULT, takeover_userid="nobody") == 40003
    assert errcode_of(wecom, RESULT, cursor="CURSOR") == 50100


def test_results_are_paged(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    customers = [shop.add() for _ in range(5)]
    shop.transfer(*customers)
    monkeypatch.setattr(results, "ROWS_A_PAGE", 2)
    body = {"handover_userid": "zhangsan", "takeover_userid": "lisi"}
    found, cursor = [], ""
    for _ in range(3):
        page = shop.wecom.post(RESULT, {**body, "cursor": cursor})
        found += [one["external_userid"] for one in page["customer"]]
        cursor = page.get("next_cursor", "")
    assert (found, cursor) == (customers, "")
