"""Making a corp with a key: its corpid, its clock and its numbers; and whether the key is free."""

from collections.abc import Iterable
from functools import partial

import sqlalchemy as sa
from sqlmodel import SQLModel

from wecom_tollbooth.corps.lifecycle import remove_some
from wecom_tollbooth.corps.tables import CORP, UNFINISHED_CORP
from wecom_tollbooth.db import OUTLIVES_CORP, IdBlock, Slices, Transaction
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.keyed_corps import KEYED_CORP, corpid_of


class KeyInUse(Exception):
    """A corp of the server has the key; the text says which, in one sentence."""


def taking_key(seed: int, key: str) -> Slices[str]:
    """Returns the corpid for a key that is free. Raises KeyInUse.

    What is left of a deleted corp that had the key, above all its ledger, is removed.
    """
    corp_id = corpid_of(seed, key)
    yield partial(_refuse_used, key, corp_id)
    tables = SQLModel.metadata.sorted_tables
    left = [table for table in tables if OUTLIVES_CORP in table.info and table is not UNFINISHED_CORP]
    has_left: bool = yield partial(_has_rows, left, corp_id)
    # The records before their seals: without them nobody seals an hour.
    for table in reversed(left) if has_left else ():
        while (yield partial(_remove_some, table, corp_id)):
            pass
    return corp_id


def begin_keyed(context: Context, key: str, at: int, numbers: IdBlock) -> None:
    """Gives the corp of the context its key, a clock that stands at `at`, and `numbers`.

    Raises KeyInUse: two may have found the key free.
    """
    _refuse_used(key, context.corp_id, context.db)
    begin_keyed_again(context, key, at, numbers)


def begin_keyed_again(context: Context, key: str, at: int, numbers: IdBlock) -> None:
    """The same for a corp that is reset."""
    tx, corp_id = context.db, context.corp_id
    tx.execute(sa.insert(KEYED_CORP).values(corp_id=corp_id, key=key, last_number=numbers.last))
    clock.freeze_at(tx, at, corp_id)


def _refuse_used(key: str, corp_id: str, tx: Transaction) -> None:
    if _has_rows([CORP, KEYED_CORP], corp_id, tx):
        raise KeyInUse(f"the key {key!r} is in use: it is that of the corp {corp_id!r}")
    if _has_rows([UNFINISHED_CORP], corp_id, tx):
        raise KeyInUse(f"the key {key!r} is in use: the corp {corp_id!r} is being made or deleted")


def _remove_some(table: sa.Table, corp_id: str, tx: Transaction) -> bool:
    clock.hold_hours(tx)
    return remove_some(table, corp_id, tx)


def _has_rows(tables: Iterable[sa.Table], corp_id: str, tx: Transaction) -> bool:
    found = [sa.exists().where(table.c.corp_id == corp_id) for table in tables]
    return bool(tx.execute(sa.select(sa.or_(*found))).scalar_one())
