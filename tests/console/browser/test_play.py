"""Playing customers and members in a real browser: codes, the phone, and what people do."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pytest_tollbooth.corp import Corp

pytestmark = pytest.mark.slow
# `corp` comes first, so that it outlives the tabs that look at it.

WORDS = {
    "zh-CN": {
        "name": "姓名",
        "scan": "扫码并添加",
        "join": "扫码并入群",
        "known": "已有客户",
        "greeting": "欢迎语",
        "message": "消息",
        "send": "发送",
        "delete": "删除成员",
        "member": "成员",
        "codes": "加入群聊",
        "links": "获客链接",
        "open": "打开并添加",
        "quota": "购买",
    },
    "en": {
        "name": "Name",
        "scan": "Scan and add",
        "join": "Scan and join",
        "known": "A known customer",
        "greeting": "Welcome message",
        "message": "Message",
        "send": "Send",
        "delete": "Delete the member",
        "member": "Member",
        "codes": "Group codes",
        "links": "Acquisition links",
        "open": "Open and add",
        "quota": "Buy",
    },
}


def way_of(corp: Corp, userid: str = "zhangsan") -> str:
    made = corp.post("externalcontact/add_contact_way", type=1, scene=2, user=[userid], remark="海报")
    return str(made["config_id"])


def person_in(tab: Any) -> str:
    return parse_qs(urlsplit(str(tab.url)).query)["person"][0]


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 1280), ("en", 390)])
def test_from_a_scanned_code_to_the_welcome_message_on_the_phone(
    corp: Corp, open_console: Any, language: str, width: int
) -> None:
    words = WORDS[language]
    config_id = way_of(corp)
    tab = open_console(
        f"/corps/{corp.corpid}/play?code=contact_way/{config_id}", language=language, width=width
    )
    tab.locator(".play-chosen img").wait_for()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert (
        tab.locator(".play-chosen img").evaluate("image => image.decode().then(() => image.naturalWidth)")
        == 400
    )
    tab.get_by_label(words["name"], exact=True).fill("王小美")
    tab.get_by_label(words["greeting"], exact=True).fill("欢迎光临，王小美")
    tab.get_by_role("button", name=words["scan"]).press("Enter")
    tab.locator(".phone-item[data-kind=welcome]", has_text="欢迎光临，王小美").wait_for()
    assert tab.locator(".phone-name").text_content() == "王小美"
    external_userid = person_in(tab)
    items = corp.phone(external_userid)
    assert [(item["kind"], item["from"]) for item in items] == [("welcome", "zhangsan")]

    tab.get_by_label(words["message"], exact=True).fill("有冰的吗")
    tab.get_by_role("button", name=words["send"], exact=True).click()
    tab.locator(".phone-item.own", has_text="有冰的吗").wait_for()

    tab.get_by_role("button", name=words["delete"]).click()
    tab.locator("[data-sure]").click()
    tab.locator(".play-events li").nth(3).wait_for()

    tab.reload()  # the address says whose phone and which code
    tab.locator(".phone-item[data-kind=welcome]").wait_for()
    assert person_in(tab) == external_userid


def test_a_known_customer_scans_and_joins_a_group(corp: Corp, open_console: Any) -> None:
    known = corp.act("member_adds_customer", userid="lisi", name="赵无极")["external_userid"]
    chat_id = corp.act("member_creates_group", userid="zhangsan", name="福利群")["chat_id"]
    corp.post("externalcontact/groupchat/add_join_way", scene=2, chat_id_list=[chat_id], remark="桌卡")
    words = WORDS["zh-CN"]
    tab = open_console(f"/corps/{corp.corpid}/play")
    tab.get_by_role("button", name=words["codes"]).click()
    tab.locator(".play-name", has_text="桌卡").wait_for()
    tab.get_by_label(words["known"]).check()
    tab.locator(".play-form input[type=search]").fill("无极")
    tab.locator(".play-form .picker option", has_text="赵无极").wait_for(state="attached")
    tab.locator(".play-form .picker select").select_option(known)
    tab.get_by_role("button", name=words["join"]).click()
    tab.locator(".play-events li", has_text="赵无极").wait_for()
    members = corp.post("externalcontact/groupchat/get", chat_id=chat_id)["group_chat"]["member_list"]
    assert known in {one["userid"] for one in members}


def test_a_link_without_quota_says_so_and_works_after_buying(corp: Corp, open_console: Any) -> None:
    words = WORDS["en"]
    corp.post(
        "externalcontact/customer_acquisition/create_link",
        link_name="poster",
        range={"user_list": ["zhangsan"]},
    )
    tab = open_console(f"/corps/{corp.corpid}/play", language="en")
    tab.get_by_role("button", name=words["links"]).click()
    tab.get_by_role("button", name=words["open"]).click()
    tab.locator(".play-events li", has_text="the quota is used up").wait_for()
    tab.get_by_role("button", name=words["quota"]).click()
    tab.locator(".play-events li", has_text="quota was bought").wait_for()
    tab.get_by_role("button", name=words["open"]).click()
    tab.locator(".play-events li", has_text="contacts now").wait_for()
    tab.locator(".phone-item[data-kind=welcome]").wait_for()


def test_a_member_sends_publishes_presses_and_leaves(corp: Corp, open_console: Any) -> None:
    customer = corp.act("member_adds_customer", userid="zhangsan", name="王芳")["external_userid"]
    tab = open_console(f"/corps/{corp.corpid}/play?person=zhangsan")
    tab.locator(".phone-id", has_text="zhangsan").wait_for()
    corp.post(
        "externalcontact/add_msg_template",
        chat_type="single",
        external_userid=[customer],
        text={"content": "桂花乌龙"},
    )
    tab.locator(".phone-item[data-kind=mass_message_task]").get_by_role("button", name="确认发送").click()
    tab.locator(".phone-item[data-kind=mass_message_task] .phone-confirmed").wait_for()
    job = corp.post(
        "externalcontact/add_moment_task",
        text={"content": "上新啦"},
        visible_range={"sender_list": {"user_list": ["zhangsan"]}},
    )
    assert job["jobid"]
    tab.locator(".phone-item[data-kind=moment_task]").get_by_role("button", name="发表").click()
    tab.locator(".phone-item[data-kind=moment_task] .phone-published").wait_for()
    kinds = [item["kind"] for item in corp.phone(customer)]
    assert sorted(kinds) == ["mass_message", "moment"]

    card = {
        "card_type": "button_interaction",
        "main_title": {"title": "新订单", "desc": "36 元"},
        "task_id": "order-1",
        "button_list": [{"text": "接单", "key": "take"}, {"text": "拒绝", "key": "refuse"}],
    }
    with corp.receive_callbacks() as receiver:
        sent = {
            "touser": "zhangsan",
            "agentid": corp.agentid,
            "msgtype": "template_card",
            "template_card": card,
        }
        corp.post("message/send", **sent)
        tab.locator(".phone-bubble", has_text="新订单").get_by_role("button", name="接单").click()
        assert receiver.wait_for("template_card_event")["EventKey"] == "take"

    tab.get_by_role("button", name="离职").click()
    tab.keyboard.press("Escape")
    assert not tab.locator(".play-sure").is_visible()
    tab.get_by_role("button", name="离职").click()
    tab.locator("[data-sure]").click()
    tab.locator(".play-events li", has_text="已离职").wait_for()
    assert corp.control("GET", "/people", kind="member", find="zhangsan")["people"] == []


def test_a_customers_chat_leads_to_the_members_client_with_that_chat(corp: Corp, open_console: Any) -> None:
    customer = corp.act("member_adds_customer", userid="zhangsan", name="王芳")["external_userid"]
    tab = open_console(f"/corps/{corp.corpid}/play?person={customer}")
    with tab.expect_popup() as opened:
        tab.locator(".play-person a.play-button").click()
    client = opened.value
    client.locator("#chat-name", has_text="王芳").wait_for()
    assert f"/_sim/client/{corp.corpid}/zhangsan?external_userid={customer}" in client.url


def test_read_only_mode_shows_the_phone_and_changes_nothing(corp: Corp, open_console: Any) -> None:
    customer = corp.act("member_adds_customer", userid="zhangsan", name="王芳")["external_userid"]
    way_of(corp)
    tab = open_console(f"/corps/{corp.corpid}/play?person={customer}")
    address = {"name": "tollbooth_console_mode", "value": "read_only", "url": f"{corp.base_url}/console"}
    tab.context.add_cookies([address])
    tab.reload()
    tab.locator(".play-readonly").wait_for()
    tab.locator(".phone-name", has_text="王芳").wait_for()
    for name in ("扫码并添加", "删除成员", "发送"):
        assert tab.get_by_role("button", name=name).first.is_disabled()
