"""What add_corp_tag and add_strategy_tag ignore beside a group_id (pages 92117 and 94882)."""

from typing import Any

import pytest

from tests.conftest import WeCom

ADD = "externalcontact/add_corp_tag"


def test_a_group_id_makes_name_and_order_of_the_group_ignored(wecom: WeCom) -> None:
    first = wecom.post(ADD, group_name="渠道", order=5, tag=[{"name": "甲"}])["tag_group"]
    beside: dict[str, Any] = {"group_name": "长" * 31, "order": 2**32}
    again = wecom.post(ADD, {"group_id": first["group_id"], **beside, "tag": [{"name": "乙"}]})
    shown = again["tag_group"]
    assert (shown["group_id"], shown["group_name"], shown["order"]) == (first["group_id"], "渠道", 5)


def test_so_does_one_of_a_rule_group(wecom: WeCom) -> None:
    strategy = wecom.post(
        "externalcontact/customer_strategy/create",
        strategy_name="华东",
        admin_list=["zhangsan"],
        range=[{"type": 1, "userid": "zhangsan"}],
    )["strategy_id"]
    add = {"strategy_id": strategy, "tag": [{"name": "甲"}]}
    operation = "externalcontact/add_strategy_tag"
    group_id = wecom.post(operation, {**add, "group_name": "渠道"})["tag_group"]["group_id"]
    more = {**add, "group_id": group_id, "group_name": "长" * 31, "order": -1, "tag": [{"name": "乙"}]}
    assert wecom.post(operation, more)["errcode"] == 0


@pytest.mark.parametrize(
    ("field", "errmsg"),
    [
        ({"group_name": "长" * 31}, "group_name exceed max utf8 words 30"),
        ({"order": 2**32}, "order invalid"),
        ({"order": -1}, "order invalid"),
    ],
)
def test_without_it_they_are_checked(wecom: WeCom, field: dict[str, Any], errmsg: str) -> None:
    reply = wecom.post(ADD, {"group_name": "渠道", **field, "tag": [{"name": "甲"}]})
    assert (reply["errcode"], reply["errmsg"].partition(",")[0]) == (40058, errmsg)
