"""The record that every call leaves: a row in the ledger and one in the journal."""

import re
import time
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.billing import ledger
from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.gateway.call import ApiRequest, Call
from wecom_tollbooth.gateway.envelope import Outcome
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.gateway.journal import APPEND, appending

JOURNALED_CHARS = 2_000
HIDDEN = frozenset({"access_token", "corpsecret", "suite_access_token", "provider_access_token", "key"})
_HIDDEN_CHARS_SHOWN = 8
_SECRET_IN_BODY = re.compile(
    rb'("(?:suite_secret|provider_secret|permanent_code)"\s*:\s*")([^"]{0,%d})[^"]*' % _HIDDEN_CHARS_SHOWN
)
"""Secrets that providers send in the body of calls that ask for a token."""


def _booked_and_journaled(dialect: str) -> sa.ClauseElement:
    """Both in one statement on PostgreSQL, where a round trip costs more than the inserts."""
    booked = ledger.booking(dialect)
    return booked if dialect == "sqlite" else booked.add_cte(appending(dialect).cte("journaled"))


_RECORD = CompiledStatement(_booked_and_journaled)


def record(call: Call, outcome: Outcome) -> None:
    """Books the call in the ledger and writes it to the journal, in the call's transaction."""
    line = _line(
        call.request,
        corp_id=call.corp_id,
        agentid=call.agentid,
        usage_id=call.usage_id,
        at=call.now,
        outcome=outcome,
        warned=call.warned,
    )
    operation = call.operation
    ledger.book(
        call.db, id=call.usage_id, operation=operation.path, meter=operation.meter, by=_RECORD, **line
    )
    if call.db.dialect == "sqlite":
        APPEND.run(call.db, **line)
    call.gateway.journal_bound.keep(call.db, call.corp_id)


def journal(gateway: Gateway, db: Transaction, request: ApiRequest, *, corp_id: str, **about: Any) -> None:
    """Writes a call that is not booked to the journal; `about` is what else _line takes."""
    APPEND.run(db, **_line(request, corp_id=corp_id, **about))
    gateway.journal_bound.keep(db, corp_id)


def _line(
    request: ApiRequest,
    *,
    corp_id: str,
    agentid: int,
    usage_id: int,
    at: int,
    outcome: Outcome,
    warned: bool = False,
    http_status: int = 200,
) -> dict[str, Any]:
    """A row of the journal, in which tokens and secrets are shortened."""
    return {
        "corp_id": corp_id,
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
