"""Which members messages can reach: those of departments, without disabled ones."""

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, json_list
from wecom_tollbooth.families.directory.tables import DISABLED, LEFT, MEMBER, MEMBER_DEPARTMENT
from wecom_tollbooth.families.directory.visibility import departments_below
from wecom_tollbooth.gateway.call import Call

CAN_RECEIVE = (MEMBER.c.status != LEFT) & (MEMBER.c.status != DISABLED)

_IN_DEPARTMENTS = CompiledStatement(
    lambda dialect: (
        sa.select(MEMBER.c.userid)
        .join(
            MEMBER_DEPARTMENT,
            (MEMBER_DEPARTMENT.c.corp_id == MEMBER.c.corp_id)
            & (MEMBER_DEPARTMENT.c.userid == MEMBER.c.userid),
        )
        .where(
            MEMBER_DEPARTMENT.c.corp_id == bindparam("corp"),
            sa.cast(MEMBER_DEPARTMENT.c.department_id, sa.Text).in_(json_list(dialect, "departments")),
            CAN_RECEIVE,
        )
        .distinct()
        .order_by(MEMBER.c.userid)
    )
)


def members_in(call: Call, departments: list[int]) -> list[str]:
    """The members of the departments and those below, without disabled ones."""
    if not departments:
        return []
    below = sorted(departments_below(call.db, call.corp_id, departments))
    rows = _IN_DEPARTMENTS.all(
        call.db, corp=call.corp_id, departments=orjson.dumps([str(one) for one in below]).decode()
    )
    return [row[0] for row in rows]
