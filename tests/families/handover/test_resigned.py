"""离职继承: customers of a resigned member are unassigned, then assigned and transferred a day later."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import NOW, act, insert, new_member, seen_by
from tests.families.handover.transfers import (
    DAY,
    RESIGNED_RESULT,
    RESIGNED_TRANSFER,
    UNASSIGNED,
    Shop,
    each_unfit_taker,
    shop,
)
from wecom_tollbooth.families.directory.tables import LEFT, Member
from wecom_tollbooth.families.handover import results
from wecom_tollbooth.families.relations import lifecycle

__all__ = ["shop"]

YEAR = 365 * DAY


def resign(shop: Shop, userid: str = "zhangsan") -> None:
    act(shop.corp, "member_leaves_corp", userid=userid)


def unassigned(wecom: WeCom, **body: Any) -> list[tuple[str, str, int]]:
    """Returns the whole list, page by page."""
    found: list[tuple[str, str, int]] = []
    cursor = ""
    while True:
        page = wecom.post(UNASSIGNED, {**body, "cursor": cursor})
        assert page["errcode"] == 0, page
        found += [
            (one["handover_userid"], one["external_userid"], one["dimission_time"]) for one in page["info"]
        ]
        cursor = page["next_cursor"]
        assert page["is_last"] is not bool(cursor)
        if not cursor:
            return found


def assign(shop: Shop, *customers: str) -> list[int]:
    return shop.transfer(*customers, operation=RESIGNED_TRANSFER)


def resigned_results(shop: Shop) -> list[tuple[str, int, int]]:
    return shop.result(operation=RESIGNED_RESULT)


# --- unassigned customers --------------------------------------------------------------------------------


def test_customers_of_a_resigned_member_are_unassigned(shop: Shop) -> None:
    assert unassigned(shop.wecom) == []
    customers = shop.customers("zhangsan")
    resign(shop)
    assert unassigned(shop.wecom) == [("zhangsan", customer, shop.now) for customer in sorted(customers)]


def test_unassigned_customers_are_listed_in_pages_latest_resignation_first(shop: Shop) -> None:
    first = {("zhangsan", customer) for customer in shop.customers("zhangsan")}
    resign(shop)
    shop.wait(60)
    last = {("lisi", customer) for customer in shop.customers("lisi")}
    resign(shop, "lisi")
    whole = unassigned(shop.wecom)
    assert {pair[:2] for pair in whole[: len(last)]} == last
    assert {pair[:2] for pair in whole[len(last) :]} == first
    assert unassigned(shop.wecom, page_size=3) == whole
    assert unassigned(shop.wecom, page_size=len(whole)) == whole


def test_paging_by_page_id_still_works(shop: Shop) -> None:
    resign(shop)
    whole = unassigned(shop.wecom)
    pages = [shop.wecom.post(UNASSIGNED, page_id=number, page_size=4) for number in range(3)]
    found = [one["external_userid"] for page in pages for one in page["info"]]
    assert found == [customer for _, customer, _ in whole][:12]
    assert all("next_cursor" not in page for page in pages)
    beyond = shop.wecom.post(UNASSIGNED, page_id=2**62)
    assert (beyond["info"], beyond["is_last"]) == ([], True)
    assert shop.wecom.post("crm/get_unassigned_list", page_id=0)["errcode"] == 0


def test_invalid_page_sizes_and_cursors_are_refused(shop: Shop) -> None:
    resign(shop)
    assert shop.wecom.post(UNASSIGNED, page_size=1001)["errcode"] == 40058
    cursor = shop.wecom.post(UNASSIGNED, page_size=2)["next_cursor"]
    assert shop.wecom.post(UNASSIGNED, page_size=3, cursor=cursor)["errcode"] == 50100
    assert shop.wecom.post(UNASSIGNED, cursor="CURSOR")["errcode"] == 50100


def test_an_app_sees_resigned_members_that_were_in_its_visible_range(shop: Shop) -> None:
    of_department = seen_by(shop.corp, userid=[], partyid=[1])
    of_another = seen_by(shop.corp, userid=["lisi"], partyid=[])
    resign(shop)
    assert {userid for userid, _, _ in unassigned(of_department)} == {"zhangsan"}
    assert unassigned(of_another) == []


# --- the transfer ----------------------------------------------------------------------------------------


def test_a_customer_of_a_resigned_member_is_transferred_after_a_day(shop: Shop) -> None:
    customer = shop.add(name="小王")
    created = shop.wecom.post(
        "externalcontact/follow_up/add", userid="zhangsan", external_userid=customer, title="谈合作"
    )
    before = shop.contacts
    resign(shop)
    since = shop.last_event_id()
    assert assign(shop, customer) == [0]
    assert customer not in {waiting for _, waiting, _ in unassigned(shop.wecom)}
    assert resigned_results(shop) == [(customer, 2, shop.now + DAY)]
    assert shop.result() == []
    shop.wait(DAY)
    assert (resigned_results(shop), shop.followers(customer)) == ([(customer, 1, shop.now)], ["lisi"])
    assert shop.follower(customer, "lisi")["add_way"] == 202
    assert [name for name, _ in shop.events_of(customer, since)] == ["add_external_contact"]
    record = shop.wecom.post("externalcontact/follow_up/get", follow_up_id=created["follow_up_id"])
    assert record["follow_up"]["userid"] == "lisi"
    assert shop.contacts == before
    assert customer not in {waiting for _, waiting, _ in unassigned(shop.wecom)}


def test_a_customer_who_refused_is_unassigned_again(shop: Shop) -> None:
    customer = shop.add()
    resign(shop)
    assign(shop, customer)
    act(shop.corp, "customer_refuses_transfer", takeover_userid="lisi", external_userid=customer)
    assert resigned_results(shop) == [(customer, 3, 0)]
    assert customer in {waiting for _, waiting, _ in unassigned(shop.wecom)}


def test_a_transfer_started_before_the_resignation_completes_without_a_del_event(shop: Shop) -> None:
    customer = shop.add()
    shop.transfer(customer)
    resign(shop)
    assert assign(shop, customer) == [40100]
    since = shop.last_event_id()
    shop.wait(DAY)
    assert shop.followers(customer) == ["lisi"]
    assert [name for name, _ in shop.events_of(customer, since)] == ["add_external_contact"]


def test_each_customer_of_a_resigned_member_has_its_own_errcode(shop: Shop) -> None:
    mine, other = shop.add(), shop.add("wangwu")
    resign(shop)
    assert assign(shop, "wmNobody", other, mine) == [40096, 40131, 0]


def test_a_taker_who_is_full_or_getting_the_customer_from_another_is_refused(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, stranger = shop.add(), shop.add()
    shop.add("wangwu", external_userid=shared)
    assert shop.transfer(shared, giver="wangwu") == [0]
    resign(shop)
    assert assign(shop, shared) == [40129]
    monkeypatch.setattr(lifecycle, "CUSTOMERS_OF_A_MEMBER", len(shop.customers("lisi")))
    assert assign(shop, stranger) == [40099]


# --- refused members -------------------------------------------------------------------------------------


def errcode_of(wecom: WeCom, operation: str = RESIGNED_TRANSFER, **changed: Any) -> int:
    body = {"handover_userid": "zhangsan", "takeover_userid": "lisi", **changed}
    return int(wecom.post(operation, {**body, "external_userid": ["wmNobody"]})["errcode"])


def test_only_members_who_resigned_within_a_year_can_hand_over(corp: Corp, wecom: WeCom) -> None:
    now = int(corp.server.sim.get("/clock").json()["now"])
    for userid, seconds in (("lately", YEAR - 60), ("long_ago", YEAR + 60)):
        gone: dict[str, Any] = {
            "userid_key": None,
            "status": LEFT,
            "left_at": now - seconds,
            "main_department": 1,
        }
        insert(corp, Member(corp_id=corp.corpid, userid=userid, name=userid, created_at=NOW, **gone))
    assert errcode_of(wecom) == 40097
    assert errcode_of(wecom, handover_userid="nobody") == 40003
    assert errcode_of(wecom, handover_userid="lately") == 0
    assert errcode_of(wecom, handover_userid="long_ago") == 40205
    assert errcode_of(wecom, handover_userid="lately", takeover_userid="lately") == 40130


def test_members_who_cannot_take_over_from_a_resigned_member_are_refused(corp: Corp, wecom: WeCom) -> None:
    narrow = seen_by(corp, userid=["lisi"], partyid=[])
    act(corp, "member_leaves_corp", userid="zhangsan")
    assert errcode_of(narrow) == 0
    assert errcode_of(narrow, takeover_userid="wangwu") == 60011
    assert errcode_of(narrow, RESIGNED_RESULT, takeover_userid="wangwu") == 60011
    assert errcode_of(wecom, takeover_userid="nobody") == 40003
    new_member(corp, "clerk", may_follow=False)
    assert errcode_of(wecom, takeover_userid="clerk") == 84061
    assert {reason: errcode_of(wecom) for reason in each_unfit_taker(corp)} == {
        "disabled": 40143,
        "not activated": 41054,
        "not real-named": 40098,
    }


def test_results_of_resigned_transfers_are_paged(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    customers = [shop.add(), shop.add(), shop.add()]
    resign(shop)
    assign(shop, *customers)
    assert errcode_of(shop.wecom, RESIGNED_RESULT, handover_userid="nobody") == 40003
    assert errcode_of(shop.wecom, RESIGNED_RESULT, cursor="CURSOR") == 50100
    monkeypatch.setattr(results, "ROWS_A_PAGE", 2)
    body = {"handover_userid": "zhangsan", "takeover_userid": "lisi"}
    first = shop.wecom.post(RESIGNED_RESULT, body)
    second = shop.wecom.post(RESIGNED_RESULT, {**body, "cursor": first["next_cursor"]})
    found = [one["external_userid"] for one in first["customer"] + second["customer"]]
    assert (found, "next_cursor" in second) == (customers, False)
