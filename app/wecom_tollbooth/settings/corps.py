"""What corps are like: their caps, trades, verification and latency."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from wecom_tollbooth.settings.fields import Switch, both


class CorpSettings(BaseSettings):
    member_cap: int = Field(
        default=100_000,
        ge=1,
        description=both("企业的成员数上限，超过返回 45024", "members per corp; more answer 45024"),
    )
    contact_way_cap: int = Field(
        default=500_000,
        ge=1,
        description=both(
            "企业的“联系我”与客户群进群方式的总数上限，超过返回 41045",
            "contact ways and group join ways per corp, together; more answer 41045",
        ),
    )
    medical_trade: Switch = Field(
        default=True,
        description=both(
            "off：企业不属于医疗行业，不能创建临时“联系我”（48002）",
            "off: corps aren't in the medical trade and can't create temporary contact ways (48002)",
        ),
    )
    education_trade: Switch = Field(
        default=False,
        description=both(
            "on：企业属于教育行业，群统计含迁移群数",
            "on: corps are in the education trade, whose group statistics count migrated groups",
        ),
    )
    acquisition_links_cap: int = Field(
        default=10_000,
        ge=1,
        description=both(
            "企业的获客链接数上限，超过返回 41095", "acquisition links per corp; more answer 41095"
        ),
    )
    sheet_rows_cap: int = Field(
        default=100_000,
        ge=1,
        description=both("子表的记录数上限，超过返回 2022029", "records per sub-table; more answer 2022029"),
    )
    sheet_cells_cap: int = Field(
        default=15_000_000,
        ge=1,
        description=both(
            "子表的单元格（记录×字段）数上限，超过返回 2022029",
            "cells (records × fields) per sub-table; more answer 2022029",
        ),
    )
    sheet_call_rows_cap: int = Field(
        default=500,
        ge=1,
        description=both(
            "一次调用增、改、删智能表格记录的条数上限，超过返回 40058",
            "smart sheet records that one call may add, change or delete; more answer 40058",
        ),
    )
    sheet_rights: Literal["90313", "99935"] = Field(
        default="90313",
        description=both(
            "智能表格内容权限的两个官方页面互相矛盾时按哪个：90313 拒绝 99935 的更新示例",
            "which of two official pages rules on rights of sub-tables where they contradict each other; "
            "90313 refuses the update sample of 99935",
        ),
    )
    sheet_default_rule: Literal["for_all", "for_some"] = Field(
        default="for_all",
        description=both(
            "field_default_rule 属于全员权限（for_all，页面 99935）还是额外权限（for_some，页面 90313）",
            "whose field_default_rule is: of the rule for all members (for_all, page 99935) "
            "or of rules for some (for_some, page 90313)",
        ),
    )
    sheet_rule_members_cap: int = Field(
        default=50,
        ge=1,
        le=10_000,
        description=both(
            "一条额外权限的成员数上限，超过返回 640069：页面 99935 为 50，错误码表为 500",
            "members of a content rule; more answer 640069: page 99935 says 50, the error list 500",
        ),
    )
    acquisition_priority: Switch = Field(
        default=True,
        description=both(
            "off：企业的经营类目没有 priority_option（41200）",
            "off: the corps' business category has no priority_option (41200)",
        ),
    )
    acquisition_open_callback: Switch = Field(
        default=False,
        description=both(
            "on：企业的经营类目会收到打开链接的回调 open_profile",
            "on: the corps' business category gets the callback open_profile when a link is opened",
        ),
    )
    latency_threshold: int = Field(
        default=400,
        ge=0,
        description=both(
            "延迟方案 article-2025：记录数超过它才有延迟",
            "latency profile article-2025: the number of records above which calls wait",
        ),
    )
    latency_ms_per_100: float = Field(
        default=50,
        ge=0,
        le=60_000,
        description=both(
            "延迟方案 article-2025：每多 100 条记录增加的毫秒数",
            "latency profile article-2025: milliseconds for each 100 records above",
        ),
    )
    latency_jitter: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description=both(
            "延迟方案 article-2025：延迟上下浮动的比例",
            "latency profile article-2025: the share by which a wait varies",
        ),
    )
    advice_after_seconds: int = Field(
        default=600,
        ge=1,
        description=both(
            "严格模式：企业时钟过了多少秒，没有读完的分页、没有后续调用的回调才算建议",
            "strict mode: seconds of the corp's clock after which an unread page, or a callback that no call "
            "followed, is advice",
        ),
    )
    unionid_bound: Switch = Field(
        default=True,
        description=both(
            "企业已绑定微信开发者账号，客户带有 unionid",
            "the corp has bound a WeChat developer account, so customers have a unionid",
        ),
    )
    corp_verified: Switch = Field(
        default=True,
        description=both(
            "off：企业未认证，学校通知返回 43009，转换 unionid 返回 610016",
            "off: corps are unverified; school notices answer 43009, conversion of unionids 610016",
        ),
    )
    open_platform_verified: Switch = Field(
        default=True,
        description=both(
            "off：小程序的开放平台账号未认证（610015）",
            "off: the open platform account of mini-programs is unverified (610015)",
        ),
    )
