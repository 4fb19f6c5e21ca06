"""Formats of userids, mobile numbers, emails and names.

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
"""12 Chinese characters; an ASCII character counts half."""


def is_userid(text: str) -> bool:
    """Whether it is 1 to 64 letters, digits and _-@. that start with a letter or digit."""
    return _USERID.fullmatch(text) is not None


def canonical_mobile(text: str) -> str | None:
    """The number in its stored form; None if it is not a number.

    The mainland's +86 is optional and dropped; any other country code is required. Spaces and hyphens are
    ignored: the platform's own sample is "+86 13800000000".
    """
    if not _MOBILE_CHARACTERS.fullmatch(text):
        return None
    digits = text.replace(" ", "").replace("-", "")
    number = digits.removeprefix("+86")
    if _MAINLAND.fullmatch(number):
        return number
    return digits if _ABROAD.fullmatch(digits) and number == digits else None


def canonical_email(text: str) -> str | None:
    """The address in lower case; None unless it is name@domain.tld of 6 to 64 bytes."""
    is_valid = len(text.encode()) in EMAIL_BYTES and _EMAIL.fullmatch(text)
    return text.lower() if is_valid else None


def is_telephone(text: str) -> bool:
    """Whether it is up to 32 digits, "-", "+" and ","; an empty text, which clears, is valid."""
    return _TELEPHONE.fullmatch(text) is not None


def width(text: str) -> int:
    """The display width: 1 for an ASCII character, 2 for any other."""
    return sum(1 if character.isascii() else 2 for character in text)


def is_department_name(text: str) -> bool:
    """Whether it has none of the characters that the platform forbids."""
    return _FORBIDDEN_IN_DEPARTMENT_NAMES.isdisjoint(text)
