"""Customers: of both types, of each add_way, with all that a field may hold and with nothing in it."""

from typing import Any

from wecom_tollbooth.seeds.edge.directory import PROFILE, STAFF, TEXT, WEB, WITHOUT_PAGE
from wecom_tollbooth.seeds.edge.tags import MANY, RARE_TAGS
from wecom_tollbooth.seeds.edge.texts import RARE, longest, rare

ADD_WAYS = (*range(7), *range(8, 19), 21, 22, 24, 201, 202)
BY_CHANNELS = 10
IN_THE_LARGE_GROUP = 480


def _wechat(id_: str, /, **fields: Any) -> dict[str, Any]:
    return {"ref": id_, "external_userid": f"wmEdge{id_}", **fields}


def _wecom(id_: str, /, **fields: Any) -> dict[str, Any]:
    return {"ref": id_, "external_userid": f"woEdge{id_}", "type": 2, **fields}


_FULL = {
    "userid": "zhangsan",
    "remark": longest(20),
    "description": longest(150),
    "remark_corp_name": longest(20),
    "remark_mobiles": ["13800000001", "021-12345678", "+85221234567"],
    "state": "x" * 30,
    "tags": ["客户等级/重要", "客户等级/规则组的重要", *MANY, *RARE_TAGS],
    "personal_tags": [
        {"group_name": "我的标签", "tag_name": RARE[0]},
        {"group_name": longest(30), "tag_name": longest(30)},
    ],
    "last_chat_at": "-1h",
    "follow_up": {
        "stage": "cooperating",
        "title": longest(64),
        "note": longest(500),
        "amount": 10**15,
        "priority": 3,
        "source": longest(32),
        "next_in_days": 7,
        "logs": [
            {"at": "-2d", "kind": kind, "text": RARE[1]} for kind in ("call", "visit", "message", "note")
        ],
    },
}
_EMPTY = {"userid": "lisi", "remark": "", "add_way": 0, "follow_up": {"title": "x"}}

_BY_TYPE = [
    _wechat("Full", name="全都有", gender=1, unionid="oEdgeFull", followers=[_FULL, _EMPTY]),
    _wechat("Bare", name=" ", gender=0, avatar="", unionid="", followers=[_EMPTY]),
    _wechat("Popular", name="六百人的客户", gender=2, followers=[{"userid": one} for one in STAFF]),
    _wecom(
        "Full",
        name="企业微信联系人",
        gender=1,
        position="采购经理",
        corp_name="甲乙商贸",
        corp_full_name="甲乙商贸有限公司",
        external_profile=PROFILE,
        followers=[{"userid": "zhangsan", "add_way": 3, "tags": ["客户等级/核心"]}],
    )
    | {"ref": "FullOfWeCom"},
    _wecom("Bare", avatar="", followers=[_EMPTY]) | {"ref": "BareOfWeCom"},
    _wecom("Longest", name=longest(64), position=longest(128), corp_name=longest(128))
    | {"corp_full_name": longest(128), "followers": [{"userid": "x" * 64}]},
]
_BY_PROFILE = [
    _wecom(f"Profile{number}", corp_name="甲乙商贸", external_profile=profile, followers=[{"userid": "lisi"}])
    for number, profile in enumerate(
        (
            {"external_attr": [TEXT]},
            {"external_attr": [WEB]},
            {"external_attr": [WITHOUT_PAGE]},
            {"external_corp_name": "只有简称"},
            {"wechat_channels": {"nickname": "待确认", "status": 1}},
        )
    )
]
_BY_ADD_WAY = [
    _wechat(
        f"Way{way}",
        followers=[
            {"userid": "lisi", "add_way": way, "added_at": f"-{way + 1}d"}
            | ({"wechat_channels": {"nickname": RARE[0], "source": 1}} if way == BY_CHANNELS else {})
            | ({"oper_userid": "zhangsan"} if way in (201, 202) else {})
        ],
    )
    for way in ADD_WAYS
]
_BY_CHANNELS = [
    _wechat(
        f"Channels{source}",
        followers=[
            {
                "userid": "lisi",
                "add_way": BY_CHANNELS,
                "wechat_channels": {"nickname": "视频号", "source": source},
            }
        ],
    )
    for source in (0, 2, 3)
]
_BY_TEXT = [
    _wechat(
        f"Text{number}",
        name=text,
        followers=[{"userid": "A-b_c.d@E", "remark": text[:20], "description": text, "tags": [tag]}],
    )
    for number, (text, tag) in enumerate(zip(RARE, RARE_TAGS, strict=True))
]
_BY_END = [
    _wechat("Pending", followers=[{"userid": "lisi", "pending": True}]),
    _wechat("DeletedMember", followers=[{"userid": "lisi", "deleted_by_customer_at": "-2d"}]),
    _wechat("DeletedByMember", followers=[{"userid": "lisi", "deleted_by_member_at": "-2d"}]),
    _wechat("Unassigned", followers=[{"userid": "gone"}]),
    _wechat("UnassignedToo", followers=[{"userid": "gone"}, {"userid": "lisi"}]),
    _wechat("UnassignedLongAgo", followers=[{"userid": "gone2", "added_at": "-800d"}]),
    _wechat("OfNobody", name="只在群里"),
    _wechat("OfOutside", followers=[{"userid": "outside"}]),
    _wechat("Oldest", followers=[{"userid": "founder", "added_at": "2016-04-18"}]),
    _wechat("Newest", followers=[{"userid": "founder", "added_at": "-0m"}]),
]
_names = rare()
_OF_THE_LARGE_GROUP = [
    _wechat(f"Group{number:03d}", name=next(_names), followers=[{"userid": STAFF[number]}])
    for number in range(IN_THE_LARGE_GROUP)
]

CUSTOMERS: list[dict[str, Any]] = [
    *_BY_TYPE, *_BY_PROFILE, *_BY_ADD_WAY, *_BY_CHANNELS, *_BY_TEXT, *_BY_END, *_OF_THE_LARGE_GROUP
]  # fmt: skip
