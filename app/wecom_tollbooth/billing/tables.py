"""The tables of the ledger, its totals, levels and seals, of seats, budgets and deleted corps."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.corps.snapshot_tables import KEPT_BY_RESTORE
from wecom_tollbooth.db import OUTLIVES_CORP, JsonText, table_of, unique_where

KEPT = {OUTLIVES_CORP: True}
"""What a deleted corp used can still be read and billed."""


class UsageRecord(SQLModel, table=True):
    """The usage of one answered call or charged act; appended in its transaction, never edited.

    `errcode` 0 is charged; any other was refused. `operation` is the path of a call, or what an act did.
    `subject` is the member or external contact that an act is about. A reversal names the record it
    `reverses` and has its quantity negated. Prices aren't stored: a statement applies the price book. Calls
    that named no corp have the corp_id "".
    """

    __tablename__ = "usage_record"
    __table_args__ = (
        sa.Index("usage_record_by_time", "corp_id", "at"),
        unique_where("reverses IS NOT NULL", "usage_record_reversed_once", "corp_id", "reverses"),
        {"sqlite_with_rowid": False, "info": KEPT},
    )
    corp_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    at: int = Field(sa_type=sa.BigInteger)
    agentid: int = Field(sa_type=sa.BigInteger)
    operation: str
    meter: str
    errcode: int
    quantity: int = Field(default=1, sa_type=sa.BigInteger)
    subject: str = ""
    reverses: int | None = Field(default=None, sa_type=sa.BigInteger)
    reason: str = ""
    """Why the record was reversed, as given with the reversal; or the planned fault that the call has met."""


class UsageTotal(SQLModel, table=True):
    """The running total of similar records of one day; `day` counts from 1970-01-01 in Asia/Shanghai.

    `shard` splits a total into several rows, so that concurrent calls don't wait for one row.
    """

    __tablename__ = "usage_total"
    __table_args__ = {"sqlite_with_rowid": False, "info": KEPT}
    corp_id: str = Field(primary_key=True)
    day: int = Field(primary_key=True)
    meter: str = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    errcode: int = Field(primary_key=True)
    agentid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    shard: int = Field(primary_key=True)
    quantity: int = Field(sa_type=sa.BigInteger)


class UsageLevel(SQLModel, table=True):
    """The level of a held meter at the end of a day, and its peak during the day.

    A day without a change has no row and takes the level of the day before. `last_at` and `last_id` identify
    the last record included.
    """

    __tablename__ = "usage_level"
    __table_args__ = {"sqlite_with_rowid": False, "info": KEPT}
    corp_id: str = Field(primary_key=True)
    meter: str = Field(primary_key=True)
    day: int = Field(primary_key=True)
    level: int = Field(sa_type=sa.BigInteger)
    peak: int = Field(sa_type=sa.BigInteger)
    last_at: int = Field(sa_type=sa.BigInteger)
    last_id: int = Field(sa_type=sa.BigInteger)


class LedgerSeal(SQLModel, table=True):
    """The seal of a past hour with records; `hash` covers the records and `previous_hash`.

    `hour` counts from 1970-01-01 UTC, `sum` is the sum of the quantities.
    """

    __tablename__ = "ledger_seal"
    __table_args__ = {"sqlite_with_rowid": False, "info": KEPT}
    corp_id: str = Field(primary_key=True)
    hour: int = Field(primary_key=True, sa_type=sa.BigInteger)
    records: int = Field(sa_type=sa.BigInteger)
    sum: int = Field(sa_type=sa.BigInteger)
    hash: str
    previous_hash: str


class SupersededRecord(SQLModel, table=True):
    """A usage record that a restore took out of the ledger: it can be read and is not billed.

    `segment` is the number of the LedgerSegment that began with the restore.
    """

    __tablename__ = "superseded_record"
    __table_args__ = {"sqlite_with_rowid": False, "info": KEPT | {KEPT_BY_RESTORE: True}}
    corp_id: str = Field(primary_key=True)
    segment: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    at: int = Field(sa_type=sa.BigInteger)
    agentid: int = Field(sa_type=sa.BigInteger)
    operation: str
    meter: str
    errcode: int
    quantity: int = Field(default=1, sa_type=sa.BigInteger)
    subject: str = ""
    reverses: int | None = Field(default=None, sa_type=sa.BigInteger)
    reason: str = ""


class LedgerSegment(SQLModel, table=True):
    """A part of the chain of seals that begins with a restore.

    `hash` covers the superseded records, the seal that the restored ledger ends with (`seal_before`) and the
    segment before; the next seal is chained to it.
    """

    __tablename__ = "ledger_segment"
    __table_args__ = {"sqlite_with_rowid": False, "info": KEPT | {KEPT_BY_RESTORE: True}}
    corp_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    record_id: int = Field(sa_type=sa.BigInteger)
    """The ledger's record of the restore."""
    at: int = Field(sa_type=sa.BigInteger)
    """By the corp's clock after the restore."""
    name: str
    """Of the snapshot; empty for a reset."""
    records: int = Field(sa_type=sa.BigInteger)
    sum: int = Field(sa_type=sa.BigInteger)
    seal_before: str
    previous_hash: str
    hash: str


class Seat(SQLModel, table=True):
    """A member who needs or holds an account with a provider, and the provider's app it is booked to.

    `type`: 1 base, 2 interop.
    """

    corp_id: str = Field(primary_key=True)
    provider_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    type: int = Field(primary_key=True)
    agentid: int = Field(sa_type=sa.BigInteger)


class ClosedCorp(SQLModel, table=True):
    """A deleted corp: its ledger is kept under this name."""

    __tablename__ = "closed_corp"
    __table_args__ = {"info": KEPT}
    corp_id: str = Field(primary_key=True)
    name: str
    closed_at: int = Field(sa_type=sa.BigInteger)


class ClosedApp(SQLModel, table=True):
    """A provider's app in a deleted corp: the provider still owes what it used."""

    __tablename__ = "closed_app"
    __table_args__ = (sa.Index("closed_app_by_provider", "provider_id", "corp_id"), {"info": KEPT})
    corp_id: str = Field(primary_key=True)
    agentid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    provider_id: str


class Budget(SQLModel, table=True):
    """A corp's monthly budget, and when its spending has to be evaluated again. Money is in fen.

    `blocked`: calls are refused. The spending is evaluated after `calls_left` more calls, and whenever the
    day or the price books have changed since the last evaluation.
    """

    corp_id: str = Field(primary_key=True)
    amount: int = Field(sa_type=sa.BigInteger)
    alerts: list[int] = Field(sa_type=JsonText)
    barrier: str
    blocked: bool = False
    day: int = 0
    books: str = ""
    calls_left: int = Field(default=0, sa_type=sa.BigInteger)


class BudgetMonth(SQLModel, table=True):
    """What was paid on top of the budget in one month, in fen, and the alerts that were sent."""

    __tablename__ = "budget_month"
    corp_id: str = Field(primary_key=True)
    month: str = Field(primary_key=True)
    paid: int = Field(default=0, sa_type=sa.BigInteger)
    alerts_sent: list[int] = Field(default_factory=list, sa_type=JsonText)


USAGE_RECORD = table_of(UsageRecord)
USAGE_TOTAL = table_of(UsageTotal)
USAGE_LEVEL = table_of(UsageLevel)
LEDGER_SEAL = table_of(LedgerSeal)
SUPERSEDED_RECORD = table_of(SupersededRecord)
LEDGER_SEGMENT = table_of(LedgerSegment)
SEAT = table_of(Seat)
CLOSED_CORP = table_of(ClosedCorp)
CLOSED_APP = table_of(ClosedApp)
BUDGET = table_of(Budget)
BUDGET_MONTH = table_of(BudgetMonth)
