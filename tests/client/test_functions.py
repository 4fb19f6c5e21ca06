"""What the client answers to a page, and what arrives on phones."""

from typing import Any

import pytest

from tests.client.pages import Page
from tests.conftest import Corp
from tests.providers import Provider


def customers(corp: Corp, userid: str = "zhangsan") -> list[str]:
    return list(corp.client().get("externalcontact/list", userid=userid)["external_userid"])


def act(corp: Corp, **body: Any) -> dict[str, Any]:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def phone(corp: Corp, person: str) -> list[dict[str, Any]]:
    return list(corp.sim(f"phones/{person}")["items"])


@pytest.fixture
def customer(corp: Corp) -> str:
    return customers(corp)[0]


@pytest.fixture
def page(corp: Corp, customer: str) -> Page:
    """Beside the chat of zhangsan with the customer, configured."""
    page = Page(corp, entry="single_chat_tools", external_userid=customer)
    assert page.agent_config()["reply"]["err_msg"] == "agentConfig:ok"
    return page


@pytest.fixture
def chat_id(corp: Corp, customer: str) -> str:
    made = act(corp, act="member_creates_group", userid="zhangsan", name="团购群", people=[customer, "lisi"])
    return str(made["chat_id"])


@pytest.fixture
def group_page(corp: Corp, chat_id: str) -> Page:
    page = Page(corp, entry="group_chat_tools", chat_id=chat_id)
    page.agent_config()
    return page


def test_a_sidebar_knows_its_entry_and_its_customer(page: Page, customer: str) -> None:
    assert page.reply("getContext") == {"err_msg": "getContext:ok", "entry": "single_chat_tools"}
    assert page.reply("getCurExternalContact")["userId"] == customer
    assert page.said("getCurExternalChat") == "fail without context of external contact"


def test_a_sidebar_of_a_group_knows_its_group(group_page: Page, chat_id: str) -> None:
    assert group_page.reply("getCurExternalChat")["chatId"] == chat_id
    assert group_page.said("getCurExternalContact") == "fail without context of external contact"


def test_a_page_opened_from_the_workbench_has_no_customer(corp: Corp) -> None:
    page = Page(corp)
    page.agent_config()
    assert page.reply("getContext")["entry"] == "normal"
    for name in ("getCurExternalContact", "getCurExternalChat", "sendChatMessage"):
        said = page.said(name, msgtype="text", text={"content": "x"})
        assert said == "fail without context of external contact"


@pytest.mark.parametrize(
    ("params", "shown"),
    [
        ({"msgtype": "text", "text": {"content": "你好"}}, {"text": {"content": "你好"}}),
        (
            {"msgtype": "news", "news": {"link": "https://a.test/", "title": "t", "desc": "d"}},
            {
                "attachments": [
                    {"msgtype": "link", "link": {"title": "t", "desc": "d", "url": "https://a.test/"}}
                ]
            },
        ),
        (
            {"msgtype": "image", "image": {"mediaid": "MEDIA_1"}},
            {"attachments": [{"msgtype": "image", "image": {"media_id": "MEDIA_1"}}]},
        ),
    ],
)
def test_a_sent_message_lands_on_the_customers_phone(
    page: Page, customer: str, params: dict[str, Any], shown: dict[str, Any]
) -> None:
    assert page.said("sendChatMessage", **params) == "ok"
    last = phone(page.corp, customer)[-1]
    assert (last["kind"], last["from"], last["body"]) == ("chat_message", "zhangsan", shown)


def test_a_message_to_a_group_lands_on_everybodys_phone_but_the_senders(
    group_page: Page, chat_id: str, customer: str
) -> None:
    assert group_page.said("sendChatMessage", msgtype="text", text={"content": "开团"}) == "ok"
    for person in (customer, "lisi"):
        body = phone(group_page.corp, person)[-1]["body"]
        assert body == {"chat_id": chat_id, "chat_name": "团购群", "text": {"content": "开团"}}
    assert [item for item in phone(group_page.corp, "zhangsan") if item["kind"] == "chat_message"] == []


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"msgtype": "text"}, "fail"),
        ({"msgtype": "text", "text": {"content": ""}}, "fail"),
        ({"msgtype": "dance"}, "fail"),
        ({}, "fail"),
        ({"msgtype": "news", "news": {"title": "t"}}, "fail invalid link"),
        (
            {"msgtype": "news", "news": {"link": "https://a.test", "imgUrl": "a.png"}},
            "fail invalid imgUrl",
        ),
        (
            {"msgtype": "miniprogram", "miniprogram": {"appid": "wx1", "page": "a.html"}},
            "fail invalid imgUrl",
        ),
        ({"msgtype": "image", "image": {"mediaid": ""}}, "fail invalid mediaid"),
        ({"msgtype": "image", "image": "MEDIA_1"}, "fail invalid mediaid"),
    ],
)
def test_a_message_that_is_not_whole_is_refused(page: Page, params: dict[str, Any], said: str) -> None:
    answer = page.call("sendChatMessage", **params)
    assert answer["reply"]["err_msg"] == f"sendChatMessage:{said}"
    assert answer["problems"][0]["en"]
    assert answer["problems"][0]["zh"]


def test_the_member_may_cancel(page: Page, customer: str) -> None:
    body = {"name": "sendChatMessage", "params": {"msgtype": "text", "text": {"content": "x"}}}
    assert page.send({**body, "cancelled": True})["reply"]["err_msg"] == "sendChatMessage:cancel"
    assert phone(page.corp, customer) == []


def test_nothing_arrives_at_a_customer_who_deleted_the_member(page: Page, customer: str) -> None:
    act(page.corp, act="customer_deletes_member", userid="zhangsan", external_userid=customer)
    answer = page.call("sendChatMessage", msgtype="text", text={"content": "x"})
    assert answer["reply"]["err_msg"] == "sendChatMessage:ok"
    assert "已删除成员" in answer["problems"][0]["zh"]
    assert phone(page.corp, customer) == []


def test_open_enterprise_chat_opens_chats_and_makes_groups(page: Page, customer: str, chat_id: str) -> None:
    opened = page.call("openEnterpriseChat", externalUserIds=customer, userIds="zhangsan", groupName="")
    assert opened["then"] == {"open_chat": {"external_userid": customer}}
    by_id = page.call("openEnterpriseChat", chatId=chat_id)
    assert (by_id["reply"]["chatId"], by_id["then"]) == (chat_id, {"open_chat": {"chat_id": chat_id}})
    other = customers(page.corp)[1]
    made = page.call(
        "openEnterpriseChat", userIds="lisi", externalUserIds=f"{customer};{other}", groupName="新群"
    )
    group = page.wecom.post("externalcontact/groupchat/get", chat_id=made["reply"]["chatId"])["group_chat"]
    assert (group["name"], group["owner"], len(group["member_list"])) == ("新群", "zhangsan", 4)
    assert page.call("openEnterpriseChat", useridlist="lisi")["then"] == {"open_members": ["lisi"]}
    for wrong in ({}, {"chatId": "nothing"}, {"userIds": "nobody"}, {"externalUserIds": "wmNobody"}):
        assert page.said("openEnterpriseChat", **wrong) == "fail"


def test_navigate_to_add_customer_is_there_on_mobile_devices(page: Page) -> None:
    assert page.said("navigateToAddCustomer") == "function not exist"
    mobile = Page(page.corp, device="mobile")
    mobile.agent_config()
    assert mobile.call("navigateToAddCustomer")["then"] == {"add_customer": True}


def test_sharing_asks_the_member_and_is_a_mass_message(page: Page, customer: str) -> None:
    params: dict[str, Any] = {
        "text": {"content": "新品"},
        "attachments": [{"msgtype": "link", "link": {"title": "t", "url": "https://a.test"}}],
    }
    asked = page.call("shareToExternalContact", **params)
    assert (asked["reply"], asked["asks"]["choose"], asked["asks"]["named"]) == (None, "external_userids", [])
    body = {"name": "shareToExternalContact", "params": params}
    assert page.send({**body, "choice": {"external_userids": [customer]}})["reply"]["err_msg"].endswith(":ok")
    last = phone(page.corp, customer)[-1]
    assert (last["kind"], last["from"], last["body"]["text"]) == (
        "mass_message",
        "zhangsan",
        {"content": "新品"},
    )
    now = page.corp.server.sim.get("/clock").json()["now"]
    listed = page.wecom.post(
        "externalcontact/get_groupmsg_list_v2", chat_type="single", start_time=now - 60, end_time=now + 60
    )
    assert [one["attachments"][0]["link"]["url"] for one in listed["group_msg_list"]] == ["https://a.test"]
    assert page.send({**body, "cancelled": True})["reply"]["err_msg"] == "shareToExternalContact:cancel"
    stranger = page.send({**body, "choice": {"external_userids": ["wmNobody"]}})
    assert stranger["reply"]["err_msg"] == "shareToExternalContact:fail"
    named = page.call("shareToExternalContact", externalUserIds=[customer], **params)
    assert named["asks"]["named"] == [customer]


def test_sharing_to_groups_reaches_those_in_them(page: Page, chat_id: str, customer: str) -> None:
    body = {"name": "shareToExternalChat", "params": {"text": {"content": "群通知"}}}
    assert page.send({**body, "choice": {"chat_ids": [chat_id]}})["reply"]["err_msg"].endswith(":ok")
    assert phone(page.corp, customer)[-1]["body"]["text"] == {"content": "群通知"}


def test_every_call_is_in_the_log(page: Page) -> None:
    page.said("getContext")
    page.said("sendChatMessage", msgtype="dance")
    calls = page.corp.sim("webview_calls", userid="zhangsan")["calls"]
    assert [call["name"] for call in calls] == ["agentConfig", "getContext", "sendChatMessage"]
    assert (calls[2]["webview"], calls[2]["params"], calls[2]["problems"][0]["part"]) == (
        page.webview,
        {"msgtype": "dance"},
        "call",
    )
    newer = page.corp.sim("webview_calls", after=calls[1]["id"])["calls"]
    assert [call["name"] for call in newer] == ["sendChatMessage"]
    assert (
        page.corp.sim("webview_calls", name="getContext", webview=page.webview, limit=1)["calls"]
        == calls[1:2]
    )
    assert page.corp.sim("webview_calls", userid="lisi")["calls"] == []


def test_very_long_parameters_are_not_in_the_log(page: Page) -> None:
    page.said("getContext", padding="x" * 30_000)
    assert page.corp.sim("webview_calls")["calls"][-1]["params"] == {"left_out": "30014 bytes"}


def test_a_marketing_app_sees_only_customers_that_it_brought(corp: Corp, customer: str) -> None:
    client = Provider(corp.server).app_in(corp, "marketing", visible={"userid": ["zhangsan"]})
    page = Page(corp, client, entry="single_chat_tools", external_userid=customer)
    assert page.agent_config()["reply"]["err_msg"] == "agentConfig:ok"
    assert page.said("getCurExternalContact") == "fail no permission"
    way = page.wecom.post("externalcontact/add_contact_way", type=1, scene=2, user=["zhangsan"])
    brought = act(corp, act="scan_contact_way", config_id=way["config_id"], member_confirms=True)
    page = Page(corp, client, entry="contact_profile", external_userid=brought["external_userid"])
    page.agent_config()
    assert page.reply("getCurExternalContact")["userId"] == brought["external_userid"]


@pytest.mark.parametrize(
    "body",
    [
        {"userid": "nobody"},
        {"entry": "single_chat_tools"},
        {"entry": "group_chat_tools"},
        {"entry": "chat_attachment"},
        {"entry": "elsewhere"},
        {"entry": "single_chat_tools", "external_userid": "wmNobody"},
        {"entry": "group_chat_tools", "chat_id": "nothing"},
        {"external_userid": "a", "chat_id": "b"},
    ],
)
def test_a_page_that_cannot_be_opened_is_refused(corp: Corp, body: dict[str, Any]) -> None:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/webviews", json={"userid": "zhangsan", **body})
    assert answer.status_code == 422


def test_another_members_customer_cannot_be_the_chat(corp: Corp) -> None:
    foreign = next(one for one in customers(corp, "lisi") if one not in customers(corp))
    body = {"userid": "zhangsan", "entry": "single_chat_tools", "external_userid": foreign}
    assert corp.server.sim.post(f"/corps/{corp.corpid}/webviews", json=body).status_code == 422


def test_an_unknown_webview_is_refused(corp: Corp) -> None:
    body = {"name": "getContext", "url": "https://a.test"}
    assert corp.server.sim.post(f"/corps/{corp.corpid}/webviews/1/calls", json=body).status_code == 404
