"""Members and departments."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db import JsonText


class Member(SQLModel, table=True):
    """A member of the corp. `profile` holds the documented fields that nothing here decides by."""

    __table_args__ = (sa.UniqueConstraint("corp_id", "userid_key"),)
    corp_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    userid_key: str
    """userid in lower case: plain userids compare without regard to case."""
    name: str
    mobile: str | None = Field(default=None)
    email: str | None = Field(default=None)
    status: int = 1
    """1 active, 2 disabled, 4 not activated, 5 left."""
    main_department: int = Field(sa_type=sa.BigInteger)
    may_follow: bool = True
    """Configured in 客户联系 → 权限配置 → 使用范围."""
    profile: dict[str, Any] = Field(default_factory=dict, sa_type=JsonText)
    created_at: int = Field(sa_type=sa.BigInteger)


class Department(SQLModel, table=True):
    corp_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    name: str
    name_en: str = ""
    parentid: int = Field(sa_type=sa.BigInteger)
    sort_order: int = Field(sa_type=sa.BigInteger)


class MemberDepartment(SQLModel, table=True):
    """A member's place in one department; `position` keeps the order in which they were given."""

    __tablename__ = "member_department"
    __table_args__ = (sa.Index("member_department_by_department", "corp_id", "department_id", "userid"),)
    corp_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    department_id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    position: int
    sort_order: int = Field(default=0, sa_type=sa.BigInteger)
    is_leader: bool = False
