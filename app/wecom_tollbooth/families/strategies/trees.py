"""Trees of rule groups, in the chapter of customers and in that of moments: shapes, reading and changing.

Source: pages 94883 and 94890 (2026-08), which differ in the privileges and in how many nodes a call may have.
"""

from typing import Any, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import the_visible_member
from wecom_tollbooth.families.strategies import ranges
from wecom_tollbooth.families.strategies.ranges import GivenNode, Node, NodeShape
from wecom_tollbooth.families.strategies.rule_groups import (
    line_above,
    lock_own_rule_groups,
    nodes_of,
    own_rule_groups,
    the_rule_group,
)
from wecom_tollbooth.families.strategies.tables import STRATEGY, STRATEGY_NODE
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required, required_number

PAGE_MAX = 1000
ADMINS, NODES, LEVELS = 20, 3000, 5
"""Maximum of a rule group's admins, nodes, tree levels."""

READ_ERRORS = (ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_PARAMETER, ErrCode.OUTSIDE_VISIBLE_RANGE)
DELETE_ERRORS = (*READ_ERRORS, ErrCode.CONFLICTING_CHANGE)
CHANGE_ERRORS = (
    ErrCode.PARAMETERS_EMPTY,
    ErrCode.INVALID_PARAMETER,
    ErrCode.INVALID_USERID,
    ErrCode.INVALID_PARTY_ID,
    ErrCode.OUTSIDE_VISIBLE_RANGE,
    ErrCode.CONFLICTING_CHANGE,
)


# --- shapes ----------------------------------------------------------------------------------------------


class ListRequest(RequestModel):
    cursor: str | None = optional(doc="empty for the first page")
    limit: int | None = optional(doc="default and at most 1000")


class StrategyId(TypedDict):
    strategy_id: int


class ListReply(TypedDict):
    strategy: list[StrategyId]
    next_cursor: NotRequired[str]


class StrategyRequest(RequestModel):
    strategy_id: int = required_number(ge=1)


class GetRangeRequest(StrategyRequest):
    cursor: str | None = optional(doc="empty for the first page")
    limit: int | None = optional(doc="nodes; default and at most 1000")


class GetRangeReply(TypedDict):
    range: list[NodeShape]
    next_cursor: NotRequired[str]


class NewTreeNode(RequestModel):
    """What the requests of both chapters have in common; each adds its privileges and the range."""

    parent_id: int | None = optional(ge=0, doc="the rule group above; 0 or absent: first level")
    strategy_name: str = required()
    admin_list: list[str] = required(max_items=ADMINS, doc="userids; no super admins")


class ChangedTreeNode(StrategyRequest):
    """As NewTreeNode, for an edit."""

    strategy_name: str | None = optional()
    admin_list: list[str] | None = optional(max_items=ADMINS, doc="replaces; an empty list changes nothing")


# --- reading ---------------------------------------------------------------------------------------------


def page_of(call: Call, body: ListRequest, chapter: str) -> ListReply:
    """Returns the rule groups created by the calling app, oldest first. Raises 50100."""
    limit = _page_size(body.limit)
    after = position_of(call, "", body.cursor)[0] if body.cursor else 0
    query = (
        sa.select(STRATEGY.c.strategy_id)
        .where(
            STRATEGY.c.corp_id == call.corp_id,
            STRATEGY.c.created_by == call.agentid,
            STRATEGY.c.chapter == chapter,
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


def detail_of(call: Call, strategy_id: int, chapter: str) -> dict[str, Any]:
    """Returns all that `get` answers of a rule group, with the privileges of the first level."""
    row = the_rule_group(call, strategy_id, chapter)
    return {
        "strategy_id": row.strategy_id,
        "parent_id": row.parent_id,
        "strategy_name": row.strategy_name,
        "create_time": row.create_time,
        "admin_list": row.admin_list,
        "privilege": line_above(call, row)[-1].privilege,
    }


def range_of(call: Call, body: GetRangeRequest, chapter: str) -> GetRangeReply:
    """Returns the nodes as configured: members, then departments."""
    the_rule_group(call, body.strategy_id, chapter)
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


def _page_size(limit: int | None) -> int:
    return limit if limit and 0 < limit <= PAGE_MAX else PAGE_MAX


# --- changing --------------------------------------------------------------------------------------------


def create(
    call: Call, body: NewTreeNode, given: list[GivenNode], privilege: dict[str, bool], chapter: str
) -> int:
    """Creates a rule group and returns its id; `privilege` counts at the first level only."""
    lock_own_rule_groups(call)
    admins = _admins(call, body.admin_list)
    nodes = ranges.read(call, given)
    if body.parent_id:
        parent = the_rule_group(call, body.parent_id, chapter)
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
            chapter=chapter,
            parent_id=body.parent_id or 0,
            strategy_name=body.strategy_name,
            create_time=call.now,
            admin_list=admins,
            privilege={} if body.parent_id else privilege,
            created_by=call.agentid,
        )
    )
    _add_nodes(call, strategy_id, nodes)
    return strategy_id


def edit(
    call: Call,
    body: ChangedTreeNode,
    added: list[GivenNode] | None,
    removed: list[GivenNode] | None,
    privilege: dict[str, bool] | None,
    chapter: str,
) -> None:
    """Replaces what is given and not empty; adds and removes nodes."""
    lock_own_rule_groups(call)
    row = the_rule_group(call, body.strategy_id, chapter)
    changes: dict[str, Any] = {}
    if body.strategy_name:
        changes["strategy_name"] = body.strategy_name
    if body.admin_list:
        changes["admin_list"] = _admins(call, body.admin_list)
    if privilege is not None and not row.parent_id:
        changes["privilege"] = privilege
    if changes:
        call.db.execute(sa.update(STRATEGY).where(*_this(call, STRATEGY, body.strategy_id)).values(changes))
    if added or removed:
        _change_range(call, row, added or [], removed or [])


def remove(call: Call, strategy_id: int, chapter: str) -> set[int]:
    """Deletes the rule group and its descendants, and returns their ids."""
    lock_own_rule_groups(call)
    the_rule_group(call, strategy_id, chapter)
    gone = {strategy_id}
    # A rule group is created after its parent, so one pass in that order finds all descendants.
    for row in sorted(own_rule_groups(call, chapter), key=lambda row: row.strategy_id):
        if row.parent_id in gone:
            gone.add(row.strategy_id)
    for table in (STRATEGY_NODE, STRATEGY):
        call.db.execute(
            sa.delete(table).where(table.c.corp_id == call.corp_id, table.c.strategy_id.in_(gone))
        )
    return gone


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


def _change_range(call: Call, row: Any, given: list[GivenNode], removed: list[GivenNode]) -> None:
    before = nodes_of(call, row.strategy_id)
    added = ranges.read(call, given)
    after = (before - ranges.read_removed(call, removed)) | added
    if not 1 <= len(after) <= NODES:
        raise Refusal(
            ErrCode.INVALID_PARAMETER, "range invalid", detail=f"a rule group has 1 to {NODES} nodes"
        )
    if row.parent_id:
        _refuse_outside(call, added, row.parent_id)
    for child in own_rule_groups(call, row.chapter) if before - after else ():
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
