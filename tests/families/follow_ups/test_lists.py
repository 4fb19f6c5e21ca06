"""用户跟进: lists with their filters, sorts and pages."""

import pytest

from tests.families.follow_ups.records import FollowUps


def test_lists_are_sorted_both_ways_and_paged(ups: FollowUps) -> None:
    amounts = [5, 1, 9, 5, 7]
    made = [ups.add(amount=amount, next_time=ups.now + 100 + amount) for amount in amounts]
    up = sorted(range(5), key=lambda place: (amounts[place], place))
    assert ups.listed(sort="amount", order="asc", limit=2) == [made[place] for place in up]
    assert ups.listed(sort="amount", limit=2) == [made[place] for place in reversed(up)]
    assert ups.listed(sort="next_time", limit=2) == [made[place] for place in up]
    assert ups.listed(limit=2) == made[::-1]
    assert ups.listed(order="asc", limit=2) == made
    ups.ok("add_log", follow_up_id=made[2], text="到店")
    assert ups.listed(sort="last_time", limit=2)[0] == made[2]
    assert sorted(ups.listed(sort="updated", limit=2)) == sorted(made)


def test_lists_match_their_filters(ups: FollowUps) -> None:
    now = ups.now
    a = ups.add("zhangsan", priority=3, next_time=now + 1000)
    b = ups.add("zhangsan", stage_id="connected", next_time=now + 5000)
    c = ups.add("lisi", stage_id="cooperating")
    assert sorted(ups.listed(userid="zhangsan")) == sorted([a, b])
    assert ups.listed(stage_id="connected") == [b]
    assert ups.listed(priority=3) == [a]
    assert ups.listed(closed=True) == [c]
    assert sorted(ups.listed(closed=False)) == sorted([a, b])
    assert ups.listed(due_before=now + 2000) == [a]
    assert ups.listed(due_after=now + 2000) == [b]
    assert ups.listed(due_after=now + 2000, sort="created") == [b]
    assert ups.listed(userid="zhangsan", stage_id="untouched", due_before=now + 9000) == [a]
    assert ups.listed(overdue=True) == []
    assert ups.listed(external_userid=ups.get(c)["external_userid"]) == [c]


@pytest.mark.parametrize("unknown", ["owner", "stage", "Userid", "名称", ""])
def test_an_unknown_filter_is_refused(ups: FollowUps, unknown: str) -> None:
    id_ = ups.add()
    assert ups.call("list", **{unknown: "zhangsan"})["errcode"] == 990005
    assert ups.listed(**{unknown: None}) == [id_]


def test_a_list_can_be_filtered_by_tag(ups: FollowUps) -> None:
    marked, bare = ups.add("zhangsan"), ups.add("zhangsan")
    group = ups.wecom.post("externalcontact/add_corp_tag", group_name="等级", tag=[{"name": "贵宾"}])
    tag_id = group["tag_group"]["tag"][0]["id"]
    customer = ups.get(marked)["external_userid"]
    reply = ups.wecom.post(
        "externalcontact/mark_tag", userid="zhangsan", external_userid=customer, add_tag=[tag_id]
    )
    assert reply["errcode"] == 0
    assert ups.listed(tag_id=tag_id) == [marked]
    listed = {one["follow_up_id"]: one for one in ups.ok("list", userid="zhangsan")["follow_ups"]}
    assert listed == {marked: ups.get(marked), bare: ups.get(bare)}
    detail = ups.wecom.get("externalcontact/get", external_userid=customer)
    (of_member,) = (one for one in detail["follow_user"] if one["userid"] == "zhangsan")
    tags = [tag["tag_id"] for tag in of_member["tags"]]
    assert tag_id in tags
    assert listed[marked]["tag_id"] == sorted(tags)
    assert tag_id not in listed[bare]["tag_id"]
    assert ups.wecom.post("externalcontact/del_corp_tag", tag_id=[tag_id])["errcode"] == 0
    assert ups.get(marked)["tag_id"] == sorted({*tags} - {tag_id})
    assert ups.listed(tag_id=tag_id) == []


def test_text_is_found_in_title_note_and_logs(ups: FollowUps) -> None:
    a = ups.add(title="人民广场店 团购")
    b = ups.add(title="别的", note="ＡＢＣ 广场活动")
    c = ups.add(title="无关")
    ups.ok("add_log", follow_up_id=c, text="电话里说起了人民广场")
    assert sorted(ups.listed(text="广场")) == sorted([a, b, c])
    assert sorted(ups.listed(text="人民广场")) == sorted([a, c])
    assert ups.listed(text="abc广") == [b]
    assert ups.listed(text="广人") == []
    assert ups.listed(text="广场民人") == []
    ups.ok("update", follow_up_id=a, title="改名了")
    assert ups.listed(text="人民广场") == [c]
    assert ups.listed(text="改名") == [a]
    assert sorted(ups.listed(text="广场", sort="amount")) == sorted([b, c])
    assert ups.call("list", text="广")["errcode"] == 40058


def test_only_defined_fields_can_be_stored_and_filtered_by(ups: FollowUps) -> None:
    fields = [
        {"field_id": "shop", "name": "门店"},
        {"field_id": "cups", "name": "杯数", "type": "number"},
        {"field_id": "size", "name": "规格", "type": "select", "options": ["大", "小"]},
    ]
    stages = ups.ok("get_pipeline")["stages"]
    ups.ok("set_pipeline", stages=stages, fields=fields)
    a = ups.add(custom={"shop": "湖滨", "cups": 12})
    b = ups.add(custom={"cups": 1})
    assert ups.call("add", **ups.pair(), custom={"unknown": 1})["errcode"] == 990005
    assert ups.call("update", follow_up_id=a, custom={"unknown": 1})["errcode"] == 990005
    for wrong in ({"cups": "many"}, {"shop": 5}, {"size": "中"}):
        assert ups.call("update", follow_up_id=a, custom=wrong)["errcode"] == 40058
    ups.ok("update", follow_up_id=a, custom={"size": "大"})
    assert ups.get(a)["custom"] == {"shop": "湖滨", "cups": 12, "size": "大"}
    assert ups.listed(custom={"field_id": "cups", "value": 1}) == [b]
    assert ups.listed(custom={"field_id": "size", "value": "大"}) == [a]
    assert ups.call("list", custom={"field_id": "unknown", "value": 1})["errcode"] == 990005
