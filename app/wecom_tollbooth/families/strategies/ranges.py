"""Ranges: the members and departments of a rule group, as configured and as they apply.

A department includes all its members and subdepartments.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import find_member, the_member
from wecom_tollbooth.families.directory.tables import (
    DEPARTMENT,
    MEMBER_DEPARTMENT,
)
from wecom_tollbooth.families.directory.visibility import (
    departments_below,
    visible_departments,
    visible_userids,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required_number

NODE_MEMBER, NODE_DEPARTMENT = 1, 2


class Node(NamedTuple):
    """One member (partyid 0) or one department (userid empty)."""

    type: int
    userid: str
    partyid: int


class GivenNode(RequestModel):
    type: int = required_number(ge=NODE_MEMBER, le=NODE_DEPARTMENT, doc="1 member, 2 department")
    userid: str | None = optional(max_chars=64, doc="of type 1")
    partyid: int | None = optional(doc="of type 2")


class NodeShape(TypedDict):
    type: int
    userid: NotRequired[str]
    partyid: NotRequired[int]


def shape(node: Node) -> NodeShape:
    if node.type == NODE_MEMBER:
        return {"type": NODE_MEMBER, "userid": node.userid}
    return {"type": NODE_DEPARTMENT, "partyid": node.partyid}


def read(call: Call, given: Iterable[GivenNode]) -> set[Node]:
    """Returns the nodes in the directory's spelling.

    Raises 40063 without userid or partyid, 40003 and 60123 for unknown ones, 60030 for invisible ones.
    """
    nodes = {_known(call, node) for node in given}
    refuse_invisible(call, nodes)
    return nodes


def read_removed(call: Call, given: Iterable[GivenNode]) -> set[Node]:
    """Like `read`, for nodes to remove, which may be missing from the directory."""
    nodes = set()
    for node in given:
        found = find_member(call, node.userid) if node.type == NODE_MEMBER and node.userid else None
        nodes.add(_node(node, found.userid if found else node.userid))
    return nodes


def refuse_invisible(call: Call, nodes: Iterable[Node]) -> None:
    """Raises 60030 if a node is not in the calling app's visible range."""
    members, departments = visible_userids(call), visible_departments(call)
    if members is None or departments is None:
        return
    for node in nodes:
        seen = node.userid in members if node.type == NODE_MEMBER else node.partyid in departments
        if not seen:
            raise Refusal(
                ErrCode.OUTSIDE_VISIBLE_RANGE, detail=f"{_named(node)} is outside the app's visible range"
            )


def refuse_outside(call: Call, nodes: Collection[Node], of: Collection[Node], *, whose: str) -> None:
    """Raises 40058 if a node is outside the range `of`."""
    outside = nodes_outside(call, nodes, of)
    if outside:
        raise Refusal(
            ErrCode.INVALID_PARAMETER, "range invalid", detail=f"{_named(min(outside))} is not in {whose}"
        )


def nodes_outside(call: Call, nodes: Collection[Node], of: Collection[Node]) -> set[Node]:
    """Returns the `nodes` that the range `of` does not include, directly or through a department."""
    left = set(nodes) - set(of)
    if not left:
        return left
    roots = [node.partyid for node in of if node.type == NODE_DEPARTMENT]
    departments = departments_below(call.db, call.corp_id, roots) if roots else frozenset()
    userids = [node.userid for node in left if node.type == NODE_MEMBER]
    query = sa.select(MEMBER_DEPARTMENT.c.userid, MEMBER_DEPARTMENT.c.department_id).where(
        MEMBER_DEPARTMENT.c.corp_id == call.corp_id, MEMBER_DEPARTMENT.c.userid.in_(userids)
    )
    rows = call.db.execute(query) if userids and departments else ()
    reached = {row.userid for row in rows if row.department_id in departments}
    return {
        node
        for node in left
        if (node.userid not in reached if node.type == NODE_MEMBER else node.partyid not in departments)
    }


def _known(call: Call, given: GivenNode) -> Node:
    if given.type == NODE_DEPARTMENT:
        node = _node(given, None)
        if not _has_department(call, node.partyid):
            raise Refusal(ErrCode.INVALID_PARTY_ID, detail=f"{node.partyid} is no department of this corp")
        return node
    return _node(given, the_member(call, _node(given, given.userid).userid).userid)


def _node(given: GivenNode, userid: str | None) -> Node:
    if given.type == NODE_MEMBER and userid:
        return Node(NODE_MEMBER, userid, 0)
    if given.type == NODE_DEPARTMENT and given.partyid:
        return Node(NODE_DEPARTMENT, "", given.partyid)
    wanted = "userid" if given.type == NODE_MEMBER else "partyid"
    raise Refusal(ErrCode.PARAMETERS_EMPTY, detail=f"a node of type {given.type} needs {wanted}")


def _has_department(call: Call, partyid: int) -> bool:
    query = sa.select(DEPARTMENT.c.id).where(DEPARTMENT.c.corp_id == call.corp_id, DEPARTMENT.c.id == partyid)
    return call.db.execute(query).first() is not None


def _named(node: Node) -> str:
    return f"member {node.userid}" if node.type == NODE_MEMBER else f"department {node.partyid}"
