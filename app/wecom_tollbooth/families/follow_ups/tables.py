"""Follow-up records, their history and their counters.

The API names a record by `follow_up_id`, the tables by `seq`, from which the id is computed (store/ids.py):
so indexes are short, and ids need no index of their own.
"""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of

NEVER = 2**53 - 1
"""`next_at` of a record without a next follow-up: after all times."""

CORP = ""
"""`userid` of the counters of the whole corp."""


ON_A_CARD = ("external_userid", "title", "priority", "amount", "next_at", "version")
"""What a board shows of a record besides its position and its member."""


class FollowUpCorp(SQLModel, table=True):
    """The pipeline of a corp, and the number of its latest change. No row: the default one, no change yet."""

    __tablename__ = "follow_up_corp"
    corp_id: str = Field(primary_key=True)
    pipeline: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    """As get_pipeline shows it; None is the default pipeline."""
    pipeline_version: int = 0
    last_change: int = Field(default=0, sa_type=sa.BigInteger)
    """The number of the latest row in follow_up_change. Raising it locks this row until the commit, so that
    numbers become visible in order."""


class FollowUp(SQLModel, table=True):
    """One record: a customer whom a member follows up, in a stage of the pipeline."""

    __tablename__ = "follow_up"
    __table_args__ = (
        sa.Index("follow_up_by_pair", "corp_id", "external_userid", "userid", unique=True),
        # These two cover all columns of a card: a board reads 50 adjacent entries, not 50 scattered rows.
        sa.Index("follow_up_by_stage", "corp_id", "stage_id", "rank", "seq", "userid", *ON_A_CARD),
        sa.Index("follow_up_by_owner", "corp_id", "userid", "stage_id", "rank", "seq", *ON_A_CARD),
        sa.Index("follow_up_by_owner_seq", "corp_id", "userid", "seq"),
        sa.Index("follow_up_by_next", "corp_id", "next_at", "seq"),
        sa.Index("follow_up_by_owner_next", "corp_id", "userid", "next_at", "seq"),
        sa.Index("follow_up_by_last", "corp_id", "last_at", "seq"),
        sa.Index("follow_up_by_update", "corp_id", "updated_at", "seq"),
        sa.Index("follow_up_by_amount", "corp_id", "amount", "seq"),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=sa.BigInteger)
    external_userid: str
    userid: str
    """The member who follows the customer up."""
    stage_id: str
    rank: int = Field(sa_type=sa.BigInteger)
    """The position in the stage, lowest first; with equal ranks the lower seq comes first."""
    title: str
    note: str = ""
    priority: int = 0
    amount: int = Field(default=0, sa_type=sa.BigInteger)
    """In fen."""
    source: str = ""
    custom: dict[str, Any] = Field(default_factory=dict, sa_type=JsonText)
    next_at: int = Field(default=NEVER, sa_type=sa.BigInteger)
    last_at: int = Field(default=0, sa_type=sa.BigInteger)
    """Time of the latest log; 0: no log."""
    stage_since: int = Field(sa_type=sa.BigInteger)
    version: int = 1
    created_at: int = Field(sa_type=sa.BigInteger)
    updated_at: int = Field(sa_type=sa.BigInteger)
    closed_at: int = Field(default=0, sa_type=sa.BigInteger)
    """0: open."""
    close_reason: str = ""
    creator: str = ""
    updater: str = ""


class FollowUpCount(SQLModel, table=True):
    """The counters of one stage, for one member or for the whole corp (userid ""), updated by every change.

    `amount` is in fen. `entered` counts the records that have entered the stage; `left_count` and
    `left_seconds` those that have left it and how long they were in it.
    """

    __tablename__ = "follow_up_count"
    __table_args__ = ({"sqlite_with_rowid": False},)
    corp_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    stage_id: str = Field(primary_key=True)
    cards: int = Field(sa_type=sa.BigInteger)
    amount: int = Field(sa_type=sa.BigInteger)
    entered: int = Field(sa_type=sa.BigInteger)
    left_count: int = Field(sa_type=sa.BigInteger)
    left_seconds: int = Field(sa_type=sa.BigInteger)


class FollowUpChange(SQLModel, table=True):
    """One change of one record, numbered within the corp: history of the record and feed of all changes.

    `kind`: added, updated, moved, logged, deleted, closed, reopened, handed_over.
    """

    __tablename__ = "follow_up_change"
    __table_args__ = (
        sa.Index("follow_up_change_by_record", "corp_id", "seq", "number"),
        {"sqlite_with_rowid": False},
    )
    corp_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=sa.BigInteger)
    seq: int = Field(sa_type=sa.BigInteger)
    userid: str
    """The record's member at the time."""
    kind: str
    at: int = Field(sa_type=sa.BigInteger)
    by: str
    version: int
    from_stage: str = ""
    to_stage: str = ""


class FollowUpLog(SQLModel, table=True):
    """One follow-up that took place: `kind` call, visit, message or note."""

    __tablename__ = "follow_up_log"
    __table_args__ = ({"sqlite_with_rowid": False},)
    corp_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=sa.BigInteger)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    at: int = Field(sa_type=sa.BigInteger)
    kind: str
    text: str
    by: str


class FollowUpGram(SQLModel, table=True):
    """Two neighbouring characters in the title, the note or a log of a record."""

    __tablename__ = "follow_up_gram"
    __table_args__ = ({"sqlite_with_rowid": False},)
    corp_id: str = Field(primary_key=True)
    gram: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=sa.BigInteger)


FOLLOW_UP_CORP = table_of(FollowUpCorp)
FOLLOW_UP = table_of(FollowUp)
FOLLOW_UP_COUNT = table_of(FollowUpCount)
FOLLOW_UP_CHANGE = table_of(FollowUpChange)
FOLLOW_UP_LOG = table_of(FollowUpLog)
FOLLOW_UP_GRAM = table_of(FollowUpGram)
