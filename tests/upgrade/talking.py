"""Calls a server of any version over HTTP."""

import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.callbacks.receiver import Query, Receiver


class Talk:
    """The control API of one server, and its operations with any token."""

    def __init__(self, base_url: str) -> None:
        # The same host for every server, because answered addresses contain it.
        self._http = httpx.Client(base_url=base_url, timeout=60, headers={"Host": "tollbooth.test"})

    def sim(self, method: str, path: str, body: Any = None, **params: Any) -> dict[str, Any]:
        """The answer of a control call, which must succeed."""
        answer = self._http.request(method, f"/_sim{path}", json=body, params=params)
        assert answer.status_code == 200, f"{method} {path}: {answer.text}"
        return dict(answer.json())

    def call(
        self, operation: str, token: str = "", kind: str = "access_token", /, **fields: Any
    ) -> dict[str, Any]:
        """A POST with a JSON body and a token of this kind, answered with any errcode."""
        params = {kind: token} if token else {}
        return dict(self._http.post(f"/cgi-bin/{operation}", params=params, json=fields).json())

    def get(self, operation: str, token: str = "", /, **params: Any) -> dict[str, Any]:
        """A GET, answered with any errcode."""
        wanted = {"access_token": token, **params} if token else params
        return dict(self._http.get(f"/cgi-bin/{operation}", params=wanted).json())

    def send(self, path: str, body: Any) -> dict[str, Any]:
        """A POST to any path, such as that of a webhook."""
        return dict(self._http.post(path, json=body).json())

    @property
    def now(self) -> int:
        return int(self.sim("GET", "/clock")["now"])

    def advance(self, seconds: int) -> None:
        self.sim("POST", "/clock", {"advance_seconds": seconds})

    def set_clock(self, at: str) -> None:
        """Freezes the clock at this time of Asia/Shanghai."""
        self.sim("POST", "/clock", {"set": f"{at}+08:00", "freeze": True})

    def close(self) -> None:
        self._http.close()


class Corp:
    """A corp on that server, and a token of its first app."""

    def __init__(self, talk: Talk, made: dict[str, Any]) -> None:
        self.talk = talk
        self.corpid: str = made["corpid"]
        self.apps: list[dict[str, Any]] = made["apps"]
        self.token = ""

    @property
    def path(self) -> str:
        return f"/corps/{self.corpid}"

    def new_app(self, **wanted: Any) -> dict[str, Any]:
        self.apps.append(self.talk.sim("POST", f"{self.path}/apps", wanted))
        return self.apps[-1]

    def log_in(self, app: dict[str, Any] | None = None) -> str:
        """A currently valid token, by default of the first app."""
        secret = (app or self.apps[0])["secret"]
        reply = self.talk.get("gettoken", corpid=self.corpid, corpsecret=secret)
        token = str(reply["access_token"])
        if app is None:
            self.token = token
        return token

    def ok(self, operation: str, /, **fields: Any) -> dict[str, Any]:
        reply = self.talk.call(operation, self.token, **fields)
        assert reply["errcode"] == 0, f"{operation}: {reply}"
        return reply

    def ok_get(self, operation: str, /, **params: Any) -> dict[str, Any]:
        reply = self.talk.get(operation, self.token, **params)
        assert reply["errcode"] == 0, f"{operation}: {reply}"
        return reply

    def act(self, name: str, /, **fields: Any) -> dict[str, Any]:
        return self.talk.sim("POST", f"{self.path}/acts", {"act": name, **fields})

    def sim(self, path: str, **params: Any) -> dict[str, Any]:
        return self.talk.sim("GET", f"{self.path}/{path}", **params)

    def wait_until(self, done: Callable[[], bool], seconds: float = 30) -> None:
        """Waits for the thread that delivers."""
        deadline = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < deadline, self.callbacks(state="waiting")
            time.sleep(0.05)

    def callbacks(self, **params: Any) -> list[dict[str, Any]]:
        return list(self.sim("callbacks", limit=1000, **params)["callbacks"])


class Ear:
    """A receiver of callbacks on loopback that listens for one app of a corp."""

    def __init__(self, corpid: str, app: dict[str, Any]) -> None:
        from wechatpy.enterprise.crypto import WeChatCrypto

        self.agentid: int = app["agentid"]
        self._crypto = WeChatCrypto(app["callback_token"], app["encoding_aes_key"], corpid)
        self.receiver = Receiver(self._open_echo)

    def listen(self, corp: Corp) -> None:
        corp.talk.sim("PUT", f"{corp.path}/apps/{self.agentid}/callback", {"url": self.receiver.url})

    def received(self, count: int) -> list[str]:
        """The plain XML of the first `count` events, once they have arrived."""
        return [self._open(query, body) for query, body in self.receiver.wait_for(count)]

    def close(self) -> None:
        self.receiver.close()

    def _open_echo(self, query: Query) -> bytes:
        echo = self._crypto.check_signature(
            query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
        )
        return echo if isinstance(echo, bytes) else str(echo).encode()

    def _open(self, query: Query, body: bytes) -> str:
        opened = self._crypto.decrypt_message(
            body, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        return opened if isinstance(opened, str) else bytes(opened).decode()
