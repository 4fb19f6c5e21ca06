"""Seed files: what is written in one is in the corp, and a wrong one is refused with line and field."""

import json
import re
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer
from tests.project.markdown import DOCS, blocks
from tools import seed_schema
from wecom_tollbooth.seeds.described.shapes import SeedFile

DAY = 86_400


def made_of(server: RunningServer, text: str) -> Corp:
    answer = server.sim.post("/corps", json={"seed": {"file": text}})
    assert answer.status_code == 200, answer.text
    return Corp(server, answer.json())


def refusal(server: RunningServer, seed: Any) -> str:
    answer = server.sim.post("/corps", json={"seed": {"file": seed} if isinstance(seed, str) else seed})
    assert answer.status_code == 422, answer.text
    return str(answer.json()["error"])


EXAMPLES = {
    page: next(block.text for block in blocks(DOCS / page) if block.language == "yaml")
    for page in ("seeds.md", "seeds.zh-CN.md")
}


# --- what is made ----------------------------------------------------------------------------------------


def test_the_example_of_the_docs_is_made_as_it_says(server: RunningServer) -> None:
    corp = made_of(server, EXAMPLES["seeds.md"])
    wecom, now = corp.client(), server.sim.get("/clock").json()["now"]
    assert corp.server.sim.get(f"/corps/{corp.corpid}").json()["name"] == "湖滨奶茶"
    assert wecom.get("user/get", userid="zhangsan")["department"] == [2]
    assert wecom.get("user/get", userid="wangwu")["errcode"] == 60111
    waiting = wecom.post("externalcontact/get_unassigned_list")["info"]
    assert {one["handover_userid"] for one in waiting} == {"wangwu"}
    alice = waiting[0]["external_userid"]
    detail = wecom.get("externalcontact/get", external_userid=alice)
    assert detail["external_contact"]["name"] == "Alice"
    [follower] = detail["follow_user"]
    assert (follower["userid"], follower["remark"], follower["createtime"]) == (
        "zhangsan",
        "爱丽丝",
        1785547800,
    )
    assert [tag["tag_name"] for tag in follower["tags"]] == ["重要"]
    bob = wecom.get("externalcontact/get", external_userid="woBob0000000000000000000000000001")
    assert bob["external_contact"]["corp_full_name"] == "甲乙商贸有限公司"
    records = wecom.post("externalcontact/follow_up/list")["follow_ups"]
    assert len(records) == 11
    [record] = [one for one in records if (one["external_userid"], one["userid"]) == (alice, "zhangsan")]
    assert (record["stage_id"], record["amount"], record["title"]) == ("connected", 128000, "爱丽丝")
    assert abs(record["last_time"] - (now - 2 * DAY)) < 60
    [chat] = wecom.post("externalcontact/groupchat/list", limit=10)["group_chat_list"]
    group = wecom.post("externalcontact/groupchat/get", chat_id=chat["chat_id"])["group_chat"]
    assert [person["userid"] for person in group["member_list"]] == ["zhangsan", "lisi", alice]
    assert record in wecom.post("externalcontact/follow_up/list", text="约好下周试饮")["follow_ups"]


def test_both_pages_show_the_same_file() -> None:
    files = [re.sub(r" *#.*", "", text) for text in EXAMPLES.values()]
    assert files[0] == files[1]


def test_contacts_are_counted_once_and_only_those_who_are_contacts(server: RunningServer) -> None:
    text = """
members: [{userid: a}, {userid: b}]
customers:
  - {ref: both, followers: [{userid: a}, {userid: b}]}
  - {ref: half, followers: [{userid: a, pending: true}]}
  - {ref: gone, followers: [{userid: a, deleted_by_member_at: -1d}]}
  - {ref: left, followers: [{userid: a, deleted_by_customer_at: -1d}]}
  - {ref: in a group, followers: []}
groups:
  - {owner: a, people: [{userid: a}, {customer: both}, {customer: in a group}]}
"""
    corp = made_of(server, text)
    usage = corp.server.sim.get(f"/corps/{corp.corpid}/usage").json()
    assert usage["contacts"] == 3


def test_json_and_an_object_make_the_same_corp(server: RunningServer) -> None:
    seed = {"name": "同一家", "members": [{"userid": "a", "name": "甲"}], "customers": [{"name": "乙"}]}
    made = [
        made_of(server, json.dumps(seed)),
        Corp(server, server.sim.post("/corps", json={"seed": seed}).json()),
    ]
    names = [corp.client().get("user/get", userid="a")["name"] for corp in made]
    assert names == ["甲", "甲"]


def test_a_file_without_anything_has_the_member_of_an_empty_corp(server: RunningServer) -> None:
    wecom = made_of(server, "# nothing yet\n").client()
    assert wecom.get("externalcontact/get_follow_user_list")["follow_user"] == ["admin"]


def test_words_of_yaml_are_text_unless_they_are_numbers_or_truth_values(server: RunningServer) -> None:
    wecom = made_of(server, "members: [{userid: yes, name: 007}, {userid: no, name: 2026-08-01}]").client()
    assert wecom.get("user/get", userid="yes")["name"] == "007"
    assert wecom.get("user/get", userid="no")["name"] == "2026-08-01"


def test_the_published_schema_is_that_of_the_shapes(server: RunningServer) -> None:
    assert seed_schema.FILE.read_text(encoding="utf-8") == seed_schema.text()
    served = server.sim.get("/seeds/schema").json()
    assert served == json.loads(seed_schema.text())
    assert set(served["properties"]) == {field.alias or name for name, field in SeedFile.model_fields.items()}


# --- what is refused -------------------------------------------------------------------------------------

HEAD = "members: [{userid: a}, {userid: b}, {userid: c, left_at: -1d}]\n"

CONTRADICTIONS = {
    "unknown follower": (
        "customers:\n  - name: x\n    followers:\n      - userid: d\n",
        "line 5, customers[0].followers[0].userid: there is no member 'd'",
    ),
    "follower twice": (
        "customers:\n- followers:\n  - userid: a\n  - userid: a\n",
        "line 5, customers[0].followers[1].userid: the follower 'a' is taken, by line 4",
    ),
    "unknown tag": ("customers: [{followers: [{userid: a, tags: [x/y]}]}]", "there is no tag 'x/y'"),
    "deleted tag": (
        "tag_groups: [{name: x, tags: [{name: y, deleted_at: -1d}]}]\n"
        "customers: [{followers: [{userid: a, tags: [x/y]}]}]",
        "line 3, customers[0].followers[0].tags[0]: the tag 'x/y' was deleted",
    ),
    "tag twice on a customer": (
        "tag_groups: [{name: x, tags: [y]}]\ncustomers: [{followers: [{userid: a, tags: [x/y, x/y]}]}]",
        "tags[1]: the tag 'x/y' is here twice",
    ),
    "tag twice in a group": (
        "tag_groups: [{name: x, tags: [y, y]}]",
        "tag_groups[0].tags[1]: the tag 'y' is taken",
    ),
    "tag group twice": (
        "tag_groups: [{name: x}, {name: x}]",
        "tag_groups[1].name: the tag group '0/x' is taken",
    ),
    "owner not in the group": (
        "groups: [{owner: a}]",
        "groups[0].owner: the owner 'a' is not among the people",
    ),
    "owner unknown": ("groups: [{owner: z}]", "groups[0].owner: there is no member 'z'"),
    "admin not in the group": (
        "groups: [{owner: a, admins: [b], people: [{userid: a}]}]",
        "groups[0].admins[0]: 'b' is not among the people",
    ),
    "person twice": (
        "groups: [{owner: a, people: [{userid: a}, {userid: a}]}]",
        "groups[0].people[1]: 'a' is in the group twice",
    ),
    "unknown customer in a group": (
        "groups: [{owner: a, people: [{userid: a}, {customer: z}]}]",
        "groups[0].people[1].customer: there is no customer 'z'",
    ),
    "neither member nor customer": (
        "groups: [{owner: a, people: [{userid: a}, {}]}]",
        "groups[0].people[1]: name either a userid or a customer",
    ),
    "too many people": (
        "customers:\n"
        + "".join(f"- {{ref: c{n}}}\n" for n in range(500))
        + "groups: [{owner: a, people: [{userid: a}, "
        + ", ".join(f"{{customer: c{n}}}" for n in range(500))
        + "]}]",
        "groups[0].people: 501 people; a group has at most 500",
    ),
    "in the future": (
        "customers: [{followers: [{userid: a, added_at: 2099-01-01}]}]",
        "customers[0].followers[0].added_at: '2099-01-01' is in the future",
    ),
    "before 2016": (
        "customers: [{followers: [{userid: a, added_at: 2015-12-31}]}]",
        "added_at: '2015-12-31' is before 2016",
    ),
    "end before the beginning": (
        "customers: [{followers: [{userid: a, added_at: -2d, deleted_by_customer_at: -3d}]}]",
        "deleted_by_customer_at: '-3d' is before what has to come first",
    ),
    "no time": ("customers: [{followers: [{userid: a, added_at: soon}]}]", "added_at: write unix seconds"),
    "unknown stage": (
        "customers: [{followers: [{userid: a, follow_up: {stage: dreaming}}]}]",
        "there is no stage 'dreaming'; the stages are untouched, connected, cooperating, ended",
    ),
    "record of an ended relation": (
        "customers: [{followers: [{userid: a, pending: true, follow_up: {}}]}]",
        "follow_up: a record needs a relation that the API accepts",
    ),
    "company of a WeChat customer": (
        "customers: [{corp_name: x}]",
        "customers[0].corp_name: only a customer of type 2",
    ),
    "unionid of a WeCom customer": (
        "customers: [{type: 2, unionid: x}]",
        "customers[0].unionid: only a customer of type 1",
    ),
    "id of the other type": (
        "customers: [{external_userid: wo1}]",
        "external_userid: that of a customer of type 1 begins with wm",
    ),
    "channels without add_way 10": (
        "customers: [{followers: [{userid: a, wechat_channels: {nickname: x}}]}]",
        "only add_way 10 has it",
    ),
    "unionid twice": (
        "customers: [{unionid: x}, {unionid: x}]",
        "customers[1].unionid: the unionid 'x' is taken",
    ),
    "name of a customer twice": ("customers: [{ref: x}, {ref: x}]", "the name of a customer 'x' is taken"),
    "department below itself": (
        "departments: [{id: 2, name: x, parentid: 3}, {id: 3, name: y, parentid: 2}]",
        "departments[0].parentid: department 2 is below itself",
    ),
    "unknown parent": ("departments: [{id: 2, name: x, parentid: 9}]", "parentid: there is no department 9"),
    "name twice below one parent": (
        "departments: [{id: 2, name: x}, {id: 3, name: x}]",
        "departments[1].name: the name",
    ),
    "tag of one who left": ("member_tags: [{tagid: 1, name: x, members: [c]}]", "'c' has left the corp"),
    "unknown rule group": ("tag_groups: [{name: x, strategy_id: 5}]", "there is no rule group 5"),
    "unknown privilege": (
        "rule_groups: [{strategy_id: 1, name: x, without: [fly]}]",
        "there is no privilege 'fly'",
    ),
}


@pytest.mark.parametrize(("text", "told"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_contradiction_is_told_with_line_and_field(server: RunningServer, text: str, told: str) -> None:
    assert told in refusal(server, HEAD + text)


OF_MEMBERS = {
    "userid twice": (
        "members: [{userid: a}, {userid: A}]",
        "members[1].userid: the userid 'a' is taken, by line 1",
    ),
    "mobile twice": (
        "members: [{userid: a, mobile: 13800000001}, {userid: b, mobile: +86 13800000001}]",
        "members[1].mobile: the mobile number '13800000001' is taken",
    ),
    "no mobile": ("members: [{userid: a, mobile: 12}]", "members[0].mobile: write digits"),
    "no address": ("members: [{userid: a, email: x}]", "members[0].email: 'x' is no address"),
    "unknown department": (
        "members: [{userid: a, departments: [7]}]",
        "departments[0]: there is no department 7",
    ),
    "main department elsewhere": (
        "members: [{userid: a, main_department: 7}]",
        "main_department: 7 is not one of",
    ),
    "own leader": ("members: [{userid: a, direct_leader: [a]}]", "nobody is their own leader"),
    "left before coming": (
        "members: [{userid: a, created_at: -1d, left_at: -2d}]",
        "left_at: '-2d' is before what has to come first",
    ),
}


@pytest.mark.parametrize(("text", "told"), OF_MEMBERS.values(), ids=OF_MEMBERS.keys())
def test_a_contradiction_about_members_is_told(server: RunningServer, text: str, told: str) -> None:
    assert told in refusal(server, text)


def test_a_misspelt_field_is_told_with_its_line_and_the_right_name(server: RunningServer) -> None:
    text = "members:\n  - userid: a\ncustomers:\n  - name: x\n    folowers: []\n"
    told = refusal(server, text)
    assert told.startswith(
        "seed: line 5, customers[0].folowers: there is no such field; did you mean followers"
    )
    as_json = json.dumps({"customers": [{"name": "x"}, {"nmae": 1}]}, indent=1)
    assert refusal(server, as_json).startswith("seed: line 7, customers[1].nmae: there is no such field")


def test_a_field_of_two_types_is_told_once(server: RunningServer) -> None:
    told = refusal(server, "members:\n- userid: a\n  created_at: [1]\n  departments: [x, true]\n")
    assert told == (
        "seed: line 4, members[0].departments[0]: write an object, or write a valid integer, unable to parse "
        "string as an integer; line 4, members[0].departments[1]: write an object, or write a number, not "
        "true or false; line 3, members[0].created_at: write a valid integer, or write a valid string"
    )


def test_the_place_in_a_long_list_is_told(server: RunningServer) -> None:
    text = "customers:\n" + "- name: x\n" * 600 + "- nmae: x\n"
    assert refusal(server, text).startswith("seed: line 602, customers[600].nmae: there is no such field")


def test_five_faults_are_named_and_the_others_counted(server: RunningServer) -> None:
    told = refusal(server, "customers:\n" + "- {x: 1}\n" * 8)
    assert told.count("line ") == 5
    assert told.endswith("; and 3 more")


HOSTILE = {
    "an alias that leads to itself": ("members: &a [*a]", "leads back to itself"),
    "a billion laughs": (
        "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
        + "".join(
            f"{c}: &{c} [{','.join([f'*{b}'] * 10)}]\n" for b, c in zip("abcdefg", "bcdefgh", strict=True)
        ),
        "too large",
    ),
    "nested too deeply": ("[" * 100_000, "nested too deeply"),
    "an object of Python": ("members: !!python/object/apply:os.system [ls]", "this is no YAML"),
    "two documents": ("members: []\n---\nmembers: []\n", "this is no YAML"),
    "neither JSON nor YAML": ("members: [", "this is no YAML"),
    "JSON cut off": ('{"members": [', "line 1, column 14"),
    "NUL": ('members: [{userid: a, name: "\\0"}]', "members[0].name: the character NUL"),
    "half a surrogate pair": (
        '{"members": [{"userid": "a", "name": "\\ud83d"}]}',
        "half of a surrogate pair",
    ),
    "a field twice": ("members: []\nmembers: []\n", "line 2: 'members' is here twice"),
    "a field twice in JSON": ('{"members": [],\n "members": []}', "line 2: 'members' is here twice"),
    "a list": ("- a\n", "a seed file is an object"),
    "a number beyond 64 bits": (
        "departments: [{id: 99999999999999999999, name: x}]",
        "a whole number is from",
    ),
    "a huge time ago": ("customers: [{created_at: -999999d}]", "is before 2016"),
}


@pytest.mark.parametrize(("text", "told"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_in_a_sentence(server: RunningServer, text: str, told: str) -> None:
    assert told in refusal(server, text)


def test_an_object_is_refused_with_the_field(server: RunningServer) -> None:
    told = refusal(server, {"members": [{"userid": "a", "departments": [9]}]})
    assert told == "seed: members[0].departments[0]: there is no department 9"


def test_nothing_is_left_of_a_refused_file(server: RunningServer) -> None:
    before = server.sim.get("/corps").json()
    refusal(server, "members: [{userid: a}, {userid: a}]")
    assert server.sim.get("/corps").json() == before
