"""The outbox of callbacks, the attempts to deliver them, and the delivery faults of a corp."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class Callback(SQLModel, table=True):
    """One event for one app. Written in the transaction that raised it, and delivered afterwards.

    `state`: waiting, delivered, failed (after the last attempt), dropped (by a delivery fault) or kept (the
    app has no address; the callback can be pulled and replayed). `due_at` is the time of the next attempt, in
    seconds of the simulator's clock. An app's callbacks are sent in the order of `position`, unless
    the delivery fault `reorder` is set. Those behind one that is `aside` needn't wait for it.
    """

    __table_args__ = (
        sa.Index("callback_by_state", "state", "corp_id", "id"),
        sa.Index("callback_by_app", "corp_id", "agentid", "id"),
        # Partial on PostgreSQL, too; to say so here would load its dialect at every start.
        sa.Index(
            "callback_waiting",
            *("corp_id", "agentid", "position", "id"),
            sqlite_where=sa.text("state = 'waiting'"),
        ),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    agentid: int = Field(sa_type=sa.BigInteger)
    at: int = Field(sa_type=sa.BigInteger)
    event: str
    change_type: str
    xml: str
    state: str
    due_at: int = Field(sa_type=sa.BigInteger)
    attempts: int = 0
    position: int = Field(default=0, sa_type=sa.BigInteger)
    """On PostgreSQL from a sequence: the ids of several workers don't rise with time."""
    aside: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """It was answered with an error, and the others go ahead until it is due again."""
    copy_of: int | None = Field(default=None, sa_type=sa.BigInteger)
    """The callback that this one repeats, as a duplicate or a replay."""
    address: dict[str, str] | None = Field(default=None, sa_type=JsonText)
    """The fields of OwnAddress; None: it goes where the app's callbacks go."""


class CallbackAttempt(SQLModel, table=True):
    """One attempt to deliver a callback: the address, the status (0 if no answer came), and the error."""

    __tablename__ = "callback_attempt"
    corp_id: str = Field(primary_key=True)
    callback_id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    number: int = Field(primary_key=True)
    at: int = Field(sa_type=sa.BigInteger)
    url: str
    status: int
    answer: str
    error: str
    duration_ms: int
    reply: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    """What became of the passive reply in the answer; None if there was none. See replies/reading.py."""


class DeliveryFaults(SQLModel, table=True):
    """How the delivery of a corp's callbacks misbehaves; all off until set."""

    __tablename__ = "delivery_faults"
    corp_id: str = Field(primary_key=True)
    duplicate: int = 0
    """Extra copies of each event."""
    reorder: int = 0
    """Events wait a second and are then shuffled within windows of this size."""
    delay_seconds: int = 0
    drop_one_in: int = 0
    """On average, one of this many events is never sent."""
    same_second: int = 0
    """This many events in a row carry the CreateTime of the first."""


class CallbackEndpoint(SQLModel, table=True):
    """How an app's callbacks are doing. The row is made by the first delivery.

    Times are seconds of the simulator's clock.
    """

    __tablename__ = "callback_endpoint"
    corp_id: str = Field(primary_key=True)
    agentid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    failures: int = 0
    """Failed attempts since the last one that arrived."""
    last_success_at: int | None = Field(default=None, sa_type=sa.BigInteger)
    paused_at: int | None = Field(default=None, sa_type=sa.BigInteger)
    paused_until: int | None = Field(default=None, sa_type=sa.BigInteger)
    lease_owner: int | None = Field(default=None, sa_type=sa.BigInteger)
    """The delivery worker that sends to this endpoint; only it may."""


class DeliveryWorker(SQLModel, table=True):
    """A process that delivers. `beat` rises while it lives. On SQLite there is only one, without a row."""

    __tablename__ = "delivery_worker"
    id: int | None = Field(default=None, primary_key=True)
    beat: int = Field(default=0, sa_type=sa.BigInteger)


CALLBACK = table_of(Callback)
CALLBACK_ATTEMPT = table_of(CallbackAttempt)
CALLBACK_ENDPOINT = table_of(CallbackEndpoint)
DELIVERY_FAULTS = table_of(DeliveryFaults)
DELIVERY_WORKER = table_of(DeliveryWorker)
