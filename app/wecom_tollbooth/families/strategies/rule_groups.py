"""Rule groups for other families: look-ups, ranges, and permission to use their tags."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import CompiledStatement, is_locked
from wecom_tollbooth.families.strategies.ranges import NODE_MEMBER, Node, nodes_outside, refuse_invisible
from wecom_tollbooth.families.strategies.tables import OF_CUSTOMERS, STRATEGY, STRATEGY_NODE
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal

_APP_LOCKED = CompiledStatement(
    sa.select(APP.c.agentid)
    .where(APP.c.corp_id == bindparam("corp_id"), APP.c.agentid == bindparam("agentid"))
    .with_for_update(nowait=True)
)


def lock_own_rule_groups(call: Call) -> None:
    """Locks the calling app's rule groups against its other calls until this one is answered.

    Raises 45035 if another call holds the lock: PostgreSQL runs calls in parallel, SQLite one after the
    other.
    """
    try:
        _APP_LOCKED.one(call.db, corp_id=call.corp_id, agentid=call.agentid)
    except Exception as error:
        if not is_locked(error):
            raise
        raise Refusal(
            ErrCode.CONFLICTING_CHANGE, detail="another call of this app is changing its rule groups"
        ) from None


def the_rule_group(call: Call, strategy_id: int, chapter: str = OF_CUSTOMERS) -> Any:
    """Returns the row of a rule group created by the calling app in this chapter.

    Raises 40058 for an unknown one, 60030 for another app's, or if its range is no longer visible.
    """
    query = sa.select(STRATEGY).where(
        STRATEGY.c.corp_id == call.corp_id,
        STRATEGY.c.strategy_id == strategy_id,
        STRATEGY.c.chapter == chapter,
    )
    row = call.db.execute(query).first()
    if row is None:
        raise Refusal(
            ErrCode.INVALID_PARAMETER, "strategy_id invalid", detail=f"there is no rule group {strategy_id}"
        )
    if row.created_by != call.agentid:
        raise Refusal(
            ErrCode.OUTSIDE_VISIBLE_RANGE,
            detail=f"rule group {strategy_id} was made by app {row.created_by}, not by app {call.agentid}",
        )
    if call.visible_json is not None:
        refuse_invisible(call, nodes_of(call, strategy_id))
    return row


def own_rule_groups(call: Call, chapter: str = OF_CUSTOMERS) -> list[Any]:
    """Returns the rows of all rule groups created by the calling app in this chapter."""
    query = sa.select(STRATEGY).where(
        STRATEGY.c.corp_id == call.corp_id,
        STRATEGY.c.created_by == call.agentid,
        STRATEGY.c.chapter == chapter,
    )
    return list(call.db.execute(query))


def line_above(call: Call, row: Any) -> list[Any]:
    """Returns the rule group itself, its parent, and so on up to the first level."""
    own = {other.strategy_id: other for other in own_rule_groups(call, row.chapter)} if row.parent_id else {}
    line = [row]
    while line[-1].parent_id:
        line.append(own[line[-1].parent_id])
    return line


def nodes_of(call: Call, strategy_id: int) -> set[Node]:
    """Returns the range of a rule group, as configured."""
    query = sa.select(STRATEGY_NODE.c.type, STRATEGY_NODE.c.userid, STRATEGY_NODE.c.partyid).where(
        STRATEGY_NODE.c.corp_id == call.corp_id, STRATEGY_NODE.c.strategy_id == strategy_id
    )
    return {Node._make(row) for row in call.db.execute(query)}


def refuse_foreign_tag(call: Call, strategy_id: int, userid: str) -> None:
    """Raises 60011 if the member may not use this rule group's tags or the calling app did not create it."""
    query = sa.select(STRATEGY.c.created_by).where(
        STRATEGY.c.corp_id == call.corp_id, STRATEGY.c.strategy_id == strategy_id
    )
    created_by = call.db.execute(query).scalar_one()
    if created_by != call.agentid:
        raise Refusal(
            ErrCode.NO_PRIVILEGE,
            detail=f"the tag is of rule group {strategy_id}, which app {created_by} made",
        )
    if nodes_outside(call, [Node(NODE_MEMBER, userid, 0)], nodes_of(call, strategy_id)):
        raise Refusal(
            ErrCode.NO_PRIVILEGE, detail=f"{userid} is not in the range of rule group {strategy_id}"
        )
