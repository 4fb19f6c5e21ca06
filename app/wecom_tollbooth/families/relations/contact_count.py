"""Who counts as a contact of the corp, for which the contact fee is charged.

A contact counts once, however many members follow it and however many customer groups it is in. Pending
relations do not count. A customer who deleted the member still counts until the member deletes the
customer, as the relation stays readable until then; so do the customers of a member who left.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.billing import levels
from wecom_tollbooth.billing.meters import CONTACTS
from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.families.relations import subscribers
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE
from wecom_tollbooth.families.relations.tables import FOLLOW_USER
from wecom_tollbooth.world.acts import ActRefused
from wecom_tollbooth.world.context import Context

BECAME, CEASED, SEEDED, CLOSED = "became_contact", "ceased_to_be_contact", "seeded", "corp_closed"
"""`operation` of the ledger's contact records."""

_FOLLOWED = CompiledStatement(
    sa.select(FOLLOW_USER.c.seq)
    .where(
        FOLLOW_USER.c.corp_id == bindparam("corp_id"),
        FOLLOW_USER.c.external_userid == bindparam("external_userid"),
        IS_ACTIVE,
    )
    .limit(1)
)


def is_contact(tx: Transaction, corp_id: str, external_userid: str) -> bool:
    """Whether a member follows the person, or another family (customer groups) links it to the corp."""
    tx.flush()
    followed = _FOLLOWED.one(tx, corp_id=corp_id, external_userid=external_userid)
    return followed is not None or subscribers.is_tied(tx, corp_id, external_userid)


def becomes_contact(context: Context, external_userid: str) -> None:
    """Counts one more contact if this is the person's first link to the corp; call BEFORE it is written."""
    become_contacts(context, (external_userid,))


def become_contacts(context: Context, external_userids: Iterable[str]) -> None:
    """Like becomes_contact, for several. Raises ActRefused if the corp has no room for one of them."""
    levels.lock(context.db, context.corp_id)
    for external_userid in external_userids:
        if not is_contact(context.db, context.corp_id, external_userid):
            if (full := _why_full(context.db, context.corp_id)) is not None:
                raise ActRefused(full)
            levels.change(context, CONTACTS, 1, BECAME, external_userid)


def why_no_room(context: Context, external_userid: str) -> str | None:
    """Returns why the person cannot become a contact, valid until the transaction ends; None if it can."""
    tx, corp_id = context.db, context.corp_id
    levels.lock(tx, corp_id)
    return None if is_contact(tx, corp_id, external_userid) else _why_full(tx, corp_id)


def _why_full(tx: Transaction, corp_id: str) -> str | None:
    """Returns the message for a corp that reached its purchased number of contacts; None if it has room."""
    limit = tx.execute(sa.select(CORP.c.contact_limit).where(CORP.c.corp_id == corp_id)).scalar()
    if limit is None or levels.level_now(tx, corp_id, CONTACTS) < limit:
        return None
    return f"the corp has room for {limit} external contacts, and has as many: nobody new can be added"


def ceases_to_be_contact(context: Context, external_userid: str) -> None:
    """Counts one contact less if this was the person's last link to the corp; call AFTER it has ended."""
    cease_to_be_contacts(context, (external_userid,))


def cease_to_be_contacts(context: Context, external_userids: Iterable[str]) -> None:
    """Like ceases_to_be_contact, for several."""
    levels.lock(context.db, context.corp_id)
    for external_userid in external_userids:
        if not is_contact(context.db, context.corp_id, external_userid):
            levels.change(context, CONTACTS, -1, CEASED, external_userid)


def contacts_seeded(context: Context, count: int, number: int) -> None:
    """Books `count` new contacts in the record `number`; they count from now on."""
    levels.lock(context.db, context.corp_id)
    levels.change(context, CONTACTS, count, SEEDED, number=number)


def contacts_end_with_corp(context: Context) -> None:
    """Stops counting all contacts of a corp that is deleted."""
    levels.lock(context.db, context.corp_id)
    count = levels.level_now(context.db, context.corp_id, CONTACTS)
    if count:
        levels.change(context, CONTACTS, -count, CLOSED)
