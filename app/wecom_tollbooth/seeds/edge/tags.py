"""Rule groups, tags of the corp and of rule groups, living and deleted."""

from typing import Any

from wecom_tollbooth.seeds.edge.texts import RARE, longest

DELETED_TAG, DELETED_GROUP, TAG_OF_DELETED_GROUP = "etEdgeDeletedTag", "etEdgeDeletedGroup", "etEdgeTagOfGone"
_NAMES = [text.replace("\n", " ") for text in RARE]

TAGS: dict[str, Any] = {
    "rule_groups": [
        {
            "strategy_id": 1,
            "name": "湖滨规则组",
            "admins": ["zhangsan", "lisi"],
            "members": ["zhangsan", "lisi", "A-b_c.d@E"],
            "departments": [2],
            "without": ["share_customer", "send_group_msg"],
        },
        {"strategy_id": 2, "name": "下级规则组", "parent_id": 1, "admins": ["lisi"], "members": ["lisi"]},
        {"strategy_id": 3, "name": longest(64)},  # nobody in it, nobody responsible
        {"strategy_id": 2**32 - 1, "name": RARE[0], "departments": [1]},
    ],
    "tag_groups": [
        {"name": "客户等级", "order": 2, "tags": ["一般", {"name": "重要", "order": 2**32 - 1}, "核心"]},
        {
            "name": "罕见字符",
            "tags": [*_NAMES, longest(30), {"name": "已删除", "tag_id": DELETED_TAG, "deleted_at": "-5d"}],
        },
        {"name": longest(30), "order": 2**32 - 1, "tags": ["一"]},
        {
            "name": "已删除的标签组",
            "group_id": DELETED_GROUP,
            "deleted_at": "-5d",
            "tags": [{"name": "随组删除", "tag_id": TAG_OF_DELETED_GROUP}],
        },
        {
            "name": "客户等级",
            "strategy_id": 1,
            "tags": ["规则组的一般", {"name": "规则组的重要", "order": 1}],
        },
        {"name": "最早的标签组", "created_at": "2016-04-18", "tags": ["最早的标签"]},
        {"name": "很多标签", "tags": [f"标签{number:03d}" for number in range(100)]},
    ],
}
MANY = [f"很多标签/标签{number:03d}" for number in range(100)]
RARE_TAGS = [f"罕见字符/{name}" for name in _NAMES]
