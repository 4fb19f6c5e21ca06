"""Tags and customers in a seed file."""

from typing import Literal

from pydantic import Field

from wecom_tollbooth.families.follow_ups.operations.shapes import NOTE_CHARS, SOURCE_CHARS, TITLE_CHARS
from wecom_tollbooth.families.tag_library.library import NAME_CHARS
from wecom_tollbooth.seeds.described.shapes.base import UINT32, Moment, SeedModel
from wecom_tollbooth.seeds.described.shapes.profiles import ExternalProfile

ID = r"^[0-9A-Za-z_\-]+$"
CustomerId = r"^w[mo][0-9A-Za-z_\-]+$"
GivenId = "省略时由服务的种子抽取 / drawn from the server's seed if left out"

AddWay = Literal[0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 21, 22, 24, 201, 202]
"""Page 92114 (2026-08)."""


class SeedTag(SeedModel):
    tag_id: str | None = Field(default=None, max_length=64, pattern=ID, description=GivenId)
    name: str = Field(min_length=1, max_length=NAME_CHARS)
    order: int = Field(default=0, ge=0, le=UINT32)
    created_at: Moment | None = Field(
        default=None, description="省略时同标签组 / that of the group if left out"
    )
    deleted_at: Moment | None = None


class SeedTagGroup(SeedModel):
    group_id: str | None = Field(default=None, max_length=64, pattern=ID, description=GivenId)
    name: str = Field(min_length=1, max_length=NAME_CHARS)
    order: int = Field(default=0, ge=0, le=UINT32)
    strategy_id: int = Field(
        default=0, ge=0, le=UINT32, description="所属规则组，0 为企业 / Of this rule group; 0: the corp"
    )
    created_at: Moment = "-180d"
    deleted_at: Moment | None = None
    tags: list[SeedTag | str] = Field(
        default=[], description="名称，或带更多内容 / Names, or more than names"
    )


class SeedPersonalTag(SeedModel):
    group_name: str = Field(min_length=1, max_length=NAME_CHARS)
    tag_name: str = Field(min_length=1, max_length=NAME_CHARS)


class SeedChannels(SeedModel):
    """The 视频号 by which a customer came."""

    nickname: str = Field(min_length=1, max_length=64)
    source: Literal[0, 1, 2, 3] = Field(
        default=0, description="0 未知，1 主页，2 直播间，3 留资服务 / 1 home page, 2 live room, 3 lead form"
    )


class SeedLog(SeedModel):
    at: Moment
    kind: Literal["call", "visit", "message", "note"] = "note"
    text: str = Field(min_length=1, max_length=2_000)


class SeedFollowUp(SeedModel):
    """The follow-up record of a customer and a member."""

    stage: str = Field(
        default="untouched",
        description="阶段 / One of untouched, connected, cooperating, ended",
    )
    title: str = Field(
        default="", max_length=TITLE_CHARS, description="省略时为备注 / the remark if left out"
    )
    note: str = Field(default="", max_length=NOTE_CHARS)
    amount: int = Field(default=0, ge=0, le=10**15, description="分 / fen")
    priority: int = Field(default=0, ge=0, le=3)
    source: str = Field(default="", max_length=SOURCE_CHARS)
    next_in_days: int | None = Field(
        default=None, ge=-366, le=366, description="下次跟进在几天后 / Next contact"
    )
    created_at: Moment | None = Field(
        default=None, description="省略时为添加时间 / When they became contacts, if left out"
    )
    logs: list[SeedLog] = Field(default=[], max_length=100)


class SeedFollower(SeedModel):
    """A member who has the customer, and what the member noted."""

    userid: str
    remark: str | None = Field(default=None, max_length=20, description="省略时为姓名 / the name if left out")
    description: str = Field(default="", max_length=150)
    remark_corp_name: str = Field(default="", max_length=20)
    remark_mobiles: list[str] = Field(default=[], max_length=100)
    added_at: Moment = "-30d"
    add_way: AddWay = 1
    oper_userid: str | None = Field(
        default=None,
        description="发起添加者，省略时按来源推断，空为未知 / "
        "Who began it; by add_way if left out, empty: unknown",
    )
    state: str = Field(default="", max_length=64)
    wechat_channels: SeedChannels | None = None
    tags: list[str] = Field(
        default=[], description="“标签组/标签”或 tag_id / group/tag, or a tag_id given in this file"
    )
    personal_tags: list[SeedPersonalTag] = Field(default=[])
    pending: bool = Field(
        default=False, description="免验证添加，成员尚未回加 / Added without verification, not yet confirmed"
    )
    deleted_by_customer_at: Moment | None = None
    deleted_by_member_at: Moment | None = None
    last_chat_at: Moment | None = None
    follow_up: SeedFollowUp | None = None


class SeedCustomer(SeedModel):
    ref: str | None = Field(
        default=None, min_length=1, max_length=64, description="本文件内的称呼 / How this file refers to them"
    )
    external_userid: str | None = Field(
        default=None, min_length=3, max_length=64, pattern=CustomerId, description=GivenId
    )
    name: str = Field(default="", max_length=64, description="省略时抽取 / drawn if left out")
    type: Literal[1, 2] = Field(default=1, description="1 微信，2 企业微信 / 1 WeChat, 2 WeCom")
    gender: Literal[0, 1, 2] = 0
    avatar: str | None = Field(default=None, max_length=1_024, description="省略时抽取 / drawn if left out")
    unionid: str | None = Field(
        default=None,
        max_length=64,
        description="仅微信客户；省略时抽取，空为没有 / Of WeChat customers; drawn if left out, empty: none",
    )
    position: str = Field(default="", max_length=128)
    corp_name: str = Field(default="", max_length=128)
    corp_full_name: str = Field(default="", max_length=128)
    external_profile: ExternalProfile | None = None
    created_at: Moment | None = Field(
        default=None, description="省略时为最早的添加时间 / When the first member got them, if left out"
    )
    followers: list[SeedFollower] = Field(default=[], max_length=2_000)
