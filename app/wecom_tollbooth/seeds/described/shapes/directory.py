"""Departments, members and their tags in a seed file."""

from typing import Literal

from pydantic import Field

from wecom_tollbooth.families.directory.members.contact_points import BIZ_MAIL_ALIASES
from wecom_tollbooth.families.directory.members.department_assignments import DEPARTMENTS_OF_A_MEMBER
from wecom_tollbooth.seeds.described.shapes.base import UINT32, Moment, SeedModel
from wecom_tollbooth.seeds.described.shapes.profiles import ExternalProfile, OwnAttribute


class SeedDepartment(SeedModel):
    id: int = Field(ge=2, le=UINT32, description="1 是根部门，已有 / 1 is the root, which is there already")
    name: str = Field(min_length=1, max_length=64)
    name_en: str = Field(default="", max_length=64)
    parentid: int = Field(default=1, ge=1, le=UINT32)
    order: int = Field(default=0, ge=0, le=UINT32)


class SeedPlace(SeedModel):
    """A member's place in a department."""

    id: int = Field(ge=1, le=UINT32)
    order: int = Field(default=0, ge=0, le=UINT32)
    is_leader: bool = False


class SeedMember(SeedModel):
    userid: str = Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z][0-9A-Za-z_\-@.]*$")
    name: str = Field(default="", max_length=64, description="省略时抽取 / drawn if left out")
    departments: list[SeedPlace | int] = Field(
        default=[1], max_length=DEPARTMENTS_OF_A_MEMBER, description="编号，或带排序与负责人 / ids, or places"
    )
    main_department: int | None = Field(
        default=None, description="省略时为第一个部门 / the first if left out"
    )
    status: Literal["active", "disabled", "not_activated"] = "active"
    may_follow: bool = Field(
        default=True, description="是否可以有客户（客户联系使用范围）/ Whether the member may have customers"
    )
    real_named: bool = Field(default=True, description="是否已实名 / Whether the member's name was verified")
    mobile: str = Field(default="", max_length=32)
    email: str = Field(default="", max_length=64)
    biz_mail: str = Field(default="", max_length=64)
    biz_mail_alias: list[str] = Field(default=[], max_length=BIZ_MAIL_ALIASES)
    position: str = Field(default="", max_length=128)
    alias: str = Field(default="", max_length=64)
    gender: Literal["0", "1", "2"] = Field(default="0", description="0 未知，1 男，2 女 / 1 male, 2 female")
    telephone: str = Field(default="", max_length=32, pattern=r"^[0-9+,\-]*$")
    address: str = Field(default="", max_length=128)
    direct_leader: list[str] = Field(default=[], max_length=1)
    external_position: str = Field(default="", max_length=24)
    external_profile: ExternalProfile | None = None
    extattr: list[OwnAttribute] = Field(default=[], max_length=50)
    created_at: Moment = "-366d"
    left_at: Moment | None = Field(default=None, description="离职时间 / When the member left the corp")


class SeedVisibleRange(SeedModel):
    userid: list[str] = Field(default=[])
    partyid: list[int] = Field(default=[])
    tagid: list[int] = Field(default=[], description="成员标签 / member tags")


class SeedApp(SeedModel):
    """An app besides those that every corp has."""

    name: str = Field(min_length=1, max_length=64)
    kind: Literal[
        "self_built",
        "self_built_unlisted",
        "contacts_sync",
        "customer_contact",
        "customer_contact_legacy",
        "message_archive",
    ] = "self_built"
    agentid: int | None = Field(
        default=None, ge=1, le=UINT32, description="省略时由服务分配 / given by the server if left out"
    )
    visible: SeedVisibleRange | None = Field(
        default=None, description="可见范围，省略为全体成员 / Members that it sees; left out: everyone"
    )
    created_at: Moment = Field(
        default="-180d",
        description="2022-06-20 之前的应用可读取成员的敏感字段 / "
        "Apps from before 2022-06-20 read private fields of members",
    )


class SeedMemberTag(SeedModel):
    """A tag of members and departments (通讯录标签)."""

    tagid: int = Field(ge=1, le=UINT32)
    name: str = Field(min_length=1, max_length=32)
    members: list[str] = Field(default=[])
    departments: list[int] = Field(default=[])


class SeedRuleGroup(SeedModel):
    """A rule group of 客户联系; the corp's first app made it."""

    strategy_id: int = Field(ge=1, le=UINT32)
    name: str = Field(min_length=1, max_length=64)
    parent_id: int = Field(default=0, ge=0, le=UINT32)
    admins: list[str] = Field(default=[], max_length=20)
    members: list[str] = Field(default=[], max_length=3_000)
    departments: list[int] = Field(default=[], max_length=3_000)
    without: list[str] = Field(
        default=[], description="关闭的权限 / Privileges that are off, such as share_customer"
    )
    created_at: Moment = "-180d"
