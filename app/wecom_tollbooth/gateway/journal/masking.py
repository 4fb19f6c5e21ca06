"""Shortens tokens and secrets in what the journal shows, wherever they are.

A value is a secret by its name: in the address, in JSON at any depth, in forms, XML and multipart bodies,
whatever the case of the name, also in a body that is cut or broken. The same value is then shortened in
whatever else is shown of the call.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

from wecom_tollbooth.gateway.reading.lenient_json import read_partly

CHARS_SHOWN = 8
READ_BYTES = 8_000
"""How much of a body is looked at; the journal shows its first 2,000 characters."""

_NAME = r"secret|token|ticket|passw|aes_?key|permanent_?code|auth_?code"
_SECRET_NAME = re.compile(_NAME, re.IGNORECASE)
_WHOLE_NAMES = frozenset({"key", "code", "js_code"})
"""Names that are secret only in an address, and only as a whole: a webhook's key, the code of a login."""
_NEVER_SO_LONG = {"corpid": 32, "suite_id": 32, "agentid": 32}
"""A longer value is a secret in the wrong place."""

_ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\u00([2-7][0-9a-fA-F])")
_NAMED = re.compile(
    rf"""(
        (?:{_NAME}) [\w-]{{0,40}}+
        (?:
            ["'\s\\]{{0,10}}+ [:=>] [\s"'\\\[{{]{{0,20}}+ (?:<!\[CDATA\[)?          # JSON, forms, XML
            | "?+ [^\r\n]{{0,100}}+ (?:\r?\n[^\r\n]{{1,100}}+){{0,3}}+ \r?\n\r?\n   # multipart
        )
        | [?&]key=
    )
    ([^\s"'&<>,;}}\]\\]{{{CHARS_SHOWN + 1},}})""",
    re.IGNORECASE | re.VERBOSE,
)
"""A secret name, what is between it and its value in any of the formats, and the value. It never goes back
over what it has read (`+`), so that it takes linear time."""


def shorten(value: str) -> str:
    """The first characters of a secret; of a short one none."""
    return f"{value[:CHARS_SHOWN]}…" if len(value) > CHARS_SHOWN else "…"


def shown_query(query: dict[str, str]) -> tuple[str, list[str]]:
    """The query with its secrets shortened, and the secrets."""
    parts, secrets = [], []
    for name, value in query.items():
        if len(value) > _longest_shown(name):
            secrets.append(value)
            parts.append(f"{name}={shorten(value)}")
        else:
            part = f"{name}={value}"
            # A whole body or another address may stand here.
            parts.append(_NAMED.sub(_shown_value, part) if "=" in value or '"' in part else part)
    return "&".join(parts), secrets


def shown_body(body: bytes) -> tuple[str, list[str]]:
    """The beginning of the body with its secrets shortened, and the secrets that were found by parsing."""
    text = body[:READ_BYTES].decode("utf-8", "replace")
    if not _may_have_secrets(text.lower()):
        return text, []
    text = _ESCAPED.sub(_unescaped, text)
    secrets = [secret for secret in _secrets_in(read_partly(text.encode()).members) if secret]
    text = without(text, secrets)
    text = _NAMED.sub(_shown_value, text)
    return ("&".join(map(_shown_pair, text.split("&"))) if "%" in text else text), secrets


def without(text: str, secrets: Iterable[str]) -> str:
    """The text with each of the secrets shortened, also where only its beginning is there."""
    for secret in secrets:
        head = secret[: CHARS_SHOWN + 1]
        at = text.find(head) if len(head) > CHARS_SHOWN else -1
        while at >= 0:
            end = at + len(head)
            while end < len(text) and end - at < len(secret) and text[end] == secret[end - at]:
                end += 1
            text = f"{text[: at + CHARS_SHOWN]}…{text[end:]}"
            at = text.find(head, at + CHARS_SHOWN)
    return text


@lru_cache(maxsize=1024)
def _longest_shown(name: str) -> int:
    """The longest value that an address shows whole under this name; 0 for the name of a secret."""
    lowered = name.lower()
    if lowered in _WHOLE_NAMES or _SECRET_NAME.search(name):
        return 0
    return _NEVER_SO_LONG.get(lowered, sys.maxsize)


def _may_have_secrets(lowered: str) -> bool:
    """Written out, because every call passes here."""
    return (
        "secret" in lowered
        or "token" in lowered
        or "ticket" in lowered
        or "code" in lowered
        or "aes" in lowered
        or "passw" in lowered
        or "key=" in lowered
        or "\\u00" in lowered
        or "%" in lowered
    )


def _secrets_in(value: Any, secret: bool = False) -> Iterator[str]:
    """The texts under a secret name."""
    if isinstance(value, dict):
        for name, item in value.items():
            longest = _NEVER_SO_LONG.get(name.lower(), sys.maxsize)
            if isinstance(item, str) and len(item) > longest:
                yield item
            yield from _secrets_in(item, secret or _SECRET_NAME.search(name) is not None)
    elif isinstance(value, list):
        for item in value:
            yield from _secrets_in(item, secret)
    elif secret and isinstance(value, str):
        yield value


def _unescaped(found: re.Match[str]) -> str:
    """A letter, digit or sign of a name that JSON has as \\u00xx; other characters stay as they are."""
    sign = chr(int(found[2], 16))
    return f"{found[1]}{sign}" if sign.isalnum() or sign in "_-" else found[0]


def _shown_value(found: re.Match[str]) -> str:
    return found[1] + shorten(found[2])


def _shown_pair(pair: str) -> str:
    """A `name=value` of a form, whose name may be percent-encoded."""
    name, sign, value = pair.partition("=")
    hidden = sign and value and "%" in name and not _longest_shown(unquote_plus(name))
    return f"{name}={shorten(value)}" if hidden else pair
