"""How many moments a corp has made, and whether it may; calls that make one wait for each other."""

import sqlalchemy as sa

from wecom_tollbooth.db import insert_missing, upsert
from wecom_tollbooth.families.moments.tables import MOMENT_CORP, MomentCorp
from wecom_tollbooth.world.context import Context


def lock_counts(context: Context) -> MomentCorp:
    """The counts of the corp, locked until the transaction ends."""
    new = MomentCorp(corp_id=context.corp_id).model_dump()
    context.db.execute(insert_missing(context.db.dialect, MOMENT_CORP), new)
    query = sa.select(MOMENT_CORP).where(MOMENT_CORP.c.corp_id == context.corp_id).with_for_update()
    return MomentCorp(**context.db.execute(query).one()._mapping)


def store_counts(context: Context, counts: MomentCorp) -> None:
    context.db.execute(upsert(context.db.dialect, MOMENT_CORP, ("corp_id",)), counts.model_dump())
