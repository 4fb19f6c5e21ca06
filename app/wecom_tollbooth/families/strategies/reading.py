"""客户联系规则组: reading an app's rule groups, one of them, or its range."""

from typing import Any

from typing_extensions import TypedDict

from wecom_tollbooth.families.strategies import trees
from wecom_tollbooth.families.strategies.family import family
from wecom_tollbooth.families.strategies.privileges import PrivilegeShape
from wecom_tollbooth.families.strategies.tables import OF_CUSTOMERS
from wecom_tollbooth.families.strategies.trees import (
    READ_ERRORS,
    GetRangeReply,
    GetRangeRequest,
    ListReply,
    ListRequest,
    StrategyRequest,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.permissions import Permission

# --- 获取规则组列表 --------------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/customer_strategy/list",
    doc="94883",
    meter="customer.read",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=(ErrCode.INVALID_CURSOR,),
    sample={"cursor": "CURSOR", "limit": 1000},
)
def list_strategies(call: Call, body: ListRequest) -> ListReply:
    """获取规则组列表 / List rule groups

    Returns the rule groups of every level created by the calling app, oldest first. `next_cursor` is left out
    on the last page.
    """
    return trees.page_of(call, body, OF_CUSTOMERS)


# --- 获取规则组详情 --------------------------------------------------------------------------------------


class StrategyShape(TypedDict):
    strategy_id: int
    parent_id: int
    strategy_name: str
    create_time: int
    admin_list: list[str]
    privilege: PrivilegeShape


class GetReply(TypedDict):
    strategy: StrategyShape


@family.post(
    "/cgi-bin/externalcontact/customer_strategy/get",
    doc="94883",
    meter="customer.read",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=READ_ERRORS,
    sample={"strategy_id": 1},
)
def get_strategy(call: Call, body: StrategyRequest) -> GetReply:
    """获取规则组详情 / Get a rule group

    `parent_id` is 0 at the first level; a child has the privileges of its first-level rule group. Only
    the app that created a rule group can read it, and only while it sees the whole range.
    """
    strategy: Any = trees.detail_of(call, body.strategy_id, OF_CUSTOMERS)
    return {"strategy": strategy}


# --- 获取规则组管理范围 -----------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/customer_strategy/get_range",
    doc="94883",
    meter="customer.read",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=(*READ_ERRORS, ErrCode.INVALID_CURSOR),
    sample={"strategy_id": 1, "cursor": "CURSOR", "limit": 1000},
)
def get_strategy_range(call: Call, body: GetRangeRequest) -> GetRangeReply:
    """获取规则组管理范围 / Get the range of a rule group

    Returns the nodes as configured: members, then departments, not expanded. `next_cursor` is left out on
    the last page.
    """
    return trees.range_of(call, body, OF_CUSTOMERS)
