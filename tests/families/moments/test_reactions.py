"""获取客户朋友圈的互动数据: comments and likes of customers and members."""

from typing import Any

from tests.families.factories import act, act_error
from tests.families.moments.shop import COMMENTS, CUSTOMERS, Shop, frozen, shop

__all__ = ["frozen", "shop"]


def reactions(shop: Shop, moment_id: str, userid: str = "zhangsan") -> tuple[Any, Any]:
    reply = shop.wecom.post(COMMENTS, moment_id=moment_id, userid=userid)
    assert reply["errcode"] == 0, reply
    return reply["comment_list"], reply["like_list"]


def test_likes_and_comments_are_returned_with_their_times(shop: Shop) -> None:
    moment_id = shop.published()
    assert reactions(shop, moment_id) == ([], [])
    first, second = CUSTOMERS[:2]
    at = shop.now
    on = {"moment_id": moment_id}
    act(shop.corp, "customer_likes_moment", external_userid=first, **on)
    shop.wait(5)
    act(shop.corp, "customer_comments_moment", external_userid=second, text="好喝吗？", **on)
    act(shop.corp, "member_comments_moment", userid="zhangsan", text="来店里尝尝", **on)
    act(shop.corp, "member_likes_moment", userid="lisi", publisher="zhangsan", **on)
    shop.wait(5)
    act(shop.corp, "customer_comments_moment", external_userid=second, text="好", **on)
    comments, likes = reactions(shop, moment_id)
    assert comments == [
        {"external_userid": second, "create_time": at + 5},
        {"userid": "zhangsan", "create_time": at + 5},
        {"external_userid": second, "create_time": at + 10},
    ]
    assert likes == [
        {"external_userid": first, "create_time": at},
        {"userid": "lisi", "create_time": at + 5},
    ]


def test_only_who_sees_it_can_react(shop: Shop) -> None:
    first, other = CUSTOMERS[:2]
    tag = shop.tag(first)
    moment_id = shop.published(visible_range={"external_contact_list": {"tag_list": [tag]}})
    on = {"moment_id": moment_id}
    act(shop.corp, "customer_likes_moment", external_userid=first, **on)
    assert "already" in act_error(shop.corp, "customer_likes_moment", external_userid=first, **on)
    assert "does not see" in act_error(shop.corp, "customer_likes_moment", external_userid=other, **on)
    assert "does not see" in act_error(
        shop.corp, "customer_comments_moment", external_userid="wmNobody", text="好", **on
    )
    assert "not among" in act_error(shop.corp, "member_likes_moment", userid="lisi", **on)


def test_reactions_belong_to_one_of_those_who_published_it(shop: Shop) -> None:
    moment_id = shop.make()
    customer = CUSTOMERS[0]
    for userid in ("zhangsan", "lisi"):
        shop.publish(moment_id, userid)
    on = {"moment_id": moment_id, "external_userid": customer}
    assert "say whose" in act_error(shop.corp, "customer_likes_moment", **on)
    act(shop.corp, "customer_likes_moment", userid="lisi", **on)
    assert len(reactions(shop, moment_id, "lisi")[1]) == 1
    assert reactions(shop, moment_id) == ([], [])
