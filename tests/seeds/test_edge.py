"""The seed `edge`: each documented field is there once with something in it, and once without."""

import typing
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from wecom_tollbooth.families import load_families
from wecom_tollbooth.seeds.edge.customers import ADD_WAYS
from wecom_tollbooth.seeds.edge.directory import STAFF
from wecom_tollbooth.seeds.edge.tags import DELETED_GROUP, DELETED_TAG, TAG_OF_DELETED_GROUP
from wecom_tollbooth.seeds.edge.texts import RARE, longest


@pytest.fixture(scope="module")
def edge(server: RunningServer) -> Corp:
    return server.make_corp(seed="edge")


@pytest.fixture(scope="module")
def wecom(edge: Corp) -> WeCom:
    return edge.client()


Replies = dict[str, list[dict[str, Any]]]


def pages(wecom: WeCom, operation: str, **fields: Any) -> Iterator[dict[str, Any]]:
    """All pages of a list that is posted."""
    cursor = ""
    while True:
        reply = wecom.post(operation, cursor=cursor, **fields)
        assert reply["errcode"] == 0, (operation, reply)
        yield reply
        cursor = reply.get("next_cursor", "")
        if not cursor:
            return


def customer_pages(wecom: WeCom, external_userid: str) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    while cursor != "":
        reply = wecom.get("externalcontact/get", external_userid=external_userid, cursor=cursor or "")
        yield reply
        cursor = reply.get("next_cursor", "")


@pytest.fixture(scope="module")
def replies(edge: Corp, wecom: WeCom) -> Replies:
    """What the get and list operations answer about customers, tags, groups and members."""
    found: Replies = defaultdict(list)
    apps = {app["agentid"]: app for app in edge.apps}
    early, warehouse, blind = (edge.client(apps[agentid]) for agentid in (1000011, 1000012, 1000013))
    for client in (early, warehouse, blind, wecom):
        found["externalcontact/get_follow_user_list"].append(
            client.get("externalcontact/get_follow_user_list")
        )
    followers = found["externalcontact/get_follow_user_list"][-1]["follow_user"]
    external_userids: set[str] = set()
    for userid in followers:
        reply = wecom.get("externalcontact/list", userid=userid)
        found["externalcontact/list"].append(reply)
        external_userids.update(reply.get("external_userid", []))
    for external_userid in sorted(external_userids):
        found["externalcontact/get"] += customer_pages(wecom, external_userid)
    for start in range(0, len(followers), 100):
        some = followers[start : start + 100]
        found["externalcontact/batch/get_by_user"] += pages(
            wecom, "externalcontact/batch/get_by_user", userid_list=some, limit=100
        )
    found["externalcontact/batch/get_by_user"].append(
        wecom.post("externalcontact/batch/get_by_user", userid_list=["inactive"])
    )
    found["externalcontact/get_corp_tag_list"] = [
        wecom.post("externalcontact/get_corp_tag_list", **which)
        for which in ({}, {"tag_id": [DELETED_TAG, TAG_OF_DELETED_GROUP]}, {"group_id": [DELETED_GROUP]})
    ]
    found["externalcontact/get_strategy_tag_list"] = [
        wecom.post("externalcontact/get_strategy_tag_list"),
        edge.client(edge.apps[1]).post("externalcontact/get_strategy_tag_list"),
    ]
    rule_groups = list(pages(wecom, "externalcontact/customer_strategy/list", limit=2))
    found["externalcontact/customer_strategy/list"] = [
        *rule_groups,
        edge.client(edge.apps[1]).post("externalcontact/customer_strategy/list"),
    ]
    for one in (one for page in rule_groups for one in page["strategy"]):
        found["externalcontact/customer_strategy/get"].append(
            wecom.post("externalcontact/customer_strategy/get", strategy_id=one["strategy_id"])
        )
        found["externalcontact/customer_strategy/get_range"] += pages(
            wecom, "externalcontact/customer_strategy/get_range", strategy_id=one["strategy_id"], limit=2
        )
    for owners in (None, {"userid_list": ["gone", "lisi", "zhangsan", "founder", STAFF[0]]}):
        found["externalcontact/groupchat/list"] += pages(
            wecom, "externalcontact/groupchat/list", limit=3, owner_filter=owners
        )
    found["externalcontact/groupchat/list"].append(blind.post("externalcontact/groupchat/list", limit=3))
    for one in (
        o for page in found["externalcontact/groupchat/list"] for o in page.get("group_chat_list", [])
    ):
        for need_name in (0, 1):
            found["externalcontact/groupchat/get"].append(
                wecom.post("externalcontact/groupchat/get", chat_id=one["chat_id"], need_name=need_name)
            )
    found["externalcontact/get_unassigned_list"] = [
        *pages(wecom, "externalcontact/get_unassigned_list", page_size=1),
        wecom.post("externalcontact/get_unassigned_list", page_id=0),
        warehouse.post("externalcontact/get_unassigned_list"),
    ]
    for client in (wecom, early, warehouse):
        for userid in ("zhangsan", "lisi", "A-b_c.d@E", "x" * 64, "1", "00", "abroad", "inactive"):
            found["user/get"].append(client.get("user/get", userid=userid))
        for department_id in (2, 3, 6, 2**32 - 1):
            found["user/list"].append(client.get("user/list", department_id=department_id))
            found["user/simplelist"].append(client.get("user/simplelist", department_id=department_id))
            found["department/get"].append(client.get("department/get", id=department_id))
        found["department/list"].append(client.get("department/list"))
        found["department/simplelist"].append(client.get("department/simplelist"))
    sync = edge.client(next(app for app in edge.apps if app["kind"] == "contacts_sync"))
    found["user/list_id"] += pages(sync, "user/list_id", limit=300)
    found["tag/list"] = [wecom.get("tag/list")]
    found["tag/get"] = [wecom.get("tag/get", tagid=tagid) for tagid in (1, 3)]
    return {
        operation: [reply for reply in some if reply["errcode"] == 0] for operation, some in found.items()
    }


# --- each field, with something in it and without --------------------------------------------------------

NEVER_EMPTY = {
    *("id", "userid", "external_userid", "handover_userid", "owner", "chat_id", "group_id", "member_version"),
    *("group_name", "tag_name", "tagname", "strategy_name", "nickname", "value", "url", "title", "appid"),
}
"""Last parts of paths: no corp has one without text."""
NAMES_THAT_MAY_BE_EMPTY = {("externalcontact/groupchat/get", "group_chat.name")}
LISTS_WITH_SOMETHING = {
    ("externalcontact/list", "external_userid"): "a member without customers answers 84061",
    ("externalcontact/get", "follow_user"): "a customer whom nobody follows answers 84061",
    ("externalcontact/get_corp_tag_list", "tag_group"): "there are tags",
    ("externalcontact/get_corp_tag_list", "tag_group[].tag"): "a group goes with its last tag",
    ("externalcontact/get_strategy_tag_list", "tag_group[].tag"): "a group goes with its last tag",
    ("externalcontact/groupchat/get", "group_chat.member_list"): "an owner is in the group",
    ("user/list", "userlist[].department"): "they are listed by one that the app sees",
    ("user/list", "userlist[].order"): "likewise",
    ("user/list", "userlist[].is_leader_in_dept"): "likewise",
    ("user/simplelist", "userlist[].department"): "likewise",
    ("user/list_id", "dept_user"): "there are members",
    ("department/list", "department"): "there are departments",
    ("department/simplelist", "department_id"): "there are departments",
    ("tag/list", "taglist"): "there are tags",
}
"""Lists that are never empty in this corp."""


class Field(typing.NamedTuple):
    kind: Any
    may_be_absent: bool


def fields_of(kind: Any, path: str = "") -> Iterator[tuple[str, Field]]:
    """Each field of a reply by its path, "follow_user[].tags[].tag_id"."""
    for name, hint in typing.get_type_hints(kind, include_extras=True).items():
        may_be_absent = typing.get_origin(hint) is typing.NotRequired
        inner = typing.get_args(hint)[0] if may_be_absent else hint
        where = f"{path}{name}"
        yield where, Field(inner, may_be_absent)
        if typing.get_origin(inner) is list:
            inner, where = typing.get_args(inner)[0], f"{where}[]"
        if hasattr(inner, "__required_keys__") and where not in NO_MINI_PROGRAMS:
            yield from fields_of(inner, f"{where}.")


NO_MINI_PROGRAMS = {"extattr.attrs[].miniprogram", "userlist[].extattr.attrs[].miniprogram"}
"""The shape is that of external_attr, but only texts and links are possible (60150)."""

ABSENT = object()


def values_at(reply: Any, path: str) -> Iterator[Any]:
    """What is at the path; ABSENT where the object around it is there without it."""
    head, _, rest = path.partition(".")
    is_list = head.endswith("[]")
    value = reply.get(head.removesuffix("[]"), ABSENT)
    if not rest:
        yield value
    elif value is not ABSENT:
        for one in value if is_list else [value]:
            yield from values_at(one, rest)


OPERATIONS = {operation.name: operation for operation in load_families()}
COVERED = (
    *("get_follow_user_list", "list", "get", "batch/get_by_user", "get_corp_tag_list"),
    *("get_strategy_tag_list", "customer_strategy/list", "customer_strategy/get"),
    *("customer_strategy/get_range", "groupchat/list", "groupchat/get", "get_unassigned_list"),
)
NAMES = [
    *(f"externalcontact/{name}" for name in COVERED),
    *("user/get", "user/list", "user/simplelist", "user/list_id"),
    *("department/get", "department/list", "department/simplelist", "tag/list", "tag/get"),
]
OF_PROVIDERS = {
    ("externalcontact/get", "external_contact.avatar"): "absent",
    ("externalcontact/get", "follow_user[].remark_mobiles"): "absent",
    ("externalcontact/batch/get_by_user", "external_contact_list[].external_contact.avatar"): "absent",
    ("externalcontact/batch/get_by_user", "external_contact_list[].follow_info.remark_mobiles"): "absent",
    ("externalcontact/batch/get_by_user", "fail_info"): "filled",
    ("externalcontact/batch/get_by_user", "fail_info.unlicensed_userid_list"): "filled or empty",
    ("tag/get", "userlist[].name"): "absent",
}
"""What only apps of providers get, or don't get; those are no part of a seed."""


@pytest.mark.parametrize("operation", NAMES)
def test_each_field_is_seen_filled_and_absent_or_empty(operation: str, replies: Replies) -> None:
    missing = []
    for path, field in fields_of(OPERATIONS[operation].reply_type):
        seen = [value for reply in replies[operation] for value in values_at(reply, path)]
        if path in NO_MINI_PROGRAMS:
            continue
        filled = [value for value in seen if value is not ABSENT and value not in ("", [], {})]
        empty = [value for value in seen if value in ("", [], {})]
        if not filled:
            missing.append((path, "filled"))
        if field.may_be_absent and ABSENT not in seen:
            missing.append((path, "absent"))
        if may_be_empty(operation, path, field) and not field.may_be_absent and not empty:
            missing.append((path, "empty"))
    assert [one for one in missing if one[1] not in OF_PROVIDERS.get((operation, one[0]), "")] == []


def may_be_empty(operation: str, path: str, field: Field) -> bool:
    if typing.get_origin(field.kind) is list:
        return (operation, path) not in LISTS_WITH_SOMETHING
    last = path.rpartition(".")[2]
    if last == "name":
        return (operation, path) in NAMES_THAT_MAY_BE_EMPTY
    return field.kind is str and last not in NEVER_EMPTY


# --- what else is in it ----------------------------------------------------------------------------------


def test_each_add_way_is_there(replies: Replies) -> None:
    ways = {one["add_way"] for reply in replies["externalcontact/get"] for one in reply["follow_user"]}
    assert ways == set(ADD_WAYS)


def test_a_customer_has_600_followers_on_two_pages(wecom: WeCom) -> None:
    followers = [page["follow_user"] for page in customer_pages(wecom, "wmEdgePopular")]
    assert [len(page) for page in followers] == [500, 100]


def test_a_group_is_full(wecom: WeCom, edge: Corp) -> None:
    group = wecom.post("externalcontact/groupchat/get", chat_id="wrEdgeLarge")["group_chat"]
    assert len(group["member_list"]) == 500
    body = {"act": "join_group", "chat_id": "wrEdgeLarge", "name": "第五百零一"}
    refused = edge.server.sim.post(f"/corps/{edge.corpid}/acts", json=body)
    assert refused.status_code == 422, refused.text
    assert "wrEdgeLarge has 500 of 500 people" in refused.json()["error"]


def test_groups_have_every_status(replies: Replies) -> None:
    listed = [one for page in replies["externalcontact/groupchat/list"] for one in page["group_chat_list"]]
    assert {one["status"] for one in listed} == {0, 1, 2, 3}
    assert "wrEdgeDismissed" not in {one["chat_id"] for one in listed}


def test_rare_texts_arrive_as_they_were_written(replies: Replies) -> None:
    names = {reply["external_contact"]["name"] for reply in replies["externalcontact/get"]}
    descriptions = {
        one["description"] for reply in replies["externalcontact/get"] for one in reply["follow_user"]
    }
    assert set(RARE) <= names
    assert {*RARE, longest(150)} <= descriptions


def test_the_contents_of_external_profiles_are_all_there(replies: Replies) -> None:
    """Their shape is a plain object in the reply, so its fields are looked at here."""
    profiles = [
        profile
        for reply in replies["externalcontact/get"]
        if (profile := reply["external_contact"].get("external_profile"))
    ]
    attributes = [one for profile in profiles for one in profile["external_attr"]]
    assert {one["type"] for one in attributes} == {0, 1, 2}
    for name in ("external_corp_name", "wechat_channels"):
        assert {name in profile for profile in profiles} == {True, False}
    assert {bool(profile["external_attr"]) for profile in profiles} == {True, False}
    channels = [one["wechat_channels"] for one in profiles if "wechat_channels" in one]
    assert {one["status"] for one in channels} == {0, 1}
    came_by = [
        one["wechat_channels"]["source"]
        for reply in replies["externalcontact/get"]
        for one in reply["follow_user"]
        if "wechat_channels" in one
    ]
    assert set(came_by) == {0, 1, 2, 3}


def test_it_is_the_same_in_each_corp_and_can_be_made_beside_others(server: RunningServer) -> None:
    first, second = (server.make_corp(seed="edge", customers=3).client() for _ in range(2))
    for external_userid in ("wmEdgeFull", "woEdgeBare"):
        replies = [one.get("externalcontact/get", external_userid=external_userid) for one in (first, second)]
        for reply in replies:
            for follower in reply["follow_user"]:
                del follower["createtime"], follower["tags"]
        shown = [reply["external_contact"]["external_userid"] for reply in replies]
        assert shown == [external_userid, external_userid]
