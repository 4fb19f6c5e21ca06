"""Departments, members of every kind, 600 of them in one shop, their tags, and apps that see more or less."""

from typing import Any

from wecom_tollbooth.seeds.edge.texts import RARE, longest

STAFF = tuple(f"staff{number:03d}" for number in range(600))
"""All of them follow one customer."""
WEB = {"type": 1, "name": "门店主页", "web": {"url": "https://example.com/shop", "title": "门店主页"}}
TEXT = {"type": 0, "name": "口号", "text": {"value": "一杯好茶"}}
PROGRAM = {
    "type": 2,
    "name": "点单",
    "miniprogram": {"appid": "wx8bd80126147df384", "pagepath": "/index", "title": "点单小程序"},
}
WITHOUT_PAGE = PROGRAM | {"miniprogram": {"appid": "wx8bd80126147df384", "title": "首页"}}
PROFILE = {
    "external_corp_name": "湖滨奶茶",
    "wechat_channels": {"nickname": "湖滨奶茶", "status": 0},
    "external_attr": [TEXT, WEB, PROGRAM],
}

_FULL: dict[str, Any] = {
    "userid": "zhangsan",
    "name": "张三",
    "departments": [{"id": 2, "order": 10, "is_leader": True}, {"id": 3, "order": 1}],
    "mobile": "13800000001",
    "email": "zhangsan@example.com",
    "biz_mail": "zhangsan@mail.example.com",
    "biz_mail_alias": ["zs@mail.example.com", "san@mail.example.com"],
    "position": "店长",
    "alias": "老张",
    "gender": "1",
    "telephone": "0571-88880001,8001",
    "address": "杭州市上城区湖滨路 1 号",
    "direct_leader": ["lisi"],
    "external_position": "客户经理",
    "external_profile": PROFILE,
    "extattr": [TEXT, WEB],
}
_OTHERS: list[dict[str, Any]] = [
    {"userid": "lisi", "name": "李四", "departments": [2]},  # nothing that may be left out
    {"userid": "A-b_c.d@E", "name": RARE[0], "alias": RARE[3], "departments": [3]},
    {"userid": "x" * 64, "name": longest(64), "alias": longest(64), "position": longest(128)},
    {"userid": "abroad", "name": RARE[2], "mobile": "+85221234567", "gender": "2", "departments": [4]},
    {"userid": "1", "name": "0", "departments": [2], "external_profile": {"external_corp_name": "简称"}},
    {"userid": "00", "name": "00", "departments": [2], "external_profile": {"external_attr": [WITHOUT_PAGE]}},
    {"userid": "disabled", "name": "已禁用", "status": "disabled"},
    {"userid": "inactive", "name": "未激活", "status": "not_activated", "email": "inactive@example.com"},
    {"userid": "unnamed", "name": "未实名", "real_named": False},
    {"userid": "outside", "name": "不在使用范围", "may_follow": False},
    {"userid": "gone", "name": "离职甲", "left_at": "-20d", "departments": [2]},
    {"userid": "gone2", "name": "离职乙", "left_at": "-400d", "created_at": "-900d"},
    {"userid": "founder", "name": "元老", "created_at": "2016-04-18", "departments": [1]},
]

DIRECTORY: dict[str, Any] = {
    "departments": [
        {"id": 2, "name": "湖滨店", "name_en": "Lakeside", "order": 100},
        {"id": 3, "name": "仓库", "parentid": 2},
        {"id": 4, "name": RARE[1], "parentid": 3},
        {"id": 5, "name": longest(64), "order": 2**32 - 1},
        {"id": 2**32 - 1, "name": "没有人的部门"},
        {"id": 6, "name": "六百人", "parentid": 5},
    ],
    "members": [
        _FULL,
        *_OTHERS,
        *({"userid": userid, "name": f"店员{userid[5:]}", "departments": [6]} for userid in STAFF),
    ],
    "member_tags": [
        {"tagid": 1, "name": "店长", "members": ["zhangsan", "lisi"], "departments": [3, 4]},
        {"tagid": 2**32 - 1, "name": "没有人的标签"},
        {"tagid": 3, "name": longest(32)},
    ],
    "apps": [
        {"name": "早年的应用", "agentid": 1000011, "created_at": "2021-05-01"},
        {"name": "只见仓库与李四", "agentid": 1000012, "visible": {"userid": ["lisi"], "partyid": [3]}},
        {"name": "只见店长", "agentid": 1000014, "visible": {"tagid": [1]}},
        {"name": "谁也不见", "agentid": 1000013, "visible": {"userid": [], "partyid": []}},
    ],
}
