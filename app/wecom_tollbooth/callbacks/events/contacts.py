"""change_external_contact (page 92130): customers come, change and go."""

from typing import Annotated

from wecom_tollbooth.callbacks.events.event import Doc, Event, ExternalUserId, UserId, constant
from wecom_tollbooth.callbacks.events.receiver_rules import CUSTOMER_APPS_THAT_SEE_THE_MEMBER

StateValue = Annotated[
    str,
    Doc(
        "state of the contact way, or customer_channel of the acquisition link, if there is one",
        "「联系我」的 state 或获客链接的 customer_channel，没有时不出现",
    ),
]
WelcomeCodeValue = Annotated[
    str,
    Doc(
        "code for send_welcome_msg, another one for each app; not if the customer uses WeCom, the two "
        "have talked, the code of a half contact was used or an admin has set a welcome message",
        "用于发送欢迎语，每个应用各不相同；对方是企业微信用户、双方已聊过、免验证添加的 code 已用过"
        "或管理员已为成员设置欢迎语时不出现",
    ),
]
SourceValue = Annotated[
    str, Doc("DELETE_BY_TRANSFER after a transfer", "因在职继承而删除时为 DELETE_BY_TRANSFER")
]


WHO_IT_IS = "/cgi-bin/externalcontact/get"


class ContactEvent(Event):
    """企业客户变更 / Customers of members."""

    event = "change_external_contact"
    page = "92130"
    checked = "2026-08"
    receivers = CUSTOMER_APPS_THAT_SEE_THE_MEMBER


class AddExternalContact(ContactEvent):
    """添加企业客户 / A customer becomes a member's contact."""

    ChangeType: str = constant("add_external_contact")
    UserID: UserId
    ExternalUserID: ExternalUserId
    State: StateValue | None = None
    WelcomeCode: WelcomeCodeValue | None = None
    asks_for = WHO_IT_IS
    names = ("ExternalUserID", "WelcomeCode")


class EditExternalContact(ContactEvent):
    """编辑企业客户 / A member changes remark, phone numbers or tags of a customer in the client."""

    ChangeType: str = constant("edit_external_contact")
    UserID: UserId
    ExternalUserID: ExternalUserId
    asks_for = WHO_IT_IS
    names = ("ExternalUserID",)


class AddHalfExternalContact(ContactEvent):
    """外部联系人免验证添加成员 / A customer adds a member, who has not added them back yet."""

    ChangeType: str = constant("add_half_external_contact")
    UserID: UserId
    ExternalUserID: ExternalUserId
    State: StateValue | None = None
    WelcomeCode: WelcomeCodeValue | None = None
    asks_for = WHO_IT_IS
    names = ("ExternalUserID", "WelcomeCode")


class DelExternalContact(ContactEvent):
    """删除企业客户 / A member deletes a customer, or the customer is transferred to another member."""

    ChangeType: str = constant("del_external_contact")
    UserID: UserId
    ExternalUserID: ExternalUserId
    Source: SourceValue | None = None


class DelFollowUser(ContactEvent):
    """删除跟进成员 / A customer deletes a member."""

    ChangeType: str = constant("del_follow_user")
    UserID: UserId
    ExternalUserID: ExternalUserId


class TransferFail(ContactEvent):
    """客户接替失败 / A customer could not be transferred to another member."""

    ChangeType: str = constant("transfer_fail")
    FailReason: Annotated[
        str,
        Doc(
            "customer_refused, or customer_limit_exceed: that member has no room",
            "customer_refused：客户拒绝；customer_limit_exceed：接替成员的客户数已达上限",
        ),
    ]
    UserID: Annotated[str, Doc("the member who should have taken over", "接替成员 userid")]
    ExternalUserID: ExternalUserId


class ArchiveEvent(Event):
    """客户同意存档会话内容 / Consent of customers to the message archive."""

    event = "change_external_contact"
    page = "92005"
    checked = "2026-08"
    receivers = CUSTOMER_APPS_THAT_SEE_THE_MEMBER


class MsgAuditApproved(ArchiveEvent):
    """客户同意进行聊天内容存档 / A customer agrees that what they and a member write is archived."""

    ChangeType: str = constant("msg_audit_approved")
    UserID: UserId
    ExternalUserID: ExternalUserId
    WelcomeCode: WelcomeCodeValue | None = None
