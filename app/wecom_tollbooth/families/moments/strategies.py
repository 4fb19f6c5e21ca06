"""客户朋友圈规则组: which admins may see and have published the moments of which members."""

from typing import Any

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.families.moments.family import family
from wecom_tollbooth.families.strategies import trees
from wecom_tollbooth.families.strategies.ranges import GivenNode
from wecom_tollbooth.families.strategies.tables import OF_MOMENTS
from wecom_tollbooth.families.strategies.trees import (
    CHANGE_ERRORS,
    DELETE_ERRORS,
    NODES,
    READ_ERRORS,
    ChangedTreeNode,
    GetRangeReply,
    GetRangeRequest,
    ListReply,
    ListRequest,
    NewTreeNode,
    StrategyRequest,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required


class MomentPrivilege(RequestModel):
    view_moment_list: bool = Field(default=True, description="see all that members have published")
    send_moment: bool = Field(default=True, description="members may publish moments")
    manage_moment_cover_and_sign: bool = Field(default=True, description="set cover and signature")


class MomentPrivilegeShape(TypedDict):
    view_moment_list: bool
    send_moment: bool
    manage_moment_cover_and_sign: bool


PRIVILEGE_SAMPLE = {"view_moment_list": True, "send_moment": True, "manage_moment_cover_and_sign": True}


# --- 获取规则组列表 --------------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/moment_strategy/list",
    doc="94890",
    meter="moment.read",
    permission=Permission.MOMENT_STRATEGY,
    errors=(ErrCode.INVALID_CURSOR,),
    sample={"cursor": "CURSOR", "limit": 1000},
)
def list_moment_strategies(call: Call, body: ListRequest) -> ListReply:
    """获取规则组列表 / List rule groups for moments

    Returns the rule groups of moments of every level created by the calling app, oldest first. `next_cursor`
    is left out on the last page.
    """
    return trees.page_of(call, body, OF_MOMENTS)


# --- 获取规则组详情 --------------------------------------------------------------------------------------


class MomentStrategyShape(TypedDict):
    strategy_id: int
    parent_id: int
    strategy_name: str
    create_time: int
    admin_list: list[str]
    privilege: MomentPrivilegeShape


class GetReply(TypedDict):
    strategy: MomentStrategyShape


@family.post(
    "/cgi-bin/externalcontact/moment_strategy/get",
    doc="94890",
    meter="moment.read",
    permission=Permission.MOMENT_STRATEGY,
    errors=READ_ERRORS,
    sample={"strategy_id": 1},
)
def get_moment_strategy(call: Call, body: StrategyRequest) -> GetReply:
    """获取规则组详情 / Get a rule group for moments

    `parent_id` is 0 at the first level; a child has the privileges of its first-level rule group. Only
    the app that created a rule group can read it, and only while it sees the whole range.
    """
    strategy: Any = trees.detail_of(call, body.strategy_id, OF_MOMENTS)
    return {"strategy": strategy}


# --- 获取规则组管理范围 -----------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/moment_strategy/get_range",
    doc="94890",
    meter="moment.read",
    permission=Permission.MOMENT_STRATEGY,
    errors=(*READ_ERRORS, ErrCode.INVALID_CURSOR),
    sample={"strategy_id": 1, "cursor": "CURSOR", "limit": 1000},
)
def get_moment_strategy_range(call: Call, body: GetRangeRequest) -> GetRangeReply:
    """获取规则组管理范围 / Get the range of a rule group for moments

    Returns the nodes as configured: members, then departments, not expanded. `next_cursor` is left out on
    the last page.
    """
    return trees.range_of(call, body, OF_MOMENTS)


# --- 创建新的规则组 --------------------------------------------------------------------------------------


class CreateRequest(NewTreeNode):
    privilege: MomentPrivilege | None = optional(doc="of a first-level rule group; ignored below")
    range: list[GivenNode] = required(max_items=NODES, doc="inside the range of the one above")


class CreateReply(TypedDict):
    strategy_id: int


@family.post(
    "/cgi-bin/externalcontact/moment_strategy/create",
    doc="94890",
    meter="moment.write",
    permission=Permission.MOMENT_STRATEGY,
    errors=CHANGE_ERRORS,
    sample={
        "parent_id": 0,
        "strategy_name": "NAME",
        "admin_list": ["zhangsan", "lisi"],
        "privilege": PRIVILEGE_SAMPLE,
        "range": [{"type": 1, "userid": "zhangsan"}, {"type": 2, "partyid": 1}],
    },
)
def create_moment_strategy(call: Call, body: CreateRequest) -> CreateReply:
    """创建新的规则组 / Create a rule group for moments

    Creates a rule group, at most 5 levels deep; its range must be inside that of the parent. An app must
    not change rule groups in parallel calls.
    """
    flags = (body.privilege or MomentPrivilege()).model_dump()
    return {"strategy_id": trees.create(call, body, body.range, flags, OF_MOMENTS)}


# --- 编辑规则组及其管理范围 --------------------------------------------------------------------------------


class EditRequest(ChangedTreeNode):
    privilege: MomentPrivilege | None = optional(doc="replaces; ignored below the first level")
    range_add: list[GivenNode] | None = optional(max_items=NODES)
    range_del: list[GivenNode] | None = optional(max_items=NODES)


@family.post(
    "/cgi-bin/externalcontact/moment_strategy/edit",
    doc="94890",
    meter="moment.write",
    permission=Permission.MOMENT_STRATEGY,
    errors=CHANGE_ERRORS,
    sample={
        "strategy_id": 1,
        "strategy_name": "NAME",
        "admin_list": ["zhangsan", "lisi"],
        "privilege": PRIVILEGE_SAMPLE,
        "range_add": [{"type": 1, "userid": "zhangsan"}, {"type": 2, "partyid": 1}],
        "range_del": [{"type": 1, "userid": "lisi"}, {"type": 2, "partyid": 2}],
    },
)
def edit_moment_strategy(call: Call, body: EditRequest) -> Done:
    """编辑规则组及其管理范围 / Change a rule group for moments and its range

    Replaces name, admins and privileges if given and not empty; adds and removes nodes of the range, 3000 in
    total. The range must stay inside the parent's and contain those of child rule groups.
    """
    is_given = body.privilege is not None and body.privilege.model_fields_set
    flags = body.privilege.model_dump() if body.privilege is not None and is_given else None
    trees.edit(call, body, body.range_add, body.range_del, flags, OF_MOMENTS)
    return {}


# --- 删除规则组 ------------------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/moment_strategy/del",
    doc="94890",
    meter="moment.write",
    permission=Permission.MOMENT_STRATEGY,
    errors=DELETE_ERRORS,
    sample={"strategy_id": 1},
)
def del_moment_strategy(call: Call, body: StrategyRequest) -> Done:
    """删除规则组 / Delete a rule group for moments

    Deletes the rule group and its descendants.
    """
    trees.remove(call, body.strategy_id, OF_MOMENTS)
    return {}
