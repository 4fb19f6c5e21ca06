"""The meters, and their titles on a statement in Chinese and English.

Consumed meters are calls, by class of operation such as customer.read, and contacts that came through an
acquisition link. Contacts and seats are held meters (levels): a month counts the peak of its days.
"""

CONTACTS = "contacts"
LINK_CONTACTS = "link_contacts"
SEATS_BASE = "seats.base"
SEATS_INTEROP = "seats.interop"
REFUSED = "refused"
RESTORED = "restored"
"""Of the record of a restore, which is on no statement."""

SEATS = (SEATS_BASE, SEATS_INTEROP)
LEVELS = (CONTACTS, *SEATS)
NOT_CALLS = (*LEVELS, LINK_CONTACTS)
"""The meters that every book prices besides those of operations."""

NOT_BY_DAY = (*LEVELS, RESTORED)
"""The meters whose quantities are not charged by day."""

EVERY_CALL = "*"
"""Means the meters of all operations and no others."""

_WHOLE = {
    CONTACTS: ("外部联系人", "External contacts"),
    LINK_CONTACTS: ("获客链接新增联系人", "Contacts through acquisition links"),
    SEATS_BASE: ("基础账号", "Seats: base"),
    SEATS_INTEROP: ("互通账号", "Seats: interop"),
    REFUSED: ("被拒绝的调用（不收费）", "Refused calls (free)"),
}
_WORDS = {
    "credentials": ("凭证", "Credentials"),
    "customer": ("客户", "Customers"),
    "document": ("文档", "Documents"),
    "directory": ("通讯录", "Directory"),
    "follow_up": ("用户跟进", "Follow-ups"),
    "media": ("素材", "Media"),
    "message": ("消息", "Messages"),
    "moment": ("朋友圈", "Moments"),
    "tag": ("标签", "Tags"),
    "list": ("列表", "list"),
    "read": ("读取", "read"),
    "write": ("写入", "write"),
    "*": ("全部", "all"),
}


def titles(meter: str) -> tuple[str, str]:
    """("客户·读取", "Customers: read") for customer.read; an unknown word stays as it is.

    A + separates meters that are counted together.
    """
    if meter in _WHOLE:
        return _WHOLE[meter]
    if meter == EVERY_CALL:
        return "全部调用", "All calls"
    if "+" in meter:
        parts = [titles(part) for part in meter.split("+")]
        return "＋".join(zh for zh, _ in parts), " + ".join(en for _, en in parts)
    words = [_WORDS.get(word, (word, word)) for word in meter.split(".")]
    return "·".join(zh for zh, _ in words), ": ".join(en for _, en in words)


def covers(written: str, meter: str) -> bool:
    """Whether a name in a book, a meter or a class such as customer.*, includes `meter`."""
    if written == EVERY_CALL:
        return meter not in NOT_CALLS
    return meter.startswith(written[:-1]) if written.endswith(".*") else meter == written
