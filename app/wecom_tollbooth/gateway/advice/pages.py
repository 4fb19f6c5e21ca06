"""Pages that were never asked for: the answer had more, and no call went on.

An operation is paged if its shape has a cursor or an offset and its answer says whether there is more.
"""

import hashlib
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

import orjson

from wecom_tollbooth.advice.codes import PAGE_NOT_READ
from wecom_tollbooth.advice.noting import Noticed
from wecom_tollbooth.advice.watching import Watched, unwatch, watch, watched_of
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.envelope import Outcome
from wecom_tollbooth.gateway.shapes import RequestModel

PLACE_FIELDS = frozenset({"cursor", "offset", "limit", "page_size"})
"""Fields that differ from page to page, or may."""
Goes = Literal["next_cursor", "next", "next_offset", "has_more"]


def noticed_pages(call: Call, outcome: Outcome) -> Iterator[Noticed]:
    """Watches the list that the call reads; begun again before its end, it is advice."""
    by = goes_on_by(call.operation.request_model, call.operation.reply_type)
    if by is None or outcome.refused:
        return
    given = call.arguments.model_dump(exclude_none=True)
    key = _digest(call, {name: value for name, value in given.items() if name not in PLACE_FIELDS})
    begun = watched_of(call.db, call.corp_id, "page", key)
    if not _has_more(outcome.fields, by):
        unwatch(call.db, call.corp_id, begun)
        return
    is_first = not given.get("cursor") and not given.get("offset")
    if is_first:
        yield from (unread(one) for one in begun)
    since = begun[0].at if begun and not is_first else call.now
    watch(
        call,
        Watched("page", key, call.operation.path, since, mark=by, called_at=call.now, usage_id=call.usage_id),
    )


def unread(page: Watched) -> Noticed:
    """What is to be said of a list whose next page was not asked for."""
    return Noticed(PAGE_NOT_READ, page.operation, page.mark, called=(page.called_at, page.usage_id))


@cache
def goes_on_by(request_model: type[RequestModel], reply_type: type) -> Goes | None:
    """The field of the answer by which the next page is asked for; None: the operation has no pages."""
    asked, answered = request_model.model_fields, typing.get_type_hints(reply_type)
    if "cursor" in asked and "next_cursor" in answered:
        return "next_cursor"
    if "offset" in asked:
        names: tuple[Goes, ...] = ("next", "next_offset", "has_more")
        return next((name for name in names if name in answered), None)
    return None


def _has_more(reply: dict[str, Any], by: Goes) -> bool:
    if "has_more" in reply:
        return bool(reply["has_more"])
    if "is_last" in reply:
        return not reply["is_last"]
    if "total" in reply:
        return 0 < int(reply.get(by, 0)) < int(reply["total"])
    return bool(reply.get(by))


def _digest(call: Call, given: dict[str, Any]) -> str:
    about = orjson.dumps([call.operation.path, call.agentid, given], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(about, digest_size=12).hexdigest()
