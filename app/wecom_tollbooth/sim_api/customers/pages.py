"""Cursors of the listing of customers: a position, bound to the corp and to what is looked for."""

import base64
import binascii
import hashlib
from dataclasses import astuple
from typing import Any

import orjson

from wecom_tollbooth.sim_api.customers.search import Wanted, keys_of
from wecom_tollbooth.sim_api.errors import SimError

_MARK_BYTES = 6


def cursor_at(corp_id: str, wanted: Wanted, position: list[Any] | None) -> str:
    """The cursor of the position; "" at the end."""
    if position is None:
        return ""
    raw = _mark(corp_id, wanted) + orjson.dumps(position)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def position_at(corp_id: str, wanted: Wanted, cursor: str) -> list[Any] | None:
    """The position of the cursor; None for "". Raises SimError 422 for a cursor of another listing."""
    if not cursor:
        return None
    position: Any
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        position = orjson.loads(raw[_MARK_BYTES:])
    except (binascii.Error, ValueError):
        raw, position = b"", None
    kinds = keys_of(wanted)
    fits = isinstance(position, list) and [*map(type, position)] == [*kinds]
    if not fits or raw[:_MARK_BYTES] != _mark(corp_id, wanted) or not _is_storable(position):
        raise SimError(422, "cursor: not the next_cursor of a page with the same filters")
    found: list[Any] = position
    return found


def _is_storable(position: list[Any]) -> bool:
    return all(not isinstance(key, int) or abs(key) < 2**63 for key in position) and not any(
        "\0" in key for key in position if isinstance(key, str)
    )


def _mark(corp_id: str, wanted: Wanted) -> bytes:
    about = orjson.dumps([corp_id, *astuple(wanted)])
    return hashlib.blake2b(about, digest_size=_MARK_BYTES).digest()
