"""Kinds of app: what the owner of a secret is, and the sets of kinds that permissions are granted to."""

from enum import StrEnum


class AppKind(StrEnum):
    SELF_BUILT = "self_built"
    """A self-built app that 客户联系 lists under 可调用接口的应用."""
    SELF_BUILT_UNLISTED = "self_built_unlisted"
    """A self-built app that 客户联系 does not list: its token works, customer operations answer 48002."""
    CONTACTS_SYNC = "contacts_sync"
    """The 通讯录同步 secret: it alone writes the directory, and reads only ids (48009)."""
    CUSTOMER_CONTACT = "customer_contact"
    """The 客户联系 system secret: since 2023-12-01 it may call no customer operation."""
    CUSTOMER_CONTACT_LEGACY = "customer_contact_legacy"
    """The same secret in a corp that used it before that day."""
    MESSAGE_ARCHIVE = "message_archive"
    """The 会话内容存档 secret: it alone calls the operations of the message archive."""
    MARKETING = "marketing"
    """A provider's 营销获客 app: it brings the corp customers, and sees only these."""
    THIRD_PARTY = "third_party"
    """A provider's third-party app that the corp has installed, with every right on customers."""
    THIRD_PARTY_UNLISTED = "third_party_unlisted"
    """One that holds no right on customers."""
    PROVIDER_DEVELOPED = "provider_developed"
    """An app that a provider develops for the corp (代开发), with every right on customers."""


LISTED = frozenset({AppKind.SELF_BUILT})
CUSTOMER_APPS = LISTED | {AppKind.CUSTOMER_CONTACT_LEGACY}
SELF_BUILT_APPS = LISTED | {AppKind.SELF_BUILT_UNLISTED}
MEMBER_APPS = SELF_BUILT_APPS | {AppKind.PROVIDER_DEVELOPED}
"""Apps that a member opens in the client and writes to, and whose callbacks name members by userid."""
MARKETING_APPS = frozenset({AppKind.MARKETING})
THIRD_PARTY_APPS = MARKETING_APPS | {AppKind.THIRD_PARTY, AppKind.THIRD_PARTY_UNLISTED}
PROVIDER_APPS = frozenset({AppKind.THIRD_PARTY, AppKind.PROVIDER_DEVELOPED})
OF_PROVIDERS = THIRD_PARTY_APPS | PROVIDER_APPS
EVERY_APP = frozenset(AppKind)
OF_THE_CORP = EVERY_APP - OF_PROVIDERS
"""The corp's own. Providers' apps have no access to the directory: member ids are not converted for them."""
