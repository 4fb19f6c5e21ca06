"""Creating members by the API and reading them."""

from typing import Any

from tests.conftest import WeCom

EXTATTR = {
    "attrs": [
        {"type": 0, "name": "爱好", "text": {"value": "旅游"}},
        {"type": 1, "name": "主页", "web": {"url": "http://www.test.com", "title": "标题"}},
    ]
}
PROFILE = {
    "external_corp_name": "企业简称",
    "wechat_channels": {"nickname": "视频号名称"},
    "external_attr": [
        {"type": 0, "name": "文本名称", "text": {"value": "文本"}},
        {
            "type": 2,
            "name": "测试app",
            "miniprogram": {"appid": "wx8bd8012614784fake", "pagepath": "/index", "title": "my miniprog"},
        },
    ],
}


def new_member(sync: WeCom, userid: str, **fields: Any) -> dict[str, Any]:
    """user/create, which must succeed; with an email unless `fields` have mobile or email."""
    if "mobile" not in fields and "email" not in fields:
        fields["email"] = f"{userid}@example.com"
    reply = sync.post("user/create", {"userid": userid, "name": userid, **fields})
    assert reply["errcode"] == 0, reply
    return reply


def member_ids(client: WeCom, department: int, **params: Any) -> list[str]:
    reply = client.get("user/simplelist", department_id=department, **params)
    assert reply["errcode"] == 0, reply
    return [member["userid"] for member in reply["userlist"]]
