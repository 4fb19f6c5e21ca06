"""What an app does over and over: asks the same and is refused, or answered the same; asks for one at a time.

Only calls that follow each other count: any other call of the app in between begins a new row.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache

import orjson

from wecom_tollbooth.advice.codes import ONE_BY_ONE, POLLED, REFUSED_AGAIN, RETRIED_AT_ONCE
from wecom_tollbooth.advice.noting import Noticed, short
from wecom_tollbooth.advice.watching import Watched, watch, watched_of
from wecom_tollbooth.callbacks.events import EVENTS
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.envelope import Outcome
from wecom_tollbooth.gateway.errcodes import ErrCode

BUSY = frozenset({int(ErrCode.SYSTEM_BUSY), int(ErrCode.FREQUENCY_LIMIT), int(ErrCode.CONCURRENCY_LIMIT)})
"""Errcodes after which one tries again, later."""
LATER = BUSY | {int(ErrCode.MAKING_TASKS)}
"""Errcodes that another try of the same request may end."""
LOOP_SECONDS = 60
"""Between two calls of a loop at most, by the corp's clock."""
REFUSED_TIMES = 3
BUSY_TIMES, BUSY_SECONDS = 3, 1
SINGLE_TIMES = 20
SAME_TIMES = 10


@dataclass
class _Row:
    """The calls of an app that follow each other. `begun` is the second of the first refusal of the row."""

    path: str = ""
    asked: str = ""
    answered: str = ""
    errcode: int = 0
    same: int = 0
    """Calls with the same request and answer."""
    busy: int = 0
    begun: int = 0
    singles: int = 0
    """Successful calls of the operation with different requests."""


def noticed_in_a_row(call: Call, outcome: Outcome, acted: bool) -> Iterator[Noticed]:
    """Compares the call with the last one of its app. `acted`: it acted upon a callback."""
    key = f"{call.agentid}"
    known = watched_of(call.db, call.corp_id, "run", key)
    last = _Row(**orjson.loads(known[0].mark)) if known else _Row()
    at_once = bool(known) and call.now - known[0].at <= LOOP_SECONDS
    row = _next(last, call, outcome, acted=acted, at_once=at_once)
    mark = orjson.dumps(asdict(row)).decode()
    watch(call, Watched("run", key, call.operation.path, call.now, mark, call.now, call.usage_id, row.same))
    operation, errcode = call.operation, outcome.errcode
    if errcode in BUSY:
        if row.busy >= BUSY_TIMES and not call.clock_stands:
            yield Noticed(RETRIED_AT_ONCE, operation.path, str(errcode), {"times": row.busy})
    elif errcode not in LATER and outcome.refused and row.same >= REFUSED_TIMES:
        yield Noticed(REFUSED_AGAIN, operation.path, str(errcode), {"times": row.same})
    if operation.for_many and row.singles and row.singles % SINGLE_TIMES == 0:
        yield Noticed(ONE_BY_ONE, operation.path, short(operation.for_many), {"times": row.singles})
    event = _says_when_it_changes(operation.path)
    if event and not outcome.refused and row.same >= SAME_TIMES:
        yield Noticed(POLLED, operation.path, event, {"times": row.same})


def _next(last: _Row, call: Call, outcome: Outcome, *, acted: bool, at_once: bool) -> _Row:
    """The row with this call at its end. `at_once`: the last one was a moment ago."""
    query = {name: value for name, value in call.request.query.items() if name != call.operation.token}
    asked = _digest(orjson.dumps(query, option=orjson.OPT_SORT_KEYS) + call.request.body)
    # The errmsg of a refusal has the number of the call in it.
    answered = "" if outcome.refused else _digest(orjson.dumps(outcome.fields, default=str))
    row = _Row(call.operation.path, asked, answered, outcome.errcode)
    goes_on = last.path == row.path
    alike = (last.asked, last.answered, last.errcode) == (asked, answered, outcome.errcode)
    row.same = last.same + 1 if goes_on and alike and (at_once or not outcome.refused) else 1
    if outcome.errcode in BUSY:
        still = goes_on and last.busy and call.now - last.begun <= BUSY_SECONDS
        row.busy, row.begun = (last.busy + 1, last.begun) if still else (1, call.now)
    if not acted and not outcome.refused:
        row.singles = last.singles + 1 if goes_on and at_once and last.asked != asked else 1
    return row


@cache
def _says_when_it_changes(path: str) -> str:
    """The event that asks for this operation, if there is one."""
    return next((event.label() for event in EVENTS if event.asks_for == path), "")


def _digest(text: bytes) -> str:
    return hashlib.blake2b(text, digest_size=12).hexdigest()
