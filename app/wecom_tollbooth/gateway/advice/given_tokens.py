"""Tokens that were asked for again while they were good."""

import hashlib
import typing
from collections.abc import Iterator
from functools import cache

import orjson

from wecom_tollbooth.advice.codes import TOKEN_AGAIN
from wecom_tollbooth.advice.noting import Noticed
from wecom_tollbooth.advice.watching import Watched, watch, watched_of
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.envelope import Outcome
from wecom_tollbooth.gateway.operation import Token

SOON = 300
"""Seconds before its expiry in which a token may be renewed."""


def noticed_tokens(call: Call, outcome: Outcome) -> Iterator[Noticed]:
    """Watches which token was given out for a request; the same token again is advice."""
    name = _gives(call.operation.reply_type)
    if name is None or outcome.refused:
        return
    asked = orjson.dumps([call.operation.path, call.given], option=orjson.OPT_SORT_KEYS)
    key, token = _digest(asked), _digest(str(outcome.fields[name]).encode())
    left = int(outcome.fields.get("expires_in", 0))
    known = watched_of(call.db, call.corp_id, "token", key)
    if known and known[0].mark == token:
        if left > SOON:
            yield Noticed(TOKEN_AGAIN, call.operation.path, name, {"seconds": left})
        return
    watch(call, Watched("token", key, call.operation.path, call.now, token, call.now, call.usage_id))


@cache
def _gives(reply_type: type) -> str | None:
    """The field of the answer with a token, if it has one."""
    answered = typing.get_type_hints(reply_type)
    return next((name for name in typing.get_args(Token) if name in answered and name != "key"), None)


def _digest(text: bytes) -> str:
    return hashlib.blake2b(text, digest_size=12).hexdigest()
