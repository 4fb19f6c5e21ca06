"""The record that every call leaves: a row in the ledger and one in the journal."""

import re
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import Insert

from wecom_tollbooth.billing import ledger
from wecom_tollbooth.db import CompiledStatement, Transaction, upsert
from wecom_tollbooth.gateway.call import ApiRequest, Call
from wecom_tollbooth.gateway.envelope import Outcome
from wecom_tollbooth.gateway.tables import CALL_JOURNAL

JOURNALED_CHARS = 2_000
HIDDEN = frozenset({"access_token", "corpsecret", "suite_access_token", "provider_access_token", "key"})
_HIDDEN_CHARS_SHOWN = 8
_SECRET_IN_BODY = re.compile(
    rb'("(?:suite_secret|provider_secret|permanent_code)"\s*:\s*")([^"]{0,%d})[^"]*' % _HIDDEN_CHARS_SHOWN
)
"""Secrets that providers send in the body of calls that ask for a token."""


def _over_the_oldest(dialect: str) -> Insert:
    if dialect == "postgresql":
        return upsert(dialect, CALL_JOURNAL, ("corp_id", "slot"))
    return sa.insert(CALL_JOURNAL).prefix_with(
        "OR REPLACE"
    )  # costs less than an insert that turns into an update


def _booked_and_journaled(dialect: str) -> sa.ClauseElement:
    """Both in one statement on PostgreSQL, where a round trip costs more than the inserts."""
    booked = ledger.booking(dialect)
    return booked if dialect == "sqlite" else booked.add_cte(_over_the_oldest(dialect).cte("journaled"))


_JOURNAL = CompiledStatement(_over_the_oldest)
_RECORD = CompiledStatement(_booked_and_journaled)


def record(call: Call, outcome: Outcome) -> None:
    """Books the call in the ledger and writes it to the journal, in the call's transaction."""
    line = _line(
        call.request,
        corp_id=call.corp_id,
        agentid=call.agentid,
        usage_id=call.usage_id,
        at=call.now,
        capacity=call.settings.journal_capacity,
        outcome=outcome,
        warned=call.warned,
    )
    operation = call.operation
    ledger.book(
        call.db, id=call.usage_id, operation=operation.path, meter=operation.meter, by=_RECORD, **line
    )
    if call.db.dialect == "sqlite":
        _JOURNAL.run(call.db, **line)


def journal(db: Transaction, request: ApiRequest, **about: Any) -> None:
    """Writes a call that is not booked to the journal; `about` is what _line takes."""
    _JOURNAL.run(db, **_line(request, **about))


def _line(
    request: ApiRequest,
    *,
    corp_id: str,
    agentid: int,
    usage_id: int,
    at: int,
    capacity: int,
    outcome: Outcome,
    warned: bool = False,
    http_status: int = 200,
) -> dict[str, Any]:
    """A row of the journal, which replaces the oldest of the ring. Tokens and secrets are shortened."""
    return {
        "corp_id": corp_id,
        "slot": usage_id % capacity,
        "usage_id": usage_id,
        "at": at,
        "agentid": agentid,
        "ip": request.ip,
        "method": request.method,
        "path": request.path[:JOURNALED_CHARS].replace("\x00", ""),
        "query": _shown_query(request.query),
        "body": _shown_body(request.body),
        "http_status": http_status,
        "errcode": outcome.errcode,
        "errmsg": outcome.errmsg,
        "detail": outcome.detail,
        "warned": warned,
        "duration_us": int((time.perf_counter() - request.arrived) * 1_000_000),
    }


def _shown_query(query: dict[str, str]) -> str:
    shown = "&".join(
        [
            f"{key}={value[:_HIDDEN_CHARS_SHOWN]}…" if key in HIDDEN and value else f"{key}={value}"
            for key, value in query.items()
        ]
    )
    return shown[:JOURNALED_CHARS].replace("\x00", "")


def _shown_body(body: bytes) -> str:
    if not body:
        return ""
    if b"_secret" in body or b"permanent_code" in body:
        body = _SECRET_IN_BODY.sub(rb"\1\2" + "…".encode(), body)
    return body[:JOURNALED_CHARS].decode("utf-8", "replace").replace("\x00", "")
