"""What is kept of a deleted corp, so that its ledger can still be read and billed."""

import sqlalchemy as sa

from wecom_tollbooth.billing.tables import CLOSED_APP, CLOSED_CORP
from wecom_tollbooth.corps.tables import APP, CORP
from wecom_tollbooth.world.context import Context


def close_ledger(context: Context) -> None:
    """Keeps the corp's name, and its providers' apps, whose use the providers still owe."""
    corp = sa.select(CORP.c.corp_id, CORP.c.name, sa.literal(context.now)).where(
        CORP.c.corp_id == context.corp_id
    )
    apps = sa.select(APP.c.corp_id, APP.c.agentid, APP.c.provider_id).where(
        APP.c.corp_id == context.corp_id, APP.c.provider_id.is_not(None)
    )
    context.db.execute(sa.insert(CLOSED_CORP).from_select(["corp_id", "name", "closed_at"], corp))
    context.db.execute(sa.insert(CLOSED_APP).from_select(["corp_id", "agentid", "provider_id"], apps))
