"""The family of the operations of this folder: an extension, which WeCom doesn't have."""

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.families.follow_ups.tables import CORP, FOLLOW_UP_COUNT
from wecom_tollbooth.gateway.operation import Family
from wecom_tollbooth.gateway.steps.latency import FOLLOW_UPS, RECORDS

family = Family(FOLLOW_UPS, "用户跟进", "Follow-ups", extension=True)

_RECORDS = CompiledStatement(
    sa.select(sa.func.coalesce(sa.func.sum(FOLLOW_UP_COUNT.c.cards), 0)).where(
        FOLLOW_UP_COUNT.c.corp_id == bindparam("corp_id"), FOLLOW_UP_COUNT.c.userid == CORP
    )
)


def _count_records(tx: Transaction, corp_id: str) -> int:
    found = _RECORDS.one(tx, corp_id=corp_id)
    return int(found[0]) if found else 0


RECORDS[FOLLOW_UPS] = _count_records
