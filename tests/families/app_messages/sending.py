"""Sending messages, and what phones then show, for the tests of application messages."""

from typing import Any

from tests.conftest import Corp, WeCom

SEND = "message/send"
ADDRESS = "http://127.0.0.1:9/callback"
TEXT = {"content": "新茶到店，请各门店上架。"}


def send(wecom: WeCom, msgtype: str = "text", part: Any = TEXT, **fields: Any) -> dict[str, Any]:
    """Sends to lisi unless `fields` name others."""
    return wecom.post(
        SEND, {"touser": "lisi", "msgtype": msgtype, "agentid": wecom.agentid, msgtype: part, **fields}
    )


def sent(wecom: WeCom, msgtype: str = "text", part: Any = TEXT, **fields: Any) -> dict[str, Any]:
    reply = send(wecom, msgtype, part, **fields)
    assert reply["errcode"] == 0, reply
    return reply


def phone(corp: Corp, userid: str = "lisi") -> list[dict[str, Any]]:
    """What the member's phone shows of apps' messages, oldest first."""
    return [item for item in corp.sim(f"phones/{userid}")["items"] if item["kind"] == "app_message"]


def last_on(corp: Corp, userid: str = "lisi") -> dict[str, Any]:
    return phone(corp, userid)[-1]


def advance(corp: Corp, seconds: int) -> None:
    answer = corp.server.sim.post("/clock", json={"advance_seconds": seconds})
    assert answer.status_code == 200, answer.text
