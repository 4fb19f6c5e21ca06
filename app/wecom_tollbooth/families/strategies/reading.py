"""客户联系规则组: reading an app's rule groups, one of them, or its range."""

from typing import NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.strategies import ranges
from wecom_tollbooth.families.strategies.family import family
from wecom_tollbooth.families.strategies.privileges import PrivilegeShape
from wecom_tollbooth.families.strategies.ranges import Node, NodeShape
from wecom_tollbooth.families.strategies.rule_groups import (
    line_above,
    the_rule_group,
)
from wecom_tollbooth.families.strategies.tables import STRATEGY, STRATEGY_NODE
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required_number

PAGE_MAX = 1000


# --- 获取规则组列表 --------------------------------------------------------------------------------------


class ListRequest(RequestModel):
    cursor: str | None = optional(doc="empty for the first page")
    limit: int | None = optional(doc="default and at most 1000")


class StrategyId(TypedDict):
    strategy_id: int


class ListReply(TypedDict):
    strategy: list[StrategyId]
    next_cursor: NotRequired[str]


@family.post(
    "/cgi-bin/externalcontact/customer_strategy/list",
    doc="94883",
    meter="customer.read",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=(ErrCode.INVALID_CURSOR,),
    sample={"cursor": "CURSOR", "limit": 1000},
)
def list_strategies(call: Call, body: ListRequest) -> ListReply:
    """获取规则组列表

    Returns the rule groups of every level created by the calling app, oldest first. `next_cursor` is left out
    on the last page.
    """
    limit = _page_size(body.limit)
    after = position_of(call, "", body.cursor)[0] if body.cursor else 0
    query = (
        sa.select(STRATEGY.c.strategy_id)
        .where(
            STRATEGY.c.corp_id == call.corp_id,
            STRATEGY.c.created_by == call.agentid,
            STRATEGY.c.strategy_id > after,
        )
        .order_by(STRATEGY.c.strategy_id)
        .limit(limit + 1)
    )
    rows = list(call.db.execute(query))
    reply: ListReply = {"strategy": [{"strategy_id": row.strategy_id} for row in rows[:limit]]}
    if len(rows) > limit:
        reply["next_cursor"] = make_cursor(call, "", [rows[limit - 1].strategy_id])
    return reply


def _page_size(limit: int | None) -> int:
    return limit if limit and 0 < limit <= PAGE_MAX else PAGE_MAX


# --- 获取规则组详情 --------------------------------------------------------------------------------------


class StrategyRequest(RequestModel):
    strategy_id: int = required_number(ge=1)


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
    errors=(ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_PARAMETER, ErrCode.OUTSIDE_VISIBLE_RANGE),
    sample={"strategy_id": 1},
)
def get_strategy(call: Call, body: StrategyRequest) -> GetReply:
    """获取规则组详情

    `parent_id` is 0 at the first level; a child has the privileges of its first-level rule group. Only
    the app that created a rule group can read it, and only while it sees the whole range.
    """
    row = the_rule_group(call, body.strategy_id)
    strategy: StrategyShape = {
        "strategy_id": row.strategy_id,
        "parent_id": row.parent_id,
        "strategy_name": row.strategy_name,
        "create_time": row.create_time,
        "admin_list": row.admin_list,
        "privilege": line_above(call, row)[-1].privilege,
    }
    return {"strategy": strategy}


# --- 获取规则组管理范围 -----------------------------------------------------------------------------------


class GetRangeRequest(StrategyRequest):
    cursor: str | None = optional(doc="empty for the first page")
    limit: int | None = optional(doc="nodes; default and at most 1000")


class GetRangeReply(TypedDict):
    range: list[NodeShape]
    next_cursor: NotRequired[str]


@family.post(
    "/cgi-bin/externalcontact/customer_strategy/get_range",
    doc="94883",
    meter="customer.read",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.OUTSIDE_VISIBLE_RANGE,
        ErrCode.INVALID_CURSOR,
    ),
    sample={"strategy_id": 1, "cursor": "CURSOR", "limit": 1000},
)
def get_strategy_range(call: Call, body: GetRangeRequest) -> GetRangeReply:
    """获取规则组管理范围

    Returns the nodes as configured: members, then departments, not expanded. `next_cursor` is left out on
    the last page.
    """
    the_rule_group(call, body.strategy_id)
    limit = _page_size(body.limit)
    after = position_of(call, body.strategy_id, body.cursor) if body.cursor else [0, "", 0]
    place = sa.tuple_(STRATEGY_NODE.c.type, STRATEGY_NODE.c.userid, STRATEGY_NODE.c.partyid)
    query = (
        sa.select(STRATEGY_NODE.c.type, STRATEGY_NODE.c.userid, STRATEGY_NODE.c.partyid)
        .where(
            STRATEGY_NODE.c.corp_id == call.corp_id,
            STRATEGY_NODE.c.strategy_id == body.strategy_id,
            place > sa.tuple_(*(sa.literal(value) for value in after)),
        )
        .order_by(STRATEGY_NODE.c.type, STRATEGY_NODE.c.userid, STRATEGY_NODE.c.partyid)
        .limit(limit + 1)
    )
    nodes = [Node._make(row) for row in call.db.execute(query)]
    reply: GetRangeReply = {"range": [ranges.shape(node) for node in nodes[:limit]]}
    if len(nodes) > limit:
        reply["next_cursor"] = make_cursor(call, body.strategy_id, list(nodes[limit - 1]))
    return reply
