"""The sub-tables, fields, views and records of smart sheets."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class SmartSheet(SQLModel, table=True):
    """A sub-table (子表). Writes lock its row, so that each sub-table has one writer at a time."""

    __tablename__ = "smart_sheet"
    corp_id: str = Field(primary_key=True)
    docid: str = Field(primary_key=True)
    sheet_id: str = Field(primary_key=True)
    title: str
    position: int
    is_visible: bool = True
    row_count: int = Field(default=0, sa_type=sa.BigInteger)
    last_seq: int = Field(default=0, sa_type=sa.BigInteger)
    """The highest `seq` that a record has ever had."""
    version: int = Field(default=1, sa_type=sa.BigInteger)
    """Rises with every change of its fields or records: `ver` of get_records."""


class SheetField(SQLModel, table=True):
    """A column. The one with the lowest position is the primary one."""

    __tablename__ = "sheet_field"
    corp_id: str = Field(primary_key=True)
    docid: str = Field(primary_key=True)
    sheet_id: str = Field(primary_key=True)
    field_id: str = Field(primary_key=True)
    title: str
    type: str
    property: dict[str, Any] = Field(default_factory=dict, sa_type=JsonText)
    position: int = Field(sa_type=sa.BigInteger)


class SheetView(SQLModel, table=True):
    __tablename__ = "sheet_view"
    corp_id: str = Field(primary_key=True)
    docid: str = Field(primary_key=True)
    sheet_id: str = Field(primary_key=True)
    view_id: str = Field(primary_key=True)
    title: str
    type: str
    property: dict[str, Any] = Field(default_factory=dict, sa_type=JsonText)
    position: int = Field(sa_type=sa.BigInteger)


class FieldGroup(SQLModel, table=True):
    """Fields shown under one heading (编组)."""

    __tablename__ = "field_group"
    corp_id: str = Field(primary_key=True)
    docid: str = Field(primary_key=True)
    sheet_id: str = Field(primary_key=True)
    field_group_id: str = Field(primary_key=True)
    name: str
    field_ids: list[str] = Field(default_factory=list, sa_type=JsonText)
    position: int = Field(sa_type=sa.BigInteger)


class SheetRule(SQLModel, table=True):
    """A rule about what members may do in a smart sheet (内容权限)."""

    __tablename__ = "sheet_rule"
    corp_id: str = Field(primary_key=True)
    docid: str = Field(primary_key=True)
    rule_id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    """1 is the rule for all members; the others are for `members`."""
    name: str
    members: list[str] = Field(default_factory=list, sa_type=JsonText)
    privs: dict[str, Any] = Field(default_factory=dict, sa_type=JsonText)
    """By sheet_id, an entry of priv_list of the API."""


class SheetWindow(SQLModel, table=True):
    """Counts of the current minute or hour: rows that webhooks write, and changes of group chats."""

    __tablename__ = "sheet_window"
    corp_id: str = Field(primary_key=True)
    docid: str = Field(primary_key=True)
    """Empty for a count of the whole corp."""
    sheet_id: str = Field(primary_key=True)
    """Empty for a count of the whole document."""
    started: int = Field(sa_type=sa.BigInteger)
    count: int = Field(sa_type=sa.BigInteger)


class SheetRecord(SQLModel, table=True):
    """A row. `seq` rises within the sub-table and is the order in which rows are shown."""

    __tablename__ = "sheet_record"
    __table_args__ = (sa.Index("sheet_record_in_order", "corp_id", "docid", "sheet_id", "seq", unique=True),)
    corp_id: str = Field(primary_key=True)
    docid: str = Field(primary_key=True)
    sheet_id: str = Field(primary_key=True)
    record_id: str = Field(primary_key=True)
    seq: int = Field(sa_type=sa.BigInteger)
    cells: dict[str, Any] = Field(default_factory=dict, sa_type=JsonText)
    """By field id, as engine/cells.py stores them. Cells of a deleted field stay, but are not shown."""
    keys: dict[str, Any] = Field(default_factory=dict, sa_type=JsonText)
    """By field id, a text or number for each cell, which filters and sorts use."""
    created_at_ms: int = Field(sa_type=sa.BigInteger)
    updated_at_ms: int = Field(sa_type=sa.BigInteger)
    creator: str
    creator_type: int
    """1 a member (creator is a userid), 3 an app (its agentid), 4 a webhook (its id)."""
    updater: str
    updater_type: int


class SheetGroup(SQLModel, table=True):
    """A group chat of members that the automation of a smart sheet created (智能表格自动化创建的群聊)."""

    __tablename__ = "sheet_group"
    __table_args__ = (sa.Index("sheet_groups_in_order", "corp_id", "docid", "seq", unique=True),)
    corp_id: str = Field(primary_key=True)
    chat_id: str = Field(primary_key=True)
    docid: str
    seq: int = Field(sa_type=sa.BigInteger)
    """The order in which groups were created."""
    name: str
    owner: str
    members: list[str] = Field(default_factory=list, sa_type=JsonText)
    """In the order in which they joined. Members who have left the corp are left out on reading."""


SMART_SHEET = table_of(SmartSheet)
SHEET_FIELD = table_of(SheetField)
SHEET_VIEW = table_of(SheetView)
FIELD_GROUP = table_of(FieldGroup)
SHEET_RULE = table_of(SheetRule)
SHEET_WINDOW = table_of(SheetWindow)
SHEET_RECORD = table_of(SheetRecord)
SHEET_GROUP = table_of(SheetGroup)
