"""A page in a member's client, without a browser."""

from functools import cached_property
from typing import Any

from tests.conftest import Corp, WeCom
from wecom_tollbooth.client.signatures import sign

ADDRESS = "https://crm.example.test/sidebar?id=1"
FUNCTIONS = [
    "getContext",
    "getCurExternalContact",
    "getCurExternalChat",
    "sendChatMessage",
    "openEnterpriseChat",
    "navigateToAddCustomer",
    "shareToExternalContact",
    "shareToExternalChat",
]


class Page:
    """A page of an app, opened in the client of a member."""

    def __init__(self, corp: Corp, app: dict[str, Any] | None = None, **opened: Any) -> None:
        self.corp = corp
        self.app = app or corp.apps[0]
        body = {"userid": "zhangsan", **opened}
        answer = corp.server.sim.post(f"/corps/{corp.corpid}/webviews", json=body)
        assert answer.status_code == 200, answer.text
        self.webview: int = answer.json()["webview"]

    @cached_property
    def wecom(self) -> WeCom:
        return self.corp.client(self.app)

    def call(self, name: str, /, url: str = ADDRESS, **params: Any) -> dict[str, Any]:
        """The whole answer of the control call."""
        return self.send({"name": name, "params": params, "url": url})

    def send(self, body: dict[str, Any]) -> dict[str, Any]:
        path = f"/corps/{self.corp.corpid}/webviews/{self.webview}/calls"
        answer = self.corp.server.sim.post(path, json={"url": ADDRESS, **body})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def reply(self, name: str, /, url: str = ADDRESS, **params: Any) -> dict[str, Any]:
        """What the page gets."""
        return dict(self.call(name, url, **params)["reply"])

    def said(self, name: str, /, **params: Any) -> str:
        """What follows the name in err_msg."""
        return str(self.reply(name, **params)["err_msg"]).removeprefix(f"{name}:")

    def agent_config(self, url: str = ADDRESS, **changed: Any) -> dict[str, Any]:
        ticket = self.wecom.get("ticket/get", type="agent_config")["ticket"]
        params = {
            "corpid": self.corp.corpid,
            "agentid": str(self.app["agentid"]),
            "timestamp": "1795371801",
            "nonceStr": "nonce1",
            "signature": sign(ticket, "nonce1", "1795371801", url),
            "jsApiList": FUNCTIONS,
            **changed,
        }
        return self.call("agentConfig", url, **params)

    def config(self, url: str = ADDRESS, **changed: Any) -> dict[str, Any]:
        ticket = self.wecom.get("get_jsapi_ticket")["ticket"]
        params = {
            "verifyAppId": self.corp.corpid,
            "verifySignType": "sha1",
            "verifyTimestamp": "1795371801",
            "verifyNonceStr": "nonce2",
            "verifySignature": sign(ticket, "nonce2", "1795371801", url),
            "verifyJsApiList": FUNCTIONS,
            **changed,
        }
        return self.call("preVerifyJSAPI", url, **params)


def parts(answer: dict[str, Any]) -> list[str]:
    return [problem["part"] for problem in answer["problems"]]
