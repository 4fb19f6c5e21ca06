"""客户管理: followers, lists, one customer, batches, remarks, served contacts."""

from typing import Any

import pytest
from sqlmodel import SQLModel

from app.families.customers.tables import ExternalContact, FollowUser
from app.families.directory.tables import Department, Member, MemberDepartment
from tests.conftest import Corp, RunningServer, WeCom

FOLLOWERS = "externalcontact/get_follow_user_list"
CHECK = "externalcontact/check_follow_user"
LIST = "externalcontact/list"
GET = "externalcontact/get"
BATCH = "externalcontact/batch/get_by_user"
REMARK = "externalcontact/remark"
SERVED = "externalcontact/contact_list"
NOW = 1_790_000_000


# --- making what no operation makes ----------------------------------------------------------------------


def insert(corp: Corp, *rows: SQLModel) -> None:
    with corp.server.server.database.transaction() as tx:
        tx.session.add_all(rows)


def act(corp: Corp, name: str, /, **fields: Any) -> dict[str, Any]:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": name, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def new_member(corp: Corp, userid: str, *, department: int = 1, may_follow: bool = True) -> str:
    insert(
        corp,
        Member(
            corp_id=corp.corpid,
            userid=userid,
            userid_key=userid.lower(),
            name=userid,
            main_department=department,
            may_follow=may_follow,
            created_at=NOW,
        ),
        MemberDepartment(corp_id=corp.corpid, userid=userid, department_id=department, position=0),
    )
    return userid


def new_contact(corp: Corp, external_userid: str, **fields: Any) -> str:
    values = {"name": "李四", "type": 1, "created_at": NOW, **fields}
    insert(corp, ExternalContact(corp_id=corp.corpid, external_userid=external_userid, **values))
    return external_userid


def follow(
    corp: Corp, external_userid: str, userid: str = "zhangsan", *, seq: int = 1, **fields: Any
) -> None:
    insert(
        corp,
        FollowUser(
            corp_id=corp.corpid,
            external_userid=external_userid,
            userid=userid,
            seq=seq,
            createtime=fields.pop("createtime", NOW),
            **fields,
        ),
    )


def customers_of(wecom: WeCom, userid: str = "zhangsan") -> list[str]:
    return list(wecom.get(LIST, userid=userid)["external_userid"])


def a_customer_of_one(wecom: WeCom, userid: str = "zhangsan") -> str:
    """A customer whom only this member follows."""
    return next(
        customer
        for customer in customers_of(wecom, userid)
        if len(wecom.get(GET, external_userid=customer)["follow_user"]) == 1
    )


@pytest.fixture
def empty_corp(server: RunningServer) -> Corp:
    """A corp with zhangsan and lisi and without customers."""
    corp = server.make_corp()
    for userid in ("zhangsan", "lisi"):
        new_member(corp, userid)
    return corp


def seen_by(corp: Corp, **visible: Any) -> WeCom:
    return corp.client(corp.new_app(visible=visible))


# --- get_follow_user_list --------------------------------------------------------------------------------


def test_the_followers_are_the_members_with_the_right(corp: Corp, wecom: WeCom) -> None:
    assert wecom.get(FOLLOWERS)["follow_user"] == ["lisi", "sunqi", "wangwu", "zhangsan", "zhaoliu"]
    act(corp, "admin_sets_follow_right", userid="lisi", may_follow=False)
    act(corp, "member_leaves_corp", userid="wangwu")
    assert wecom.get(FOLLOWERS)["follow_user"] == ["sunqi", "zhangsan", "zhaoliu"]


def test_an_app_is_shown_the_followers_in_its_visible_range(corp: Corp) -> None:
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


def test_members_and_departments_are_split_by_the_right(corp: Corp, wecom: WeCom) -> None:
    act(corp, "admin_sets_follow_right", userid="lisi", may_follow=False)
    reply = wecom.post(CHECK, userid=["zhangsan", "lisi", "nobody"])
    assert reply["authorized"] == {"userid": ["zhangsan"]}
    assert reply["unauthorized"] == {"userid": ["lisi", "nobody"]}


def test_a_department_has_the_right_when_somebody_in_it_or_below_has(empty_corp: Corp) -> None:
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


def test_checking_nobody_lacks_a_parameter(wecom: WeCom) -> None:
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


def test_a_member_without_customers_is_an_error_and_not_an_empty_list(empty_corp: Corp) -> None:
    refused = empty_corp.client().get(LIST, userid="zhangsan")
    assert (refused["errcode"], refused["external_userid"]) == (84061, [])
    assert refused["errmsg"].startswith("not external contact, hint: [")


def test_a_member_without_the_right_to_have_customers_has_none(corp: Corp, wecom: WeCom) -> None:
    assert customers_of(wecom)
    act(corp, "admin_sets_follow_right", userid="zhangsan", may_follow=False)
    assert wecom.get(LIST, userid="zhangsan")["errcode"] == 84061
    act(corp, "admin_sets_follow_right", userid="zhangsan", may_follow=True)
    assert customers_of(wecom)


def test_the_list_tells_apart_no_member_unknown_member_and_unseen_member(corp: Corp, wecom: WeCom) -> None:
    assert wecom.get(LIST)["errcode"] == 60111
    assert wecom.get(LIST, userid="")["errcode"] == 60111
    assert wecom.get(LIST, userid="nobody")["errcode"] == 40003
    assert wecom.get(LIST, userid="a" * 65)["errcode"] == 40058
    assert seen_by(corp, userid=["lisi"]).get(LIST, userid="zhangsan")["errcode"] == 60011
    assert seen_by(corp, userid=["lisi"]).get(LIST, userid="lisi")["errcode"] == 0
    act(corp, "member_leaves_corp", userid="zhangsan")
    assert wecom.get(LIST, userid="zhangsan")["errcode"] == 40003


def test_which_relations_count(corp: Corp, wecom: WeCom) -> None:
    """The customer's deletion leaves the relation, the member's ends it, a half one waits for the member."""
    deleted_us, deleted, *_ = customers_of(wecom)
    act(corp, "customer_deletes_member", userid="zhangsan", external_userid=deleted_us)
    act(corp, "member_deletes_customer", userid="zhangsan", external_userid=deleted)
    half = act(corp, "customer_adds_member", userid="zhangsan", skip_verify=True)["external_userid"]
    listed = customers_of(wecom)
    assert deleted_us in listed
    assert deleted not in listed
    assert half not in listed
    act(corp, "member_confirms_customer", userid="zhangsan", external_userid=half)
    assert customers_of(wecom)[-1] == half
    act(corp, "member_adds_customer", userid="zhangsan", external_userid=deleted)
    assert customers_of(wecom)[-1] == deleted


def test_relations_that_do_not_count_are_84061_everywhere(corp: Corp, wecom: WeCom) -> None:
    over = a_customer_of_one(wecom)
    act(corp, "member_deletes_customer", userid="zhangsan", external_userid=over)
    half = act(corp, "customer_adds_member", userid="zhangsan", skip_verify=True)["external_userid"]
    tag = wecom.post("externalcontact/get_corp_tag_list")["tag_group"][0]["tag"][0]["id"]
    for customer in (over, half):
        shown = wecom.get(GET, external_userid=customer)
        assert (shown["errcode"], shown["follow_user"]) == (84061, [])
        assert "external_contact" not in shown
        pair = {"userid": "zhangsan", "external_userid": customer}
        assert wecom.post(REMARK, **pair, remark="A")["errcode"] == 84061
        assert wecom.post("externalcontact/mark_tag", **pair, add_tag=[tag])["errcode"] == 84061
    members = [entry["external_contact"]["external_userid"] for entry in all_pages(wecom, ["zhangsan"])]
    assert not {over, half} & set(members)


# --- get -------------------------------------------------------------------------------------------------


def test_an_untouched_relation_shows_what_is_always_there_and_nothing_else(empty_corp: Corp) -> None:
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


def test_a_full_relation_shows_where_it_came_from(empty_corp: Corp) -> None:
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


@pytest.mark.parametrize("bound", [True, False])
def test_a_unionid_is_shown_where_the_corp_has_bound_a_developer_account(
    start_server: Any, bound: bool
) -> None:
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


def test_get_tells_apart_what_is_wrong(corp: Corp, wecom: WeCom, server: RunningServer) -> None:
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
def test_500_followers_are_a_page(empty_corp: Corp, count: int, pages: list[int]) -> None:
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


def test_pages_are_of_the_followers_that_the_app_sees(empty_corp: Corp) -> None:
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


def test_a_cursor_serves_the_query_it_came_with_and_no_other(empty_corp: Corp, server: RunningServer) -> None:
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


# --- batch/get_by_user -----------------------------------------------------------------------------------


def all_pages(wecom: WeCom, userids: list[str], **fields: Any) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = wecom.post(BATCH, userid_list=userids, cursor=cursor, **fields)
        assert page["errcode"] == 0, page
        entries += page["external_contact_list"]
        cursor = page["next_cursor"]
        if not cursor:
            return entries


def pairs(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (entry["follow_info"]["userid"], entry["external_contact"]["external_userid"]) for entry in entries
    ]


def test_a_batch_has_one_entry_per_member_and_customer(corp: Corp, wecom: WeCom) -> None:
    shared = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    act(corp, "member_adds_customer", userid="lisi", external_userid=shared)
    entries = all_pages(wecom, ["zhangsan", "lisi"])
    expected = [("zhangsan", customer) for customer in customers_of(wecom)]
    expected += [("lisi", customer) for customer in customers_of(wecom, "lisi")]
    assert pairs(entries) == expected
    assert {("zhangsan", shared), ("lisi", shared)} <= set(pairs(entries))


def test_an_entry_says_what_get_says(wecom: WeCom) -> None:
    for entry in all_pages(wecom, ["zhangsan"]):
        contact, info = entry["external_contact"], dict(entry["follow_info"])
        shown = wecom.get(GET, external_userid=contact["external_userid"])
        assert contact == shown["external_contact"]
        follower = next(f for f in shown["follow_user"] if f["userid"] == "zhangsan")
        tag_ids = [tag["tag_id"] for tag in follower.pop("tags")]
        assert info.pop("tag_id") == tag_ids
        assert info == follower


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_every_size_of_page_leads_through_the_same_customers(wecom: WeCom, limit: int) -> None:
    members = ["zhangsan", "lisi", "wangwu", "zhaoliu", "sunqi"]
    assert pairs(all_pages(wecom, members, limit=limit)) == pairs(all_pages(wecom, members))


def test_a_page_holds_50_customers_unless_told_otherwise_and_at_most_100(empty_corp: Corp) -> None:
    for number in range(120):
        new_contact(empty_corp, f"wm{number:03d}")
    for number in range(120):
        follow(empty_corp, f"wm{number:03d}", seq=number + 1)
    wecom = empty_corp.client()

    def size(**fields: Any) -> int:
        page = wecom.post(BATCH, userid_list=["zhangsan"], **fields)
        assert page["next_cursor"]
        return len(page["external_contact_list"])

    assert size() == 50
    assert size(limit=0) == 50
    assert size(limit=-1) == 50
    assert size(limit=None, cursor=None) == 50
    assert size(limit=99) == 99
    assert size(limit=100) == 100
    assert size(limit=101) == 100
    assert size(limit=10**9) == 100
    assert size(limit="60") == 60


def test_no_cursor_follows_a_page_that_ends_exactly_with_the_last_customer(empty_corp: Corp) -> None:
    for number in range(3):
        follow(empty_corp, new_contact(empty_corp, f"wm{number}"), seq=number + 1)
    follow(empty_corp, "wm0", "lisi")
    wecom = empty_corp.client()
    assert wecom.post(BATCH, userid_list=["zhangsan"], limit=3)["next_cursor"] == ""
    page = wecom.post(BATCH, userid_list=["zhangsan", "lisi"], limit=3)
    assert page["next_cursor"]
    rest = wecom.post(BATCH, userid_list=["zhangsan", "lisi"], limit=3, cursor=page["next_cursor"])
    assert pairs(rest["external_contact_list"]) == [("lisi", "wm0")]
    assert rest["next_cursor"] == ""


def test_a_member_without_customers_adds_nothing_to_a_batch(empty_corp: Corp) -> None:
    reply = empty_corp.client().post(BATCH, userid_list=["zhangsan"])
    assert reply == {"errcode": 0, "errmsg": "ok", "external_contact_list": [], "next_cursor": ""}


def test_members_that_the_app_does_not_see_or_without_the_right_are_passed_over(
    corp: Corp, wecom: WeCom
) -> None:
    lisis = seen_by(corp, userid=["lisi"])
    assert {userid for userid, _ in pairs(all_pages(lisis, ["zhangsan", "lisi"]))} == {"lisi"}
    act(corp, "admin_sets_follow_right", userid="zhangsan", may_follow=False)
    assert {userid for userid, _ in pairs(all_pages(wecom, ["zhangsan", "lisi"]))} == {"lisi"}


def test_a_member_named_twice_is_read_once(wecom: WeCom) -> None:
    assert pairs(all_pages(wecom, ["zhangsan", "ZHANGSAN", "zhangsan"])) == pairs(
        all_pages(wecom, ["zhangsan"])
    )


def test_what_changes_between_two_pages_does_not_lose_the_others(corp: Corp, wecom: WeCom) -> None:
    members = ["zhangsan", "lisi", "wangwu"]
    first = wecom.post(BATCH, userid_list=members, limit=len(customers_of(wecom)) + 1)
    assert pairs(first["external_contact_list"])[-1][0] == "lisi"
    act(corp, "admin_sets_follow_right", userid="zhangsan", may_follow=False)
    rest = wecom.post(BATCH, userid_list=members, limit=100, cursor=first["next_cursor"])
    expected = [("lisi", customer) for customer in customers_of(wecom, "lisi")[1:]]
    expected += [("wangwu", customer) for customer in customers_of(wecom, "wangwu")]
    assert pairs(rest["external_contact_list"]) == expected


def test_a_batch_of_an_unknown_member_or_of_too_many_is_refused(wecom: WeCom) -> None:
    refused = wecom.post(BATCH, userid_list=["zhangsan", "nobody"])
    assert (refused["errcode"], refused["external_contact_list"]) == (40003, [])
    assert wecom.post(BATCH, userid_list=["zhangsan"] * 100)["errcode"] == 0
    assert wecom.post(BATCH, userid_list=["zhangsan"] * 101)["errcode"] == 40058
    assert wecom.post(BATCH)["errcode"] == 40063
    assert wecom.post(BATCH, userid_list=[])["errcode"] == 40063
    assert wecom.post(BATCH, userid="zhangsan")["errcode"] == 40063  # the field's name of 2020


def test_a_cursor_of_other_members_is_invalid(wecom: WeCom) -> None:
    cursor = wecom.post(BATCH, userid_list=["zhangsan", "lisi"], limit=1)["next_cursor"]
    for members in (["zhangsan"], ["lisi", "zhangsan"], ["zhangsan", "lisi", "wangwu"]):
        refused = wecom.post(BATCH, userid_list=members, cursor=cursor)
        assert (refused["errcode"], refused["external_contact_list"]) == (50100, [])
    assert wecom.post(BATCH, userid_list=["zhangsan"], cursor="CURSOR")["errcode"] == 50100


# --- remark ----------------------------------------------------------------------------------------------


class Remarked:
    """One customer of zhangsan, to be remarked and looked at."""

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


def test_a_remark_is_kept(customer: Remarked) -> None:
    assert customer.set(**FULL) == {"errcode": 0, "errmsg": "ok"}
    shown = customer.shown
    assert shown["remark"] == "备注信息"
    assert shown["description"] == "描述信息"
    assert shown["remark_corp_name"] == "腾讯科技"
    assert shown["remark_mobiles"] == ["13800000001", "13800000002"]


@pytest.mark.parametrize("given", list(FULL))
def test_what_is_not_given_keeps_its_value(customer: Remarked, given: str) -> None:
    customer.set(**FULL)
    before = customer.shown
    customer.set(**{given: ["1"] if given == "remark_mobiles" else "新"})
    after = customer.shown
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"remark_corp_name" if given == "remark_company" else given}


def test_an_empty_text_clears_its_field(customer: Remarked) -> None:
    customer.set(**FULL)
    customer.set(remark="", description="", remark_company="")
    shown = customer.shown
    assert (shown["remark"], shown["description"]) == ("", "")
    assert "remark_corp_name" not in shown
    assert shown["remark_mobiles"] == FULL["remark_mobiles"]


@pytest.mark.parametrize("clearing", ["", [""], ["", ""]])
def test_an_empty_text_among_the_numbers_clears_them(customer: Remarked, clearing: Any) -> None:
    customer.set(**FULL)
    assert customer.set(remark_mobiles=clearing)["errcode"] == 0
    assert customer.shown["remark_mobiles"] == []


def test_an_empty_list_of_numbers_counts_as_not_given(customer: Remarked) -> None:
    customer.set(**FULL)
    assert customer.set(remark_mobiles=[], remark="新")["errcode"] == 0
    assert customer.shown["remark_mobiles"] == FULL["remark_mobiles"]
    assert customer.set(remark_mobiles=[])["errcode"] == 40063


def test_new_numbers_take_the_place_of_the_old_ones(customer: Remarked) -> None:
    customer.set(**FULL)
    customer.set(remark_mobiles=["13900000003"])
    assert customer.shown["remark_mobiles"] == ["13900000003"]


def test_a_company_is_noted_for_wechat_customers_alone(corp: Corp, wecom: WeCom) -> None:
    added = act(corp, "member_adds_customer", userid="zhangsan", type=2, corp_name="甲")
    colleague = Remarked(wecom, added["external_userid"])
    assert colleague.set(remark="王助理", remark_company="乙")["errcode"] == 0
    assert colleague.shown["remark"] == "王助理"
    assert "remark_corp_name" not in colleague.shown


def test_a_remark_is_the_members_own(corp: Corp, customer: Remarked) -> None:
    act(corp, "member_adds_customer", userid="lisi", external_userid=customer.pair["external_userid"])
    customer.set(remark="甲")
    followers = customer.wecom.get(GET, external_userid=customer.pair["external_userid"])["follow_user"]
    assert {follower["userid"]: follower["remark"] for follower in followers}["lisi"] != "甲"


@pytest.mark.parametrize(("field", "limit"), [("remark", 20), ("description", 150), ("remark_company", 20)])
def test_texts_have_their_lengths(customer: Remarked, field: str, limit: int) -> None:
    assert customer.set(**{field: "字" * limit})["errcode"] == 0
    refused = customer.set(**{field: "字" * (limit + 1)})
    assert refused["errcode"] == 40058
    assert refused["errmsg"].startswith(f"{field} exceed max utf8 words {limit}, hint: [")
    assert customer.shown["remark_corp_name" if field == "remark_company" else field] == "字" * limit


def test_a_refused_remark_changes_nothing(customer: Remarked) -> None:
    before = customer.shown
    assert customer.set(description="新", remark="字" * 21)["errcode"] == 40058
    assert customer.shown == before


def test_remark_tells_apart_what_is_wrong(corp: Corp, wecom: WeCom, customer: Remarked) -> None:
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


def test_a_picture_is_named_by_what_can_be_a_media_id(customer: Remarked) -> None:
    assert customer.set(remark_pic_mediaid="2jdKP_xx-3d")["errcode"] == 0
    assert customer.set(remark_pic_mediaid="")["errcode"] == 0
    for wrong in ("no such id", "中", "a" * 257, "a/b"):
        assert customer.set(remark_pic_mediaid=wrong)["errcode"] == 40007


def test_a_customer_who_deleted_the_member_can_still_be_remarked(corp: Corp, customer: Remarked) -> None:
    act(corp, "customer_deletes_member", **customer.pair)
    assert customer.set(remark="走了")["errcode"] == 0
    assert customer.shown["remark"] == "走了"


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


def test_a_person_is_known_within_one_traversal_only(corp: Corp, wecom: WeCom) -> None:
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


def test_who_is_no_customer_shows_a_masked_name(corp: Corp, wecom: WeCom) -> None:
    new_member(corp, "without", may_follow=False)
    customer = new_contact(corp, "wmMasked", name="王小开")
    follow(corp, customer, "without")
    (entry,) = [entry for entry in served(wecom) if entry["follow_userid"] == "without"]
    assert entry.pop("tmp_openid")
    assert entry == {"is_customer": False, "name": "***开", "follow_userid": "without", "add_time": NOW}


def test_an_app_is_shown_the_contacts_served_by_members_that_it_sees(corp: Corp, wecom: WeCom) -> None:
    entries = served(seen_by(corp, userid=["lisi"]), limit=3)
    assert {entry["follow_userid"] for entry in entries} == {"lisi"}
    assert [entry["external_userid"] for entry in entries] == sorted(customers_of(wecom, "lisi"))


@pytest.mark.parametrize("limit", [None, 0, -5, 1001, 10**12])
def test_a_limit_that_makes_no_sense_is_the_default(wecom: WeCom, limit: int | None) -> None:
    assert len(wecom.post(SERVED, limit=limit)["info_list"]) == len(served(wecom))


def test_a_traversal_lives_four_hours(start_server: Any) -> None:
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


def test_served_contacts_are_for_self_built_apps_alone(corp: Corp) -> None:
    legacy = corp.client(corp.new_app(kind="customer_contact_legacy"))
    assert legacy.post(SERVED)["errcode"] == 48002
    assert legacy.get(FOLLOWERS)["errcode"] == 0


# --- what the API does raises no callback ----------------------------------------------------------------


def test_a_remark_through_the_api_raises_no_callback(corp: Corp, customer: Remarked) -> None:
    before = corp.sim("callbacks")["callbacks"]
    customer.set(**FULL)
    assert corp.sim("callbacks")["callbacks"] == before
