"""Deleting a corp: what each room does about it, in order."""

from wecom_tollbooth.billing.closed_corps import close_ledger
from wecom_tollbooth.billing.seats import seats_end_with_corp
from wecom_tollbooth.corps import lifecycle
from wecom_tollbooth.families.relations.contact_count import contacts_end_with_corp
from wecom_tollbooth.tables import metadata
from wecom_tollbooth.world.context import Context

ENDINGS: tuple[lifecycle.Ending, ...] = (contacts_end_with_corp, seats_end_with_corp, close_ledger)


def delete_corp(context: Context) -> bool:
    """Deletes every row of the corp except its ledger, which is closed; False when there is no such corp."""
    return lifecycle.delete_corp(context, ENDINGS, metadata().sorted_tables)
