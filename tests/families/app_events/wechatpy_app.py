"""A receiver written with wechatpy, as its users write one: it parses messages and replies to them."""

import time
from collections.abc import Callable
from typing import Any

from wechatpy.enterprise import create_reply, parse_message
from wechatpy.enterprise.crypto import WeChatCrypto

from tests.callbacks.receiver import Query, Receiver
from tests.conftest import Corp

NONCE = "1372623149"


class WechatpyApp:
    """The receiver of the first app of a corp, or of `app`.

    `replies(message)` gives what to reply: something that create_reply takes, or "" for nothing. `answers`
    replaces the whole answer. `messages` are what wechatpy parsed.
    """

    def __init__(self, corp: Corp, app: dict[str, Any] | None = None) -> None:
        self.corp = corp
        self.app = app or corp.apps[0]
        self.agentid = int(self.app["agentid"])
        self.crypto = WeChatCrypto(self.app["callback_token"], self.app["encoding_aes_key"], corp.corpid)
        self.messages: list[Any] = []
        self.replies: Callable[[Any], Any] = lambda message: ""
        self.answers: Callable[[Any], bytes] | None = None
        self.http = Receiver(self._verify)
        self.http.on_post = self._answer
        answer = corp.server.sim.put(
            f"/corps/{corp.corpid}/apps/{self.agentid}/callback", json={"url": self.http.url}
        )
        assert answer.status_code == 200, answer.text

    def _verify(self, query: Query) -> bytes:
        echo = self.crypto.check_signature(
            query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
        )
        return bytes(echo) if isinstance(echo, bytes) else str(echo).encode()

    def _answer(self, query: Query, body: bytes) -> bytes:
        xml = self.crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
        message = parse_message(xml)
        self.messages.append(message)
        if self.answers is not None:
            return self.answers(message)
        reply = self.replies(message)
        return self.encrypted(create_reply(reply, message, render=True)) if reply else b""

    def encrypted(self, xml: str) -> bytes:
        return str(self.crypto.encrypt_message(xml, NONCE, str(int(time.time())))).encode()

    def callbacks(self) -> list[dict[str, Any]]:
        callbacks: list[dict[str, Any]] = self.corp.sim("callbacks", agentid=self.agentid)["callbacks"]
        return callbacks

    def outcome(self) -> Any:
        """What became of the reply in the last attempt at the last callback, once none waits."""
        deadline = time.monotonic() + 10
        while any(callback["state"] == "waiting" for callback in self.callbacks()):
            assert time.monotonic() < deadline, "a callback still waits"
            time.sleep(0.005)
        return self.callbacks()[-1]["attempts"][-1]["reply"]
