"""营销获客 apps acquire customers by contact ways and links, and see only those."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act, new_member
from tests.families.group_chats.test_group_chats import new_group
from tests.providers import Provider

GET, LIST, REMARK = (f"externalcontact/{what}" for what in ("get", "list", "remark"))
BATCH = "externalcontact/batch/get_by_user"
LINKS = "externalcontact/customer_acquisition/"
PERMIT = "externalcontact/customer_acquisition_app/get_permit"
NOBODY: dict[str, list[Any]] = {"userid": [], "partyid": []}


@pytest.fixture
def provider(server: RunningServer) -> Provider:
    return Provider(server)


@pytest.fixture
def app(provider: Provider, corp: Corp) -> WeCom:
    return provider.app_in(corp, "marketing")


def new_way(wecom: WeCom, userid: str = "zhangsan", **fields: Any) -> str:
    reply = wecom.post("externalcontact/add_contact_way", type=1, scene=2, user=[userid], **fields)
    assert reply["errcode"] == 0, reply
    return str(reply["config_id"])


def get_way(wecom: WeCom, config_id: str) -> dict[str, Any]:
    return dict(wecom.post("externalcontact/get_contact_way", config_id=config_id)["contact_way"])


def acquired_customer(wecom: WeCom, userid: str = "zhangsan", **fields: Any) -> str:
    """A customer added through a new contact way of the app."""
    config_id = new_way(wecom, userid, **fields)
    return str(act(wecom.corp, "scan_contact_way", config_id=config_id)["external_userid"])


def new_link(wecom: WeCom, **fields: Any) -> str:
    body = {"link_name": "海报", "range": {"user_list": ["zhangsan"]}, **fields}
    reply = wecom.post(LINKS + "create_link", body)
    assert reply["errcode"] == 0, reply
    return str(reply["link"]["link_id"])


# --- permissions -----------------------------------------------------------------------------------------


def test_a_marketing_app_manages_its_contact_ways(app: WeCom) -> None:
    config_id = new_way(app, remark="海报")
    assert get_way(app, config_id)["remark"] == "海报"
    listed = app.post("externalcontact/list_contact_way")["contact_way"]
    assert {"config_id": config_id} in listed
    update = "externalcontact/update_contact_way"
    assert app.post(update, config_id=config_id, remark="门店")["errcode"] == 0
    assert get_way(app, config_id)["remark"] == "门店"
    assert app.post("externalcontact/del_contact_way", config_id=config_id)["errcode"] == 0
    assert app.post(update, config_id=config_id)["errcode"] == 41044


def test_a_marketing_app_manages_its_links(app: WeCom) -> None:
    link_id = new_link(app)
    assert app.post(LINKS + "list_link")["link_id_list"] == [link_id]
    assert app.post(LINKS + "update_link", link_id=link_id, link_name="门店")["errcode"] == 0
    assert app.post(LINKS + "get", link_id=link_id)["link"]["link_name"] == "门店"
    assert app.post(LINKS + "delete_link", link_id=link_id)["errcode"] == 0
    assert app.post(LINKS + "list_link")["link_id_list"] == []


@pytest.mark.parametrize(
    "operation",
    [
        "externalcontact/get_corp_tag_list",
        "externalcontact/mark_tag",
        "externalcontact/groupchat/list",
        "externalcontact/get_user_behavior_data",
        "externalcontact/contact_list",
        "externalcontact/unionid_to_external_userid",
        LINKS + "customer",
        LINKS + "statistic",
        LINKS + "get_chat_info",
    ],
)
def test_operations_closed_to_marketing_apps_answer_48002(app: WeCom, operation: str) -> None:
    assert app.post(operation)["errcode"] == 48002


def test_a_marketing_app_belongs_to_a_provider_and_gets_its_token_through_the_suite(
    provider: Provider, corp: Corp
) -> None:
    refused = corp.server.sim.post(f"/corps/{corp.corpid}/apps", json={"kind": "marketing"})
    assert refused.status_code == 422
    app = corp.new_app(kind="marketing", provider_id=provider.id)
    query = {"corpid": corp.corpid, "corpsecret": app["secret"]}
    assert corp.client().get("gettoken", **query)["errcode"] == 40001


# --- visible customers -----------------------------------------------------------------------------------


def test_a_marketing_app_sees_only_the_customers_it_acquired(app: WeCom, corp: Corp, wecom: WeCom) -> None:
    assert app.get(LIST, userid="zhangsan")["errcode"] == 84061
    mine = acquired_customer(app)
    theirs = acquired_customer(wecom)
    assert app.get(LIST, userid="zhangsan")["external_userid"] == [mine]
    assert {mine, theirs} < set(wecom.get(LIST, userid="zhangsan")["external_userid"])
    assert app.get(GET, external_userid=mine)["follow_user"][0]["userid"] == "zhangsan"
    refusal = app.get(GET, external_userid=theirs)
    assert (refusal["errcode"], refusal["follow_user"]) == (90514, [])
    batch = app.post(BATCH, userid_list=["zhangsan", "lisi"])["external_contact_list"]
    assert [entry["external_contact"]["external_userid"] for entry in batch] == [mine]


def test_batches_contain_only_the_customers_the_app_acquired(app: WeCom, wecom: WeCom) -> None:
    mine = []
    for _ in range(3):
        mine.append(acquired_customer(app))
        acquired_customer(wecom)
    seen, cursor = [], ""
    while True:
        page = app.post(BATCH, userid_list=["zhangsan"], limit=1, cursor=cursor)
        seen += [entry["external_contact"]["external_userid"] for entry in page["external_contact_list"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == mine


def test_the_app_sees_only_the_followers_for_whom_it_acquired_the_customer(app: WeCom, corp: Corp) -> None:
    mine = acquired_customer(app)
    act(corp, "member_adds_customer", userid="lisi", external_userid=mine)
    follow_user = app.get(GET, external_userid=mine)["follow_user"]
    assert [one["userid"] for one in follow_user] == ["zhangsan"]
    body = {"external_userid": mine, "remark": "李总"}
    assert app.post(REMARK, userid="zhangsan", **body)["errcode"] == 0
    assert app.post(REMARK, userid="lisi", **body)["errcode"] == 90514
    assert app.get(GET, external_userid=mine)["follow_user"][0]["remark"] == "李总"


def test_customers_of_a_link_are_acquired_by_its_app(app: WeCom, corp: Corp) -> None:
    act(corp, "admin_buys_acquisition_quota", amount=5)
    result = act(corp, "open_acquisition_link", link_id=new_link(app))
    assert app.get(LIST, userid="zhangsan")["external_userid"] == [result["external_userid"]]


def test_each_app_sees_only_the_customers_it_acquired(provider: Provider, app: WeCom, corp: Corp) -> None:
    other = provider.app_in(corp, "marketing")
    mine = acquired_customer(app)
    assert other.get(GET, external_userid=mine)["errcode"] == 90514
    assert other.post("externalcontact/convert_to_openid", external_userid=mine)["errcode"] == 90514
    assert app.post("externalcontact/convert_to_openid", external_userid=mine)["errcode"] == 0


def test_a_customer_added_again_is_acquired_by_the_new_source_only(app: WeCom, corp: Corp) -> None:
    mine = acquired_customer(app)
    act(corp, "member_deletes_customer", userid="zhangsan", external_userid=mine)
    assert app.get(GET, external_userid=mine)["errcode"] == 84061
    act(corp, "member_adds_customer", userid="zhangsan", external_userid=mine)
    assert app.get(GET, external_userid=mine)["errcode"] == 90514


def test_a_confirmed_pending_contact_is_acquired_by_the_app(app: WeCom, corp: Corp) -> None:
    result = act(corp, "scan_contact_way", config_id=new_way(app), member_confirms=False)
    mine = result["external_userid"]
    assert app.get(GET, external_userid=mine)["errcode"] == 84061
    act(corp, "member_confirms_customer", userid="zhangsan", external_userid=mine)
    assert app.get(GET, external_userid=mine)["errcode"] == 0


def test_a_transferred_customer_stays_acquired_by_the_app(start_server: Any) -> None:
    corp = start_server().make_corp(seed="demo")
    provider = Provider(corp.server)
    app = corp.new_app(kind="marketing", provider_id=provider.id)
    mine = acquired_customer(provider.client(corp, app))
    members = {"handover_userid": "zhangsan", "takeover_userid": "lisi"}
    reply = corp.client().post("externalcontact/transfer_customer", **members, external_userid=[mine])
    assert reply["customer"][0]["errcode"] == 0
    corp.server.sim.post("/clock", json={"advance_seconds": 86_400}).raise_for_status()
    follow_user = provider.client(corp, app).get(GET, external_userid=mine)["follow_user"]
    assert [one["userid"] for one in follow_user] == ["lisi"]


def test_only_the_app_that_acquired_the_customer_can_close_the_session(start_server: Any) -> None:
    corp = start_server(medical_trade=True).make_corp(seed="demo")
    provider = Provider(corp.server)
    app, other = provider.app_in(corp, "marketing"), provider.app_in(corp, "marketing")
    pair = {"userid": "zhangsan", "external_userid": acquired_customer(app, is_temp=True)}
    assert other.post("externalcontact/close_temp_chat", pair)["errcode"] == 90514
    assert app.post("externalcontact/close_temp_chat", pair)["errcode"] == 0


def test_unionids_convert_only_for_customers_the_app_acquired(app: WeCom, corp: Corp, wecom: WeCom) -> None:
    convert = "idconvert/unionid_to_external_userid"
    for caller, expected in ((app, "external_userid"), (wecom, "pending_id")):
        customer = acquired_customer(caller)
        unionid = wecom.get(GET, external_userid=customer)["external_contact"]["unionid"]
        ids = act(corp, "person_opens_mini_program", unionid=unionid)
        reply = app.post(convert, unionid=ids["unionid"], openid=ids["openid"])
        assert set(reply) == {"errcode", "errmsg", expected}, reply


# --- contactable members ---------------------------------------------------------------------------------


def test_members_who_may_be_contacted_count_beside_the_visible_range(provider: Provider, corp: Corp) -> None:
    contactable = {"userid": ["lisi"], "partyid": [2]}
    app = provider.app_in(
        corp, "marketing", visible={"userid": ["zhangsan"], "partyid": []}, contactable=contactable
    )
    permit = app.get(PERMIT)
    assert (permit["user_list"], permit["department_list"]) == (["lisi"], [2])
    for userid in ("zhangsan", "lisi"):
        mine = acquired_customer(app, userid)
        assert app.get(GET, external_userid=mine)["follow_user"][0]["userid"] == userid
    several = {"type": 2, "scene": 2, "party": [2]}
    assert app.post("externalcontact/add_contact_way", **several)["errcode"] == 0
    assert app.post("externalcontact/add_contact_way", **{**several, "party": [3]})["errcode"] == 60011
    link = {"link_name": "海报", "range": {"department_list": [3]}}
    assert app.post(LINKS + "create_link", link)["errcode"] == 60011


def test_an_admin_changes_who_may_be_contacted(provider: Provider, corp: Corp) -> None:
    new_member(corp, "shop")
    app = provider.app_in(corp, "marketing", visible=NOBODY)
    way = {"type": 1, "scene": 2, "user": ["shop"]}
    assert app.post("externalcontact/add_contact_way", **way)["errcode"] == 60011
    act(corp, "admin_sets_contactable_members", agentid=app.agentid, userid=["SHOP"], partyid=[1])
    permit = app.get(PERMIT)
    assert (permit["user_list"], permit["department_list"]) == (["shop"], [1])
    mine = acquired_customer(app, "shop")
    act(corp, "admin_sets_contactable_members", agentid=app.agentid, userid=["lisi"])
    assert app.get(PERMIT)["department_list"] == []
    assert app.get(GET, external_userid=mine)["errcode"] == 60011
    assert app.get(LIST, userid="shop")["errcode"] == 60011
    tagid = act(corp, "admin_creates_member_tag", name="店长", userid=["shop"])["tagid"]
    act(corp, "admin_sets_contactable_members", agentid=app.agentid, tagid=[tagid])
    permit = app.get(PERMIT)
    assert (permit["user_list"], permit["department_list"], permit["tag_list"]) == ([], [], [tagid])
    assert app.get(GET, external_userid=mine)["errcode"] == 0


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"agentid": 1000002}, "not a 营销获客 app"),
        ({"userid": ["nobody"]}, "no member 'nobody'"),
        ({"partyid": [99]}, "no department 99"),
    ],
)
def test_only_members_and_departments_of_the_corp_may_be_contacted(
    app: WeCom, corp: Corp, fields: dict[str, Any], why: str
) -> None:
    body = {"act": "admin_sets_contactable_members", "agentid": app.agentid, **fields}
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=body)
    assert answer.status_code == 422
    assert why in answer.json()["error"]


def test_only_marketing_apps_have_members_who_may_be_contacted(corp: Corp) -> None:
    body = {"kind": "self_built", "contactable": NOBODY}
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/apps", json=body)
    assert answer.status_code == 422
    assert "contactable" in answer.json()["error"]


# --- mark_source -----------------------------------------------------------------------------------------


def test_customers_of_a_contact_way_without_mark_source_are_invisible(app: WeCom) -> None:
    config_id = new_way(app, mark_source=False)
    assert get_way(app, config_id)["mark_source"] is False
    first = act(app.corp, "scan_contact_way", config_id=config_id)["external_userid"]
    assert app.get(GET, external_userid=first)["errcode"] == 90514
    app.post("externalcontact/update_contact_way", config_id=config_id, remark="门店")
    assert get_way(app, config_id)["mark_source"] is False
    app.post("externalcontact/update_contact_way", config_id=config_id, mark_source=True)
    assert get_way(app, config_id)["mark_source"] is True
    second = act(app.corp, "scan_contact_way", config_id=config_id)["external_userid"]
    assert app.get(LIST, userid="zhangsan")["external_userid"] == [second]


def test_customers_of_a_link_without_mark_source_are_invisible(app: WeCom, corp: Corp) -> None:
    act(corp, "admin_buys_acquisition_quota", amount=5)
    link_id = new_link(app, mark_source=False)
    assert app.post(LINKS + "get", link_id=link_id)["link"]["mark_source"] is False
    act(corp, "open_acquisition_link", link_id=link_id)
    assert app.get(LIST, userid="zhangsan")["errcode"] == 84061
    app.post(LINKS + "update_link", link_id=link_id, mark_source=True)
    assert app.post(LINKS + "get", link_id=link_id)["link"]["mark_source"] is True
    result = act(corp, "open_acquisition_link", link_id=link_id)
    assert app.get(LIST, userid="zhangsan")["external_userid"] == [result["external_userid"]]


def test_mark_source_is_true_by_default(app: WeCom) -> None:
    assert get_way(app, new_way(app))["mark_source"] is True
    assert app.post(LINKS + "get", link_id=new_link(app))["link"]["mark_source"] is True


def test_mark_source_is_only_for_marketing_apps(app: WeCom, wecom: WeCom) -> None:
    config_id, link_id = new_way(wecom, mark_source=False), new_link(wecom, mark_source=False)
    assert "mark_source" not in get_way(wecom, config_id)
    assert "mark_source" not in get_way(app, config_id)
    assert "mark_source" not in wecom.post(LINKS + "get", link_id=link_id)["link"]


def test_only_the_creating_app_can_change_mark_source(provider: Provider, app: WeCom, corp: Corp) -> None:
    other = provider.app_in(corp, "marketing")
    way = {"config_id": new_way(app), "mark_source": False}
    assert other.post("externalcontact/update_contact_way", way)["errcode"] == 41044
    link = {"link_id": new_link(app), "mark_source": False}
    assert other.post(LINKS + "update_link", link)["errcode"] == 40058


def test_a_marketing_app_manages_join_ways(app: WeCom, corp: Corp) -> None:
    body = {"scene": 2, "chat_id_list": [new_group(corp)], "mark_source": False}
    config_id = app.post("externalcontact/groupchat/add_join_way", body)["config_id"]
    join_way = app.post("externalcontact/groupchat/get_join_way", config_id=config_id)["join_way"]
    assert join_way["mark_source"] is False
    update = {"config_id": config_id, **body, "mark_source": True}
    assert app.post("externalcontact/groupchat/update_join_way", update)["errcode"] == 0
    join_way = app.post("externalcontact/groupchat/get_join_way", config_id=config_id)["join_way"]
    assert join_way["mark_source"] is True
    assert app.post("externalcontact/groupchat/del_join_way", config_id=config_id)["errcode"] == 0


# --- fields reserved for the corp ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["third_party", "provider_developed", "marketing"])
def test_apps_of_providers_do_not_get_fields_reserved_for_the_corp(
    provider: Provider, corp: Corp, wecom: WeCom, kind: str
) -> None:
    app = provider.app_in(corp, kind)
    config_id = new_way(app)
    people = ({"gender": 2}, {"type": 2, "corp_name": "腾讯"})
    for person in people:
        result = act(corp, "scan_contact_way", config_id=config_id, **person)["external_userid"]
        pair = {"userid": "zhangsan", "external_userid": result}
        assert wecom.post(REMARK, **pair, remark_mobiles=["13800000001"])["errcode"] == 0
        own, theirs = (who.get(GET, external_userid=result) for who in (wecom, app))
        assert own["external_contact"]["avatar"]
        assert own["follow_user"][0]["remark_mobiles"] == ["13800000001"]
        shown = theirs["external_contact"]
        assert shown["gender"] == 0
        assert not {"avatar", "unionid"} & set(shown)
        assert "remark_mobiles" not in theirs["follow_user"][0]
        assert shown.get("corp_full_name") == shown.get("corp_name")
    batch = app.post(BATCH, userid_list=["zhangsan"])["external_contact_list"]
    assert all("avatar" not in entry["external_contact"] for entry in batch)
    assert all("remark_mobiles" not in entry["follow_info"] for entry in batch)
