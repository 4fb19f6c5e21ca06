"""修改客户备注信息."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import (
    GET,
    act,
    seen_by,
)

REMARK = "externalcontact/remark"


class Remarked:
    """A customer of zhangsan, to set remarks on and read back."""

    def __init__(self, wecom: WeCom, external_userid: str) -> None:
        self.wecom = wecom
        self.pair = {"userid": "zhangsan", "external_userid": external_userid}

    def set(self, **fields: Any) -> dict[str, Any]:
        return self.wecom.post(REMARK, **self.pair, **fields)

    @property
    def shown(self) -> dict[str, Any]:
        followers = self.wecom.get(GET, external_userid=self.pair["external_userid"])["follow_user"]
        return next(follower for follower in followers if follower["userid"] == "zhangsan")


@pytest.fixture
def customer(corp: Corp, wecom: WeCom) -> Remarked:
    return Remarked(
        wecom, act(corp, "member_adds_customer", userid="zhangsan", name="李四")["external_userid"]
    )


FULL = {
    "remark": "备注信息",
    "description": "描述信息",
    "remark_company": "腾讯科技",
    "remark_mobiles": ["13800000001", "13800000002"],
}


def test_a_remark_is_stored(customer: Remarked) -> None:
    assert customer.set(**FULL) == {"errcode": 0, "errmsg": "ok"}
    shown = customer.shown
    assert shown["remark"] == "备注信息"
    assert shown["description"] == "描述信息"
    assert shown["remark_corp_name"] == "腾讯科技"
    assert shown["remark_mobiles"] == ["13800000001", "13800000002"]


@pytest.mark.parametrize("given", list(FULL))
def test_a_remark_changes_only_the_given_fields(customer: Remarked, given: str) -> None:
    customer.set(**FULL)
    before = customer.shown
    customer.set(**{given: ["1"] if given == "remark_mobiles" else "新"})
    after = customer.shown
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"remark_corp_name" if given == "remark_company" else given}


def test_an_empty_string_clears_its_field(customer: Remarked) -> None:
    customer.set(**FULL)
    customer.set(remark="", description="", remark_company="")
    shown = customer.shown
    assert (shown["remark"], shown["description"]) == ("", "")
    assert "remark_corp_name" not in shown
    assert shown["remark_mobiles"] == FULL["remark_mobiles"]


@pytest.mark.parametrize("clearing", ["", [""], ["", ""]])
def test_an_empty_string_in_remark_mobiles_clears_them(customer: Remarked, clearing: Any) -> None:
    customer.set(**FULL)
    assert customer.set(remark_mobiles=clearing) == {"errcode": 0, "errmsg": "ok"}
    assert customer.shown["remark_mobiles"] == []


def test_one_number_instead_of_a_list_is_taken_with_a_warning(customer: Remarked) -> None:
    assert "Warning: wrong json format" in customer.set(remark_mobiles="13900000003")["errmsg"]
    assert customer.shown["remark_mobiles"] == ["13900000003"]


def test_an_empty_list_of_remark_mobiles_changes_nothing(customer: Remarked) -> None:
    customer.set(**FULL)
    assert customer.set(remark_mobiles=[], remark="新")["errcode"] == 0
    assert customer.shown["remark_mobiles"] == FULL["remark_mobiles"]
    assert customer.set(remark_mobiles=[])["errcode"] == 40063


def test_new_remark_mobiles_replace_the_old_ones(customer: Remarked) -> None:
    customer.set(**FULL)
    customer.set(remark_mobiles=["13900000003"])
    assert customer.shown["remark_mobiles"] == ["13900000003"]


def test_remark_company_applies_only_to_wechat_customers(corp: Corp, wecom: WeCom) -> None:
    added = act(corp, "member_adds_customer", userid="zhangsan", type=2, corp_name="甲")
    colleague = Remarked(wecom, added["external_userid"])
    assert colleague.set(remark="王助理", remark_company="乙")["errcode"] == 0
    assert colleague.shown["remark"] == "王助理"
    assert "remark_corp_name" not in colleague.shown


def test_each_member_has_its_own_remark(corp: Corp, customer: Remarked) -> None:
    act(corp, "member_adds_customer", userid="lisi", external_userid=customer.pair["external_userid"])
    customer.set(remark="甲")
    followers = customer.wecom.get(GET, external_userid=customer.pair["external_userid"])["follow_user"]
    assert {follower["userid"]: follower["remark"] for follower in followers}["lisi"] != "甲"


@pytest.mark.parametrize(("field", "limit"), [("remark", 20), ("description", 150), ("remark_company", 20)])
def test_remark_fields_have_length_limits(customer: Remarked, field: str, limit: int) -> None:
    assert customer.set(**{field: "字" * limit})["errcode"] == 0
    refused = customer.set(**{field: "字" * (limit + 1)})
    assert refused["errcode"] == 40058
    assert refused["errmsg"].startswith(f"{field} exceed max utf8 words {limit}, hint: [")
    assert customer.shown["remark_corp_name" if field == "remark_company" else field] == "字" * limit


def test_a_refused_remark_changes_nothing(customer: Remarked) -> None:
    before = customer.shown
    assert customer.set(description="新", remark="字" * 21)["errcode"] == 40058
    assert customer.shown == before


def test_remark_answers_specific_errcodes(corp: Corp, wecom: WeCom, customer: Remarked) -> None:
    external_userid = customer.pair["external_userid"]

    def errcode(**fields: Any) -> int:
        return int(wecom.post(REMARK, **fields)["errcode"])

    assert errcode(userid="zhangsan", external_userid=external_userid) == 40063
    assert errcode(external_userid=external_userid, remark="A") == 40003
    assert errcode(userid="nobody", external_userid=external_userid, remark="A") == 40003
    assert errcode(userid="zhangsan", remark="A") == 41035
    assert errcode(userid="zhangsan", external_userid="", remark="A") == 41035
    assert errcode(userid="zhangsan", external_userid="wmNobody", remark="A") == 40096
    assert errcode(userid="lisi", external_userid=external_userid, remark="A") == 84061
    unseen = seen_by(corp, userid=["lisi"]).post(REMARK, **customer.pair, remark="A")
    assert unseen["errcode"] == 60011
    act(corp, "admin_sets_follow_right", userid="zhangsan", may_follow=False)
    assert customer.set(remark="A")["errcode"] == 84061


def test_remark_pic_mediaid_must_look_like_a_media_id(customer: Remarked) -> None:
    assert customer.set(remark_pic_mediaid="2jdKP_xx-3d")["errcode"] == 0
    assert customer.set(remark_pic_mediaid="")["errcode"] == 0
    for wrong in ("no such id", "中", "a" * 257, "a/b"):
        assert customer.set(remark_pic_mediaid=wrong)["errcode"] == 40007


def test_a_customer_who_deleted_the_member_can_still_be_remarked(corp: Corp, customer: Remarked) -> None:
    act(corp, "customer_deletes_member", **customer.pair)
    assert customer.set(remark="走了")["errcode"] == 0
    assert customer.shown["remark"] == "走了"


def test_a_remark_through_the_api_raises_no_event(corp: Corp, customer: Remarked) -> None:
    before = corp.sim("callbacks")["callbacks"]
    customer.set(**FULL)
    assert corp.sim("callbacks")["callbacks"] == before
