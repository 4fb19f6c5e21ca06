"""A receiver that decrypts events with the code of two SDKs."""

from typing import Any
from xml.etree import ElementTree

from wechatpy.enterprise.crypto import WeChatCrypto
from weworkapi.WXBizMsgCrypt3 import WXBizMsgCrypt

from tests.callbacks.receiver import Query, Receiver
from tests.conftest import Corp


class SdkReceiver:
    """A receiver for the first app of a corp that decrypts events with the code of two SDKs."""

    def __init__(self, corp: Corp) -> None:
        app = corp.apps[0]
        self.corp = corp
        self.agentid = app["agentid"]
        keys = (app["callback_token"], app["encoding_aes_key"], corp.corpid)
        self._wechatpy = WeChatCrypto(*keys)
        self._weworkapi = WXBizMsgCrypt(*keys)
        self.http = Receiver(self.verify)
        self.url = self.http.url

    def verify(self, query: Query) -> bytes:
        echo = self._wechatpy.check_signature(
            query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
        )
        return echo if isinstance(echo, bytes) else str(echo).encode()

    def register(self, **body: str) -> dict[str, Any]:
        """Sets the address of the app; the status and body of the answer."""
        answer = self.corp.server.sim.put(
            f"/corps/{self.corp.corpid}/apps/{self.agentid}/callback", json={"url": self.url, **body}
        )
        return {"status": answer.status_code, **answer.json()}

    def events(self, count: int) -> list[dict[str, str]]:
        """The first `count` events, once they are there."""
        return [self.decrypt(query, body) for query, body in self.http.wait_for(count)]

    def decrypt(self, query: Query, body: bytes) -> dict[str, str]:
        """The elements of the event, which both SDKs must read alike."""
        xml = self._wechatpy.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
        code, again = self._weworkapi.DecryptMsg(
            body, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        assert code == 0
        assert (again.decode() if isinstance(again, bytes) else again) == xml
        return {element.tag: element.text or "" for element in ElementTree.fromstring(xml)}
