"""Members and departments."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of

ACTIVE, DISABLED, NOT_ACTIVATED, LEFT = 1, 2, 4, 5
"""Member.status, in WeCom's numbers."""


class Member(SQLModel, table=True):
    """A member of the corp. `profile` holds the documented fields that nothing here decides by.

    Who leaves keeps the row, so that customers can be handed over, and gives up userid_key, mobile, email
    and departments: see leaving.py. Look-ups go by userid_key and so never find somebody who left.
    """

    __table_args__ = (
        sa.UniqueConstraint("corp_id", "userid_key"),
        sa.UniqueConstraint("corp_id", "mobile"),
        sa.UniqueConstraint("corp_id", "email"),
    )
    corp_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    userid_key: str | None
    """userid in lower case: plain userids compare without regard to case. None for who left."""
    name: str
    mobile: str | None = Field(default=None)
    """A number of the mainland without +86, any other with its country code; digits only behind the plus."""
    email: str | None = Field(default=None)
    """In lower case."""
    status: int = ACTIVE
    status_when_enabled: int = ACTIVE
    """What enabling a disabled member brings back: 1, or 4 for somebody who was never activated."""
    main_department: int = Field(sa_type=sa.BigInteger)
    may_follow: bool = True
    """Configured in 客户联系 → 权限配置 → 使用范围."""
    real_named: bool = True
    """Has passed 实名认证."""
    profile: dict[str, Any] = Field(default_factory=dict, sa_type=JsonText)
    created_at: int = Field(sa_type=sa.BigInteger)
    left_at: int | None = Field(default=None, sa_type=sa.BigInteger)


class Department(SQLModel, table=True):
    """A node of the corp's tree; the root has id 1 and parentid 0."""

    __table_args__ = (sa.UniqueConstraint("corp_id", "parentid", "name"),)
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


class BizMail(SQLModel, table=True):
    """An address of 企业邮箱 that is taken: a member's own, or one of the member's aliases. In lower case."""

    __tablename__ = "biz_mail"
    __table_args__ = (sa.Index("biz_mail_by_member", "corp_id", "userid"),)
    corp_id: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    userid: str
    is_alias: bool = False


class MembersCreated(SQLModel, table=True):
    """How many members user/create made in a calendar month ("2026-08"), those deleted since included."""

    __tablename__ = "members_created"
    corp_id: str = Field(primary_key=True)
    month: str = Field(primary_key=True)
    count: int


MEMBER = table_of(Member)
DEPARTMENT = table_of(Department)
MEMBER_DEPARTMENT = table_of(MemberDepartment)
BIZ_MAIL = table_of(BizMail)
MEMBERS_CREATED = table_of(MembersCreated)
