"""The queues of the endpoints in the database: which are due, who sends them, what came of it.

An endpoint is an app of a corp. Its events wait in the order of `position`; one that stepped aside is passed
over until it is due. A wait (for a retry, a delay, a pause) applies only while the corp's clock shows a time
between its beginning and its end: setting the clock back to before the beginning ends it.
"""

from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.callbacks.messages import CallbackMessage, Endpoint, OwnAddress, Result
from wecom_tollbooth.callbacks.tables import CALLBACK, CALLBACK_ENDPOINT
from wecom_tollbooth.corps.tables import APP, CORP
from wecom_tollbooth.db import CompiledStatement, Transaction, insert_into
from wecom_tollbooth.world.clock import TIME_OF_CORP


class Key(NamedTuple):
    corp_id: str
    agentid: int


class Due(NamedTuple):
    """An endpoint that has something to send; `failures` in a row were before."""

    key: Key
    failures: int


_WAITS = "state = 'waiting'"
_IN_LINE = f"(NOT c.aside OR c.due_at <= {TIME_OF_CORP} OR {TIME_OF_CORP} < c.due_at - :retry_seconds)"
"""Of a waiting event `c`: it has not stepped aside, or it is due again."""
_CORPS_WITH_WAITING = f"""
    corps(corp_id) AS (
        SELECT min(corp_id) FROM callback WHERE {_WAITS}
        UNION ALL
        SELECT (SELECT min(c.corp_id) FROM callback c WHERE c.{_WAITS} AND c.corp_id > corps.corp_id)
        FROM corps WHERE corps.corp_id IS NOT NULL
    )"""
_ONE_CORP = "corps(corp_id) AS (SELECT CAST(:corp_id AS VARCHAR))"


def _due(corps: str) -> sa.TextClause:
    """The due endpoints of `corps`, first the one whose next event has been due longest.

    It jumps from endpoint to endpoint in the index `callback_waiting`, however many events wait.
    """
    now = TIME_OF_CORP
    return sa.text(f"""
        WITH RECURSIVE {corps}, ends(corp_id, agentid) AS (
            SELECT corps.corp_id, (
                SELECT min(c.agentid) FROM callback c WHERE c.{_WAITS} AND c.corp_id = corps.corp_id
            )
            FROM corps WHERE corps.corp_id IS NOT NULL
            UNION ALL
            SELECT ends.corp_id, (
                SELECT min(c.agentid) FROM callback c
                WHERE c.{_WAITS} AND c.corp_id = ends.corp_id AND c.agentid > ends.agentid
            )
            FROM ends WHERE ends.agentid IS NOT NULL
        )
        SELECT ends.corp_id, ends.agentid, coalesce(e.failures, 0)
        FROM ends
        LEFT JOIN corp_clock ON corp_clock.corp_id = ends.corp_id
        JOIN callback h ON h.corp_id = ends.corp_id AND h.id = (
            SELECT c.id FROM callback c
            WHERE c.{_WAITS} AND c.corp_id = ends.corp_id AND c.agentid = ends.agentid AND {_IN_LINE}
            ORDER BY c.position, c.id LIMIT 1
        )
        LEFT JOIN callback_endpoint e ON e.corp_id = ends.corp_id AND e.agentid = ends.agentid
        WHERE (e.lease_owner IS NULL OR e.lease_owner = :owner)
            AND (e.paused_until IS NULL OR {now} < e.paused_at OR {now} >= e.paused_until)
            AND (h.due_at <= {now}
                OR {now} < CASE h.attempts WHEN 0 THEN h.at ELSE h.due_at - :retry_seconds END)
        ORDER BY h.due_at - {now}
        """).bindparams(
        bindparam("owner", type_=sa.BigInteger),
        bindparam("server_now", type_=sa.BigInteger),
        bindparam("wall", type_=sa.BigInteger),
        bindparam("retry_seconds", type_=sa.BigInteger),
    )


_DUE = CompiledStatement(_due(_CORPS_WITH_WAITING))
_DUE_OF_CORP = CompiledStatement(_due(_ONE_CORP))


def due_endpoints(
    tx: Transaction, owner: int, times: dict[str, int], retry_seconds: int, corp_id: str | None = None
) -> list[Due]:
    """The endpoints with something to send that no other worker sends; only those of `corp_id`, if given.

    `times` are the parameters of TIME_OF_CORP.
    """
    values = {"owner": owner, **times, "retry_seconds": retry_seconds}
    rows = _DUE.all(tx, **values) if corp_id is None else _DUE_OF_CORP.all(tx, corp_id=corp_id, **values)
    return [Due(Key(corp, agentid), failures) for corp, agentid, failures in rows]


def _claim(dialect: str) -> sa.Insert:
    row = insert_into(dialect, CALLBACK_ENDPOINT).values(
        corp_id=bindparam("corp_id"), agentid=bindparam("agentid"), failures=0, lease_owner=bindparam("owner")
    )
    mine = row.excluded.lease_owner
    return row.on_conflict_do_update(
        index_elements=["corp_id", "agentid"],
        set_={"lease_owner": mine},
        where=CALLBACK_ENDPOINT.c.lease_owner.is_(None) | (CALLBACK_ENDPOINT.c.lease_owner == mine),
    )


_CLAIM = CompiledStatement(_claim)
_OF_KEY = (
    CALLBACK_ENDPOINT.c.corp_id == bindparam("of_corp_id"),
    CALLBACK_ENDPOINT.c.agentid == bindparam("of_agentid"),
)
_STATE = CompiledStatement(
    sa.select(
        CALLBACK_ENDPOINT.c.failures,
        CALLBACK_ENDPOINT.c.last_success_at,
        CALLBACK_ENDPOINT.c.paused_at,
        CALLBACK_ENDPOINT.c.paused_until,
        CALLBACK_ENDPOINT.c.lease_owner,
    )
    .where(*_OF_KEY)
    .with_for_update()
)
_SET_STATE = CompiledStatement(
    sa.update(CALLBACK_ENDPOINT)
    .where(*_OF_KEY)
    .values(
        failures=bindparam("new_failures"),
        last_success_at=bindparam("new_last_success_at"),
        paused_at=bindparam("new_paused_at"),
        paused_until=bindparam("new_paused_until"),
        lease_owner=bindparam("new_lease_owner"),
    )
)
_RELEASE_ALL = CompiledStatement(
    sa.update(CALLBACK_ENDPOINT)
    .where(CALLBACK_ENDPOINT.c.lease_owner == bindparam("owner"))
    .values(lease_owner=sa.null())
)


class State(NamedTuple):
    """The row of an endpoint."""

    failures: int = 0
    last_success_at: int | None = None
    paused_at: int | None = None
    paused_until: int | None = None
    lease_owner: int | None = None

    def is_paused(self, now: int) -> bool:
        if self.paused_at is None or self.paused_until is None:
            return False
        return self.paused_at <= now < self.paused_until


def claim(tx: Transaction, key: Key, owner: int) -> bool:
    """Makes `owner` the only worker that may send to the endpoint; False where another one is."""
    return _CLAIM.run(tx, corp_id=key.corp_id, agentid=key.agentid, owner=owner) == 1


def state_of(tx: Transaction, key: Key) -> State:
    """The state of the endpoint; on PostgreSQL its row stays locked until the transaction ends."""
    row = _STATE.one(tx, of_corp_id=key.corp_id, of_agentid=key.agentid)
    return State(*row) if row else State()


def set_state(tx: Transaction, key: Key, state: State) -> None:
    values = {f"new_{name}": value for name, value in state._asdict().items()}
    _SET_STATE.run(tx, of_corp_id=key.corp_id, of_agentid=key.agentid, **values)


def release_all(tx: Transaction, owner: int) -> None:
    """Ends the leases of `owner`."""
    _RELEASE_ALL.run(tx, owner=owner)


_OF_APP = (
    CALLBACK.c.corp_id == bindparam("corp_id"),
    CALLBACK.c.agentid == bindparam("agentid"),
    # As text and not as a parameter: only then the index of what waits serves the statement.
    CALLBACK.c.state == sa.literal_column("'waiting'"),
)
_NOW, _RETRY_SECONDS = (bindparam(name, type_=sa.BigInteger) for name in ("now", "retry_seconds"))
_WAITING = CompiledStatement(
    sa.select(
        CALLBACK.c.id,
        CALLBACK.c.xml,
        CALLBACK.c.attempts,
        CALLBACK.c.at,
        CALLBACK.c.due_at,
        CALLBACK.c.address,
    )
    .where(
        *_OF_APP,
        ~CALLBACK.c.aside | (CALLBACK.c.due_at <= _NOW) | (CALLBACK.c.due_at - _RETRY_SECONDS > _NOW),
    )
    .order_by(CALLBACK.c.position, CALLBACK.c.id)
    .limit(bindparam("most"))
)
_FIRST_ASIDE = CompiledStatement(sa.select(sa.func.min(CALLBACK.c.due_at)).where(*_OF_APP, CALLBACK.c.aside))
_COUNT = CompiledStatement(sa.select(sa.func.count()).where(*_OF_APP))
_ADDRESS = CompiledStatement(
    sa.select(APP.c.callback_url, APP.c.callback_token, APP.c.encoding_aes_key, CORP.c.faulty_paths)
    .join(CORP, CORP.c.corp_id == APP.c.corp_id)
    .where(APP.c.corp_id == bindparam("corp_id"), APP.c.agentid == bindparam("agentid"))
)
_KEEP_ALL = CompiledStatement(
    sa.update(CALLBACK)
    .where(*_OF_APP, CALLBACK.c.address.is_(None))
    .values(state="kept", due_at=bindparam("new_due_at"))
)
_RESULT = CompiledStatement(
    sa.update(CALLBACK)
    .where(
        CALLBACK.c.corp_id == bindparam("of_corp_id"),
        CALLBACK.c.id == bindparam("of_id"),
        CALLBACK.c.state == "waiting",
        CALLBACK.c.attempts == bindparam("of_attempts"),
    )
    .values(
        state=bindparam("new_state"),
        attempts=bindparam("new_attempts"),
        due_at=bindparam("new_due_at"),
        aside=bindparam("new_aside"),
    )
)
_RETRIES_AT_ONCE = CompiledStatement(
    sa.update(CALLBACK)
    .where(*_OF_APP, CALLBACK.c.attempts > 0, CALLBACK.c.due_at > bindparam("new_due_at"))
    .values(due_at=bindparam("new_due_at"))
)


def address_of(tx: Transaction, key: Key) -> tuple[Endpoint, str | None]:
    """Where the app receives callbacks now; an empty url for none, also when the app is gone.

    With it the corp's `faulty_paths`.
    """
    found = _ADDRESS.one(tx, corp_id=key.corp_id, agentid=key.agentid)
    url, token, aes_key, faulty_paths = found or ("", "", "", None)
    return Endpoint(key.corp_id, key.agentid, url, token, aes_key), faulty_paths


def next_messages(
    tx: Transaction, key: Key, now: int, retry_seconds: int, most: int
) -> list[CallbackMessage]:
    """The next messages, up to the first that isn't due, to keep their order."""
    messages = []
    for id_, xml, attempts, at, due_at, address in _in_line(tx, key, now, retry_seconds, most):
        if not _is_due(now, attempts, at, due_at, retry_seconds):
            break
        own = OwnAddress(**orjson.loads(address)) if address else None
        messages.append(CallbackMessage(id_, xml, attempts, own))
    return messages


def _in_line(tx: Transaction, key: Key, now: int, retry_seconds: int, most: int) -> list[tuple[Any, ...]]:
    values = {"now": now, "retry_seconds": retry_seconds, "most": most}
    return _WAITING.all(tx, corp_id=key.corp_id, agentid=key.agentid, **values)


def _is_due(now: int, attempts: int, at: int, due_at: int, retry_seconds: int) -> bool:
    began = due_at - retry_seconds if attempts else at
    return due_at <= now or now < began


def keep_all(tx: Transaction, key: Key, now: int) -> None:
    """What waits for an app that has no address any more is only kept, unless it has one of its own."""
    _KEEP_ALL.run(tx, corp_id=key.corp_id, agentid=key.agentid, new_due_at=now)


def set_result(
    tx: Transaction, key: Key, result: Result, new_state: str, due_at: int, *, aside: bool
) -> bool:
    """Notes an attempt at the event; False if that was done before, or the event is gone."""
    message = result.message
    changed = _RESULT.run(
        tx,
        of_corp_id=key.corp_id,
        of_id=message.id,
        of_attempts=message.attempts,
        new_state=new_state,
        new_attempts=message.attempts + 1,
        new_due_at=due_at,
        new_aside=aside,
    )
    return changed == 1


def resume(tx: Transaction, key: Key, now: int) -> None:
    """Ends a pause, and the waits for retries."""
    state = state_of(tx, key)
    set_state(tx, key, state._replace(failures=0, paused_at=None, paused_until=None))
    _RETRIES_AT_ONCE.run(tx, corp_id=key.corp_id, agentid=key.agentid, new_due_at=now)


def waiting_count(tx: Transaction, key: Key) -> int:
    row = _COUNT.one(tx, corp_id=key.corp_id, agentid=key.agentid)
    return int(row[0]) if row else 0


def next_attempt_at(tx: Transaction, key: Key, now: int, retry_seconds: int) -> int | None:
    """When the next event is sent, by the corp's clock; None if nothing waits."""
    whens = [
        now if _is_due(now, attempts, at, due_at, retry_seconds) else due_at
        for _, _, attempts, at, due_at, _ in _in_line(tx, key, now, retry_seconds, most=1)
    ]
    first_aside = _FIRST_ASIDE.one(tx, corp_id=key.corp_id, agentid=key.agentid)
    if first_aside and first_aside[0] is not None:
        whens.append(max(now, first_aside[0]))
    if not whens:
        return None
    wanted, state = min(whens), state_of(tx, key)
    return max(wanted, state.paused_until or 0) if state.is_paused(now) else wanted
