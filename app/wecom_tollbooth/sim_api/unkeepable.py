"""Refuses what no database keeps, wherever it is in a request: before any field is looked at.

SQLite can keep text with NUL and PostgreSQL can't, so it is refused on both.
"""

import math
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi import Request

from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.world.strict_numbers import LARGEST, SMALLEST

NUL = "the character NUL (U+0000) cannot be kept; leave it out"
HALF = "half of a surrogate pair is not a character; send the whole character"
BIG = f"a whole number is from {SMALLEST} to {LARGEST}"
NOT_FINITE = "NaN and Infinity are not JSON numbers; send a finite one"


async def refuse_what_cannot_be_kept(request: Request) -> None:
    """Raises SimError 422 for NUL, half characters, numbers beyond 64 bits, NaN and Infinity."""
    address = request.scope["path"].encode() + unquote_to_bytes(request.scope["query_string"])
    if b"\x00" in address:
        raise SimError(422, NUL)
    if not await request.body():
        return
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        return  # FastAPI answers for it
    found = _fault_in(body)
    if found is not None:
        raise SimError(422, found)


def _fault_in(value: Any) -> str | None:
    """The first fault in a JSON value, as a sentence that names its place."""
    waiting = [("body", value)]
    while waiting:
        place, value = waiting.pop()
        fault = None
        if isinstance(value, str):
            fault = _fault_in_text(value)
        elif isinstance(value, int):
            fault = None if SMALLEST <= value <= LARGEST else BIG
        elif isinstance(value, float):
            fault = None if math.isfinite(value) else NOT_FINITE
        elif isinstance(value, list):
            waiting += [(f"{place}.{number}", item) for number, item in enumerate(value)]
        elif isinstance(value, dict):
            fault = next(filter(None, map(_fault_in_text, value)), None)
            waiting += [(f"{place}.{name}", item) for name, item in value.items()]
        if fault is not None:
            return f"{place}: {fault}"
    return None


def _fault_in_text(text: str) -> str | None:
    if "\x00" in text:
        return NUL
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return HALF
    return None
