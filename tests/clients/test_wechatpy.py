"""wechatpy 1.8.18, unmodified, works with the simulator as with WeCom.

Its base URL is a class attribute and the token URL a literal; a subclass changes these two and nothing else.
"""

from typing import Any

import pytest
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import APILimitedException, WeChatClientException

from tests.conftest import Corp, RunningServer
from tests.families.factories import act


def client_of(corp: Corp, app: dict[str, Any] | None = None, **options: Any) -> WeChatClient:
    """A wechatpy client for an app of the corp, by default the first one."""
    base = f"{corp.server.base_url}/cgi-bin/"

    class LocalClient(WeChatClient):  # type: ignore[misc]
        API_BASE_URL = base

        def fetch_access_token(self) -> Any:
            params = {"corpid": self.corp_id, "corpsecret": self.secret}
            return self._fetch_access_token(url=f"{base}gettoken", params=params)

    return LocalClient(corp.corpid, (app or corp.apps[0])["secret"], **options)


@pytest.fixture
def client(corp: Corp) -> WeChatClient:
    return client_of(corp)


@pytest.fixture
def directory(corp: Corp) -> WeChatClient:
    """A client with the 通讯录同步 secret, which may write the directory."""
    return client_of(corp, corp.app_of_kind("contacts_sync"))


def errcode_of(call: Any, *args: Any, **fields: Any) -> int:
    with pytest.raises(WeChatClientException) as caught:
        call(*args, **fields)
    return int(caught.value.errcode)


def a_customer(client: WeChatClient, userid: str = "zhangsan") -> str:
    return str(client.external_contact.list(userid)["external_userid"][0])


# --- token -----------------------------------------------------------------------------------------------


def test_it_fetches_its_token_once(corp: Corp, client: WeChatClient) -> None:
    for _ in range(3):
        client.external_contact.get_follow_user_list()
    assert client.session.get(client.access_token_key)
    assert len(corp.sim("calls", path="/cgi-bin/gettoken")["calls"]) == 1


def test_it_fetches_a_new_token_when_the_old_one_has_expired_and_repeats_the_call(start_server: Any) -> None:
    server: RunningServer = start_server()
    corp = server.make_corp(seed="demo")
    client = client_of(corp)
    customer = a_customer(client)
    first = client.session.get(client.access_token_key)
    assert server.sim.post("/clock", json={"advance_seconds": 7_300}).status_code == 200
    shown = client.external_contact.get(customer)
    assert shown["external_contact"]["external_userid"] == customer
    assert client.session.get(client.access_token_key) != first
    expired = corp.sim("calls", errcode=42001)["calls"]
    assert [call["request"]["path"] for call in expired] == ["/cgi-bin/externalcontact/get"]
    assert len(corp.sim("calls", path="/cgi-bin/gettoken")["calls"]) == 2


def test_it_does_the_same_if_an_expired_token_answers_40014(start_server: Any) -> None:
    server: RunningServer = start_server(expired_token_errcode=40014)
    client = client_of(server.make_corp(seed="demo"))
    customer = a_customer(client)
    server.sim.post("/clock", json={"advance_seconds": 7_300})
    made = client.external_contact.add_corp_tag(None, "等级", None, [{"name": "金"}])
    assert client.external_contact.mark_tag("zhangsan", customer, [made["tag_group"]["tag"][0]["id"]])


def test_a_wrong_secret_raises_the_sdks_exception(corp: Corp) -> None:
    client = client_of(corp, {"secret": "wrong"})
    with pytest.raises(WeChatClientException) as caught:
        client.external_contact.get_follow_user_list()
    assert caught.value.errcode == 40001
    assert caught.value.errmsg.startswith("invalid credential, hint: [")


# --- refusals --------------------------------------------------------------------------------------------


def test_a_refused_call_raises_the_sdks_exception_with_errcode_and_errmsg(client: WeChatClient) -> None:
    with pytest.raises(WeChatClientException) as caught:
        client.external_contact.get("wmNobody")
    assert caught.value.errcode == 40096
    assert caught.value.errmsg.startswith("invalid external userid, hint: [")
    assert caught.value.response.status_code == 200
    assert caught.value.response.headers["Error-Code"] == "40096"


def test_a_frequency_limit_raises_its_own_exception(start_server: Any) -> None:
    client = client_of(start_server(limit_per_corp_minute=1).make_corp(seed="demo"))
    client.external_contact.get_follow_user_list()
    with pytest.raises(APILimitedException) as caught:
        client.external_contact.get_follow_user_list()
    assert caught.value.errcode == 45009


def test_an_unknown_path_raises_an_http_error(client: WeChatClient) -> None:
    with pytest.raises(WeChatClientException) as caught:
        client.get("externalcontact/no_such_operation")
    assert caught.value.errcode is None
    assert caught.value.response.status_code == 404


# --- external contacts -----------------------------------------------------------------------------------


def test_it_reads_the_customers_of_the_corp(client: WeChatClient) -> None:
    contacts = client.external_contact
    seen = 0
    for userid in contacts.get_follow_user_list()["follow_user"]:
        for customer in contacts.list(userid)["external_userid"]:
            shown = contacts.get(customer)
            assert shown["external_contact"]["external_userid"] == customer
            assert userid in [follower["userid"] for follower in shown["follow_user"]]
            seen += 1
    assert seen >= 40


def test_it_remarks_a_customer(client: WeChatClient) -> None:
    """The SDK has no method for it, so its users call the generic `post`."""
    customer = a_customer(client)
    body = {
        "userid": "zhangsan",
        "external_userid": customer,
        "remark": "李部长",
        "remark_mobiles": ["13800000001"],
    }
    assert client.post("externalcontact/remark", data=body)["errmsg"] == "ok"
    followers = client.external_contact.get(customer)["follow_user"]
    (follower,) = [follower for follower in followers if follower["userid"] == "zhangsan"]
    assert (follower["remark"], follower["remark_mobiles"]) == ("李部长", ["13800000001"])


def test_it_reads_customers_in_batches(client: WeChatClient) -> None:
    cursor, seen = "", []
    while True:
        body = {"userid_list": ["zhangsan"], "cursor": cursor, "limit": 3}
        page = client.post("externalcontact/batch/get_by_user", data=body)
        seen += [entry["external_contact"]["external_userid"] for entry in page["external_contact_list"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == client.external_contact.list("zhangsan")["external_userid"]


def test_it_manages_corp_tags_and_marks_a_customer(client: WeChatClient) -> None:
    contacts, customer = client.external_contact, a_customer(client)
    before = contacts.get_corp_tag_list()["tag_group"]
    tags = [{"name": "金", "order": 2}, {"name": "银"}]
    made = contacts.add_corp_tag(None, "会员等级", 5, tags)["tag_group"]
    gold, silver = (tag["id"] for tag in made["tag"])
    assert len(contacts.get_corp_tag_list()["tag_group"]) == len(before) + 1
    contacts.edit_corp_tag(gold, "铂金", None)
    contacts.edit_corp_tag(made["group_id"], "等级", 9)
    (group,) = contacts.get_corp_tag_list([gold])["tag_group"]
    assert (group["group_name"], group["order"]) == ("等级", 9)
    assert [tag["name"] for tag in group["tag"]] == ["铂金"]
    contacts.mark_tag("zhangsan", customer, add_tag=[gold, silver])
    contacts.mark_tag("zhangsan", customer, remove_tag=[silver])
    shown = contacts.get(customer)["follow_user"]
    (follower,) = [follower for follower in shown if follower["userid"] == "zhangsan"]
    assert {"group_name": "等级", "tag_name": "铂金", "tag_id": gold, "type": 1} in follower["tags"]
    assert silver not in [tag.get("tag_id") for tag in follower["tags"]]
    contacts.del_corp_tag(tag_id=[silver])
    contacts.del_corp_tag(group_id=[made["group_id"]])
    assert contacts.get_corp_tag_list()["tag_group"] == before


def test_tag_refusals_keep_their_errcodes(client: WeChatClient) -> None:
    contacts, customer = client.external_contact, a_customer(client)
    contacts.add_corp_tag(None, "等级", None, [{"name": "金"}])
    assert errcode_of(contacts.add_corp_tag, None, "等级", None, [{"name": "金"}]) == 40071
    assert errcode_of(contacts.add_corp_tag, "etNobody", None, None, [{"name": "金"}]) == 40068
    of_the_console = contacts.get_corp_tag_list()["tag_group"][0]["group_id"]
    assert errcode_of(contacts.edit_corp_tag, of_the_console, "新", None) == 81011
    assert errcode_of(contacts.del_corp_tag) == 41017
    assert errcode_of(contacts.mark_tag, "zhangsan", customer) == 41017
    assert errcode_of(contacts.mark_tag, "nobody", customer, ["x"]) == 40003
    assert errcode_of(contacts.list, "nobody") == 40003


def test_it_manages_contact_ways(client: WeChatClient) -> None:
    contacts = client.external_contact
    made = contacts.add_contact_way(1, 2, remark="门店", state="shop-1", user=["zhangsan"])
    config_id = made["config_id"]
    shown = contacts.get_contact_way(config_id)["contact_way"]
    assert (shown["type"], shown["scene"], shown["state"], shown["user"]) == (1, 2, "shop-1", ["zhangsan"])
    contacts.update_contact_way(config_id, "新门店", state="shop-2", user=["lisi"])
    shown = contacts.get_contact_way(config_id)["contact_way"]
    assert (shown["remark"], shown["state"], shown["user"]) == ("新门店", "shop-2", ["lisi"])
    contacts.del_contact_way(config_id)
    with pytest.raises(WeChatClientException):
        contacts.get_contact_way(config_id)


def test_it_reads_statistics_of_members(corp: Corp, client: WeChatClient) -> None:
    now = corp.server.sim.get("/clock").json()["now"]
    yesterday = (now + 8 * 3600) // 86_400 * 86_400 - 8 * 3600 - 86_400
    rows = client.external_contact.get_user_behavior_data(["zhangsan"], yesterday, yesterday)["behavior_data"]
    assert [row["stat_time"] for row in rows] == [yesterday]


# --- directory -------------------------------------------------------------------------------------------


def test_it_reads_members_and_departments(client: WeChatClient) -> None:
    departments = client.department.get()
    assert [department["parentid"] for department in departments if department["id"] == 1] == [0]
    assert {"id", "name", "parentid", "order"} <= set(departments[0])
    everyone = client.user.list(1, fetch_child=True)
    assert {"zhangsan", "lisi"} <= {user["userid"] for user in everyone}
    brief = client.user.list(1, fetch_child=True, simple=True)
    assert {user["userid"] for user in brief} == {user["userid"] for user in everyone}
    assert client.department.get_users(1, fetch_child=1) == brief
    member = client.user.get("zhangsan")
    assert member["name"] in client.department.get_map_users(1, fetch_child=1)
    assert errcode_of(client.user.get, "nobody") == 60111


def test_it_writes_members_and_departments(client: WeChatClient, directory: WeChatClient) -> None:
    made = directory.department.create("新店", parent_id=1, order=7)["id"]
    directory.department.update(made, name="旗舰店")
    assert made in [department["id"] for department in client.department.get()]
    directory.user.create(
        "newcomer", "王新", department=[made], mobile="13900000001", email="new@example.com"
    )
    assert client.user.get("newcomer")["department"] == [made]
    assert [user["userid"] for user in client.user.list(made)] == ["newcomer"]
    directory.user.update("newcomer", name="王小新", position="店长")
    assert client.user.get("newcomer")["name"] == "王小新"
    assert errcode_of(directory.department.delete, made) == 60005
    directory.user.create("second", "赵二", department=[made], mobile="13900000002")
    directory.user.delete("newcomer")
    directory.user.batch_delete(["second"])
    assert errcode_of(client.user.get, "newcomer") == 60111
    directory.department.delete(made)
    assert made not in [department["id"] for department in client.department.get()]


def test_an_app_without_the_permission_may_not_write_the_directory(client: WeChatClient) -> None:
    assert errcode_of(client.user.create, "x", "x", department=[1], mobile="13900000001") == 48002
    assert errcode_of(client.department.create, "x") == 48002


def test_the_sync_secret_reads_only_ids(directory: WeChatClient) -> None:
    assert errcode_of(directory.user.get, "zhangsan") == 48009
    assert errcode_of(directory.external_contact.get_follow_user_list) == 48002


def test_it_reads_the_callback_ip_addresses(client: WeChatClient) -> None:
    assert client.misc.get_wechat_ips()


# --- welcome messages ------------------------------------------------------------------------------------


def test_it_greets_a_customer_in_the_older_form(corp: Corp, client: WeChatClient) -> None:
    added = act(corp, "member_adds_customer", userid="zhangsan")
    link = {"title": "领半价券", "url": "https://tea.example/coupon", "picurl": "", "desc": ""}
    template = {"welcome_code": added["welcome_code"], "text": {"content": "欢迎光临"}, "link": link}
    client.external_contact.send_welcome_msg(template)
    (body,) = phone_of(corp, added["external_userid"])
    assert body["text"] == {"content": "欢迎光临"}
    assert body["attachments"][0]["link"]["title"] == "领半价券"
    assert errcode_of(client.external_contact.send_welcome_msg, template) == 41051


# --- application messages --------------------------------------------------------------------------------


def phone_of(corp: Corp, userid: str) -> list[dict[str, Any]]:
    return [item["body"] for item in corp.sim(f"phones/{userid}")["items"]]


def test_it_sends_messages_of_an_app(corp: Corp, client: WeChatClient) -> None:
    message, agentid = client.message, corp.apps[0]["agentid"]
    assert message.send_text(agentid, ["lisi", "nobody"], "新茶到店")["invaliduser"] == "nobody"
    message.send_text_card(agentid, "lisi", "盘点", "今晚八点", "https://work.weixin.qq.com")
    article = {"title": "上新", "description": "春茶", "url": "https://a.cn", "image": "https://a.cn/1.png"}
    message.send_articles(agentid, "@all", [article])
    message.send_markdown(agentid, "lisi", "**排班** 已更新")
    assert [body["msgtype"] for body in phone_of(corp, "lisi")] == ["text", "textcard", "news", "markdown"]
    assert phone_of(corp, "zhangsan")[0]["news"]["articles"][0]["picurl"] == "https://a.cn/1.png"
    assert errcode_of(message.send_text, agentid, "nobody", "新茶到店") == 81013


def test_it_sends_files_that_it_uploaded(corp: Corp, client: WeChatClient) -> None:
    media_id = client.media.upload("file", ("排班.txt", b"one\ntwo"))["media_id"]
    client.message.send_file(corp.apps[0]["agentid"], "lisi", media_id)
    assert phone_of(corp, "lisi")[0]["file"] == {"media_id": media_id}
