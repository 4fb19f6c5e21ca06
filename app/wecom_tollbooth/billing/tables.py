"""The ledger, and what is kept beside it so that a month can be read quickly and its hours can be trusted."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.corps.lifecycle import OUTLIVES_CORP
from wecom_tollbooth.db import JsonText, table_of, unique_where

KEPT = {OUTLIVES_CORP: True}
"""What a deleted corp used can still be read and billed."""


class UsageRecord(SQLModel, table=True):
    """One answered call, or one act that is charged: what was used. Appended with it, never edited.

    `errcode` 0 is charged; any other was refused. `operation` is the path of a call, or what an act came to.
    `subject` is the member or external contact that an act is about. A reversal names the record that it
    `reverses`, and has its quantity negated. Prices are not here: a statement applies the price book. Calls
    that named no corp are kept under corp_id "".
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
    """Why a record was reversed, in somebody's words."""


class UsageTotal(SQLModel, table=True):
    """The running sum of the records of one day that are alike; `day` counts from 1970-01-01 in Shanghai.

    `shard` parts one sum into several rows, which add up, so that workers do not wait for one another's.
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
    """Where a meter that goes up and down stood at the end of a day, and the most that it was in the day.

    A day on which nothing changed has no row: it has the level of the day before. `last_at` and `last_id` are
    the last record that is in it.
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
    """The seal of one hour that is over and had records: `hash` is over them and `previous_hash`.

    `hour` counts from 1970-01-01 in UTC, `sum` is that of the quantities.
    """

    __tablename__ = "ledger_seal"
    __table_args__ = {"sqlite_with_rowid": False, "info": KEPT}
    corp_id: str = Field(primary_key=True)
    hour: int = Field(primary_key=True, sa_type=sa.BigInteger)
    records: int = Field(sa_type=sa.BigInteger)
    sum: int = Field(sa_type=sa.BigInteger)
    hash: str
    previous_hash: str


class Seat(SQLModel, table=True):
    """A member who needs or holds an account with a provider, and the app of it that the seat is booked to.

    `type`: 1 base, 2 interop.
    """

    corp_id: str = Field(primary_key=True)
    provider_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    type: int = Field(primary_key=True)
    agentid: int = Field(sa_type=sa.BigInteger)


class ClosedCorp(SQLModel, table=True):
    """A corp that was deleted: its ledger is still there, and answers under this name."""

    __tablename__ = "closed_corp"
    __table_args__ = {"info": KEPT}
    corp_id: str = Field(primary_key=True)
    name: str
    closed_at: int = Field(sa_type=sa.BigInteger)


class ClosedApp(SQLModel, table=True):
    """An app of a provider in a corp that was deleted: the provider still owes what it used."""

    __tablename__ = "closed_app"
    __table_args__ = (sa.Index("closed_app_by_provider", "provider_id", "corp_id"), {"info": KEPT})
    corp_id: str = Field(primary_key=True)
    agentid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    provider_id: str


class Budget(SQLModel, table=True):
    """What a corp may cost in a month, and how far its spending has been looked at. Money is in fen.

    `down`: the barrier is. The spending is worked out anew once `calls_left` more calls were booked, and
    whenever the day or the price books are others than those it was worked out on.
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
    """What was paid on top of the budget in one month, in fen, and which alerts it has had."""

    __tablename__ = "budget_month"
    corp_id: str = Field(primary_key=True)
    month: str = Field(primary_key=True)
    paid: int = Field(default=0, sa_type=sa.BigInteger)
    alerts_sent: list[int] = Field(default_factory=list, sa_type=JsonText)


USAGE_RECORD = table_of(UsageRecord)
USAGE_TOTAL = table_of(UsageTotal)
USAGE_LEVEL = table_of(UsageLevel)
LEDGER_SEAL = table_of(LedgerSeal)
SEAT = table_of(Seat)
CLOSED_CORP = table_of(ClosedCorp)
CLOSED_APP = table_of(ClosedApp)
BUDGET = table_of(Budget)
BUDGET_MONTH = table_of(BudgetMonth)
