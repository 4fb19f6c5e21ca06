"""The outbox of callbacks, each try to deliver one, and the corp's delivery knobs."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import table_of


class Callback(SQLModel, table=True):
    """One event for one app. Written in the transaction of the act; delivered afterwards.

    `state`: waiting, delivered, failed (after the last try), dropped (by the knob), kept (the app has no
    address; it can be pulled and replayed). `due_at` is when the next try falls due, in seconds of the
    simulator's clock. A corp's callbacks leave in the order of their ids, unless the reorder knob says else.
    """

    __table_args__ = (
        sa.Index("callback_by_state", "state", "corp_id", "id"),
        sa.Index("callback_by_app", "corp_id", "agentid", "id"),
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
    copy_of: int | None = Field(default=None, sa_type=sa.BigInteger)
    """The callback that this one repeats: the duplicate knob, or a replay."""


class CallbackAttempt(SQLModel, table=True):
    """What became of one try: the address, the status (0 where none came), and what went wrong."""

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


class DeliveryFaults(SQLModel, table=True):
    """How a corp's callbacks misbehave; all off until set."""

    __tablename__ = "delivery_faults"
    corp_id: str = Field(primary_key=True)
    duplicate: int = 0
    """More copies of each event."""
    reorder: int = 0
    """Events wait a second and are then shuffled within windows of this many."""
    delay_seconds: int = 0
    drop_one_in: int = 0
    """Every so manieth event is never sent."""
    same_second: int = 0
    """So many events in a row carry the CreateTime of the first."""


CALLBACK = table_of(Callback)
CALLBACK_ATTEMPT = table_of(CallbackAttempt)
DELIVERY_FAULTS = table_of(DeliveryFaults)
