"""change_external_chat (page 92130): customer groups begin, change and end."""

from typing import Annotated

from wecom_tollbooth.callbacks.events.event import Doc, Event, Items, constant
from wecom_tollbooth.callbacks.events.receiver_rules import CUSTOMER_APPS_THAT_SEE_THE_OWNER

ChatIdValue = Annotated[str, Doc("the group", "客户群 ID")]
Detail = Annotated[
    str,
    Doc(
        "add_member, del_member, change_owner, change_name or change_notice",
        "add_member、del_member、change_owner、change_name 或 change_notice",
    ),
]
JoinSceneValue = Annotated[
    int,
    Doc("of add_member: 0 invited, 3 scanned the group's code", "add_member 时：0 由成员邀请，3 扫码入群"),
]
QuitSceneValue = Annotated[
    int, Doc("of del_member: 0 left, 1 removed", "del_member 时：0 自己退群，1 被群主或管理员移出")
]
Count = Annotated[int, Doc("how many people joined or left", "入群或退群人数")]
People = Annotated[
    Items, Doc("who joined or left: userid or external_userid", "入群或退群的人：userid 或 external_userid")
]
VersionBefore = Annotated[str, Doc("version of the members before the change", "变更前的成员版本号")]
VersionAfter = Annotated[
    str,
    Doc(
        "the version after it, which is member_version of groupchat/get",
        "变更后的成员版本号，同 groupchat/get 的 member_version",
    ),
]


THE_GROUP = "/cgi-bin/externalcontact/groupchat/get"


class GroupChatEvent(Event):
    """客户群变更 / Customer groups."""

    event = "change_external_chat"
    page = "92130"
    checked = "2026-08"
    receivers = CUSTOMER_APPS_THAT_SEE_THE_OWNER


class CreateExternalChat(GroupChatEvent):
    """客户群创建 / A customer group is created."""

    ChatId: ChatIdValue
    ChangeType: str = constant("create")
    asks_for = THE_GROUP
    names = ("ChatId",)


class UpdateExternalChat(GroupChatEvent):
    """客户群变更 / Members, owner, name or notice of a customer group change."""

    ChatId: ChatIdValue
    ChangeType: str = constant("update")
    UpdateDetail: Detail
    JoinScene: JoinSceneValue | None = None
    QuitScene: QuitSceneValue | None = None
    MemChangeCnt: Count | None = None
    MemChangeList: People | None = None
    LastMemVer: VersionBefore | None = None
    CurMemVer: VersionAfter | None = None
    asks_for = THE_GROUP
    names = ("ChatId",)


class DismissExternalChat(GroupChatEvent):
    """客户群解散 / The owner dissolves a customer group."""

    ChatId: ChatIdValue
    ChangeType: str = constant("dismiss")
