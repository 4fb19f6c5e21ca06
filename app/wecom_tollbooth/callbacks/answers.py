"""What is done with the answer of a receiver, and the attempts that were made."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.callbacks.messages import Endpoint, Result
from wecom_tollbooth.callbacks.tables import CALLBACK_ATTEMPT
from wecom_tollbooth.db import CompiledStatement, Transaction

ANSWER_CHARS = 200

_ADD_ATTEMPT = CompiledStatement(
    sa.insert(CALLBACK_ATTEMPT).values(
        {column.name: bindparam(column.name) for column in CALLBACK_ATTEMPT.columns}
    )
)


def take_answer(tx: Transaction, endpoint: Endpoint, result: Result) -> None:
    """Runs once for each attempt, in the transaction that notes it; records the attempt.

    The one place where an answer arrives: what a receiver wants done in reply is to be called from here.
    """
    _ADD_ATTEMPT.run(
        tx,
        corp_id=endpoint.corp_id,
        callback_id=result.message.id,
        number=result.message.attempts + 1,
        at=result.at,
        url=result.url,
        status=result.status,
        answer=result.body[: ANSWER_CHARS * 4].decode("utf-8", "replace")[:ANSWER_CHARS].replace("\x00", ""),
        error=result.error,
        duration_ms=result.duration_ms,
    )


def read_attempts(tx: Transaction, corp_id: str, callback_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """The attempts to deliver these callbacks, by callback, in their order."""
    attempts: dict[int, list[dict[str, Any]]] = {}
    query = sa.select(CALLBACK_ATTEMPT).where(
        CALLBACK_ATTEMPT.c.corp_id == corp_id, CALLBACK_ATTEMPT.c.callback_id.in_(callback_ids)
    )
    for row in tx.execute(query.order_by(CALLBACK_ATTEMPT.c.callback_id, CALLBACK_ATTEMPT.c.number)):
        shown = {name: row._mapping[name] for name in ("number", "at", "url", "status", "answer", "error")}
        attempts.setdefault(row.callback_id, []).append({**shown, "duration_ms": row.duration_ms})
    return attempts
