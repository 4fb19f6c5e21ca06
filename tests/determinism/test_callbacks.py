"""What apps with keys receive, to the byte, and what comes of their passive replies at any moment."""

import random
import time
from typing import Any

from tests.callbacks.receiver import Query
from tests.callbacks.steps import act
from tests.conftest import RunningServer
from tests.families.app_events.steps import write
from tests.families.app_events.wechatpy_app import WechatpyApp


class SlowApp(WechatpyApp):
    """Replies to texts after a while that differs each time."""

    heard: list[tuple[Query, bytes]]

    def _answer(self, query: Query, body: bytes) -> bytes:
        self.heard.append((query, body))
        time.sleep(random.random() / 50)
        return super()._answer(query, body)


def what_came(server: RunningServer) -> dict[str, Any]:
    """Acts one after the other, without waiting for what the app replies to them."""
    corp = server.make_corp(key="callbacks", seed="demo", customers=3)
    app = SlowApp(corp)
    app.heard = []
    app.replies = lambda message: f"收到：{message.content}" if message.type == "text" else ""
    made = []
    for number in range(6):
        write(app, f"第 {number} 句", userid=("zhangsan", "lisi")[number % 2])
        made.append(act(corp, "member_adds_customer", userid="zhangsan"))
    app.outcome()
    phones = [corp.sim(f"phones/{person}") for person in ("zhangsan", "lisi")]
    assert len(phones[0]["items"]) >= 3
    return {"heard": app.heard, "made": made, "phones": phones, "token": corp.client().token}


def test_callbacks_and_replies_are_the_same(server: RunningServer, second_server: RunningServer) -> None:
    first, second = what_came(server), what_came(second_server)
    assert len(first["heard"]) >= 12
    assert first == second
