"""More customers and follow-up records for a corp that exists."""

from functools import partial

from wecom_tollbooth.db import Database, Slices, run_in
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP, FOLLOW_UP_GRAM, FOLLOW_UP_LOG
from wecom_tollbooth.seeds.bulk import analyzing, indexes_rebuilt, larger_cache
from wecom_tollbooth.seeds.customers import CHUNK, IDS_A_CUSTOMER, TABLES, adding_customers
from wecom_tollbooth.seeds.follow_ups import IDS_A_RECORD, adding_follow_ups
from wecom_tollbooth.seeds.seeding import ROWS_ALONE, Seeding
from wecom_tollbooth.world.context import Context

TABLES_OF_FOLLOW_UPS = (FOLLOW_UP, FOLLOW_UP_LOG, FOLLOW_UP_GRAM)


def adding(database: Database, corp_id: str, customers: int, follow_ups: int) -> Slices[tuple[int, int]]:
    """Adds customers, then records; returns how many. Each transaction leaves the corp in order.

    Raises CorpGone if the corp is deleted meanwhile.
    """
    ids = yield partial(database.block_of_ids, ids_for(customers, follow_ups))
    now = yield lambda tx: Context(database.settings, tx, corp_id).now
    done = yield from _filling(Seeding(database.settings, corp_id, now, ids), customers, follow_ups)
    database.give_back_ids(ids)
    return done


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
        ids = database.block_of_ids(ids_for(customers, follow_ups), tx)
        with larger_cache(tx), indexes_rebuilt(tx, FOLLOW_UP, follow_ups):
            now = Context(database.settings, tx, corp_id).now
            seeding = Seeding(database.settings, corp_id, now, ids, ROWS_ALONE)
            done = run_in(tx, _filling(seeding, customers, follow_ups))
    database.give_back_ids(ids)
    return done


def _filling(seeding: Seeding, customers: int, follow_ups: int) -> Slices[tuple[int, int]]:
    came = yield from adding_customers(seeding, customers)
    added = yield from adding_follow_ups(seeding, follow_ups)
    yield from analyzing((*TABLES, *TABLES_OF_FOLLOW_UPS), came + added)
    return came, added
