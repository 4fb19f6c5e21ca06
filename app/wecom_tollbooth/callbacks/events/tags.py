"""change_external_tag (page 92130): admins change the corp's customer tags."""

from typing import Annotated

from wecom_tollbooth.callbacks.events.event import Doc, Event, constant
from wecom_tollbooth.callbacks.events.receiver_rules import CUSTOMER_APPS_ALL

TagId = Annotated[str, Doc("the tag or tag group", "标签或标签组 ID")]
TagTypeValue = Annotated[str, Doc("tag or tag_group", "tag 或 tag_group")]
StrategyIdValue = Annotated[
    int,
    Doc(
        "rule group of the tag; only to the 客户联系 secret, and only if the tag belongs to a rule group",
        "标签所属规则组；只回调给客户联系系统应用，且仅限规则组标签",
    ),
]
GroupOrAll = Annotated[
    str, Doc("the tag group; empty: the groups themselves", "标签组 ID；为空表示标签组之间重新排序")
]
StrategyIdText = Annotated[
    str,
    Doc(
        "rule group of the tags, to all of these apps, written as text",
        "标签所属规则组，所有这些应用都会收到，以文本形式出现",
    ),
]

NO_RULE_GROUP = {
    "StrategyId": Doc(
        "admins create tags in the corp's own library alone here", "模拟器中管理员只在企业标签库里新建标签"
    )
}


class TagEvent(Event):
    """企业客户标签变更 / Customer tags of the corp."""

    event = "change_external_tag"
    page = "92130"
    checked = "2026-08"
    receivers = CUSTOMER_APPS_ALL


class CreateExternalTag(TagEvent):
    """创建企业客户标签 / An admin creates a tag or a tag group."""

    Id: TagId
    TagType: TagTypeValue
    ChangeType: str = constant("create")
    not_sent = NO_RULE_GROUP


class UpdateExternalTag(TagEvent):
    """变更企业客户标签 / An admin renames a tag or a tag group, or moves it."""

    Id: TagId
    TagType: TagTypeValue
    ChangeType: str = constant("update")
    StrategyId: StrategyIdValue | None = None


class DeleteExternalTag(TagEvent):
    """删除企业客户标签 / An admin deletes a tag, or a tag group with its tags."""

    Id: TagId
    TagType: TagTypeValue
    ChangeType: str = constant("delete")
    StrategyId: StrategyIdValue | None = None


class ShuffleExternalTag(TagEvent):
    """企业客户标签重排 / An admin reorders the tags of a group, or all groups."""

    Id: GroupOrAll
    StrategyId: StrategyIdText | None = None
    ChangeType: str = constant("shuffle")
