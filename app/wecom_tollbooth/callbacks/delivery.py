"""Delivers the callbacks of the outbox in order, and records each attempt.

Source: pages 90930, 90238, 90968 (2026-02): a POST with the encrypted event, 5 seconds to answer, three
retries, no redirects. The pages leave open which failures are retried and after how long; the settings
callback_retry_statuses and callback_retry_seconds decide.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.callbacks.messages import CallbackMessage, Endpoint, Result
from wecom_tollbooth.callbacks.outbox import NO_DELIVERY_FAULTS, read_delivery_faults
from wecom_tollbooth.callbacks.tables import CALLBACK, CALLBACK_ATTEMPT
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import CompiledStatement, Database, Transaction
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.context import Context

if TYPE_CHECKING:
    from wecom_tollbooth.callbacks.wire import Wire

BATCH = 64
STREAMS_AT_ONCE = 8

_STREAMS = CompiledStatement(
    sa.select(CALLBACK.c.corp_id, CALLBACK.c.agentid)
    .where(CALLBACK.c.state == "waiting", CALLBACK.c.due_at <= bindparam("now"))
    .distinct()
)
_WAITING = CompiledStatement(
    sa.select(CALLBACK.c.id, CALLBACK.c.xml, CALLBACK.c.attempts, CALLBACK.c.due_at)
    .where(
        CALLBACK.c.corp_id == bindparam("corp_id"),
        CALLBACK.c.agentid == bindparam("agentid"),
        CALLBACK.c.state == "waiting",
    )
    .order_by(CALLBACK.c.id)
    .limit(BATCH)
)
_ENDPOINT = CompiledStatement(
    sa.select(APP.c.callback_url, APP.c.callback_token, APP.c.encoding_aes_key).where(
        APP.c.corp_id == bindparam("corp_id"), APP.c.agentid == bindparam("agentid")
    )
)
_ADD_ATTEMPT = CompiledStatement(
    sa.insert(CALLBACK_ATTEMPT).values(
        {column.name: bindparam(column.name) for column in CALLBACK_ATTEMPT.columns}
    )
)
_SET_STATE = CompiledStatement(
    sa.update(CALLBACK)
    .where(CALLBACK.c.corp_id == bindparam("of_corp_id"), CALLBACK.c.id == bindparam("of_id"))
    .values(state=bindparam("new_state"), attempts=bindparam("new_attempts"), due_at=bindparam("new_due_at"))
)


@dataclass
class Stream:
    """The due callbacks of one app, in the order in which they are sent, and their results."""

    endpoint: Endpoint
    messages: list[CallbackMessage]
    results: list[Result] = field(default_factory=list)


class Delivery:
    """Delivers the callbacks of one database."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._threads = ThreadPoolExecutor(STREAMS_AT_ONCE, thread_name_prefix="callback")

    def close(self) -> None:
        """Stops without waiting for what is being sent."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if "_wire" in self.__dict__:
            self._wire.close()

    @cached_property
    def _wire(self) -> "Wire":
        from wecom_tollbooth.callbacks.wire import Wire  # only when there is something to send

        return Wire(self._settings, STREAMS_AT_ONCE)

    def deliver_due(self) -> int:
        """Sends what is due, records the results, and returns the number of attempts."""
        with self._database.transaction() as tx:
            now = Context(self._settings, tx, "").now
            streams = [
                stream
                for corp_id, agentid in _STREAMS.all(tx, now=now)
                if (stream := self._stream(tx, corp_id, agentid, now)).messages
            ]
        if not streams:
            return 0
        wire = self._wire
        list(self._threads.map(lambda stream: self._send_all(wire, stream, now), streams))
        with self._database.transaction() as tx:
            for stream in streams:
                self._record(tx, stream, now)
        return sum(len(stream.results) for stream in streams)

    def _stream(self, tx: Transaction, corp_id: str, agentid: int, now: int) -> Stream:
        """The next messages of one app; none while the first waits for its retry, to keep their order."""
        url, token, key = _ENDPOINT.one(tx, corp_id=corp_id, agentid=agentid) or ("", "", "")
        messages = []
        for id_, xml, attempts, due_at in _WAITING.all(tx, corp_id=corp_id, agentid=agentid):
            if due_at > now:
                break
            messages.append(CallbackMessage(id_, xml, attempts))
        if not url:
            for message in messages:
                _SET_STATE.run(
                    tx, of_corp_id=corp_id, of_id=message.id, new_state="kept", new_attempts=0, new_due_at=now
                )
            messages = []
        window = (read_delivery_faults(tx, corp_id) or NO_DELIVERY_FAULTS)[1]
        return Stream(Endpoint(corp_id, agentid, url, token, key), _reordered(messages, window))

    def _send_all(self, wire: "Wire", stream: Stream, now: int) -> None:
        for message in stream.messages:
            result = wire.send(stream.endpoint, message, now)
            stream.results.append(result)
            if not result.arrived and self._is_retried(result):
                return

    def _record(self, tx: Transaction, stream: Stream, now: int) -> None:
        corp_id = stream.endpoint.corp_id
        for result in stream.results:
            attempts = result.message.attempts + 1
            state, due_at = "delivered", now
            if not result.arrived:
                again = self._is_retried(result) and attempts <= self._settings.callback_retries
                state = "waiting" if again else "failed"
                due_at = now + self._settings.callback_retry_seconds
            _SET_STATE.run(
                tx,
                of_corp_id=corp_id,
                of_id=result.message.id,
                new_state=state,
                new_attempts=attempts,
                new_due_at=due_at,
            )
            _ADD_ATTEMPT.run(
                tx,
                corp_id=corp_id,
                callback_id=result.message.id,
                number=attempts,
                at=now,
                url=stream.endpoint.url,
                status=result.status,
                answer=result.answer,
                error=result.error,
                duration_ms=result.duration_ms,
            )

    def _is_retried(self, result: Result) -> bool:
        return result.status == 0 or self._settings.callback_retry_statuses


def _reordered(messages: list[CallbackMessage], window: int) -> list[CallbackMessage]:
    """The messages, shuffled within windows of `window`."""
    if window < 2:
        return messages
    ordered: list[CallbackMessage] = []
    for start in range(0, len(messages), window):
        part = messages[start : start + window]
        ordered += sorted(part, key=lambda message: ids.draw(0, "reorder", message.id, 8))
    return ordered


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
