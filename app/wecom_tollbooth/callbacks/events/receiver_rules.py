"""Rules for who receives an event. Each event names one; callbacks/receivers.py applies them."""

from dataclasses import dataclass
from typing import Literal

from wecom_tollbooth.corps.app_kinds import CUSTOMER_APPS, EVERY_APP, MEMBER_APPS, AppKind

Narrowing = Literal["none", "visible_member", "one_app", "by_raiser"]


@dataclass(frozen=True)
class ReceiverRule:
    """The enabled apps of these kinds, narrowed to those that the event concerns.

    `visible_member`: those that see the member whom the event is about. `one_app`: the one that the raiser
    names. `by_raiser`: the raiser picks, and what the apps receive differs.
    """

    kinds: frozenset[AppKind]
    narrowed_by: Narrowing
    with_address_only: bool
    en: str
    zh: str


CUSTOMER_APPS_ALL = ReceiverRule(
    CUSTOMER_APPS,
    "none",
    False,
    "self-built apps that 客户联系 lists under 可调用接口的应用, and the 客户联系 secret of an older corp",
    "客户联系“可调用接口的应用”中的自建应用，以及老企业的客户联系系统应用",
)
CUSTOMER_APPS_THAT_SEE_THE_MEMBER = ReceiverRule(
    CUSTOMER_APPS,
    "visible_member",
    False,
    f"{CUSTOMER_APPS_ALL.en}, if the member is in their visible range",
    f"{CUSTOMER_APPS_ALL.zh}，且成员在应用可见范围内",
)
CUSTOMER_APPS_THAT_SEE_THE_OWNER = ReceiverRule(
    CUSTOMER_APPS,
    "visible_member",
    False,
    f"{CUSTOMER_APPS_ALL.en}, if the group's owner is in their visible range; nobody if the owner has left "
    "or may not have customers",
    f"{CUSTOMER_APPS_ALL.zh}，且群主在应用可见范围内；群主已离职或没有客户联系权限时不回调",
)
THE_APP_THAT_MADE_THE_LINK = ReceiverRule(
    CUSTOMER_APPS,
    "one_app",
    False,
    "the app that created the link, if it may still call the operations of 客户联系",
    "创建该获客链接的应用（仍可调用客户联系接口时）",
)
THE_APP_THAT_MADE_THE_DOCUMENT = ReceiverRule(
    EVERY_APP, "one_app", False, "the app that created the document", "创建该文档的应用"
)
THE_APP_THAT_ASKED = ReceiverRule(
    EVERY_APP, "one_app", False, "the app that submitted the job", "提交任务的应用"
)
DIRECTORY_APPS = ReceiverRule(
    frozenset({AppKind.CONTACTS_SYNC, AppKind.PROVIDER_DEVELOPED}),
    "by_raiser",
    False,
    "provider-developed apps that see the member or department; the 通讯录同步 assistant too, except for "
    "its own changes through the API, with ids and departments only",
    "可见该成员或部门的代开发应用；通讯录同步助手也会收到（它自己通过接口做的变更除外），但只有 ID 和部门",
)
THE_APP_ITSELF = ReceiverRule(EVERY_APP, "one_app", False, "the app itself", "该应用本身")
THE_APP_OF_THE_MEMBER = ReceiverRule(
    MEMBER_APPS,
    "one_app",
    False,
    "the app that the member uses, self-built or provider-developed",
    "成员所使用的应用（自建或代开发）",
)
APPS_OF_MEMBERS = ReceiverRule(
    MEMBER_APPS,
    "by_raiser",
    True,
    "self-built and provider-developed apps with a callback address, whose visible range the member comes "
    "into or leaves",
    "已配置回调地址的自建或代开发应用，且成员进入或离开其可见范围",
)
APPS_WITH_AN_ADDRESS = ReceiverRule(
    EVERY_APP, "none", True, "every app that has a callback address", "所有已配置回调地址的应用"
)
