"""externalcontact/get: one customer with its followers."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import (
    BATCH,
    GET,
    NOW,
    act,
    all_pages,
    customers_of,
    follow,
    insert,
    new_contact,
    seen_by,
)
from wecom_tollbooth.families.directory.tables import Member
from wecom_tollbooth.families.relations.tables import FollowUser

# --- get -------------------------------------------------------------------------------------------------


def test_a_plain_relation_shows_only_the_permanent_fields(empty_corp: Corp) -> None:
    follow(empty_corp, new_contact(empty_corp, "wmA", name="Abe"), remark="Abe", createtime=1629712133)
    shown = empty_corp.client().get(GET, external_userid="wmA")
    assert shown == {
        "errcode": 0,
        "errmsg": "ok",
        "external_contact": {"external_userid": "wmA", "name": "Abe", "type": 1, "avatar": "", "gender": 0},
        "follow_user": [
            {
                "userid": "zhangsan",
                "remark": "Abe",
                "description": "",
                "createtime": 1629712133,
                "tags": [],
                "remark_mobiles": [],
                "add_way": 0,
            }
        ],
    }


def test_a_relation_with_all_fields_shows_its_source(empty_corp: Corp) -> None:
    channels = {"nickname": "视频号名称", "source": 1}
    follow(
        empty_corp,
        new_contact(empty_corp, "wmA"),
        remark="李部长",
        description="对接采购事务",
        remark_corp_name="腾讯科技",
        remark_mobiles=["13800000001", "13000000002"],
        add_way=10,
        oper_userid="wmA",
        state="外联二维码1",
        wechat_channels=channels,
    )
    (shown,) = empty_corp.client().get(GET, external_userid="wmA")["follow_user"]
    assert shown == {
        "userid": "zhangsan",
        "remark": "李部长",
        "description": "对接采购事务",
        "createtime": NOW,
        "tags": [],
        "remark_corp_name": "腾讯科技",
        "remark_mobiles": ["13800000001", "13000000002"],
        "add_way": 10,
        "oper_userid": "wmA",
        "state": "外联二维码1",
        "wechat_channels": channels,
    }


PROFILE = {
    "external_attr": [
        {"type": 0, "name": "文本名称", "text": {"value": "文本"}},
        {"type": 1, "name": "网页名称", "web": {"url": "https://www.test.com", "title": "标题"}},
        {
            "type": 2,
            "name": "测试app",
            "miniprogram": {"appid": "wx8b", "pagepath": "/index", "title": "mine"},
        },
    ]
}


def test_a_contact_who_uses_wecom_shows_its_corp_and_no_unionid(empty_corp: Corp) -> None:
    corp = empty_corp
    full = {
        "type": 2,
        "gender": 1,
        "avatar": "https://example.com/0",
        "unionid": "ozynqsulJFCZ2z1aYeS8h",
        "position": "Manager",
        "corp_name": "腾讯",
        "corp_full_name": "腾讯科技有限公司",
        "external_profile": PROFILE,
    }
    follow(corp, new_contact(corp, "woA", **full))
    follow(corp, new_contact(corp, "woB", type=2, corp_name="甲", corp_full_name="甲公司"), seq=2)
    wecom = corp.client()
    shown = wecom.get(GET, external_userid="woA")["external_contact"]
    del full["unionid"]
    assert shown == {"external_userid": "woA", "name": "李四", **full}
    hidden = wecom.get(GET, external_userid="woB")["external_contact"]
    assert hidden == {
        "external_userid": "woB",
        "name": "李四",
        "type": 2,
        "gender": 0,
        "avatar": "",
        "corp_name": "甲",
        "corp_full_name": "甲公司",
    }


def test_a_contact_who_uses_wechat_shows_no_corp(empty_corp: Corp) -> None:
    corp = empty_corp
    follow(
        corp,
        new_contact(corp, "wmA", position="x", corp_name="x", corp_full_name="x", external_profile=PROFILE),
    )
    wecom = corp.client()
    for shown in (
        wecom.get(GET, external_userid="wmA")["external_contact"],
        all_pages(wecom, ["zhangsan"])[0]["external_contact"],
    ):
        assert set(shown) == {"external_userid", "name", "type", "avatar", "gender"}


def test_an_act_makes_a_customer_without_a_unionid(empty_corp: Corp) -> None:
    corpid, wecom = empty_corp.corpid, empty_corp.client()
    for given, shown in (({"unionid": ""}, False), ({"unionid": "oShop"}, True), ({}, True)):
        act = {"act": "member_adds_customer", "userid": "admin", **given}
        made = empty_corp.server.sim.post(f"/corps/{corpid}/acts", json=act).json()
        reply = wecom.get("externalcontact/get", external_userid=made["external_userid"])
        assert ("unionid" in reply["external_contact"]) is shown


@pytest.mark.parametrize("bound", [True, False])
def test_a_unionid_is_shown_if_the_corp_has_bound_a_developer_account(start_server: Any, bound: bool) -> None:
    corp = start_server(unionid_bound=bound).make_corp(seed="demo", customers=10)
    wecom = corp.client()
    shown = [entry["external_contact"] for entry in all_pages(wecom, ["zhangsan", "lisi", "wangwu"])]
    assert shown
    for contact in shown:
        assert ("unionid" in contact) is (bound and contact["type"] == 1)


def test_the_three_types_of_tag_are_shown_with_their_names(corp: Corp, wecom: WeCom) -> None:
    customer = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    group = wecom.post("externalcontact/get_corp_tag_list")["tag_group"][0]
    tag = group["tag"][0]
    wecom.post("externalcontact/mark_tag", userid="zhangsan", external_userid=customer, add_tag=[tag["id"]])
    act(
        corp,
        "member_edits_customer",
        userid="zhangsan",
        external_userid=customer,
        add_personal_tag=[{"group_name": "我的", "tag_name": "老友"}],
    )
    (shown,) = wecom.get(GET, external_userid=customer)["follow_user"]
    assert shown["tags"] == [
        {"group_name": group["group_name"], "tag_name": tag["name"], "tag_id": tag["id"], "type": 1},
        {"group_name": "我的", "tag_name": "老友", "type": 2},
    ]
    entries = all_pages(wecom, ["zhangsan"])
    assert entries[-1]["follow_info"]["tag_id"] == [tag["id"]]


def test_each_follower_shows_its_own_tags(corp: Corp, wecom: WeCom) -> None:
    customer = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    act(corp, "member_adds_customer", userid="lisi", external_userid=customer)
    one, other = wecom.post("externalcontact/get_corp_tag_list")["tag_group"][0]["tag"][:2]
    for userid, tag in (("zhangsan", one), ("lisi", other)):
        wecom.post("externalcontact/mark_tag", userid=userid, external_userid=customer, add_tag=[tag["id"]])
    shown = wecom.get(GET, external_userid=customer)["follow_user"]
    assert {entry["userid"]: [tag["tag_id"] for tag in entry["tags"]] for entry in shown} == {
        "zhangsan": [one["id"]],
        "lisi": [other["id"]],
    }


def test_get_answers_specific_errcodes(corp: Corp, wecom: WeCom, server: RunningServer) -> None:
    missing = wecom.get(GET)
    assert (missing["errcode"], missing["follow_user"]) == (41035, [])
    assert missing["errmsg"].startswith("missing external userid, hint: [")
    assert wecom.get(GET, external_userid="")["errcode"] == 41035
    assert wecom.get(GET, external_userid="zhangsan")["errcode"] == 40096
    elsewhere = customers_of(server.make_corp(seed="demo").client())[0]
    assert wecom.get(GET, external_userid=elsewhere)["errcode"] == 40096
    nobodys = new_contact(corp, "wmNobodys")
    assert wecom.get(GET, external_userid=nobodys)["errcode"] == 84061


def test_only_followers_that_the_app_sees_are_shown(corp: Corp, wecom: WeCom) -> None:
    customer = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    act(corp, "member_adds_customer", userid="lisi", external_userid=customer)
    lisis = seen_by(corp, userid=["lisi"])
    shown = lisis.get(GET, external_userid=customer)
    assert [follower["userid"] for follower in shown["follow_user"]] == ["lisi"]
    refused = seen_by(corp, userid=["wangwu"]).get(GET, external_userid=customer)
    assert refused["errcode"] == 60011
    assert refused["errmsg"].startswith("no privilege to access/modify contact/party/agent, hint: [")
    assert (refused["external_contact"], refused["follow_user"]) == ({}, [])
    act(corp, "admin_sets_follow_right", userid="lisi", may_follow=False)
    assert lisis.get(GET, external_userid=customer)["errcode"] == 60011
    assert [f["userid"] for f in wecom.get(GET, external_userid=customer)["follow_user"]] == ["zhangsan"]


def many_followers(corp: Corp, count: int) -> str:
    customer = new_contact(corp, "wmFamous")
    members = [f"m{number:04d}" for number in range(count)]
    insert(
        corp,
        *(
            Member(
                corp_id=corp.corpid,
                userid=userid,
                userid_key=userid,
                name=userid,
                main_department=1,
                created_at=NOW,
            )
            for userid in members
        ),
        *(
            FollowUser(corp_id=corp.corpid, external_userid=customer, userid=userid, seq=1, createtime=NOW)
            for userid in members
        ),
    )
    return customer


@pytest.mark.parametrize(("count", "pages"), [(500, [500]), (501, [500, 1]), (1001, [500, 500, 1])])
def test_a_page_has_at_most_500_followers(empty_corp: Corp, count: int, pages: list[int]) -> None:
    customer = many_followers(empty_corp, count)
    wecom = empty_corp.client()
    seen: list[str] = []
    sizes, cursor = [], ""
    while True:
        shown = wecom.get(GET, external_userid=customer, cursor=cursor)
        assert shown["external_contact"]["external_userid"] == customer
        sizes.append(len(shown["follow_user"]))
        seen += [follower["userid"] for follower in shown["follow_user"]]
        if "next_cursor" not in shown:
            break
        cursor = shown["next_cursor"]
    assert sizes == pages
    assert len(set(seen)) == count


def test_pages_contain_only_visible_followers(empty_corp: Corp) -> None:
    customer = many_followers(empty_corp, 1100)
    late = seen_by(empty_corp, userid=["m1050", "m1060"])
    shown = late.get(GET, external_userid=customer)
    assert [follower["userid"] for follower in shown["follow_user"]] == ["m1050", "m1060"]
    assert "next_cursor" not in shown
    most = seen_by(empty_corp, userid=[f"m{number:04d}" for number in range(0, 1100, 2)])
    shown = most.get(GET, external_userid=customer)
    assert len(shown["follow_user"]) == 500
    rest = most.get(GET, external_userid=customer, cursor=shown["next_cursor"])
    assert len(rest["follow_user"]) == 50


def test_tags_are_on_every_page_of_followers(empty_corp: Corp) -> None:
    customer = many_followers(empty_corp, 502)
    wecom = empty_corp.client()
    tag = wecom.post("externalcontact/add_corp_tag", group_name="g", tag=[{"name": "t"}])
    tag_id = tag["tag_group"]["tag"][0]["id"]
    for userid in ("m0000", "m0499", "m0500", "m0501"):
        wecom.post("externalcontact/mark_tag", userid=userid, external_userid=customer, add_tag=[tag_id])
    first = wecom.get(GET, external_userid=customer)
    second = wecom.get(GET, external_userid=customer, cursor=first["next_cursor"])
    tagged = [f["userid"] for page in (first, second) for f in page["follow_user"] if f["tags"]]
    assert tagged == ["m0000", "m0499", "m0500", "m0501"]


def test_a_cursor_is_valid_only_for_its_query(empty_corp: Corp, server: RunningServer) -> None:
    customer = many_followers(empty_corp, 501)
    wecom = empty_corp.client()
    cursor = wecom.get(GET, external_userid=customer)["next_cursor"]
    other = new_contact(empty_corp, "wmOther")
    follow(empty_corp, other)
    refused = wecom.get(GET, external_userid=other, cursor=cursor)
    assert (refused["errcode"], refused["follow_user"]) == (50100, [])
    for bad in ("CURSOR", "None", "0", cursor[:-1], cursor + "A", cursor + "=", "!" + cursor, "💥", " "):
        assert wecom.get(GET, external_userid=customer, cursor=bad)["errcode"] == 50100
    elsewhere = server.make_corp()
    assert wecom.post(BATCH, userid_list=["zhangsan"], cursor=cursor)["errcode"] == 50100
    same_name = many_followers(elsewhere, 1)
    assert elsewhere.client().get(GET, external_userid=same_name, cursor=cursor)["errcode"] == 50100
