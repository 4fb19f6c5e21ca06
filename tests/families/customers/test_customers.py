"""客户管理: who follows customers, the list of a member's customers, served contacts."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import (
    GET,
    LIST,
    NOW,
    a_customer_of_one,
    act,
    all_pages,
    customers_of,
    follow,
    insert,
    new_contact,
    new_member,
    pairs,
    seen_by,
)
from wecom_tollbooth.families.directory.tables import Department

FOLLOWERS = "externalcontact/get_follow_user_list"
CHECK = "externalcontact/check_follow_user"
REMARK = "externalcontact/remark"
SERVED = "externalcontact/contact_list"


# --- get_follow_user_list --------------------------------------------------------------------------------


def test_the_followers_are_the_members_with_the_right(corp: Corp, wecom: WeCom) -> None:
    assert wecom.get(FOLLOWERS)["follow_user"] == ["lisi", "sunqi", "wangwu", "zhangsan", "zhaoliu"]
    act(corp, "admin_sets_follow_right", userid="lisi", may_follow=False)
    act(corp, "member_leaves_corp", userid="wangwu")
    assert wecom.get(FOLLOWERS)["follow_user"] == ["sunqi", "zhangsan", "zhaoliu"]


def test_followers_are_limited_to_the_visible_range(corp: Corp) -> None:
    insert(corp, Department(corp_id=corp.corpid, id=50, name="分店", parentid=3, sort_order=1))
    new_member(corp, "deep", department=50)
    assert seen_by(corp, userid=["lisi"]).get(FOLLOWERS)["follow_user"] == ["lisi"]
    by_department = seen_by(corp, partyid=[3]).get(FOLLOWERS)["follow_user"]
    assert "deep" in by_department
    assert len(by_department) < 6
    assert seen_by(corp, userid=["lisi"], partyid=[50]).get(FOLLOWERS)["follow_user"] == ["deep", "lisi"]
    assert seen_by(corp, userid=[], partyid=[]).get(FOLLOWERS)["follow_user"] == []
    assert len(seen_by(corp, partyid=[1]).get(FOLLOWERS)["follow_user"]) == 6


# --- check_follow_user -----------------------------------------------------------------------------------


def test_check_follow_user_splits_members_and_departments_by_right(corp: Corp, wecom: WeCom) -> None:
    act(corp, "admin_sets_follow_right", userid="lisi", may_follow=False)
    reply = wecom.post(CHECK, userid=["zhangsan", "lisi", "nobody"])
    assert reply["authorized"] == {"userid": ["zhangsan"]}
    assert reply["unauthorized"] == {"userid": ["lisi", "nobody"]}


def test_a_department_is_allowed_if_it_or_a_subdepartment_has_an_allowed_member(empty_corp: Corp) -> None:
    corp = empty_corp
    for number, parent in ((10, 1), (11, 10), (12, 11), (20, 1)):
        insert(
            corp,
            Department(corp_id=corp.corpid, id=number, name=f"部门{number}", parentid=parent, sort_order=1),
        )
    new_member(corp, "deep", department=12)
    new_member(corp, "without", department=20, may_follow=False)
    reply = corp.client().post(CHECK, partyid=[1, 10, 11, 12, 20, 99])
    assert reply["authorized"] == {"partyid": [1, 10, 11, 12]}
    assert reply["unauthorized"] == {"partyid": [20, 99]}
    blind = seen_by(corp, userid=["zhangsan"]).post(CHECK, partyid=[10], userid=["deep", "zhangsan"])
    assert blind["authorized"] == {"userid": ["zhangsan"]}
    assert blind["unauthorized"] == {"userid": ["deep"], "partyid": [10]}


def test_check_follow_user_without_members_answers_40063(wecom: WeCom) -> None:
    assert wecom.post(CHECK)["errcode"] == 40063
    assert wecom.post(CHECK, userid=[], partyid=[])["errcode"] == 40063


# --- list ------------------------------------------------------------------------------------------------


def test_a_members_customers_are_listed_in_the_order_in_which_they_were_added(empty_corp: Corp) -> None:
    for number, name in enumerate(("wmC", "wmA", "wmB")):
        follow(empty_corp, new_contact(empty_corp, name), seq=number + 1)
    follow(empty_corp, new_contact(empty_corp, "wmLisis"), "lisi")
    wecom = empty_corp.client()
    assert customers_of(wecom) == ["wmC", "wmA", "wmB"]
    assert customers_of(wecom, "ZhangSan") == ["wmC", "wmA", "wmB"]


def test_a_member_without_customers_answers_84061(empty_corp: Corp) -> None:
    refused = empty_corp.client().get(LIST, userid="zhangsan")
    assert (refused["errcode"], refused["external_userid"]) == (84061, [])
    assert refused["errmsg"].startswith("not external contact, hint: [")


def test_a_member_without_the_right_to_have_customers_has_none(corp: Corp, wecom: WeCom) -> None:
    assert customers_of(wecom)
    act(corp, "admin_sets_follow_right", userid="zhangsan", may_follow=False)
    assert wecom.get(LIST, userid="zhangsan")["errcode"] == 84061
    act(corp, "admin_sets_follow_right", userid="zhangsan", may_follow=True)
    assert customers_of(wecom)


def test_the_list_answers_specific_errcodes(corp: Corp, wecom: WeCom) -> None:
    assert wecom.get(LIST)["errcode"] == 60111
    assert wecom.get(LIST, userid="")["errcode"] == 60111
    assert wecom.get(LIST, userid="nobody")["errcode"] == 40003
    assert wecom.get(LIST, userid="a" * 65)["errcode"] == 40058
    assert seen_by(corp, userid=["lisi"]).get(LIST, userid="zhangsan")["errcode"] == 60011
    assert seen_by(corp, userid=["lisi"]).get(LIST, userid="lisi")["errcode"] == 0
    act(corp, "member_leaves_corp", userid="zhangsan")
    assert wecom.get(LIST, userid="zhangsan")["errcode"] == 40003


def test_only_active_and_confirmed_relations_are_listed(corp: Corp, wecom: WeCom) -> None:
    """A relation survives deletion by the customer, but not by the member; a pending one needs the member."""
    deleted_us, deleted, *_ = customers_of(wecom)
    act(corp, "customer_deletes_member", userid="zhangsan", external_userid=deleted_us)
    act(corp, "member_deletes_customer", userid="zhangsan", external_userid=deleted)
    pending_confirmation = act(corp, "customer_adds_member", userid="zhangsan", skip_verify=True)[
        "external_userid"
    ]
    listed = customers_of(wecom)
    assert deleted_us in listed
    assert deleted not in listed
    assert pending_confirmation not in listed
    act(corp, "member_confirms_customer", userid="zhangsan", external_userid=pending_confirmation)
    assert customers_of(wecom)[-1] == pending_confirmation
    act(corp, "member_adds_customer", userid="zhangsan", external_userid=deleted)
    assert customers_of(wecom)[-1] == deleted


def test_ended_and_pending_relations_answer_84061(corp: Corp, wecom: WeCom) -> None:
    over = a_customer_of_one(wecom)
    act(corp, "member_deletes_customer", userid="zhangsan", external_userid=over)
    pending_confirmation = act(corp, "customer_adds_member", userid="zhangsan", skip_verify=True)[
        "external_userid"
    ]
    tag = wecom.post("externalcontact/get_corp_tag_list")["tag_group"][0]["tag"][0]["id"]
    for customer in (over, pending_confirmation):
        shown = wecom.get(GET, external_userid=customer)
        assert (shown["errcode"], shown["follow_user"]) == (84061, [])
        assert "external_contact" not in shown
        pair = {"userid": "zhangsan", "external_userid": customer}
        assert wecom.post(REMARK, **pair, remark="A")["errcode"] == 84061
        assert wecom.post("externalcontact/mark_tag", **pair, add_tag=[tag])["errcode"] == 84061
    members = [entry["external_contact"]["external_userid"] for entry in all_pages(wecom, ["zhangsan"])]
    assert not {over, pending_confirmation} & set(members)


# --- contact_list ----------------------------------------------------------------------------------------


def served(wecom: WeCom, **fields: Any) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = wecom.post(SERVED, cursor=cursor, **fields)
        assert page["errcode"] == 0, page
        entries += page["info_list"]
        if "next_cursor" not in page:
            return entries
        cursor = page["next_cursor"]


def test_served_contacts_are_all_pairs_of_the_corp(wecom: WeCom) -> None:
    members = ["zhangsan", "lisi", "wangwu", "zhaoliu", "sunqi"]
    expected = {(userid, customer) for userid in members for customer in customers_of(wecom, userid)}
    entries = served(wecom)
    assert {(entry["follow_userid"], entry["external_userid"]) for entry in entries} == expected
    assert len(entries) == len(expected)
    for entry in entries:
        assert set(entry) == {"is_customer", "tmp_openid", "external_userid", "follow_userid", "add_time"}
        assert entry["is_customer"] is True


def test_a_tmp_openid_is_valid_within_one_traversal(corp: Corp, wecom: WeCom) -> None:
    shared = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    act(corp, "member_adds_customer", userid="lisi", external_userid=shared)

    def ids(entries: list[dict[str, Any]]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for entry in entries:
            found.setdefault(entry["external_userid"], set()).add(entry["tmp_openid"])
        return found

    first, second = ids(served(wecom, limit=7)), ids(served(wecom, limit=7))
    assert all(len(openids) == 1 for openids in first.values())
    assert len(set().union(*first.values())) == len(first)
    assert first.keys() == second.keys()
    assert not set().union(*first.values()) & set().union(*second.values())


def test_served_contacts_who_are_not_customers_have_masked_names(corp: Corp, wecom: WeCom) -> None:
    new_member(corp, "without", may_follow=False)
    customer = new_contact(corp, "wmMasked", name="王小开")
    follow(corp, customer, "without")
    (entry,) = [entry for entry in served(wecom) if entry["follow_userid"] == "without"]
    assert entry.pop("tmp_openid")
    assert entry == {"is_customer": False, "name": "***开", "follow_userid": "without", "add_time": NOW}


def test_members_of_customer_groups_are_served_contacts(corp: Corp, wecom: WeCom) -> None:
    customer = customers_of(wecom, "zhangsan")[0]
    chat_id = act(corp, "member_creates_group", userid="lisi")["chat_id"]
    act(corp, "join_group", chat_id=chat_id, external_userid=customer)
    act(corp, "join_group", chat_id=chat_id, type=2, name="王小开")
    gone = act(corp, "join_group", chat_id=chat_id, type=2, name="过客")["external_userid"]
    act(corp, "leave_group", chat_id=chat_id, people=[gone])
    for limit in (None, 1, 7):
        entries = served(wecom, limit=limit)
        in_group = [entry for entry in entries if "chat_id" in entry]
        assert len(in_group) == 2
        assert {(entry["chat_id"], entry["follow_userid"]) for entry in in_group} == {(chat_id, "lisi")}
        (known,) = [entry for entry in in_group if entry["is_customer"]]
        (other,) = [entry for entry in in_group if not entry["is_customer"]]
        assert (known["external_userid"], other["name"]) == (customer, "***开")
        assert "external_userid" not in other
        followed = [entry for entry in entries if entry.get("external_userid") == customer]
        assert {entry["tmp_openid"] for entry in followed} == {known["tmp_openid"]}
    assert not [entry for entry in served(seen_by(corp, userid=["zhangsan"])) if "chat_id" in entry]


def test_served_contacts_show_the_name_of_a_group_that_is_not_a_customer_group(
    corp: Corp, wecom: WeCom
) -> None:
    customer = customers_of(wecom, "zhangsan")[0]
    chat_id = act(corp, "member_creates_group", userid="lisi", name="外联群1")["chat_id"]
    act(corp, "join_group", chat_id=chat_id, external_userid=customer)
    act(corp, "admin_sets_follow_right", userid="lisi", may_follow=False)
    for limit in (None, 1):
        (entry,) = [entry for entry in served(wecom, limit=limit) if "chat_name" in entry]
        assert (entry["chat_name"], entry["follow_userid"]) == ("外联群1", "lisi")
        assert entry["is_customer"] is True
        assert "chat_id" not in entry
    act(corp, "member_leaves_corp", userid="lisi")
    assert [entry["chat_id"] for entry in served(wecom) if "chat_id" in entry] == [chat_id]


def test_served_contacts_are_limited_to_visible_members(corp: Corp, wecom: WeCom) -> None:
    entries = served(seen_by(corp, userid=["lisi"]), limit=3)
    assert {entry["follow_userid"] for entry in entries} == {"lisi"}
    assert [entry["external_userid"] for entry in entries] == sorted(customers_of(wecom, "lisi"))


@pytest.mark.parametrize("limit", [None, 0, -5, 1001, 10**12])
def test_an_invalid_page_limit_counts_as_the_default(wecom: WeCom, limit: int | None) -> None:
    assert len(wecom.post(SERVED, limit=limit)["info_list"]) == len(served(wecom))


def test_a_traversal_expires_after_four_hours(start_server: Any) -> None:
    server = start_server()
    wecom = server.make_corp(seed="demo").client()
    assert server.sim.post("/clock", json={"freeze": True}).status_code == 200
    cursor = wecom.post(SERVED, limit=2)["next_cursor"]
    server.sim.post("/clock", json={"advance_seconds": 4 * 3600})
    wecom.token = wecom.corp.client().token
    assert wecom.post(SERVED, limit=2, cursor=cursor)["errcode"] == 0
    server.sim.post("/clock", json={"advance_seconds": 1})
    wecom.token = wecom.corp.client().token
    assert wecom.post(SERVED, limit=2, cursor=cursor)["errcode"] == 50100


def test_served_contacts_are_only_for_self_built_apps(corp: Corp) -> None:
    legacy = corp.client(corp.new_app(kind="customer_contact_legacy"))
    assert legacy.post(SERVED)["errcode"] == 48002
    assert legacy.get(FOLLOWERS)["errcode"] == 0


def test_a_member_with_20_000_customers_is_listed_paged_and_billed_whole(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", members=1, customers=20_000)
    wecom = corp.client()
    (userid,) = wecom.get(FOLLOWERS)["follow_user"]
    listed = wecom.get(LIST, userid=userid)["external_userid"]
    assert len(listed) == len(set(listed)) == 20_000
    entries = all_pages(wecom, [userid], limit=100)
    paged = [external_userid for _, external_userid in pairs(entries)]
    assert paged == listed
    (line,) = [line for line in corp.sim("statement")["lines"] if line["meter"] == "contacts"]
    assert (line["quantity"], line["amount"]) == (20_000, "166.67")  # 20,000 × 0.1 ÷ 12
