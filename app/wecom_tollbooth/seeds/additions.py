"""More customers and follow-up records for a corp that exists."""

from functools import partial

from wecom_tollbooth.db import Database, IdBlock, Slices, Transaction, run_in
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP, FOLLOW_UP_GRAM, FOLLOW_UP_LOG
from wecom_tollbooth.seeds.bulk import analyzing, indexes_rebuilt, larger_cache
from wecom_tollbooth.seeds.customers import CHUNK, IDS_A_CUSTOMER, TABLES, adding_customers
from wecom_tollbooth.seeds.follow_ups import IDS_A_RECORD, adding_follow_ups
from wecom_tollbooth.seeds.seeding import ROWS_ALONE, CorpGone, Seeding, note_addition
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.keyed_corps import is_keyed, take_numbers

TABLES_OF_FOLLOW_UPS = (FOLLOW_UP, FOLLOW_UP_LOG, FOLLOW_UP_GRAM)


def adding(database: Database, corp_id: str, customers: int, follow_ups: int) -> Slices[tuple[int, int]]:
    """Adds customers, then records; returns how many. Each transaction leaves the corp in order.

    Raises CorpGone if the corp is deleted meanwhile.
    """
    ids = yield from _taking_ids(database, corp_id, ids_for(customers, follow_ups))
    now = yield partial(_note, database, corp_id, customers, follow_ups, ids)
    done = yield from filling(Seeding(database.settings, corp_id, now, ids), customers, follow_ups)
    if not is_keyed(corp_id):
        database.give_back_ids(ids)
    return done


def _note(
    database: Database, corp_id: str, customers: int, follow_ups: int, ids: IdBlock, tx: Transaction
) -> int:
    """Notes the addition and returns the corp's time."""
    now = Context(database.settings, tx, corp_id).now
    note_addition(tx, corp_id, {"customers": customers, "follow_ups": follow_ups}, ids, now)
    return now


def _taking_ids(database: Database, corp_id: str, count: int) -> Slices[IdBlock]:
    """The next `count` ids, the corp's own where it has a key. Raises CorpGone."""
    if not is_keyed(corp_id):
        ids: IdBlock = yield partial(database.block_of_ids, count)
        return ids
    try:
        last: int = yield partial(take_numbers, corp_id=corp_id, count=count)
    except LookupError as error:
        raise CorpGone(str(error)) from None
    return IdBlock(last - count, last)


def add_customers(database: Database, corp_id: str, count: int) -> int:
    """Adds customers in one transaction, where no calls are served; returns how many."""
    return _add(database, corp_id, count, 0)[0]


def add_follow_ups(database: Database, corp_id: str, count: int) -> int:
    """Adds records in one transaction, where no calls are served; returns how many."""
    return _add(database, corp_id, 0, count)[1]


def ids_for(customers: int, follow_ups: int) -> int:
    """At most so many ids are drawn; what is left is given back."""
    chunks = 2 + (customers + follow_ups) // CHUNK
    return customers * IDS_A_CUSTOMER + follow_ups * IDS_A_RECORD + 4 * chunks


def _add(database: Database, corp_id: str, customers: int, follow_ups: int) -> tuple[int, int]:
    with database.transaction() as tx:
        ids = run_in(tx, _taking_ids(database, corp_id, ids_for(customers, follow_ups)))
        with larger_cache(tx), indexes_rebuilt(tx, FOLLOW_UP, follow_ups):
            now = _note(database, corp_id, customers, follow_ups, ids, tx)
            seeding = Seeding(database.settings, corp_id, now, ids, ROWS_ALONE)
            done = run_in(tx, filling(seeding, customers, follow_ups))
    if not is_keyed(corp_id):
        database.give_back_ids(ids)
    return done


def filling(seeding: Seeding, customers: int, follow_ups: int) -> Slices[tuple[int, int]]:
    """Adds customers, then records; returns how many."""
    came = yield from adding_customers(seeding, customers)
    added = yield from adding_follow_ups(seeding, follow_ups)
    yield from analyzing((*TABLES, *TABLES_OF_FOLLOW_UPS), came + added)
    return came, added
