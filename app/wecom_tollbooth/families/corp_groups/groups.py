"""Which corps an app reaches through the groups that it is shared in."""

import sqlalchemy as sa

from wecom_tollbooth.families.corp_groups.tables import CorpGroup, CorpGroupCorp, SharedApp
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.tables import Corp

CORP: sa.Table = Corp.__table__  # type: ignore[attr-defined]
GROUP: sa.Table = CorpGroup.__table__  # type: ignore[attr-defined]
OF_GROUP: sa.Table = CorpGroupCorp.__table__  # type: ignore[attr-defined]
SHARED: sa.Table = SharedApp.__table__  # type: ignore[attr-defined]

LINKED, DOWNSTREAM, CIRCLE = "linked_corps", "upstream_downstream", "circle"
KINDS = (LINKED, DOWNSTREAM, CIRCLE)
"""企业互联, 上下游, 互联企业（圈子）."""


def is_shared(call: Call, kind: str) -> bool:
    """Whether the calling app is shared in a group of this kind."""
    query = (
        sa.select(SHARED.c.agentid)
        .join(GROUP, _same_group(SHARED))
        .where(SHARED.c.corp_id == call.corp_id, SHARED.c.agentid == call.agentid, GROUP.c.kind == kind)
    )
    return call.db.execute(query).first() is not None


def reached(call: Call, kind: str) -> list[str]:
    """The corps of the groups of this kind that the calling app is shared in; of circles all, sorted.

    Circles have no sharing: there the visible range of the app decides.
    """
    query = (
        sa.select(OF_GROUP.c.member_corp_id)
        .join(GROUP, _same_group(OF_GROUP))
        .join(CORP, CORP.c.corp_id == OF_GROUP.c.member_corp_id)
        .where(OF_GROUP.c.corp_id == call.corp_id, GROUP.c.kind == kind)
        .order_by(OF_GROUP.c.member_corp_id)
        .distinct()
    )
    if kind != CIRCLE:
        shared = (SHARED.c.corp_id == OF_GROUP.c.corp_id) & (SHARED.c.group_id == OF_GROUP.c.group_id)
        query = query.join(SHARED, shared).where(SHARED.c.agentid == call.agentid)
    return [row[0] for row in call.db.execute(query)]


def _same_group(table: sa.Table) -> sa.ColumnElement[bool]:
    return (GROUP.c.corp_id == table.c.corp_id) & (GROUP.c.group_id == table.c.group_id)
