"""A sidebar in the client page, in a real browser, with our scripts under WeCom's names."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.client.browser.sidebar import EVIL_HOST, Sidebar
from tests.conftest import RunningServer

Open = Callable[..., Any]

READY = "agentConfig:ok getContext:ok getCurExternalContact:ok done"


@pytest.fixture
def customer(sidebar: Sidebar) -> str:
    return str(sidebar.wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0])


@pytest.fixture
def open_in_client(page: Any, front: RunningServer, sidebar: Sidebar, customer: str) -> Open:
    """Opens a page of the sidebar beside the chat with the customer; returns its frame."""

    def open_it(path: str, *, host: str = "", wait_for: str = "done", **query: str) -> Any:
        address = sidebar.address(path, host) if host else sidebar.address(path)
        given = urlencode({"external_userid": customer, "url": address, **query})
        page.goto(f"{front.base_url}/_sim/client/{sidebar.corp.corpid}/zhangsan?{given}")
        frame = page.frame_locator("#screen iframe")
        if wait_for:
            frame.locator("#log", has_text=wait_for).wait_for()
        return frame

    return open_it


def phone(sidebar: Sidebar, person: str) -> list[Any]:
    return [item["body"] for item in sidebar.corp.sim(f"phones/{person}")["items"]]


def test_a_sidebar_with_the_old_scripts_knows_its_customer_and_sends(
    open_in_client: Open, page: Any, sidebar: Sidebar, customer: str
) -> None:
    frame = open_in_client("/wx")
    assert READY in frame.locator("#log").text_content()
    assert frame.locator("#who").text_content() == f"single_chat_tools · {customer}"
    frame.get_by_role("button", name="桂花乌龙").click()
    frame.locator("#log", has_text="sendChatMessage:ok").wait_for()
    assert phone(sidebar, customer) == [{"text": {"content": "桂花乌龙今天上市，欢迎试饮"}}]
    page.locator("#messages", has_text="桂花乌龙今天上市").wait_for()
    names = [call["name"] for call in sidebar.corp.sim("webview_calls", userid="zhangsan")["calls"]]
    wanted = ["preVerifyJSAPI", "agentConfig", "getContext", "getCurExternalContact", "sendChatMessage"]
    assert names == wanted
    assert page.locator("#log > li b").all_text_contents() == wanted[::-1]


@pytest.mark.slow
def test_a_sidebar_with_our_new_script_works_the_same(
    open_in_client: Open, sidebar: Sidebar, customer: str
) -> None:
    frame = open_in_client("/ww")
    assert frame.locator("#who").text_content() == f"single_chat_tools · {customer}"
    frame.get_by_role("button", name="新客第一杯半价").click()
    frame.locator("#log", has_text="sendChatMessage:ok").wait_for()
    assert len(phone(sidebar, customer)) == 1


@pytest.mark.slow
def test_an_iframe_of_an_unlisted_domain_is_refused_and_the_page_says_why(
    open_in_client: Open, page: Any, sidebar: Sidebar
) -> None:
    sidebar.wecom.post("agent/set", agentid=sidebar.app["agentid"], redirect_domain="crm.example.test")
    assert READY in open_in_client("/ww").locator("#log").text_content()
    frame = open_in_client("/ww", host=EVIL_HOST)
    assert "agentConfig:invalid url domain" in frame.locator("#log").text_content()
    problem = page.locator("#log .problem").first
    assert "可信域名" in problem.text_content()
    page.get_by_role("button", name="English").click()
    page.locator("#log .problem", has_text="not among the trusted domains").first.wait_for()


@pytest.mark.slow
def test_a_signature_with_a_fragment_is_explained_on_the_page(open_in_client: Open, page: Any) -> None:
    frame = open_in_client("/wx?sign=fragment#/customer", lang="en")
    assert "agentConfig:invalid signature" in frame.locator("#log").text_content()
    assert "error invalid signature" in frame.locator("#log").text_content()
    assert "has the # and what follows it" in page.locator("#log .problem").first.text_content()


@pytest.mark.slow
def test_the_member_whose_client_it_is_logs_in_within_the_frame(open_in_client: Open) -> None:
    frame = open_in_client("/oauth", wait_for="visitor=")
    assert "visitor=zhangsan" in frame.locator("#log").text_content()


@pytest.mark.slow
def test_the_page_in_the_frame_cannot_speak_for_the_member_itself(
    open_in_client: Open, page: Any, front: RunningServer, sidebar: Sidebar, customer: str
) -> None:
    open_in_client("/wx")
    inner = next(frame for frame in page.frames if frame.url.startswith(sidebar.address("")))
    webview = sidebar.corp.sim("webview_calls")["calls"][0]["webview"]
    path = f"{front.base_url}/_sim/corps/{sidebar.corp.corpid}/webviews/{webview}/calls"
    asked = """async ([url, mode, type]) => {
        const body = JSON.stringify({name: "sendChatMessage", url: location.href,
            params: {msgtype: "text", text: {content: "forged"}}});
        try {
            const answer = await fetch(url, {method: "POST", mode, body, headers: {"Content-Type": type}});
            return String(answer.status);
        } catch (error) { return "blocked"; }
    }"""
    assert inner.evaluate(asked, [path, "cors", "application/json"]) in ("blocked", "403")
    inner.evaluate(asked, [path, "no-cors", "text/plain"])
    assert phone(sidebar, customer) == []
    # Neither by the address of another page, nor in place of the client page.
    forged = """() => new Promise((resolve) => {
        addEventListener("message", (event) => {
            if (event.data.id === 99) resolve(event.data.reply.err_msg);
        });
        parent.postMessage({tollbooth: 1, kind: "call", id: 99, name: "sendChatMessage",
            url: "https://other.example.test/", params: {msgtype: "text", text: {content: "forged"}}}, "*");
    })"""
    assert inner.evaluate(forged) == "sendChatMessage:fail"
    assert phone(sidebar, customer) == []
    inner.evaluate("() => { try { top.location.href = location.href; } catch (error) {} }")
    assert page.url.startswith(front.base_url)


@pytest.mark.slow
def test_a_page_elsewhere_has_no_bridge(page: Any, sidebar: Sidebar) -> None:
    page.goto(sidebar.address("/ww?no=1"))
    assert page.evaluate("typeof ww.getContext + typeof WeixinJSBridge") == "functionundefined"


@pytest.mark.slow
def test_the_client_asks_before_sending_and_for_the_receivers(
    open_in_client: Open, page: Any, sidebar: Sidebar, customer: str
) -> None:
    frame = open_in_client("/ww")
    page.get_by_label("发送前询问").check()
    frame.get_by_role("button", name="新客第一杯半价").click()
    page.locator("#dialog").get_by_role("button", name="取消").click()
    frame.locator("#log", has_text="sendChatMessage:cancel").wait_for()
    assert phone(sidebar, customer) == []
    frame.locator("body").evaluate("() => { call('shareToExternalContact', {text: {content: '新品'}}); }")
    page.locator("#dialog input[type=checkbox]").first.check()
    page.locator("#dialog").get_by_role("button", name="发送").click()
    frame.locator("#log", has_text="shareToExternalContact:ok").wait_for()
    chosen = sidebar.corp.sim("clients/zhangsan")["customers"][0]["external_userid"]
    assert phone(sidebar, chosen)[-1]["text"] == {"content": "新品"}


@pytest.mark.slow
def test_on_a_phone_the_page_adds_a_customer_and_opens_the_chat(
    open_in_client: Open, page: Any, sidebar: Sidebar
) -> None:
    frame = open_in_client("/ww", device="mobile")
    assert "wxwork" in frame.locator("body").evaluate("() => navigator.userAgent")
    frame.locator("body").evaluate("() => { call('navigateToAddCustomer'); }")
    page.get_by_label("客户姓名").fill("王芳")
    page.locator("#dialog").get_by_role("button", name="添加").click()
    page.locator("#list", has_text="王芳").wait_for()
    added = next(one for one in sidebar.corp.sim("clients/zhangsan")["customers"] if one["name"] == "王芳")
    frame.locator("body").evaluate(
        "(element, id) => { call('openEnterpriseChat', {externalUserIds: id}); }", added["external_userid"]
    )
    page.locator("#chat-name", has_text="王芳").wait_for()


@pytest.mark.slow
def test_the_page_opens_nothing_of_the_simulators_own(
    page: Any, front: RunningServer, sidebar: Sidebar
) -> None:
    page.goto(f"{front.base_url}/_sim/client/{sidebar.corp.corpid}/zhangsan")
    page.get_by_label("页面地址").fill(f"{front.base_url}/docs")
    page.get_by_role("button", name="打开").click()
    page.locator("#error", has_text="不能在框架中打开").wait_for()
    page.goto(f"{front.base_url}/_sim/client/{sidebar.corp.corpid}/nobody")
    page.locator("#error", has_text="no member 'nobody'").wait_for()


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/panel", "/wwlogin"])
def test_our_scripts_show_the_qr_login(page: Any, sidebar: Sidebar, path: str) -> None:
    page.goto(sidebar.address(path))
    page.frame_locator("#panel iframe").get_by_text("lisi").click()
    page.locator("#log", has_text="visitor=lisi").wait_for()
