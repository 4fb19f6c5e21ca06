"""config and agentConfig: who a page is, and what each failure says."""

from typing import Any

import pytest

from tests.client.pages import ADDRESS, FUNCTIONS, Page, parts
from tests.conftest import Corp
from wecom_tollbooth.client.signatures import sign

MORE = "more info at https://open.work.weixin.qq.com/devtool/query?e="


@pytest.fixture
def page(corp: Corp) -> Page:
    return Page(corp)


def test_agent_config_and_config_succeed_with_their_own_tickets(page: Page) -> None:
    reply = page.agent_config()["reply"]
    assert reply["err_msg"] == "agentConfig:ok"
    assert reply["checkResult"] == dict.fromkeys(FUNCTIONS, True)
    assert page.config()["reply"]["err_msg"] == "preVerifyJSAPI:ok"


@pytest.mark.parametrize(
    ("changed", "reason", "part"),
    [
        ({"signature": "f" * 40}, f"invalid signature {MORE}40093", "signature"),
        ({"signature": ""}, f"invalid signature {MORE}40093", "signature"),
        ({"nonceStr": "NONCE1"}, f"invalid signature {MORE}40093", "noncestr"),
        ({"timestamp": 1795371802}, f"invalid signature {MORE}40093", "timestamp"),
        ({"timestamp": "1795371801000"}, f"invalid signature {MORE}40093", "timestamp"),
        ({"corpid": "wwother"}, f"invalid corpid {MORE}92002", "call"),
        ({"agentid": "9"}, f"invalid agentid {MORE}40056", "call"),
        ({"agentid": "१"}, f"invalid agentid {MORE}40056", "call"),
        ({"jsApiList": []}, "fail", "call"),
        ({"jsApiList": "getContext"}, "fail", "call"),
    ],
)
def test_a_failed_agent_config_says_what_is_wrong(
    page: Page, changed: dict[str, Any], reason: str, part: str
) -> None:
    answer = page.agent_config(**changed)
    assert answer["reply"]["err_msg"] == f"agentConfig:{reason}"
    assert parts(answer) == [part]
    assert page.said("getContext") == "fail_nopermission"


def test_a_failed_config_keeps_its_reason_out_of_err_msg(page: Page) -> None:
    answer = page.config(verifySignature="f" * 40)
    assert answer["reply"] == {
        "err_msg": "preVerifyJSAPI:fail",
        "err_Info": f"invalid signature {MORE}40093",
    }


def test_a_page_that_signs_with_its_fragment_or_without_its_port_is_told_so(page: Page) -> None:
    shown = "https://crm.example.test:8443/sidebar?a=1&b=2#/top"
    ticket = page.wecom.get("ticket/get", type="agent_config")["ticket"]
    for signed in (shown, "https://crm.example.test/sidebar?a=1&b=2"):
        answer = page.agent_config(url=shown, signature=sign(ticket, "nonce1", "1795371801", signed))
        assert parts(answer) == ["url"]


def test_a_page_of_an_unlisted_domain_is_refused(corp: Corp) -> None:
    app = corp.new_app(trusted_domains=["crm.example.test"])
    page = Page(corp, app)
    assert page.agent_config()["reply"]["err_msg"] == "agentConfig:ok"
    assert page.agent_config("https://a.crm.example.test/x")["reply"]["err_msg"] == "agentConfig:ok"
    for url in ("https://evil.test/x", "https://crm.example.test.evil.test/", "http://127.0.0.1:9/x"):
        answer = page.agent_config(url)
        assert answer["reply"]["err_msg"] == f"agentConfig:invalid url domain {MORE}80001"
        assert parts(answer) == ["domain"]
        assert page.config(url)["reply"]["err_Info"] == f"invalid url domain {MORE}80001"
    assert page.said("getContext") == "fail_nopermission"


def test_only_apps_that_the_member_sees_are_configured(corp: Corp) -> None:
    page = Page(corp, corp.new_app(visible={"userid": ["lisi"]}))
    assert page.agent_config()["reply"]["err_msg"] == f"agentConfig:no privilege {MORE}60011"
    system = Page(corp).agent_config(agentid=str(corp.app_of_kind("contacts_sync")["agentid"]))
    assert system["reply"]["err_msg"] == f"agentConfig:invalid agentid {MORE}40056"


def test_a_function_must_be_asked_for_with_the_identity_that_it_needs(corp: Corp) -> None:
    customer = corp.client().get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    chat = {"entry": "single_chat_tools", "external_userid": customer}
    page = Page(corp, **chat)
    assert page.said("getContext") == "fail_nopermission"
    page.config()
    assert page.said("getContext") == "ok"
    assert page.said("getCurExternalContact") == "fail_nopermission"
    page.agent_config(jsApiList=["getContext"])
    assert page.said("getCurExternalContact") == "fail_nopermission"
    page.agent_config(jsApiList=["getCurExternalContact"])
    assert page.said("getCurExternalContact") == "ok"
    assert (
        Page(corp, device="mobile", **chat).said("getContext") == "the permission value is offline verifying"
    )


def test_the_signature_of_every_call_is_checked(page: Page) -> None:
    page.agent_config()
    page.config()
    right = {"verifyNonceStr": "nonce2", "verifyTimestamp": "1795371801"}
    ticket = page.wecom.get("get_jsapi_ticket")["ticket"]
    signature = sign(ticket, "nonce2", "1795371801", ADDRESS)
    assert page.said("getContext", **right, verifySignature=signature) == "ok"
    later = "https://crm.example.test/another"
    assert page.reply("getContext", later, **right, verifySignature=signature)["err_msg"] == "getContext:ok"
    foreign = page.call("getContext", **{**right, "verifyNonceStr": "other"}, verifySignature=signature)
    assert (foreign["reply"]["err_msg"], parts(foreign)) == (
        f"getContext:invalid signature {MORE}40093",
        ["noncestr"],
    )


def test_agent_config_is_checked_by_its_own_signature_beside_that_of_config(page: Page) -> None:
    of_config = {"verifyNonceStr": "nonce2", "verifyTimestamp": "1", "verifySignature": "f" * 40}
    assert page.agent_config(**of_config)["reply"]["err_msg"] == "agentConfig:ok"


def test_an_app_without_a_right_on_customers_is_told_so(corp: Corp) -> None:
    customer = corp.client().get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    app = corp.new_app(kind="self_built_unlisted")
    page = Page(corp, app, entry="single_chat_tools", external_userid=customer)
    check = page.agent_config()["reply"]["checkResult"]
    assert (check["getCurExternalContact"], check["getContext"]) == (False, True)
    assert page.said("getCurExternalContact") == "fail no permission"


def test_check_js_api_knows_what_the_client_has(page: Page) -> None:
    reply = page.reply("checkJsApi", jsApiList=["getContext", "previewImage", "flyToTheMoon"])
    assert reply["checkResult"] == {"getContext": True, "previewImage": True, "flyToTheMoon": False}
    assert page.reply("flyToTheMoon")["err_msg"] == "flyToTheMoon:function not exist"
