"""Rules about words that members send to customers (聊天敏感词)."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of, unique_where


class InterceptRule(SQLModel, table=True):
    """One rule. A deleted row is kept, so that its id answers 41071 instead of 41070."""

    __tablename__ = "intercept_rule"
    __table_args__ = (unique_where("deleted_at IS NULL", "intercept_rule_by_name", "corp_id", "rule_name"),)
    corp_id: str = Field(primary_key=True)
    rule_id: str = Field(primary_key=True)
    rule_name: str
    word_list: list[str] = Field(sa_type=JsonText)
    semantics_list: list[int] = Field(sa_type=JsonText)
    """1 phone numbers, 2 email addresses, 3 red packets."""
    intercept_type: int
    """1 warns and blocks, 2 only warns."""
    user_list: list[str] = Field(sa_type=JsonText)
    department_list: list[int] = Field(sa_type=JsonText)
    create_time: int = Field(sa_type=sa.BigInteger)
    created_by: int = Field(sa_type=sa.BigInteger)
    """agentid of the app that created it."""
    deleted_at: int | None = Field(default=None, sa_type=sa.BigInteger)


INTERCEPT_RULE = table_of(InterceptRule)
