"""A whole seed file."""

from pydantic import Field

from wecom_tollbooth.seeds.described.shapes.base import SeedModel
from wecom_tollbooth.seeds.described.shapes.customers import SeedCustomer, SeedTagGroup
from wecom_tollbooth.seeds.described.shapes.directory import (
    SeedApp,
    SeedDepartment,
    SeedMember,
    SeedMemberTag,
    SeedRuleGroup,
)
from wecom_tollbooth.seeds.described.shapes.groups import SeedGroup

MOST = 100_000
"""Customers, members or groups that one file describes."""


class SeedDrawn(SeedModel):
    """What is drawn in addition to what the file describes."""

    customers: int = Field(default=0, ge=0, le=1_000_000)
    follow_ups: int = Field(default=0, ge=0, le=1_000_000)


class SeedFile(SeedModel):
    """A described corp. Everything may be left out; a corp without members gets the member admin."""

    schema_address: str | None = Field(
        default=None, alias="$schema", description="本格式的地址，供编辑器使用 / For editors; not read"
    )
    version: int = Field(default=1, ge=1, le=1, description="格式的版本 / Of this format")
    name: str | None = Field(default=None, min_length=1, max_length=64, description="企业名称 / Of the corp")
    apps: list[SeedApp] = Field(default=[], max_length=100)
    departments: list[SeedDepartment] = Field(default=[], max_length=MOST)
    members: list[SeedMember] = Field(default=[], max_length=MOST)
    member_tags: list[SeedMemberTag] = Field(default=[], max_length=3_000)
    rule_groups: list[SeedRuleGroup] = Field(default=[], max_length=3_000)
    tag_groups: list[SeedTagGroup] = Field(default=[], max_length=3_000)
    customers: list[SeedCustomer] = Field(default=[], max_length=MOST)
    groups: list[SeedGroup] = Field(default=[], max_length=MOST)
    drawn: SeedDrawn = Field(
        default_factory=SeedDrawn, description="另外抽取的数量 / What is drawn in addition"
    )
