"""Members, departments, and the tags that hold them."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of

ACTIVE, DISABLED, NOT_ACTIVATED, LEFT = 1, 2, 4, 5
"""Member.status, in WeCom's numbers."""


class Member(SQLModel, table=True):
    """A member of the corp. `profile` holds the documented fields that no rule depends on.

    A member who leaves keeps the row but loses userid_key, mobile, email and departments: see offboarding.py.
    Look-ups go by userid_key, so they never find a member who left.
    """

    __table_args__ = (
        sa.UniqueConstraint("corp_id", "userid_key"),
        sa.UniqueConstraint("corp_id", "mobile"),
        sa.UniqueConstraint("corp_id", "email"),
    )
    corp_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    userid_key: str | None
    """userid in lower case, since userids are case-insensitive; None for a member who left."""
    name: str
    mobile: str | None = Field(default=None)
    """A mainland number without +86, any other as "+", country code and digits."""
    email: str | None = Field(default=None)
    """In lower case."""
    status: int = ACTIVE
    status_when_enabled: int = ACTIVE
    """The status that enabling a disabled member restores: 1, or 4 if never activated."""
    main_department: int = Field(sa_type=sa.BigInteger)
    may_follow: bool = True
    """Configured in 客户联系 → 权限配置 → 使用范围."""
    real_named: bool = True
    """Has passed 实名认证."""
    profile: dict[str, Any] = Field(default_factory=dict, sa_type=JsonText)
    created_at: int = Field(sa_type=sa.BigInteger)
    left_at: int | None = Field(default=None, sa_type=sa.BigInteger)


class Department(SQLModel, table=True):
    """A department; the root has id 1 and parentid 0."""

    __table_args__ = (sa.UniqueConstraint("corp_id", "parentid", "name"),)
    corp_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    name: str
    name_en: str = ""
    parentid: int = Field(sa_type=sa.BigInteger)
    sort_order: int = Field(sa_type=sa.BigInteger)


class MemberDepartment(SQLModel, table=True):
    """A member's assignment to one department; `position` keeps the order of the request."""

    __tablename__ = "member_department"
    __table_args__ = (sa.Index("member_department_by_department", "corp_id", "department_id", "userid"),)
    corp_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    department_id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    position: int
    sort_order: int = Field(default=0, sa_type=sa.BigInteger)
    is_leader: bool = False


class BizMail(SQLModel, table=True):
    """A 企业邮箱 address in use, in lower case: a member's own or an alias."""

    __tablename__ = "biz_mail"
    __table_args__ = (sa.Index("biz_mail_by_member", "corp_id", "userid"),)
    corp_id: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    userid: str
    is_alias: bool = False


class MemberTag(SQLModel, table=True):
    """A tag of members and departments (标签管理); families/member_tags has its operations."""

    __tablename__ = "member_tag"
    __table_args__ = (sa.UniqueConstraint("corp_id", "name"),)
    corp_id: str = Field(primary_key=True)
    tagid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    name: str
    created_by: int = Field(sa_type=sa.BigInteger)
    """agentid of the app that may change it; 0: an admin made it."""


class TaggedMember(SQLModel, table=True):
    """A member in a tag."""

    __tablename__ = "tagged_member"
    __table_args__ = (sa.Index("tagged_member_by_member", "corp_id", "userid"),)
    corp_id: str = Field(primary_key=True)
    tagid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    userid: str = Field(primary_key=True)


class TaggedDepartment(SQLModel, table=True):
    """A department in a tag, which stands for its members."""

    __tablename__ = "tagged_department"
    __table_args__ = (sa.Index("tagged_department_by_department", "corp_id", "department_id"),)
    corp_id: str = Field(primary_key=True)
    tagid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    department_id: int = Field(primary_key=True, sa_type=sa.BigInteger)


class MemberOpenid(SQLModel, table=True):
    """The openid of a member for the corp, drawn when it was first asked for."""

    __tablename__ = "member_openid"
    __table_args__ = (sa.UniqueConstraint("corp_id", "openid"),)
    corp_id: str = Field(primary_key=True)
    userid: str = Field(primary_key=True)
    openid: str


class MembersCreated(SQLModel, table=True):
    """Members created by user/create in a month ("2026-08"), including those deleted since."""

    __tablename__ = "members_created"
    corp_id: str = Field(primary_key=True)
    month: str = Field(primary_key=True)
    count: int


MEMBER = table_of(Member)
DEPARTMENT = table_of(Department)
MEMBER_DEPARTMENT = table_of(MemberDepartment)
BIZ_MAIL = table_of(BizMail)
MEMBER_TAG = table_of(MemberTag)
TAGGED_MEMBER = table_of(TaggedMember)
TAGGED_DEPARTMENT = table_of(TaggedDepartment)
MEMBER_OPENID = table_of(MemberOpenid)
MEMBERS_CREATED = table_of(MembersCreated)
