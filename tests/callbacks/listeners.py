"""Corps whose customers come one after the other, and receivers that note who came, in which order."""

import itertools
import re
import threading
import time
from collections import Counter
from typing import Any

import httpx

from tests.callbacks.receiver import Receiver
from wecom_tollbooth.callbacks import crypto

_ENCRYPTED = re.compile(rb"<Encrypt><!\[CDATA\[(.*?)\]\]></Encrypt>")
_CUSTOMER = re.compile(r"<ExternalUserID><!\[CDATA\[(.*?)\]\]></ExternalUserID>")
MEMBERS = ("zhangsan", "lisi", "wangwu")


class Listener:
    """A corp with a receiver. `act_until_stopped` adds customers; `heard` are those of the callbacks."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.Client(base_url=f"{base_url}/_sim/", timeout=60)
        made = self._http.post("corps", json={"seed": "demo", "customers": 0, "members": 3}).json()
        self.corpid: str = made["corpid"]
        self._app: dict[str, Any] = made["apps"][0]
        self._key: str = self._app["encoding_aes_key"]
        self.receiver = Receiver(lambda query: crypto.decrypt(self._key, query["echostr"], self.corpid))
        address = f"corps/{self.corpid}/apps/{self._app['agentid']}/callback"
        self._http.put(address, json={"url": self.receiver.url}).raise_for_status()
        self.answered: list[str] = []
        self.unanswered = 0
        self._stop = threading.Event()

    def act_until_stopped(self) -> threading.Thread:
        self._stop.clear()
        thread = threading.Thread(target=self._act, daemon=True)
        thread.start()
        return thread

    def act(self, userid: str) -> None:
        """Adds a customer. Raises httpx.HTTPError."""
        body = {"act": "member_adds_customer", "userid": userid}
        answer = self._http.post(f"corps/{self.corpid}/acts", json=body).raise_for_status()
        self.answered.append(answer.json()["external_userid"])

    def stop(self) -> None:
        self._stop.set()

    def _act(self) -> None:
        count = 0
        while not self._stop.is_set():
            count += 1
            try:
                self.act(MEMBERS[count % len(MEMBERS)])
            except httpx.HTTPError:
                self.unanswered += 1
                time.sleep(0.05)

    def wait_until_nothing_waits(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        asked: dict[str, str | int] = {"state": "waiting", "agentid": self._app["agentid"], "limit": 1}
        while self._http.get(f"corps/{self.corpid}/callbacks", params=asked).json()["callbacks"]:
            assert time.monotonic() < deadline, "callbacks are still waiting"
            time.sleep(0.05)

    def heard(self) -> list[str]:
        # A request that was cut off by a kill was not received.
        whole = [body for _, body in list(self.receiver.posts) if body.endswith(b"</xml>")]
        return [self._customer_of(body) for body in whole]

    def _customer_of(self, body: bytes) -> str:
        sealed = _ENCRYPTED.search(body)
        assert sealed
        found = _CUSTOMER.search(crypto.decrypt(self._key, sealed[1].decode(), self.corpid).decode())
        assert found
        return found[1]

    def lost(self) -> set[str]:
        return set(self.answered) - set(self.heard())

    def repeated(self) -> int:
        return sum(count - 1 for count in Counter(self.heard()).values())

    def out_of_order(self) -> int:
        """How many customers whose act was answered were heard before an earlier one."""
        places = {customer: place for place, customer in enumerate(self.answered)}
        heard = [places[customer] for customer in dict.fromkeys(self.heard()) if customer in places]
        return sum(here > after for here, after in itertools.pairwise(heard))

    def close(self) -> None:
        self.stop()
        self._http.close()
        self.receiver.close()
