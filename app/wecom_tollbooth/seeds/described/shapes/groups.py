"""Customer groups in a seed file."""

from typing import Literal

from pydantic import Field

from wecom_tollbooth.families.group_chats.acts import MOST_ADMINS
from wecom_tollbooth.families.group_chats.chat_lifecycle import MOST_IN_A_GROUP
from wecom_tollbooth.seeds.described.shapes.base import Moment, SeedModel
from wecom_tollbooth.seeds.described.shapes.customers import ID, GivenId


class SeedPerson(SeedModel):
    """Somebody in a group: a member, or a customer of this file, or somebody outside whom nobody follows."""

    userid: str | None = None
    customer: str | None = Field(
        default=None, description="客户的 ref 或 external_userid / The customer's ref or external_userid"
    )
    joined_at: Moment | None = Field(default=None, description="省略时为建群时间 / When the group was made")
    join_scene: Literal[1, 2, 3] = Field(
        default=1, description="1 邀请，2 邀请链接，3 扫码 / 1 invited, 2 by a link, 3 scanned its code"
    )
    invitor: str = Field(default="", description="邀请人的 userid / The member who invited them")
    group_nickname: str = Field(default="", max_length=32)
    state: str = Field(default="", max_length=64)
    left_at: Moment | None = None


class SeedGroup(SeedModel):
    chat_id: str | None = Field(default=None, max_length=64, pattern=ID, description=GivenId)
    name: str = Field(default="", max_length=64)
    notice: str = Field(default="", max_length=2_000)
    owner: str = Field(description="群主，须在群成员中 / Its owner, who is among its people")
    admins: list[str] = Field(default=[], max_length=MOST_ADMINS)
    created_at: Moment = "-90d"
    dismissed_at: Moment | None = None
    status: Literal[0, 2, 3] = Field(
        default=0,
        description="0 正常，2 继承中，3 已继承；群主离职的群显示 1 / "
        "0 usual, 2 being inherited, 3 inherited; one whose owner left shows 1",
    )
    people: list[SeedPerson] = Field(default=[], max_length=10 * MOST_IN_A_GROUP)
