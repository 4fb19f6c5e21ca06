"""Moments that members publish by themselves."""

from typing import Any

import pytest

from tests.families.factories import act, act_error, seen_by
from tests.families.moments.shop import (
    CANCEL,
    COMMENTS,
    CUSTOMERS,
    RANGE,
    SENT,
    TASKS,
    Shop,
    frozen,
    shop,
)
from tests.families.uploads import mp4, png

__all__ = ["frozen", "shop"]

POST = "member_posts_moment"


def post(shop: Shop, userid: str = "zhangsan", **fields: Any) -> str:
    return str(act(shop.corp, POST, userid=userid, **{"text": "到店啦", **fields})["moment_id"])


def ids(reply: dict[str, Any]) -> list[str]:
    assert reply["errcode"] == 0, reply
    return [moment["moment_id"] for moment in reply["moment_list"]]


def test_a_members_own_moment_is_listed_with_its_creator(shop: Shop) -> None:
    location = {"latitude": "23.10647", "longitude": "113.32446", "name": "广州塔"}
    images = [shop.upload("image", png()) for _ in range(2)]
    moment_id = post(shop, images=images, location=location)
    (moment,) = shop.listed()["moment_list"]
    assert moment == {
        "moment_id": moment_id,
        "creator": "zhangsan",
        "create_time": shop.now,
        "create_type": 1,
        "visible_type": 1,
        "text": {"content": "到店啦"},
        "image": [{"media_id": media_id} for media_id in images],
        "location": location,
    }


def test_a_video_has_a_cover_and_a_link_a_title(shop: Shop) -> None:
    video = {
        "media_id": shop.upload("video", mp4()),
        "thumb_media_id": shop.upload("image", png()),
    }
    post(shop, video=video)
    post(shop, link={"title": "茶单", "url": "https://example.com"})
    with_link, with_video = shop.listed()["moment_list"]
    assert with_video["video"] == video
    assert with_link["link"] == {"title": "茶单", "url": "https://example.com"}


def test_the_list_is_filtered_by_kind_and_creator(shop: Shop) -> None:
    of_corp = shop.make()
    own, other = post(shop), post(shop, "lisi")
    assert ids(shop.listed()) == ids(shop.listed(filter_type=2)) == [other, own, of_corp]
    assert ids(shop.listed(filter_type=0)) == [of_corp]
    assert ids(shop.listed(filter_type=1)) == [other, own]
    assert ids(shop.listed(creator="ZhangSan")) == [own]
    assert ids(shop.listed(creator="zhangsan", filter_type=0)) == []
    assert ids(shop.listed(creator="nobody")) == []
    assert shop.listed(filter_type=3)["errcode"] == 40058
    assert ids(shop.listed(seen_by(shop.corp, userid=["lisi"]))) == [other, of_corp]


def test_it_reaches_all_customers_or_those_chosen(shop: Shop) -> None:
    to_all = post(shop)
    assert shop.sent(to_all) == CUSTOMERS
    assert shop.sent(to_all, operation=RANGE) == []
    chosen = [CUSTOMERS[1], CUSTOMERS[2], "wmNobody"]
    to_some = post(shop, external_userids=chosen)
    assert shop.sent(to_some) == shop.sent(to_some, operation=RANGE) == chosen[:2]
    assert [body["moment_id"] for *_, body in shop.phone(CUSTOMERS[1])] == [to_all, to_some]
    assert shop.listed()["moment_list"][0]["visible_type"] == 0


def test_customers_react_to_it(shop: Shop) -> None:
    moment_id = post(shop)
    act(shop.corp, "customer_likes_moment", external_userid=CUSTOMERS[0], moment_id=moment_id)
    reply = shop.wecom.post(COMMENTS, moment_id=moment_id, userid="zhangsan")
    assert reply["like_list"] == [{"external_userid": CUSTOMERS[0], "create_time": shop.now}]


@pytest.mark.parametrize("operation", [TASKS, CANCEL])
def test_what_is_for_moments_of_the_corp_answers_41067(shop: Shop, operation: str) -> None:
    moment_id = post(shop)
    assert shop.wecom.post(operation, moment_id=moment_id)["errcode"] == 41067
    error = act_error(shop.corp, "member_publishes_moment", userid="zhangsan", moment_id=moment_id)
    assert "not of the corp" in error


def test_a_deleted_moment_is_unknown(shop: Shop) -> None:
    moment_id, of_corp = post(shop), shop.make()
    delete = "member_deletes_moment"
    assert "own" in act_error(shop.corp, delete, userid="lisi", moment_id=moment_id)
    assert "own" in act_error(shop.corp, delete, userid="zhangsan", moment_id=of_corp)
    act(shop.corp, delete, userid="zhangsan", moment_id=moment_id)
    assert ids(shop.listed()) == [of_corp]
    assert shop.wecom.post(SENT, moment_id=moment_id, userid="zhangsan")["errcode"] == 41060
    assert [state for _, _, state, _ in shop.phone(CUSTOMERS[0])] == ["recalled"]


def test_a_moment_has_content_of_one_kind(shop: Shop) -> None:
    assert "has a text" in act_error(shop.corp, POST, userid="zhangsan")
    link = {"url": "https://example.com"}
    assert "or a link" in act_error(shop.corp, POST, userid="zhangsan", images=["M1"], link=link)
    assert "range of use" in act_error(shop.corp, POST, userid="visitor", text="到店啦")


@pytest.mark.parametrize("name", [POST, "admin_creates_moment"])
def test_files_of_moments_made_outside_the_api_are_looked_up(shop: Shop, name: str) -> None:
    image, video = shop.upload("image", png()), shop.upload("video", mp4())
    of_album = shop.upload("image", png(), attachment_type=2)
    for fields, words in (
        ({"images": [image, "unknown"]}, "images[1]: 'unknown' is unknown"),
        ({"images": [video]}, "is of type video; image is wanted"),
        ({"images": [of_album]}, "attachment_type 1"),
        ({"video": {"media_id": image}}, "video.media_id"),
        ({"video": {"media_id": video, "thumb_media_id": "T"}}, "video.thumb_media_id"),
    ):
        assert words in act_error(shop.corp, name, userid="zhangsan", text="到店啦", **fields)
    assert ids(shop.listed()) == []


# --- moments from the console ----------------------------------------------------------------------------


def test_a_moment_from_the_console_has_a_creator_and_is_published_like_an_apps(shop: Shop) -> None:
    tag = shop.tag(CUSTOMERS[0])
    made = act(shop.corp, "admin_creates_moment", userid="admin", text="上新", tag_list=[tag])
    moment_id = made["moment_id"]
    shop.wait(1)
    assert shop.tasks(moment_id) == [("zhangsan", 0)]
    shop.publish(moment_id)
    assert shop.sent(moment_id) == [CUSTOMERS[0]]
    (moment,) = shop.listed(creator="admin", filter_type=0)["moment_list"]
    assert (moment["creator"], moment["create_type"], moment["visible_type"]) == ("admin", 0, 0)
    assert [kind for kind, *_ in shop.phone("zhangsan")] == ["moment_task"]


def test_the_console_names_senders(shop: Shop) -> None:
    create = "admin_creates_moment"
    made = act(shop.corp, create, userid="admin", text="上新", user_list=["lisi"], department_list=[2])
    shop.wait(1)
    assert shop.tasks(made["moment_id"]) == [("lisi", 0), ("wangwu", 0)]
    for wrong in ({"user_list": ["nobody"]}, {"department_list": [99]}, {"tag_list": ["etNobody"]}):
        assert "is no member" in act_error(shop.corp, create, userid="admin", text="上新", **wrong)
