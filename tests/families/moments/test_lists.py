"""获取企业全部的发表列表."""

from typing import Any

from tests.families.factories import seen_by
from tests.families.moments.shop import CUSTOMERS, HELLO, LIST, Shop, frozen, shop
from wecom_tollbooth.world.clock import DAY

__all__ = ["frozen", "shop"]


def ids(reply: dict[str, Any]) -> list[str]:
    assert reply["errcode"] == 0, reply
    return [moment["moment_id"] for moment in reply["moment_list"]]


def test_a_moment_of_the_corp_is_listed_without_creator(shop: Shop) -> None:
    images = [shop.image(), shop.image()]
    made_at = shop.now + 1
    moment_id = shop.make(attachments=images)
    (moment,) = shop.listed()["moment_list"]
    assert moment == {
        "moment_id": moment_id,
        "create_time": made_at,
        "create_type": 0,
        "visible_type": 1,
        "text": HELLO,
        "image": [image["image"] for image in images],
    }


def test_a_video_and_a_link_are_listed_as_such(shop: Shop) -> None:
    video = shop.video()
    shop.make(attachments=[video])
    shop.make(attachments=[shop.link()])
    with_link, with_video = shop.listed()["moment_list"]
    assert with_video["video"] == video["video"]
    assert with_link["link"] == {"title": "茶单", "url": "https://example.com"}


def test_a_moment_for_tagged_customers_is_partly_visible(shop: Shop) -> None:
    tag = shop.tag(CUSTOMERS[0])
    shop.make(visible_range={"external_contact_list": {"tag_list": [tag]}})
    assert shop.listed()["moment_list"][0]["visible_type"] == 0


def test_moments_come_newest_first_in_pages(shop: Shop) -> None:
    made = [shop.make() for _ in range(5)][::-1]
    assert ids(shop.listed()) == made
    span = {"start_time": shop.now - 100, "end_time": shop.now + 1, "limit": 2}
    pages, cursor = [], ""
    while True:
        page = shop.wecom.post(LIST, {**span, "cursor": cursor})
        pages.append(ids(page))
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert pages == [made[:2], made[2:4], made[4:]]
    assert shop.wecom.post(LIST, {**span, "limit": 3, "cursor": "bad"})["errcode"] == 50100


def test_both_ends_of_the_range_are_left_out(shop: Shop) -> None:
    moment_id = shop.make()
    at = shop.listed()["moment_list"][0]["create_time"]
    assert ids(shop.listed(start_time=at - 1, end_time=at + 1)) == [moment_id]
    assert ids(shop.listed(start_time=at, end_time=at + 1)) == []
    assert ids(shop.listed(start_time=at - 1, end_time=at)) == []


def test_a_range_has_at_most_30_days_and_does_not_end_before_it_begins(shop: Shop) -> None:
    assert shop.listed(start_time=0, end_time=30 * DAY)["errcode"] == 0
    assert shop.listed(start_time=0, end_time=30 * DAY + 1)["errcode"] == 40058
    assert shop.listed(start_time=2, end_time=1)["errcode"] == 600018


def test_an_app_gets_what_members_in_its_range_are_to_publish(shop: Shop) -> None:
    moment_id = shop.make(visible_range={"sender_list": {"user_list": ["zhangsan"]}})
    assert ids(shop.listed(seen_by(shop.corp, userid=["zhangsan"]))) == [moment_id]
    assert ids(shop.listed(seen_by(shop.corp, userid=["lisi"]))) == []
