"""What operations ask of their callers, and which kinds of app have it.

Source: the permission profiles of pages 92109, 90313 and 90194 as of 2026-08.
"""

from enum import StrEnum

from wecom_tollbooth.corps.app_kinds import (
    CUSTOMER_APPS,
    EVERY_APP,
    LISTED,
    MARKETING_APPS,
    MEMBER_APPS,
    OF_PROVIDERS,
    OF_THE_CORP,
    PROVIDER_APPS,
    SELF_BUILT_APPS,
    THIRD_PARTY_APPS,
    AppKind,
)


class Permission(StrEnum):
    """What an operation asks of its caller; HOLDERS says who has it."""

    ANY = "any"
    CUSTOMER = "customer"
    CUSTOMER_BASE = "customer_base"
    CUSTOMER_SELF_BUILT = "customer_self_built"
    TAG_WRITE = "tag_write"
    CUSTOMER_STRATEGY = "customer_strategy"
    MOMENT = "moment"
    MOMENT_STRATEGY = "moment_strategy"
    INTERCEPT_RULE = "intercept_rule"
    PRODUCT_ALBUM = "product_album"
    SCHOOL_NOTICE = "school_notice"
    CONTACT_WAY = "contact_way"
    JOIN_WAY = "join_way"
    MASS_MESSAGE = "mass_message"
    WELCOME = "welcome"
    GROUP_WELCOME = "group_welcome"
    ACQUISITION = "acquisition"
    ACQUISITION_LINK = "acquisition_link"
    MARKETING = "marketing"
    DOCUMENT = "document"
    DOCUMENT_SELF_BUILT = "document_self_built"
    APP_MESSAGE = "app_message"
    DIRECTORY_READ = "directory_read"
    DIRECTORY_IDS = "directory_ids"
    DIRECTORY_SYNC = "directory_sync"
    CUSTOMER_OPENID = "customer_openid"
    SELF_BUILT_ANY = "self_built_any"
    PROVIDER_APP = "provider_app"
    APP_OF_PROVIDER = "app_of_provider"
    PENDING_ID = "pending_id"
    PROVIDER_DEVELOPED = "provider_developed"
    CORP_GROUP = "corp_group"
    TEMPORARY_IDS = "temporary_ids"
    SUITE = "suite"
    PROVIDER = "provider"
    VISITORS = "visitors"
    VERIFICATION = "verification"
    OWN_APP = "own_app"
    OWN_APP_READ = "own_app_read"
    OWN_APP_WRITE = "own_app_write"
    WORKBENCH = "workbench"
    WEBHOOK = "webhook"
    GROUP_ROBOT = "group_robot"
    MESSAGE_ARCHIVE = "message_archive"
    SECURITY = "security"
    EXTERNAL_PAYMENTS = "external_payments"


HOLDERS: dict[Permission, frozenset[str]] = {
    Permission.ANY: EVERY_APP,
    Permission.CUSTOMER: CUSTOMER_APPS | PROVIDER_APPS,
    Permission.CUSTOMER_BASE: CUSTOMER_APPS | PROVIDER_APPS | MARKETING_APPS,
    Permission.CUSTOMER_SELF_BUILT: LISTED,
    Permission.TAG_WRITE: CUSTOMER_APPS | PROVIDER_APPS,
    Permission.CUSTOMER_STRATEGY: CUSTOMER_APPS | PROVIDER_APPS,
    Permission.MOMENT: CUSTOMER_APPS | PROVIDER_APPS,
    Permission.MOMENT_STRATEGY: CUSTOMER_APPS | PROVIDER_APPS,
    Permission.INTERCEPT_RULE: CUSTOMER_APPS | PROVIDER_APPS,
    Permission.PRODUCT_ALBUM: CUSTOMER_APPS | PROVIDER_APPS,
    Permission.SCHOOL_NOTICE: LISTED,
    Permission.CONTACT_WAY: CUSTOMER_APPS | PROVIDER_APPS | MARKETING_APPS,
    Permission.JOIN_WAY: CUSTOMER_APPS | PROVIDER_APPS | MARKETING_APPS,
    Permission.MASS_MESSAGE: CUSTOMER_APPS | PROVIDER_APPS | MARKETING_APPS,
    Permission.WELCOME: CUSTOMER_APPS | PROVIDER_APPS | MARKETING_APPS,
    Permission.GROUP_WELCOME: CUSTOMER_APPS | PROVIDER_APPS,
    Permission.ACQUISITION: LISTED | PROVIDER_APPS,
    Permission.ACQUISITION_LINK: LISTED | PROVIDER_APPS | MARKETING_APPS,
    Permission.MARKETING: MARKETING_APPS,
    # Listed under 文档 → 可调用接口的应用. One switch for both lists: an app in 客户联系's is in it too.
    # Apps of providers need the right 文档, which those with rights on customers have here.
    Permission.DOCUMENT: LISTED | PROVIDER_APPS,
    Permission.DOCUMENT_SELF_BUILT: LISTED,
    # Apps that members see, unlike the secrets of 通讯录同步 and 客户联系 (page 90313, 48002).
    Permission.APP_MESSAGE: SELF_BUILT_APPS | OF_PROVIDERS,
    Permission.DIRECTORY_READ: OF_THE_CORP - {AppKind.CONTACTS_SYNC},
    Permission.DIRECTORY_IDS: OF_THE_CORP,
    Permission.DIRECTORY_SYNC: frozenset({AppKind.CONTACTS_SYNC}),
    Permission.CUSTOMER_OPENID: CUSTOMER_APPS | PROVIDER_APPS | MARKETING_APPS,
    Permission.SELF_BUILT_ANY: SELF_BUILT_APPS,
    Permission.PROVIDER_APP: PROVIDER_APPS,
    Permission.APP_OF_PROVIDER: OF_PROVIDERS,
    Permission.PENDING_ID: PROVIDER_APPS | MARKETING_APPS,
    Permission.PROVIDER_DEVELOPED: frozenset({AppKind.PROVIDER_DEVELOPED}),
    Permission.CORP_GROUP: LISTED | {AppKind.PROVIDER_DEVELOPED},
    Permission.TEMPORARY_IDS: SELF_BUILT_APPS | OF_PROVIDERS,
    # Third-party apps ask under service/auth/… instead.
    Permission.VISITORS: MEMBER_APPS,
    # 二次验证: the 通讯录同步 secret, or the self-built app whose OAuth address is the page (page 99499).
    Permission.VERIFICATION: SELF_BUILT_APPS | {AppKind.CONTACTS_SYNC},
    # What members see of the calling app itself.
    Permission.OWN_APP: MEMBER_APPS,
    Permission.OWN_APP_READ: MEMBER_APPS | THIRD_PARTY_APPS,
    # 第三方以及代开发自建应用不可调用 (page 90228).
    Permission.OWN_APP_WRITE: SELF_BUILT_APPS,
    Permission.WORKBENCH: MEMBER_APPS | THIRD_PARTY_APPS,
    Permission.MESSAGE_ARCHIVE: frozenset({AppKind.MESSAGE_ARCHIVE}),
    Permission.SECURITY: LISTED,
    # Listed under 对外收款; the secret of 对外收款 itself, for corps of before 2023-12, is no kind here.
    Permission.EXTERNAL_PAYMENTS: LISTED | PROVIDER_APPS,
    # Not an app of a corp: callers with the provider's own token.
    Permission.SUITE: frozenset({"suite_access_token"}),
    Permission.PROVIDER: frozenset({"provider_access_token"}),
    # Not an app either: callers who know the key.
    Permission.WEBHOOK: frozenset({"key"}),
    Permission.GROUP_ROBOT: frozenset({"robot"}),
}
