"""What a meter is called on a statement, in Chinese and English, made from the words of its name."""

CONTACTS = "contacts"
REFUSED = "refused"

_WHOLE = {
    CONTACTS: ("外部联系人", "External contacts"),
    REFUSED: ("被拒绝的调用（不收费）", "Refused calls (free)"),
}
_WORDS = {
    "credentials": ("凭证", "Credentials"),
    "customer": ("客户", "Customers"),
    "directory": ("通讯录", "Directory"),
    "tag": ("标签", "Tags"),
    "list": ("列表", "list"),
    "read": ("读取", "read"),
    "write": ("写入", "write"),
}


def titles(meter: str) -> tuple[str, str]:
    """("客户·读取", "Customers: read") for customer.read; a word that is not known here stays as it is."""
    if meter in _WHOLE:
        return _WHOLE[meter]
    words = [_WORDS.get(word, (word, word)) for word in meter.split(".")]
    return "·".join(zh for zh, _ in words), ": ".join(en for _, en in words)
