"""What a userid, a mobile number, an email and the like may look like.

Source: pages 90195, 90197 and 90205 (2026-02).
"""

import re

_USERID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_\-@.]{0,63}")
_MOBILE_CHARACTERS = re.compile(r"[0-9+\- ]{1,32}")
_MAINLAND = re.compile(r"1[0-9]{10}")
_ABROAD = re.compile(r"\+[1-9][0-9]{4,}")
_EMAIL = re.compile(r"[0-9A-Za-z._%+\-]+@(?:[0-9A-Za-z](?:[0-9A-Za-z\-]*[0-9A-Za-z])?\.)+[A-Za-z]{2,}")
_TELEPHONE = re.compile(r"[0-9+,\-]{0,32}")
_FORBIDDEN_IN_DEPARTMENT_NAMES = frozenset('\\:*?"<>|｜')

EMAIL_BYTES = range(6, 65)
ADVERTISED_POSITION_WIDTH = 24
"""12 Chinese characters, where two of ASCII take the room of one."""


def is_userid(text: str) -> bool:
    """1 to 64 letters, digits and _-@. , the first a letter or digit."""
    return _USERID.fullmatch(text) is not None


def canonical_mobile(text: str) -> str | None:
    """The number as it is stored and compared, or None for what is no number.

    The mainland's +86 may be left out and is dropped; any other country's code must be there. Blanks and
    hyphens don't count: the platform's own sample has "+86 13800000000".
    """
    if not _MOBILE_CHARACTERS.fullmatch(text):
        return None
    digits = text.replace(" ", "").replace("-", "")
    number = digits.removeprefix("+86")
    if _MAINLAND.fullmatch(number):
        return number
    return digits if _ABROAD.fullmatch(digits) and number == digits else None


def canonical_email(text: str) -> str | None:
    """The address in lower case, or None for what is none: 6 to 64 bytes, name@domain.tld."""
    good = len(text.encode()) in EMAIL_BYTES and _EMAIL.fullmatch(text)
    return text.lower() if good else None


def is_telephone(text: str) -> bool:
    """Up to 32 digits, "-", "+" and ","; empty is good, it clears."""
    return _TELEPHONE.fullmatch(text) is not None


def width(text: str) -> int:
    """The room that `text` takes: 2 for a Chinese character, 1 for one of ASCII."""
    return sum(1 if character.isascii() else 2 for character in text)


def is_department_name(text: str) -> bool:
    """No character that the platform forbids in names of departments."""
    return _FORBIDDEN_IN_DEPARTMENT_NAMES.isdisjoint(text)
