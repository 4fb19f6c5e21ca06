"""A page in a member's client, without a browser."""

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
    """A page of an app, opened in the client of a member. `app`: as it was made, or a client of it."""

    def __init__(self, corp: Corp, app: dict[str, Any] | WeCom | None = None, **opened: Any) -> None:
        self.corp = corp
        self.wecom = app if isinstance(app, WeCom) else corp.client(app)
        self.agentid = self.wecom.agentid
        body = {"userid": "zhangsan", **opened}
        answer = corp.server.sim.post(f"/corps/{corp.corpid}/webviews", json=body)
        assert answer.status_code == 200, answer.text
        self.webview: int = answer.json()["webview"]

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
            "agentid": str(self.agentid),
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
