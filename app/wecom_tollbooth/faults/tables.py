"""The planned faults of a corp, with how often each has fired."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class PlannedFault(SQLModel, table=True):
    """One planned fault. It stays, with its counts, until it is deleted, also when it fires no more."""

    __tablename__ = "planned_fault"
    corp_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    position: int = Field(sa_type=sa.BigInteger)
    """The order of planning; on PostgreSQL the ids of several workers don't rise with time."""
    path: str
    """The path of an operation, `*` for every operation, or `callback` with an event behind it or not."""
    agentid: int | None = Field(default=None, sa_type=sa.BigInteger)
    """Only calls of this app, or callbacks to it; None: of every app."""
    times: int | None = Field(default=None, sa_type=sa.BigInteger)
    """How often it fires; None: until it is deleted."""
    skip: int = Field(default=0, sa_type=sa.BigInteger)
    """Calls that it lets pass before it fires."""
    probability: float = 1.0
    effect: dict[str, Any] = Field(sa_type=JsonText)
    """See effects.py."""
    seen: int = Field(default=0, sa_type=sa.BigInteger)
    """Calls that it could have met, with those that it let pass."""
    fired: int = Field(default=0, sa_type=sa.BigInteger)
    blocked_until: int | None = Field(default=None, sa_type=sa.BigInteger)
    """The end of the window of a rate limit that it has hit, by the simulator's clock."""
    created_at: int = Field(sa_type=sa.BigInteger)


PLANNED_FAULT = table_of(PlannedFault)
