"""规则组标签: the tags of rule groups, and where they differ from those of the corp."""

from typing import Any

from tests.conftest import Corp, WeCom
from wecom_tollbooth.families.tag_library import library

STRATEGY = "externalcontact/customer_strategy"


def rule_group(wecom: WeCom, *userids: str, **fields: Any) -> int:
    """Creates a rule group of these members, or of the whole corp if none are named."""
    nodes = [{"type": 1, "userid": userid} for userid in userids] or [{"type": 2, "partyid": 1}]
    wanted = {"strategy_name": "华东", "admin_list": ["zhangsan"], "range": nodes, **fields}
    reply = wecom.post(f"{STRATEGY}/create", wanted)
    assert reply["errcode"] == 0, reply
    return int(reply["strategy_id"])


def add(wecom: WeCom, strategy_id: int, *names: str, **fields: Any) -> dict[str, Any]:
    wanted = {"strategy_id": strategy_id, "group_name": "门店等级", "tag": [{"name": name} for name in names]}
    return wecom.post("externalcontact/add_strategy_tag", {**wanted, **fields})


def added(wecom: WeCom, strategy_id: int, *names: str, **fields: Any) -> dict[str, Any]:
    reply = add(wecom, strategy_id, *names, **fields)
    assert reply["errcode"] == 0, reply
    return dict(reply["tag_group"])


def read(wecom: WeCom, **fields: Any) -> list[dict[str, Any]]:
    reply = wecom.post("externalcontact/get_strategy_tag_list", fields)
    assert reply["errcode"] == 0, reply
    return list(reply["tag_group"])


def read_code(wecom: WeCom, **fields: Any) -> int:
    return int(wecom.post("externalcontact/get_strategy_tag_list", fields)["errcode"])


def customer_of(wecom: WeCom, userid: str) -> str:
    """Creates a customer whom only this member follows."""
    corp = wecom.corp
    body = {"act": "member_adds_customer", "userid": userid}
    return str(corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=body).json()["external_userid"])


def mark(wecom: WeCom, userid: str, external_userid: str, **lists: list[str]) -> int:
    body = {"userid": userid, "external_userid": external_userid, **lists}
    return int(wecom.post("externalcontact/mark_tag", body)["errcode"])


def tags_on(wecom: WeCom, external_userid: str) -> list[dict[str, Any]]:
    reply = wecom.get("externalcontact/get", external_userid=external_userid)
    return list(reply["follow_user"][0]["tags"])


def test_tags_are_shown_under_their_group_and_rule_group(wecom: WeCom) -> None:
    strategy_id = rule_group(wecom)
    group = added(wecom, strategy_id, order=9, tag=[{"name": "低", "order": 1}, {"name": "高", "order": 2}])
    assert group["group_id"].startswith("st")
    assert (group["group_name"], group["order"]) == ("门店等级", 9)
    assert "strategy_id" not in group
    low, high = group["tag"]
    assert low["id"].startswith("st")
    assert len(low["id"]) == 32
    assert set(low) == {"id", "name", "create_time", "order"}
    assert read(wecom) == [{**group, "strategy_id": strategy_id, "tag": [high, low]}]


def test_the_list_is_filtered_by_rule_group_group_and_tag(wecom: WeCom) -> None:
    first, second = rule_group(wecom), rule_group(wecom)
    one, two = added(wecom, first, "低", "高"), added(wecom, second, "低")
    assert {group["group_id"] for group in read(wecom)} == {one["group_id"], two["group_id"]}
    assert [group["group_id"] for group in read(wecom, strategy_id=second)] == [two["group_id"]]
    (found,) = read(wecom, strategy_id=0, group_id=[one["group_id"]])
    assert {tag["name"] for tag in found["tag"]} == {"低", "高"}
    (found,) = read(wecom, tag_id=[one["tag"][1]["id"]])
    assert [tag["name"] for tag in found["tag"]] == ["高"]
    (found,) = read(wecom, tag_id=[one["tag"][1]["id"]], group_id=[two["group_id"]])
    assert found["group_id"] == two["group_id"]
    assert read_code(wecom, tag_id=["stunknown"]) == 40068
    assert read_code(wecom, strategy_id=second, group_id=[one["group_id"]]) == 40068
    assert read_code(wecom, strategy_id=999999999) == 40058


def test_a_group_is_found_by_id_or_by_name_inside_the_rule_group(wecom: WeCom) -> None:
    first, second = rule_group(wecom), rule_group(wecom)
    group = added(wecom, first, "低", "低")
    assert [tag["name"] for tag in group["tag"]] == ["低"]
    more = added(wecom, first, "高")
    assert more["group_id"] == group["group_id"]
    assert [tag["name"] for tag in more["tag"]] == ["高"]
    assert (
        added(wecom, first, "中", group_id=group["group_id"], group_name="别的")["group_name"] == "门店等级"
    )
    assert added(wecom, second, "低")["group_id"] != group["group_id"]
    assert add(wecom, second, "中", group_id=group["group_id"])["errcode"] == 40068


def test_a_group_of_the_corp_may_have_the_same_name(wecom: WeCom) -> None:
    strategy_id = rule_group(wecom)
    corp_group = wecom.post("externalcontact/get_corp_tag_list")["tag_group"][0]
    group = added(wecom, strategy_id, corp_group["tag"][0]["name"], group_name=corp_group["group_name"])
    assert group["group_id"] != corp_group["group_id"]
    foreign = corp_group["group_id"]
    assert add(wecom, strategy_id, "新", group_id=foreign)["errcode"] == 40068


def test_add_strategy_tag_answers_specific_errcodes(wecom: WeCom) -> None:
    first = rule_group(wecom)
    below = rule_group(wecom, "zhangsan", parent_id=first)
    added(wecom, first, "低")
    assert add(wecom, first, "高", "低")["errcode"] == 40071
    assert add(wecom, first)["errcode"] == 41018
    assert add(wecom, first, "")["errcode"] == 41018
    assert add(wecom, first, "高", group_name="")["errcode"] == 41018
    assert add(wecom, first, "长" * 31)["errcode"] == 40058
    assert add(wecom, first, "高", group_name="长" * 31)["errcode"] == 40058
    assert add(wecom, first, tag=[{"name": "高", "order": 2**32}])["errcode"] == 40058
    assert add(wecom, below, "高")["errcode"] == 40058
    assert add(wecom, 999999999, "高")["errcode"] == 40058
    assert wecom.post("externalcontact/add_strategy_tag", tag=[{"name": "高"}])["errcode"] == 40063
    assert [tag["name"] for tag in read(wecom)[0]["tag"]] == ["低"]


def test_corp_tags_and_tags_of_rule_groups_share_one_cap(wecom: WeCom) -> None:
    strategy_id = rule_group(wecom)
    corp_tags = sum(
        len(group["tag"]) for group in wecom.post("externalcontact/get_corp_tag_list")["tag_group"]
    )
    room = library.TAGS_OF_A_CORP - corp_tags
    names = [f"标签{number}" for number in range(room)]
    assert add(wecom, strategy_id, *names, "多")["errcode"] == 40126
    added(wecom, strategy_id, *names)
    assert add(wecom, strategy_id, "多")["errcode"] == 40126
    more = wecom.post("externalcontact/add_corp_tag", group_name="多", tag=[{"name": "多"}])
    assert more["errcode"] == 40126


def test_editing_keeps_names_unique(wecom: WeCom) -> None:
    first, second = rule_group(wecom), rule_group(wecom)
    group = added(wecom, first, "低", "高")
    other = added(wecom, first, "低", group_name="口味")
    added(wecom, second, "低", group_name="别处")

    def edit(id_: str, **fields: Any) -> int:
        return int(wecom.post("externalcontact/edit_strategy_tag", {"id": id_, **fields})["errcode"])

    low = group["tag"][0]["id"]
    assert edit(low, name="高") == 40071
    assert edit(group["group_id"], name="口味") == 40071
    assert edit(group["group_id"], name="别处", order=5) == 0, "the name is taken in another rule group only"
    assert edit(low, name="中", order=7) == 0
    assert edit(low, name="") == 0
    assert edit(low, name="长" * 31) == 40058
    assert edit("stunknown", name="x") == 40068
    assert edit("", name="x") == 41017
    found = read(wecom, group_id=[group["group_id"]])[0]
    assert (found["group_name"], found["order"], found["strategy_id"]) == ("别处", 5, first)
    assert [(tag["name"], tag["order"]) for tag in found["tag"]] == [("中", 7), ("高", 0)]
    assert read(wecom, group_id=[other["group_id"]])[0]["group_name"] == "口味"


def test_deleting_the_last_tag_deletes_the_group(wecom: WeCom) -> None:
    group = added(wecom, rule_group(wecom), "低", "高")
    low, high = (tag["id"] for tag in group["tag"])

    def delete(**lists: list[str]) -> int:
        return int(wecom.post("externalcontact/del_strategy_tag", lists)["errcode"])

    assert delete(tag_id=[low, "stunknown"]) == 40068
    assert delete() == 41017
    assert delete(tag_id=[low]) == 0
    assert [tag["id"] for tag in read(wecom)[0]["tag"]] == [high]
    assert delete(tag_id=[low]) == 40068
    assert delete(tag_id=[high]) == 0
    assert read(wecom) == []
    assert read_code(wecom, group_id=[group["group_id"]]) == 40068
    again = added(wecom, rule_group(wecom), "低")
    assert delete(group_id=[again["group_id"]]) == 0
    assert read(wecom) == []


def test_corp_tag_operations_do_not_find_rule_group_tags(wecom: WeCom) -> None:
    before = wecom.post("externalcontact/get_corp_tag_list")["tag_group"]
    group = added(wecom, rule_group(wecom), "低")
    tag_id = group["tag"][0]["id"]
    assert wecom.post("externalcontact/get_corp_tag_list")["tag_group"] == before
    for operation, fields in (
        ("get_corp_tag_list", {"tag_id": [tag_id]}),
        ("get_corp_tag_list", {"group_id": [group["group_id"]]}),
        ("edit_corp_tag", {"id": tag_id, "name": "x"}),
        ("del_corp_tag", {"tag_id": [tag_id]}),
        ("del_corp_tag", {"group_id": [group["group_id"]]}),
        ("add_corp_tag", {"group_id": group["group_id"], "tag": [{"name": "x"}]}),
    ):
        assert wecom.post(f"externalcontact/{operation}", fields)["errcode"] == 40068, operation
    assert [tag["name"] for tag in read(wecom)[0]["tag"]] == ["低"]


def test_corp_tags_created_in_the_console_leave_rule_group_tags_unchanged(corp: Corp, wecom: WeCom) -> None:
    group = added(wecom, rule_group(wecom), "低")
    act = {"act": "admin_creates_tag", "group_name": group["group_name"], "tag_name": "高"}
    made = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=act).json()
    assert made["group_id"] != group["group_id"]
    shuffled = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": "admin_shuffles_tags"}).json()
    assert shuffled["shuffled"] == len(wecom.post("externalcontact/get_corp_tag_list")["tag_group"])
    assert [(tag["name"], tag["order"]) for tag in read(wecom)[0]["tag"]] == [("低", 0)]
    assert read(wecom)[0]["order"] == 0


def test_rule_group_tag_operations_do_not_find_corp_tags(wecom: WeCom) -> None:
    rule_group(wecom)
    group = wecom.post("externalcontact/add_corp_tag", group_name="本应用", tag=[{"name": "a"}])["tag_group"]
    tag_id = group["tag"][0]["id"]
    assert read_code(wecom, tag_id=[tag_id]) == 40068
    for operation, fields in (
        ("edit_strategy_tag", {"id": tag_id, "name": "x"}),
        ("del_strategy_tag", {"tag_id": [tag_id]}),
        ("del_strategy_tag", {"group_id": [group["group_id"]]}),
    ):
        assert wecom.post(f"externalcontact/{operation}", fields)["errcode"] == 40068, operation


def test_another_app_cannot_see_or_change_the_tags(corp: Corp, wecom: WeCom) -> None:
    strategy_id = rule_group(wecom)
    group = added(wecom, strategy_id, "低")
    tag_id = group["tag"][0]["id"]
    other = corp.client(corp.apps[1])
    assert read(other) == []
    assert read_code(other, strategy_id=strategy_id) == 60030
    assert read_code(other, tag_id=[tag_id]) == 40068
    assert add(other, strategy_id, "高")["errcode"] == 60030
    assert other.post("externalcontact/edit_strategy_tag", id=tag_id, name="x")["errcode"] == 40068
    assert other.post("externalcontact/del_strategy_tag", tag_id=[tag_id])["errcode"] == 40068
    assert read(wecom)[0]["tag"] == group["tag"]


def test_a_marked_customer_shows_the_tag_with_type_3(wecom: WeCom) -> None:
    tag_id = added(wecom, rule_group(wecom, "zhangsan"), "低")["tag"][0]["id"]
    customer = customer_of(wecom, "zhangsan")
    assert mark(wecom, "zhangsan", customer, add_tag=[tag_id]) == 0
    shown = next(tag for tag in tags_on(wecom, customer) if tag.get("tag_id") == tag_id)
    assert shown == {"group_name": "门店等级", "tag_name": "低", "tag_id": tag_id, "type": 3}
    assert {tag["type"] for tag in tags_on(wecom, customer) if tag is not shown} <= {1, 3}
    page = wecom.post("externalcontact/batch/get_by_user", userid_list=["zhangsan"], limit=100)
    entries = {
        entry["external_contact"]["external_userid"]: entry["follow_info"]["tag_id"]
        for entry in page["external_contact_list"]
    }
    assert tag_id in entries[customer]
    assert mark(wecom, "zhangsan", customer, remove_tag=[tag_id]) == 0
    assert tag_id not in {tag.get("tag_id") for tag in tags_on(wecom, customer)}


def test_only_members_in_the_range_are_marked(wecom: WeCom) -> None:
    by_name = added(wecom, rule_group(wecom, "zhangsan"), "低")["tag"][0]["id"]
    shop = [{"type": 2, "partyid": 2}]
    by_shop = added(wecom, rule_group(wecom, range=shop), "低")["tag"][0]["id"]
    for tag_id in (by_name, by_shop):
        assert mark(wecom, "zhangsan", customer_of(wecom, "zhangsan"), add_tag=[tag_id]) == 0
        assert mark(wecom, "lisi", customer_of(wecom, "lisi"), add_tag=[tag_id]) == 60011
        assert mark(wecom, "lisi", customer_of(wecom, "lisi"), remove_tag=[tag_id]) == 60011


def test_only_the_app_of_the_rule_group_can_mark_with_its_tags(corp: Corp, wecom: WeCom) -> None:
    tag_id = added(wecom, rule_group(wecom), "低")["tag"][0]["id"]
    customer = customer_of(wecom, "zhangsan")
    before = tags_on(wecom, customer)
    other = corp.client(corp.apps[1])
    corp_tag = wecom.post("externalcontact/get_corp_tag_list")["tag_group"][0]["tag"][0]["id"]
    assert mark(other, "zhangsan", customer, add_tag=[corp_tag, tag_id]) == 60011
    assert tags_on(wecom, customer) == before, "all or nothing"


def test_deleted_tags_are_removed_from_customers(wecom: WeCom) -> None:
    strategy_id = rule_group(wecom)
    group = added(wecom, strategy_id, "低", "高")
    low, high = (tag["id"] for tag in group["tag"])
    customer = customer_of(wecom, "zhangsan")

    def tags_of() -> set[str]:
        return {tag["tag_id"] for tag in tags_on(wecom, customer)} & {low, high}

    assert mark(wecom, "zhangsan", customer, add_tag=[low, high]) == 0
    assert tags_of() == {low, high}
    assert wecom.post("externalcontact/del_strategy_tag", tag_id=[low])["errcode"] == 0
    assert tags_of() == {high}
    assert wecom.post(f"{STRATEGY}/del", strategy_id=strategy_id)["errcode"] == 0
    assert tags_of() == set()
    assert read(wecom) == []
    assert mark(wecom, "zhangsan", customer, add_tag=[high]) == 40068


def test_more_ids_than_the_tag_cap_are_refused(wecom: WeCom) -> None:
    rule_group(wecom)
    ids = [f"st{number}" for number in range(library.TAGS_OF_A_CORP + 1)]
    for operation in ("get_strategy_tag_list", "del_strategy_tag", "get_corp_tag_list", "del_corp_tag"):
        for field in ("tag_id", "group_id"):
            path = f"externalcontact/{operation}"
            assert wecom.post(path, {field: ids})["errcode"] == 40058
            assert wecom.post(path, {field: ids[1:]})["errcode"] == 40068


# --- events ----------------------------------------------------------------------------------------------


def test_only_the_system_app_gets_the_strategy_id_except_in_shuffle(corp: Corp, wecom: WeCom) -> None:
    legacy = corp.new_app(kind="customer_contact_legacy")
    group_id = rule_group(wecom)
    group = added(wecom, group_id, "甲", "乙")
    tag_id = group["tag"][0]["id"]

    def events(act: str, **fields: Any) -> tuple[str, str]:
        """Runs the act; returns the last XML elements of its events to the self-built and the system app."""
        done = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": act, **fields})
        assert done.status_code == 200, done.text
        found = []
        for agentid in (wecom.agentid, legacy["agentid"]):
            newest = max(corp.sim("callbacks", agentid=agentid)["callbacks"], key=lambda one: int(one["id"]))
            found.append(newest["xml"].partition("</Id>")[2].removesuffix("</xml>"))
        return found[0], found[1]

    kind, strategy = "<ChangeType><![CDATA[{}]]></ChangeType>", f"<StrategyId>{group_id}</StrategyId>"
    tag = "<TagType><![CDATA[tag]]></TagType>"
    updated = tag + kind.format("update")
    assert events("admin_edits_tag", id=tag_id, name="丙") == (updated, updated + strategy)
    shuffled = kind.format("shuffle")
    in_text = f"<StrategyId><![CDATA[{group_id}]]></StrategyId>"
    assert events("admin_shuffles_tags", group_id=group["group_id"]) == (in_text + shuffled,) * 2
    deleted = tag + kind.format("delete")
    assert events("admin_deletes_tag", id=tag_id) == (deleted, deleted + strategy)
    made = tag + kind.format("create")
    assert events("admin_creates_tag", group_name="门店", tag_name="一") == (made, made)
