"""Every field of a customer's detail that the page documents can be made by an act."""

from typing import Any

from tests.conftest import Corp, WeCom
from tests.families.factories import act

PROFILE = {
    "external_attr": [
        {"type": 0, "name": "文本名称", "text": {"value": "文本"}},
        {"type": 1, "name": "网页名称", "web": {"url": "https://www.test.com", "title": "标题"}},
        {
            "type": 2,
            "name": "测试app",
            "miniprogram": {"appid": "wx8bd80126147df384", "pagepath": "/index", "title": "小程序"},
        },
    ]
}
OF_WECOM: dict[str, Any] = {
    "type": 2,
    "corp_name": "腾讯",
    "corp_full_name": "腾讯科技有限公司",
    "position": "Manager",
}


def added(corp: Corp, name: str = "member_adds_customer", **fields: Any) -> dict[str, Any]:
    """Performs the act; returns what externalcontact/get shows."""
    done = act(corp, name, userid="zhangsan", **fields)
    return corp.client().get("externalcontact/get", external_userid=done["external_userid"])


def test_a_wecom_user_has_a_position_a_profile_and_the_full_name_of_their_corp(corp: Corp) -> None:
    shown = added(corp, **OF_WECOM, external_profile=PROFILE)["external_contact"]
    assert {name: shown[name] for name in OF_WECOM} == OF_WECOM
    assert shown["external_profile"] == PROFILE


def test_a_corp_without_a_full_name_has_its_short_one(corp: Corp) -> None:
    shown = added(corp, type=2, corp_name="腾讯")["external_contact"]
    assert shown["corp_full_name"] == "腾讯"
    assert "position" not in shown
    assert "external_profile" not in shown


def test_a_customer_from_a_channel_shows_which_one(corp: Corp) -> None:
    for name in ("member_adds_customer", "customer_adds_member"):
        channels = {"nickname": "视频号名称", "source": 3}
        reply = added(corp, name, add_way=10, wechat_channels=channels)
        (follower,) = reply["follow_user"]
        assert (follower["add_way"], follower["wechat_channels"]) == (10, channels)


def test_the_channel_is_that_of_the_latest_time(corp: Corp, wecom: WeCom) -> None:
    first = added(corp, add_way=10, wechat_channels={"nickname": "甲"})
    pair = {"userid": "zhangsan", "external_userid": first["external_contact"]["external_userid"]}
    act(corp, "member_deletes_customer", **pair)
    act(corp, "member_adds_customer", **pair)
    again = wecom.get("externalcontact/get", external_userid=pair["external_userid"])
    assert "wechat_channels" not in again["follow_user"][0]
    act(corp, "member_deletes_customer", **pair)
    act(corp, "member_adds_customer", **pair, add_way=10, wechat_channels={"nickname": "乙"})
    third = wecom.get("externalcontact/get", external_userid=pair["external_userid"])
    assert third["follow_user"][0]["wechat_channels"] == {"nickname": "乙", "source": 0}


def test_the_list_of_a_member_shows_what_the_detail_shows(corp: Corp, wecom: WeCom) -> None:
    colleague = added(corp, **OF_WECOM, external_profile=PROFILE)["external_contact"]
    channels = {"nickname": "视频号名称", "source": 1}
    shopper = added(corp, add_way=10, wechat_channels=channels)["external_contact"]
    pair = {"userid": "zhangsan", "external_userid": shopper["external_userid"]}
    remark = {"remark_company": "腾讯", "remark_mobiles": ["13800000001", "13800000002"]}
    assert wecom.post("externalcontact/remark", **pair, **remark)["errcode"] == 0
    listed = wecom.post("externalcontact/batch/get_by_user", userid_list=["zhangsan"])
    first, second = listed["external_contact_list"][-2:]
    assert first["external_contact"] == colleague
    follow = second["follow_info"]
    assert (follow["remark_corp_name"], follow["remark_mobiles"]) == ("腾讯", remark["remark_mobiles"])
    assert follow["wechat_channels"] == channels


def test_fields_of_others_are_refused(corp: Corp) -> None:
    for fields in (
        {"position": "Manager"},
        {"external_profile": PROFILE},
        {"corp_full_name": "腾讯科技有限公司"},
        {"wechat_channels": {"nickname": "甲"}},
        {"add_way": 10, "wechat_channels": {"nickname": "甲", "source": 4}},
        {"type": 2, "external_profile": {"external_attr": [{"type": 0, "name": "甲", "web": {}}]}},
    ):
        body = {"act": "member_adds_customer", "userid": "zhangsan", **fields}
        assert corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=body).status_code == 422, fields
