"""客户联系规则组: creating, editing and deleting rule groups."""

from typing_extensions import TypedDict

from wecom_tollbooth.families.strategies import privileges, trees
from wecom_tollbooth.families.strategies.family import family
from wecom_tollbooth.families.strategies.privileges import Privilege
from wecom_tollbooth.families.strategies.ranges import GivenNode
from wecom_tollbooth.families.strategies.tables import OF_CUSTOMERS
from wecom_tollbooth.families.strategies.trees import (
    CHANGE_ERRORS,
    DELETE_ERRORS,
    ChangedTreeNode,
    NewTreeNode,
    StrategyRequest,
)
from wecom_tollbooth.families.tag_library import library
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, optional, required

NODES_A_CALL = 100
"""Nodes that one call may configure (page 94883)."""


# --- 创建新的规则组 --------------------------------------------------------------------------------------


class CreateRequest(NewTreeNode):
    privilege: Privilege | None = optional(doc="of a first-level rule group; ignored below")
    range: list[GivenNode] = required(max_items=NODES_A_CALL, doc="inside the range of the one above")


class CreateReply(TypedDict):
    strategy_id: int


@family.post(
    "/cgi-bin/externalcontact/customer_strategy/create",
    doc="94883",
    meter="customer.write",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=CHANGE_ERRORS,
    sample={
        "parent_id": 0,
        "strategy_name": "NAME",
        "admin_list": ["zhangsan", "lisi"],
        "privilege": privileges.SAMPLE,
        "range": [{"type": 1, "userid": "zhangsan"}, {"type": 2, "partyid": 1}],
    },
)
def create_strategy(call: Call, body: CreateRequest) -> CreateReply:
    """创建新的规则组 / Create a rule group

    Creates a rule group, at most 5 levels deep; its range must be inside that of the parent. An app must
    not change rule groups in parallel calls.
    """
    flags = privileges.flags(body.privilege)
    return {"strategy_id": trees.create(call, body, body.range, flags, OF_CUSTOMERS)}


# --- 编辑规则组及其管理范围 --------------------------------------------------------------------------------


class EditRequest(ChangedTreeNode):
    privilege: Privilege | None = optional(doc="replaces; ignored below the first level")
    range_add: list[GivenNode] | None = optional(max_items=NODES_A_CALL)
    range_del: list[GivenNode] | None = optional(max_items=NODES_A_CALL)


@family.post(
    "/cgi-bin/externalcontact/customer_strategy/edit",
    doc="94883",
    meter="customer.write",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=CHANGE_ERRORS,
    sample={
        "strategy_id": 1,
        "strategy_name": "NAME",
        "admin_list": ["zhangsan", "lisi"],
        "privilege": privileges.SAMPLE,
        "range_add": [{"type": 1, "userid": "zhangsan"}, {"type": 2, "partyid": 1}],
        "range_del": [{"type": 1, "userid": "lisi"}, {"type": 2, "partyid": 2}],
    },
)
def edit_strategy(call: Call, body: EditRequest) -> Done:
    """编辑规则组及其管理范围 / Change a rule group and its range

    Replaces name, admins and privileges if given and not empty; adds and removes nodes of the range, at
    most 100 together in a call, and 3000 in the range. The range must stay inside the parent's and contain
    those of child rule groups.
    """
    _refuse_too_many(body)
    is_given = body.privilege is not None and body.privilege.model_fields_set
    flags = privileges.flags(body.privilege) if is_given else None
    trees.edit(call, body, body.range_add, body.range_del, flags, OF_CUSTOMERS)
    return {}


def _refuse_too_many(body: EditRequest) -> None:
    """Raises 40058 for more nodes than one call may configure, added and removed ones together."""
    nodes = len(body.range_add or ()) + len(body.range_del or ())
    if nodes > NODES_A_CALL:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            f"range_add and range_del exceed max size {NODES_A_CALL}",
            detail=f"{nodes} nodes to add and remove; at most {NODES_A_CALL} in one call",
        )


# --- 删除规则组 ------------------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/customer_strategy/del",
    doc="94883",
    meter="customer.write",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=DELETE_ERRORS,
    sample={"strategy_id": 1},
)
def del_strategy(call: Call, body: StrategyRequest) -> Done:
    """删除规则组 / Delete a rule group

    Deletes the rule group, its descendants, and their tags, which are removed from customers.
    """
    library.remove_libraries(call, trees.remove(call, body.strategy_id, OF_CUSTOMERS))
    return {}
