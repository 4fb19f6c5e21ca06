"""客户联系规则组: creating, editing and deleting rule groups."""

from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import the_visible_member
from wecom_tollbooth.families.strategies import privileges, ranges
from wecom_tollbooth.families.strategies.family import family
from wecom_tollbooth.families.strategies.privileges import Privilege
from wecom_tollbooth.families.strategies.ranges import GivenNode, Node
from wecom_tollbooth.families.strategies.reading import StrategyRequest
from wecom_tollbooth.families.strategies.rule_groups import (
    line_above,
    lock_own_rule_groups,
    nodes_of,
    own_rule_groups,
    the_rule_group,
)
from wecom_tollbooth.families.strategies.tables import STRATEGY, STRATEGY_NODE
from wecom_tollbooth.families.tag_library import library
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required

ADMINS, NODES_A_CALL, NODES, LEVELS = 20, 100, 3000, 5
"""Maximum of a rule group's admins, nodes added or removed per call, nodes, tree levels (page 94883)."""


# --- 创建新的规则组 --------------------------------------------------------------------------------------


class CreateRequest(RequestModel):
    parent_id: int | None = optional(ge=0, doc="the rule group above; 0 or absent: first level")
    strategy_name: str = required()
    admin_list: list[str] = required(max_items=ADMINS, doc="userids; no super admins")
    privilege: Privilege | None = optional(doc="of a first-level rule group; ignored below")
    range: list[GivenNode] = required(max_items=NODES_A_CALL, doc="inside the range of the one above")


class CreateReply(TypedDict):
    strategy_id: int


@family.post(
    "/cgi-bin/externalcontact/customer_strategy/create",
    doc="94883",
    meter="customer.write",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_USERID,
        ErrCode.INVALID_PARTY_ID,
        ErrCode.OUTSIDE_VISIBLE_RANGE,
        ErrCode.CONFLICTING_CHANGE,
    ),
    sample={
        "parent_id": 0,
        "strategy_name": "NAME",
        "admin_list": ["zhangsan", "lisi"],
        "privilege": privileges.SAMPLE,
        "range": [{"type": 1, "userid": "zhangsan"}, {"type": 2, "partyid": 1}],
    },
)
def create_strategy(call: Call, body: CreateRequest) -> CreateReply:
    """创建新的规则组

    Creates a rule group, at most 5 levels deep; its range must be inside that of the parent. An app must
    not change rule groups in parallel calls.
    """
    lock_own_rule_groups(call)
    admins = _admins(call, body.admin_list)
    nodes = ranges.read(call, body.range)
    if body.parent_id:
        parent = the_rule_group(call, body.parent_id)
        if len(line_above(call, parent)) >= LEVELS:
            raise Refusal(
                ErrCode.INVALID_PARAMETER, "parent_id invalid", detail=f"rule groups have {LEVELS} levels"
            )
        _refuse_outside(call, nodes, parent.strategy_id)
    strategy_id = call.next_id()
    call.db.execute(
        sa.insert(STRATEGY).values(
            corp_id=call.corp_id,
            strategy_id=strategy_id,
            parent_id=body.parent_id or 0,
            strategy_name=body.strategy_name,
            create_time=call.now,
            admin_list=admins,
            privilege={} if body.parent_id else privileges.flags(body.privilege),
            created_by=call.agentid,
        )
    )
    _add_nodes(call, strategy_id, nodes)
    return {"strategy_id": strategy_id}


def _admins(call: Call, userids: list[str]) -> list[str]:
    """Returns the members in the directory's spelling, without duplicates. Raises 40003, 60030."""
    admins: dict[str, None] = {}
    for userid in userids:
        admins[the_visible_member(call, userid, invisible=ErrCode.OUTSIDE_VISIBLE_RANGE).userid] = None
    return list(admins)


def _refuse_outside(call: Call, nodes: set[Node], strategy_id: int) -> None:
    ranges.refuse_outside(
        call, nodes, nodes_of(call, strategy_id), whose=f"the range of rule group {strategy_id}"
    )


def _add_nodes(call: Call, strategy_id: int, nodes: set[Node]) -> None:
    rows = [{"corp_id": call.corp_id, "strategy_id": strategy_id, **node._asdict()} for node in nodes]
    if rows:
        call.db.execute(sa.insert(STRATEGY_NODE), rows)


# --- 编辑规则组及其管理范围 --------------------------------------------------------------------------------


class EditRequest(StrategyRequest):
    strategy_name: str | None = optional()
    admin_list: list[str] | None = optional(max_items=ADMINS, doc="replaces; an empty list changes nothing")
    privilege: Privilege | None = optional(doc="replaces; ignored below the first level")
    range_add: list[GivenNode] | None = optional(max_items=NODES_A_CALL)
    range_del: list[GivenNode] | None = optional(max_items=NODES_A_CALL)


@family.post(
    "/cgi-bin/externalcontact/customer_strategy/edit",
    doc="94883",
    meter="customer.write",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_USERID,
        ErrCode.INVALID_PARTY_ID,
        ErrCode.OUTSIDE_VISIBLE_RANGE,
        ErrCode.CONFLICTING_CHANGE,
    ),
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
    """编辑规则组及其管理范围

    Replaces name, admins and privileges if given and not empty; adds and removes nodes of the range, at
    most 100 each and 3000 in total. The range must stay inside the parent's and contain those of child
    rule groups.
    """
    lock_own_rule_groups(call)
    row = the_rule_group(call, body.strategy_id)
    changes: dict[str, Any] = {}
    if body.strategy_name:
        changes["strategy_name"] = body.strategy_name
    if body.admin_list:
        changes["admin_list"] = _admins(call, body.admin_list)
    if body.privilege and body.privilege.model_fields_set and not row.parent_id:
        changes["privilege"] = privileges.flags(body.privilege)
    if changes:
        call.db.execute(sa.update(STRATEGY).where(*_this(call, STRATEGY, body.strategy_id)).values(changes))
    if body.range_add or body.range_del:
        _change_range(call, row, body)
    return {}


def _change_range(call: Call, row: Any, body: EditRequest) -> None:
    before = nodes_of(call, row.strategy_id)
    added = ranges.read(call, body.range_add or ())
    after = (before - ranges.read_removed(call, body.range_del or ())) | added
    if not 1 <= len(after) <= NODES:
        raise Refusal(
            ErrCode.INVALID_PARAMETER, "range invalid", detail=f"a rule group has 1 to {NODES} nodes"
        )
    if row.parent_id:
        _refuse_outside(call, added, row.parent_id)
    for child in own_rule_groups(call) if before - after else ():
        if child.parent_id == row.strategy_id:
            below = nodes_of(call, child.strategy_id)
            ranges.refuse_outside(call, below, after, whose="the range, and a rule group below has it")
    for node in before - after:
        call.db.execute(
            sa.delete(STRATEGY_NODE).where(
                *_this(call, STRATEGY_NODE, row.strategy_id),
                STRATEGY_NODE.c.type == node.type,
                STRATEGY_NODE.c.userid == node.userid,
                STRATEGY_NODE.c.partyid == node.partyid,
            )
        )
    _add_nodes(call, row.strategy_id, after - before)


def _this(call: Call, table: sa.Table, strategy_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (table.c.corp_id == call.corp_id, table.c.strategy_id == strategy_id)


# --- 删除规则组 ------------------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/customer_strategy/del",
    doc="94883",
    meter="customer.write",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.OUTSIDE_VISIBLE_RANGE,
        ErrCode.CONFLICTING_CHANGE,
    ),
    sample={"strategy_id": 1},
)
def del_strategy(call: Call, body: StrategyRequest) -> Done:
    """删除规则组

    Deletes the rule group, its descendants, and their tags, which are removed from customers.
    """
    lock_own_rule_groups(call)
    the_rule_group(call, body.strategy_id)
    gone = {body.strategy_id}
    # A rule group is created after its parent, so one pass in that order finds all descendants.
    for row in sorted(own_rule_groups(call), key=lambda row: row.strategy_id):
        if row.parent_id in gone:
            gone.add(row.strategy_id)
    library.remove_libraries(call, gone)
    for table in (STRATEGY_NODE, STRATEGY):
        call.db.execute(
            sa.delete(table).where(table.c.corp_id == call.corp_id, table.c.strategy_id.in_(gone))
        )
    return {}
