"""Ids and secrets: drawn from a seeded generator, so that the same seed and the same calls give the same ids.

A drawn value depends only on the server's seed, its purpose, and a number that the database hands out once.
So there is no state, and two workers never draw the same value.
"""

import hashlib
from base64 import b64encode

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
DIGITS = "0123456789"
_PLAIN = bytes.maketrans(b"+/", b"xZ")
"""Replaces the two signs of base64 by letters: fast, and close enough to an even distribution."""


def draw(seed: int, purpose: str, number: int, length: int, alphabet: str = LETTERS) -> str:
    """`length` characters of `alphabet`; the same arguments give the same characters."""
    if alphabet is LETTERS:
        drawn = hashlib.shake_128(f"{seed}/{purpose}/{number}".encode()).digest(length)
        return b64encode(drawn).translate(_PLAIN)[:length].decode()
    value = int.from_bytes(hashlib.shake_128(f"{seed}/{purpose}/{number}".encode()).digest(length), "big")
    base = len(alphabet)
    out = []
    for _ in range(length):
        value, index = divmod(value, base)
        out.append(alphabet[index])
    return "".join(out)


_LENGTHS = {"msg": 30}
"""Lengths of the ids that don't have 32 characters: products' columns are as wide as the pages' examples."""


def wecom_id(seed: int, prefix: str, number: int) -> str:
    """An id of WeCom's form and length: `prefix` (wm, wo, et, st, …), then letters and digits."""
    return prefix + draw(seed, prefix, number, _LENGTHS.get(prefix, 32) - len(prefix))
