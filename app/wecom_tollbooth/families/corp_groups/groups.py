"""Which corps an app can reach through the groups it is shared in."""

import sqlalchemy as sa

from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.families.corp_groups.tables import (
    CORP_GROUP,
    CORP_GROUP_CORP,
    SHARED_APP,
)
from wecom_tollbooth.gateway.call import Call

LINKED, DOWNSTREAM, CIRCLE = "linked_corps", "upstream_downstream", "circle"
KINDS = (LINKED, DOWNSTREAM, CIRCLE)
"""企业互联, 上下游, 互联企业（圈子）."""


def is_shared(call: Call, kind: str) -> bool:
    """Whether the calling app is shared in a group of this kind."""
    query = (
        sa.select(SHARED_APP.c.agentid)
        .join(CORP_GROUP, _same_group(SHARED_APP))
        .where(
            SHARED_APP.c.corp_id == call.corp_id,
            SHARED_APP.c.agentid == call.agentid,
            CORP_GROUP.c.kind == kind,
        )
    )
    return call.db.execute(query).first() is not None


def reachable_corps(call: Call, kind: str) -> list[str]:
    """The corps in groups of this kind that the calling app is shared in, sorted.

    All corps of circles: apps are not shared in circles, their visible range decides.
    """
    query = (
        sa.select(CORP_GROUP_CORP.c.member_corp_id)
        .join(CORP_GROUP, _same_group(CORP_GROUP_CORP))
        .join(CORP, CORP.c.corp_id == CORP_GROUP_CORP.c.member_corp_id)
        .where(CORP_GROUP_CORP.c.corp_id == call.corp_id, CORP_GROUP.c.kind == kind)
        .order_by(CORP_GROUP_CORP.c.member_corp_id)
        .distinct()
    )
    if kind != CIRCLE:
        shared = (SHARED_APP.c.corp_id == CORP_GROUP_CORP.c.corp_id) & (
            SHARED_APP.c.group_id == CORP_GROUP_CORP.c.group_id
        )
        query = query.join(SHARED_APP, shared).where(SHARED_APP.c.agentid == call.agentid)
    return [row[0] for row in call.db.execute(query)]


def _same_group(table: sa.Table) -> sa.ColumnElement[bool]:
    return (CORP_GROUP.c.corp_id == table.c.corp_id) & (CORP_GROUP.c.group_id == table.c.group_id)
