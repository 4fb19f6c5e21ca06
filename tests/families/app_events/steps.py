"""Steps that the tests of passive replies share."""

from typing import Any

from tests.callbacks.steps import act
from tests.families.app_events.wechatpy_app import WechatpyApp


def write(app: WechatpyApp, content: str = "在吗", userid: str = "zhangsan") -> dict[str, Any]:
    """The member writes a text to the app."""
    return act(
        app.corp,
        "member_sends_app_message",
        agentid=app.agentid,
        userid=userid,
        msgtype="text",
        content=content,
    )


def plain(app: WechatpyApp, **changed: str) -> str:
    """The plain XML of a text reply."""
    elements = {
        "ToUserName": "zhangsan",
        "FromUserName": app.corp.corpid,
        "CreateTime": "1348831860",
        "MsgType": "text",
        "Content": "在的",
    } | changed
    return "<xml>" + "".join(f"<{name}>{text}</{name}>" for name, text in elements.items()) + "</xml>"
