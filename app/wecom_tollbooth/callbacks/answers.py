"""What is done with the answer of a receiver, and the attempts that were made."""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.callbacks.messages import Endpoint, Result
from wecom_tollbooth.callbacks.tables import CALLBACK_ATTEMPT
from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.world.context import Context

ANSWER_CHARS = 200
NO_REPLY = (b"", b"success")
"""Answers that ask for nothing, as nearly all are."""
SHOWN = ("number", "at", "url", "status", "answer", "error", "duration_ms", "reply")

_ADD_ATTEMPT = CompiledStatement(
    sa.insert(CALLBACK_ATTEMPT).values(
        {column.name: bindparam(column.name) for column in CALLBACK_ATTEMPT.columns}
    )
)


def take_answer(context: Context, endpoint: Endpoint, result: Result) -> None:
    """Runs once for each attempt, in the transaction that notes it; records the attempt.

    The one place where an answer arrives: a passive reply in it is shown to the member.
    """
    reply = None
    if result.arrived and result.body.strip() not in NO_REPLY:
        from wecom_tollbooth.callbacks.replies.reading import read_reply  # only when there is one to read

        reply = read_reply(context, endpoint, result)
    _ADD_ATTEMPT.run(
        context.db,
        corp_id=endpoint.corp_id,
        callback_id=result.message.id,
        number=result.message.attempts + 1,
        at=result.at,
        url=result.url,
        status=result.status,
        answer=result.body[: ANSWER_CHARS * 4].decode("utf-8", "replace")[:ANSWER_CHARS].replace("\x00", ""),
        error=result.error,
        duration_ms=result.duration_ms,
        reply=None if reply is None else json.dumps(reply, ensure_ascii=False),
    )


def read_attempts(tx: Transaction, corp_id: str, callback_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """The attempts to deliver these callbacks, by callback, in their order."""
    attempts: dict[int, list[dict[str, Any]]] = {}
    query = sa.select(CALLBACK_ATTEMPT).where(
        CALLBACK_ATTEMPT.c.corp_id == corp_id, CALLBACK_ATTEMPT.c.callback_id.in_(callback_ids)
    )
    for row in tx.execute(query.order_by(CALLBACK_ATTEMPT.c.callback_id, CALLBACK_ATTEMPT.c.number)):
        shown = {name: row._mapping[name] for name in SHOWN}
        attempts.setdefault(row.callback_id, []).append(shown)
    return attempts
