"""The record that every call leaves: a row in the ledger and one in the journal."""

import time
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.billing import ledger
from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.gateway.call import ApiRequest, Call
from wecom_tollbooth.gateway.envelope import Outcome
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.gateway.journal import masking
from wecom_tollbooth.gateway.journal.bound import APPEND, appending

JOURNALED_CHARS = 2_000


def _booked_and_journaled(dialect: str) -> sa.ClauseElement:
    """Both in one statement on PostgreSQL, where a round trip costs more than the inserts."""
    booked = ledger.booking(dialect)
    return booked if dialect == "sqlite" else booked.add_cte(appending(dialect).cte("journaled"))


_RECORD = CompiledStatement(_booked_and_journaled)


def record(call: Call, outcome: Outcome) -> None:
    """Books the call in the ledger and writes it to the journal, in the call's transaction."""
    fault, reason, http_status = None, "", 200
    if call.file is not None or call.http_status is not None:
        http_status = _http_status(call, outcome)
    if call.fault is not None:
        fault, reason = call.fault.id, f"planned fault {call.fault.id}"
    line = _line(
        call.request,
        corp_id=call.corp_id,
        agentid=call.agentid,
        usage_id=call.usage_id,
        at=call.now,
        outcome=outcome,
        warned=call.warned,
        http_status=http_status,
        fault=fault,
    )
    operation = call.operation
    ledger.book(
        call.db,
        id=call.usage_id,
        operation=operation.path,
        meter=operation.meter,
        reason=reason,
        by=_RECORD,
        **line,
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
    fault: int | None = None,
) -> dict[str, Any]:
    """A row of the journal, in which tokens and secrets are shortened."""
    query, secrets = masking.shown_query(request.query)
    body, more = masking.shown_body(request.body) if request.body else ("", [])
    secrets += more
    if secrets:
        query, body = masking.without(query, more), masking.without(body, secrets)
    return {
        "corp_id": corp_id,
        "usage_id": usage_id,
        "at": at,
        "agentid": agentid,
        "ip": request.ip,
        "method": request.method,
        "path": _shown(masking.without(request.path, secrets)),
        "query": _shown(query),
        "body": _shown(body),
        "http_status": http_status,
        "errcode": outcome.errcode,
        "errmsg": masking.without(outcome.errmsg, secrets),
        "detail": masking.without(outcome.detail, secrets),
        "warned": warned,
        "fault": fault,
        "duration_us": int((time.perf_counter() - request.arrived) * 1_000_000),
    }


def _http_status(call: Call, outcome: Outcome) -> int:
    if call.http_status is not None:
        return call.http_status
    return call.file.status if call.file is not None and not outcome.refused else 200


def _shown(text: str) -> str:
    """What fits into the journal, and into PostgreSQL."""
    return text[:JOURNALED_CHARS].replace("\x00", "")
