"""customer_acquisition (page 97299): acquisition links (获客链接) and the prepaid quota."""

from typing import Annotated

from wecom_tollbooth.callbacks.events.event import Doc, Event, ExternalUserId, UserId, constant
from wecom_tollbooth.callbacks.events.receiver_rules import CUSTOMER_APPS_ALL, THE_APP_THAT_MADE_THE_LINK

LinkIdValue = Annotated[str, Doc("the link", "获客链接 ID")]
Channel = Annotated[
    str, Doc("customer_channel of the address that was opened", "所打开链接的 customer_channel")
]
ChatKeyValue = Annotated[
    str,
    Doc(
        "for getting the customer's messages, valid for 30 minutes",
        "用于获取成员多次收消息详情，30 分钟内有效",
    ),
]


class QuotaEvent(Event):
    """获客额度 / Quota of 获客助手."""

    event = "customer_acquisition"
    page = "97299"
    checked = "2026-08"
    receivers = CUSTOMER_APPS_ALL


class BalanceLow(QuotaEvent):
    """获客额度即将耗尽 / Fewer than 20 units of the quota are left."""

    ChangeType: str = constant("balance_low")


class BalanceExhausted(QuotaEvent):
    """使用量已经耗尽 / The quota is used up, or what was left of it expired."""

    ChangeType: str = constant("balance_exhausted")


class BalanceIncreased(QuotaEvent):
    """获客额度增加 / There is quota again after there was none."""

    ChangeType: str = constant("balance_increased")


class QuotaExpireSoon(QuotaEvent):
    """获客额度即将过期 / Part of the quota expires in 14, 7, 3, 2 or 1 days."""

    ChangeType: str = constant("quota_expire_soon")
    ExpireTime: Annotated[int, Doc("when it expires, unix seconds", "过期时间，Unix 秒")]
    ExpireQuotaNum: Annotated[int, Doc("units that expire then", "届时过期的额度")]


class LinkEvent(Event):
    """获客链接 / Acquisition links."""

    event = "customer_acquisition"
    page = "97299"
    checked = "2026-08"
    receivers = THE_APP_THAT_MADE_THE_LINK


class LinkUnavailable(LinkEvent):
    """获客链接不可用 / No member of the link can take a customer."""

    ChangeType: str = constant("link_unavailable")
    LinkId: LinkIdValue


class DeleteLink(LinkEvent):
    """获客链接被删除 / A link is deleted in the admin console or the client."""

    ChangeType: str = constant("delete_link")
    LinkId: LinkIdValue


class OpenProfile(LinkEvent):
    """微信用户打开获客链接资料页 / A WeChat user opens the profile page through a link."""

    ChangeType: str = constant("open_profile")
    LinkId: LinkIdValue
    State: Channel


class FriendRequest(LinkEvent):
    """微信用户发起好友申请 / A WeChat user sends a friend request through a link."""

    ChangeType: str = constant("friend_request")
    LinkId: LinkIdValue
    State: Channel


class CustomerStartChat(LinkEvent):
    """成员首次收到客户消息 / A customer of a link sends the member their first message."""

    ChangeType: str = constant("customer_start_chat")
    UserID: UserId
    ExternalUserID: ExternalUserId
    LinkId: LinkIdValue


class MessageFromCustomer(LinkEvent):
    """成员多次收到客户消息 / A customer of a link sends the member their 3rd, 5th or 10th message."""

    ChangeType: str = constant("message_from_customer")
    LinkId: LinkIdValue
    ChatKey: ChatKeyValue
