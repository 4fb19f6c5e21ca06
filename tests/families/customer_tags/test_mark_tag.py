"""编辑客户企业标签: tags that a member puts on a customer."""

import pytest

from tests.conftest import WeCom
from tests.families.factories import act, insert, seen_by
from tests.families.tag_groups import DELETE, EDIT, MARK, add, ids, many_tags, mark, tags_of
from wecom_tollbooth.families.tag_library.tables import FollowTag


@pytest.fixture
def wecom(untagged: WeCom) -> WeCom:
    return untagged


def test_mark_tag_applies_to_one_member_and_customer(wecom: WeCom) -> None:
    group, other = add(wecom, "等级", "金", "银"), add(wecom, "意向", "高")
    assert wecom.post(MARK, userid="zhangsan", external_userid="wmA", add_tag=ids(group)) == {
        "errcode": 0,
        "errmsg": "ok",
    }
    assert mark(wecom, userid="lisi", add_tag=ids(other)) == 0
    assert sorted(tags_of(wecom)) == sorted(ids(group))
    assert tags_of(wecom, userid="lisi") == ids(other)
    assert tags_of(wecom, "wmB") == []


def test_repeating_mark_tag_changes_nothing(wecom: WeCom) -> None:
    one, other = ids(add(wecom, "等级", "金", "银"))
    for _ in range(2):
        assert mark(wecom, add_tag=[one, one], remove_tag=[other]) == 0
        assert tags_of(wecom) == [one]
    for _ in range(2):
        assert mark(wecom, remove_tag=[one]) == 0
        assert tags_of(wecom) == []


def test_one_call_adds_and_removes_tags(wecom: WeCom) -> None:
    one, other = ids(add(wecom, "等级", "金", "银"))
    mark(wecom, add_tag=[one])
    assert mark(wecom, add_tag=[other], remove_tag=[one]) == 0
    assert tags_of(wecom) == [other]
    assert mark(wecom, add_tag=[one], remove_tag=[one]) == 0
    assert sorted(tags_of(wecom)) == sorted([one, other])


def test_empty_lists_and_a_single_string_are_accepted(wecom: WeCom) -> None:
    one, other = ids(add(wecom, "等级", "金", "银"))
    assert mark(wecom, add_tag=[one], remove_tag=[]) == 0
    reply = wecom.post(MARK, userid="zhangsan", external_userid="wmA", add_tag=other, remove_tag=None)
    assert reply == {"errcode": 0, "errmsg": "ok. Warning: wrong json format. "}
    assert sorted(tags_of(wecom)) == sorted([one, other])


def test_tags_of_other_apps_can_be_used(wecom: WeCom) -> None:
    tags = ids(add(wecom.corp.client(wecom.corp.apps[1]), "等级", "金"))
    assert mark(wecom, add_tag=tags) == 0
    assert tags_of(wecom) == tags


def test_mark_tag_answers_specific_errcodes(wecom: WeCom) -> None:
    (tag_id,) = tags = ids(add(wecom, "等级", "金"))
    assert mark(wecom) == 41017
    assert mark(wecom, add_tag=[], remove_tag=[]) == 41017
    assert wecom.post(MARK, external_userid="wmA", add_tag=tags)["errcode"] == 40003
    assert mark(wecom, userid="nobody", add_tag=tags) == 40003
    assert wecom.post(MARK, userid="zhangsan", add_tag=tags)["errcode"] == 41035
    assert mark(wecom, "wmNobody", add_tag=tags) == 40096
    assert mark(wecom, "wmB", userid="lisi", add_tag=tags) == 84061
    assert mark(wecom, add_tag=["etNobody"]) == 40068
    assert mark(wecom, remove_tag=["etNobody"]) == 40068
    assert mark(wecom, add_tag=[tag_id, "etNobody"]) == 40068
    assert tags_of(wecom) == []
    unseen = seen_by(wecom.corp, userid=["lisi"])
    assert mark(unseen, add_tag=tags) == 60011
    assert mark(unseen, userid="lisi", add_tag=tags) == 0
    wecom.post(DELETE, tag_id=tags)
    assert mark(wecom, add_tag=tags) == 40068
    act(wecom.corp, "admin_sets_follow_right", userid="zhangsan", may_follow=False)
    assert mark(wecom, add_tag=tags) == 84061


def test_a_customer_has_at_most_3000_tags_per_member(wecom: WeCom) -> None:
    many_tags(wecom, 3_001)
    insert(
        wecom.corp,
        *(
            FollowTag(
                corp_id=wecom.corp.corpid, external_userid="wmA", userid="zhangsan", tag_id=f"etMany{number}"
            )
            for number in range(2_999)
        ),
    )
    assert mark(wecom, add_tag=["etMany2999", "etMany3000"]) == 40144
    assert len(tags_of(wecom)) == 2_999
    assert mark(wecom, add_tag=["etMany2999", "etMany0"]) == 0
    assert mark(wecom, add_tag=["etMany3000"]) == 40144
    assert mark(wecom, add_tag=["etMany3000"], remove_tag=["etMany0"]) == 0
    assert mark(wecom, "wmB", add_tag=["etMany3000"]) == 0
    assert len(tags_of(wecom)) == 3_000


def test_tags_are_kept_when_the_customer_deletes_the_member(wecom: WeCom) -> None:
    tags = ids(add(wecom, "等级", "金"))
    mark(wecom, "wmB", add_tag=tags)
    act(wecom.corp, "customer_deletes_member", userid="zhangsan", external_userid="wmB")
    assert tags_of(wecom, "wmB") == tags


def test_tag_changes_through_the_api_raise_no_events(wecom: WeCom) -> None:
    group = add(wecom, "等级", "金")
    mark(wecom, add_tag=ids(group))
    wecom.post(EDIT, id=group["group_id"], name="新")
    wecom.post(DELETE, group_id=[group["group_id"]])
    assert wecom.corp.sim("callbacks")["callbacks"] == []
