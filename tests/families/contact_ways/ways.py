"""Calls of the contact way operations."""

from typing import Any

from tests.conftest import WeCom

DAY = 86_400
LINK = {"title": "活动", "picurl": "https://a.example/p.png", "desc": "说明", "url": "https://a.example"}
GO_ZEROS = {
    "style": 0,
    "remark": "",
    "state": "",
    "user": [],
    "party": [],
    "is_temp": False,
    "expires_in": 0,
    "chat_expires_in": 0,
    "unionid": "",
    "conclusions": {
        "text": {"content": ""},
        "image": {"media_id": ""},
        "link": {"title": "", "picurl": "", "desc": "", "url": ""},
        "miniprogram": {"title": "", "pic_media_id": "", "appid": "", "page": ""},
    },
}
"""What Go clients send for unset fields."""


def add_way(wecom: WeCom, **fields: Any) -> dict[str, Any]:
    body = {"type": 1, "scene": 2, "user": ["zhangsan"], **fields}
    return wecom.post("externalcontact/add_contact_way", body)


def new_way(wecom: WeCom, **fields: Any) -> str:
    reply = add_way(wecom, **fields)
    assert reply["errcode"] == 0, reply
    return str(reply["config_id"])


def get_way(wecom: WeCom, config_id: str) -> dict[str, Any]:
    reply = wecom.post("externalcontact/get_contact_way", config_id=config_id)
    assert reply["errcode"] == 0, reply
    return dict(reply["contact_way"])


def update_errcode(wecom: WeCom, config_id: str, **fields: Any) -> int:
    reply = wecom.post("externalcontact/update_contact_way", {"config_id": config_id, **fields})
    return int(reply["errcode"])


def delete_errcode(wecom: WeCom, config_id: str) -> int:
    return int(wecom.post("externalcontact/del_contact_way", config_id=config_id)["errcode"])
