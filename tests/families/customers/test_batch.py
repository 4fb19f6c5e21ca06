"""externalcontact/batch/get_by_user: the customers of members, in pages."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import (
    BATCH,
    GET,
    act,
    all_pages,
    customers_of,
    follow,
    new_contact,
    pairs,
    seen_by,
)

# --- batch/get_by_user -----------------------------------------------------------------------------------


def test_a_batch_has_one_entry_per_member_and_customer(corp: Corp, wecom: WeCom) -> None:
    shared = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    act(corp, "member_adds_customer", userid="lisi", external_userid=shared)
    entries = all_pages(wecom, ["zhangsan", "lisi"])
    expected = [("zhangsan", customer) for customer in customers_of(wecom)]
    expected += [("lisi", customer) for customer in customers_of(wecom, "lisi")]
    assert pairs(entries) == expected
    assert {("zhangsan", shared), ("lisi", shared)} <= set(pairs(entries))


def test_a_batch_entry_equals_the_reply_of_get(wecom: WeCom) -> None:
    for entry in all_pages(wecom, ["zhangsan"]):
        contact, info = entry["external_contact"], dict(entry["follow_info"])
        shown = wecom.get(GET, external_userid=contact["external_userid"])
        assert contact == shown["external_contact"]
        follower = next(f for f in shown["follow_user"] if f["userid"] == "zhangsan")
        tag_ids = [tag["tag_id"] for tag in follower.pop("tags")]
        assert info.pop("tag_id") == tag_ids
        assert info == follower


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_any_page_size_returns_the_same_customers(wecom: WeCom, limit: int) -> None:
    members = ["zhangsan", "lisi", "wangwu", "zhaoliu", "sunqi"]
    assert pairs(all_pages(wecom, members, limit=limit)) == pairs(all_pages(wecom, members))


def test_a_page_has_50_customers_by_default_and_at_most_100(empty_corp: Corp) -> None:
    for number in range(120):
        new_contact(empty_corp, f"wm{number:03d}")
    for number in range(120):
        follow(empty_corp, f"wm{number:03d}", seq=number + 1)
    wecom = empty_corp.client()

    def size(**fields: Any) -> int:
        page = wecom.post(BATCH, userid_list=["zhangsan"], **fields)
        assert page["next_cursor"]
        return len(page["external_contact_list"])

    assert size() == 50
    assert size(limit=0) == 50
    assert size(limit=-1) == 50
    assert size(limit=None, cursor=None) == 50
    assert size(limit=99) == 99
    assert size(limit=100) == 100
    assert size(limit=101) == 100
    assert size(limit=10**9) == 100
    assert size(limit="60") == 60


def test_a_page_that_ends_with_the_last_customer_has_no_cursor(empty_corp: Corp) -> None:
    for number in range(3):
        follow(empty_corp, new_contact(empty_corp, f"wm{number}"), seq=number + 1)
    follow(empty_corp, "wm0", "lisi")
    wecom = empty_corp.client()
    assert wecom.post(BATCH, userid_list=["zhangsan"], limit=3)["next_cursor"] == ""
    page = wecom.post(BATCH, userid_list=["zhangsan", "lisi"], limit=3)
    assert page["next_cursor"]
    rest = wecom.post(BATCH, userid_list=["zhangsan", "lisi"], limit=3, cursor=page["next_cursor"])
    assert pairs(rest["external_contact_list"]) == [("lisi", "wm0")]
    assert rest["next_cursor"] == ""


def test_a_member_without_customers_adds_nothing_to_a_batch(empty_corp: Corp) -> None:
    reply = empty_corp.client().post(BATCH, userid_list=["zhangsan"])
    assert reply == {"errcode": 0, "errmsg": "ok", "external_contact_list": [], "next_cursor": ""}


def test_invisible_members_and_members_without_the_right_are_skipped(corp: Corp, wecom: WeCom) -> None:
    lisis = seen_by(corp, userid=["lisi"])
    assert {userid for userid, _ in pairs(all_pages(lisis, ["zhangsan", "lisi"]))} == {"lisi"}
    act(corp, "admin_sets_follow_right", userid="zhangsan", may_follow=False)
    assert {userid for userid, _ in pairs(all_pages(wecom, ["zhangsan", "lisi"]))} == {"lisi"}


def test_a_repeated_member_is_read_once(wecom: WeCom) -> None:
    assert pairs(all_pages(wecom, ["zhangsan", "ZHANGSAN", "zhangsan"])) == pairs(
        all_pages(wecom, ["zhangsan"])
    )


def test_a_change_between_two_pages_loses_no_other_customer(corp: Corp, wecom: WeCom) -> None:
    members = ["zhangsan", "lisi", "wangwu"]
    first = wecom.post(BATCH, userid_list=members, limit=len(customers_of(wecom)) + 1)
    assert pairs(first["external_contact_list"])[-1][0] == "lisi"
    act(corp, "admin_sets_follow_right", userid="zhangsan", may_follow=False)
    rest = wecom.post(BATCH, userid_list=members, limit=100, cursor=first["next_cursor"])
    expected = [("lisi", customer) for customer in customers_of(wecom, "lisi")[1:]]
    expected += [("wangwu", customer) for customer in customers_of(wecom, "wangwu")]
    assert pairs(rest["external_contact_list"]) == expected


def test_unknown_or_too_many_members_in_a_batch_are_refused(wecom: WeCom) -> None:
    refused = wecom.post(BATCH, userid_list=["zhangsan", "nobody"])
    assert (refused["errcode"], refused["external_contact_list"]) == (40003, [])
    assert wecom.post(BATCH, userid_list=["zhangsan"] * 100)["errcode"] == 0
    assert wecom.post(BATCH, userid_list=["zhangsan"] * 101)["errcode"] == 40058
    assert wecom.post(BATCH)["errcode"] == 40063
    assert wecom.post(BATCH, userid_list=[])["errcode"] == 40063


def test_a_cursor_of_other_members_is_invalid(wecom: WeCom) -> None:
    cursor = wecom.post(BATCH, userid_list=["zhangsan", "lisi"], limit=1)["next_cursor"]
    for members in (["zhangsan"], ["lisi", "zhangsan"], ["zhangsan", "lisi", "wangwu"]):
        refused = wecom.post(BATCH, userid_list=members, cursor=cursor)
        assert (refused["errcode"], refused["external_contact_list"]) == (50100, [])
    assert wecom.post(BATCH, userid_list=["zhangsan"], cursor="CURSOR")["errcode"] == 50100
