"""Paging cursors: a position in a list, bound to the corp, the operation and the arguments.

A cursor that was altered, or belongs to another query, answers 50100.
"""

import base64
import binascii
import hashlib
from typing import Any

import orjson

from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal

_MARK_BYTES = 9


def make_cursor(call: Call, query: object, position: list[Any]) -> str:
    """An opaque cursor for `position` in the list that the arguments `query` select."""
    place = orjson.dumps(position)
    return _text(_mark(call, query, place) + place)


def position_of(call: Call, query: object, cursor: str) -> list[Any]:
    """The position that `make_cursor` got for the same arguments. Raises Refusal 50100."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    mark, place = raw[:_MARK_BYTES], raw[_MARK_BYTES:]
    if not place or mark != _mark(call, query, place) or _text(raw) != cursor:
        raise Refusal(ErrCode.INVALID_CURSOR, detail="the cursor is not one that this query was given")
    position: list[Any] = orjson.loads(place)
    return position


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _mark(call: Call, query: object, place: bytes) -> bytes:
    about = orjson.dumps([call.settings.seed, call.corp_id, call.operation.path, query])
    return hashlib.blake2b(about + place, digest_size=_MARK_BYTES).digest()
