"""Rule groups (规则组) and the members and departments in their range."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of

OF_CUSTOMERS, OF_MOMENTS = "customer", "moment"
"""Strategy.chapter: rule groups of 客户联系, and those of 客户朋友圈."""


class Strategy(SQLModel, table=True):
    """A rule group. `parent_id` is 0 at the first level; the others have the first level's privileges."""

    __table_args__ = (sa.Index("strategy_by_app", "corp_id", "created_by", "strategy_id"),)
    corp_id: str = Field(primary_key=True)
    strategy_id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    chapter: str = OF_CUSTOMERS
    parent_id: int = Field(sa_type=sa.BigInteger)
    strategy_name: str
    create_time: int = Field(sa_type=sa.BigInteger)
    admin_list: list[str] = Field(sa_type=JsonText)
    privilege: dict[str, bool] = Field(sa_type=JsonText)
    """Set for a first-level rule group; empty for others."""
    created_by: int = Field(sa_type=sa.BigInteger)
    """agentid of the app that created it."""


class StrategyNode(SQLModel, table=True):
    """A node of a rule group's range, as configured: a member (type 1) or a department (type 2)."""

    __tablename__ = "strategy_node"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    strategy_id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    type: int = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    """Empty for a department."""
    partyid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    """0 for a member."""


STRATEGY = table_of(Strategy)
STRATEGY_NODE = table_of(StrategyNode)
