"""Deleting a corp: it is hidden at once, then its rows are removed in slices.

The rest is removed after the next start if the process dies in between.
"""

from contextlib import suppress
from functools import partial
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.billing.closed_corps import close_ledger
from wecom_tollbooth.billing.seats import seats_end_with_corp
from wecom_tollbooth.billing.tables import CLOSED_CORP
from wecom_tollbooth.callbacks.tables import CALLBACK
from wecom_tollbooth.corps import lifecycle, unfinished
from wecom_tollbooth.corps.tables import UNFINISHED_CORP
from wecom_tollbooth.db import Slices, Transaction, Work
from wecom_tollbooth.families.media.files_in_use import dropping_of_corp
from wecom_tollbooth.families.relations.contact_count import contacts_end_with_corp
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.tables import metadata
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.keyed_corps import is_keyed
from wecom_tollbooth.world.scheduled_tasks import SCHEDULED_TASK

ENDINGS: tuple[lifecycle.Ending, ...] = (contacts_end_with_corp, close_ledger)

FIRST = (SCHEDULED_TASK, CALLBACK)
"""The tables whose rows the background work would come across again and again."""


def deleting(settings: Settings, corp_id: str) -> Slices[bool]:
    """Deletes every row of the corp except its ledger, which is closed; False when there is no such corp."""
    if not (yield partial(_close, settings, corp_id)):
        return False
    yield from removing(settings, corp_id)
    return True


class Removed(Exception):
    """Somebody else has removed the rest; the corpid may be that of a new corp with the same key."""


def removing(settings: Settings, corp_id: str) -> Slices[None]:
    """Removes the rows of a corp that is hidden. Two may do so at a time."""
    if not is_keyed(corp_id):
        yield from _removing(settings, corp_id)
        return
    slices = _removing(settings, corp_id)
    with suppress(StopIteration, Removed):
        work = next(slices)
        while True:
            came = yield None if work is None else partial(_while_hidden, corp_id, work)
            work = slices.send(came)


def _while_hidden(corp_id: str, work: Work, tx: Transaction) -> Any:
    if not unfinished.is_being_deleted(tx, corp_id):
        raise Removed
    return work(tx)


def _removing(settings: Settings, corp_id: str) -> Slices[None]:
    while (yield partial(_end_seats, settings, corp_id)):
        pass
    yield from dropping_of_corp(corp_id)
    tables = metadata().sorted_tables
    yield from lifecycle.remove_rows(corp_id, [*FIRST, *(table for table in tables if table not in FIRST)])


def removing_leftovers(settings: Settings) -> Slices[int]:
    """Removes what killed processes left of corps that they were making or deleting; returns how many."""
    corps = yield unfinished.to_remove
    for corp_id in corps:
        if (yield partial(_was_closed, corp_id)):
            yield from removing(settings, corp_id)
        else:
            yield from removing_unborn(corp_id)
    return len(corps)


def removing_unborn(corp_id: str) -> Slices[None]:
    """Removes every row of a corp that nobody has seen yet, its ledger too."""
    yield from dropping_of_corp(corp_id)
    for table in metadata().sorted_tables:
        if "corp_id" in table.c and table is not UNFINISHED_CORP:
            yield from lifecycle.removing_of(table, corp_id)
    yield partial(unfinished.forget, corp_id=corp_id)


def _was_closed(corp_id: str, tx: Transaction) -> bool:
    closed = sa.select(CLOSED_CORP.c.corp_id).where(CLOSED_CORP.c.corp_id == corp_id)
    return tx.execute(closed).first() is not None


def _close(settings: Settings, corp_id: str, tx: Transaction) -> bool:
    return lifecycle.close_corp(Context(settings, tx, corp_id), ENDINGS)


def _end_seats(settings: Settings, corp_id: str, tx: Transaction) -> bool:
    return seats_end_with_corp(Context(settings, tx, corp_id))
