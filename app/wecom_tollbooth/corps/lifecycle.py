"""How corps and their apps begin and end."""

from collections.abc import Callable, Iterable
from functools import partial

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps import unfinished
from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.corps.tables import APP, CORP, App, Corp
from wecom_tollbooth.db import OUTLIVES_CORP, CompiledStatement, Slices, Transaction
from wecom_tollbooth.world import clock, ids
from wecom_tollbooth.world.context import Context

APPS: tuple[tuple[int, str, AppKind], ...] = (
    (1000002, "客户关系管理", AppKind.SELF_BUILT),
    (1000003, "营销助手", AppKind.SELF_BUILT),
    (1000004, "考勤打卡", AppKind.SELF_BUILT_UNLISTED),
    (2000001, "通讯录同步", AppKind.CONTACTS_SYNC),
    (2000002, "客户联系", AppKind.CUSTOMER_CONTACT),
)
"""The apps of every new corp. The first may call everything that a self-built app may."""

FIRST_AGENTID = 1100000
"""Apps that are created one by one are numbered from here, clear of those that every corp has."""

ROWS_AT_ONCE = 500

Ending = Callable[[Context], None]
"""What a room does when the corp of the context is deleted, while its rows still exist."""


def new_corp(context: Context, name: str) -> tuple[Corp, list[App]]:
    """A corp and its apps, not yet added to the session; the context becomes that of the corp.

    The corpid is a new one, or that of the context.
    """
    if not context.corp_id:
        context.corp_id = "ww" + context.draw("corp", 16, "0123456789abcdef")
    corp = Corp(corp_id=context.corp_id, name=name, created_at=context.now)
    return corp, [new_app(context, app_name, kind, agentid=agentid) for agentid, app_name, kind in APPS]


def new_app(context: Context, name: str, kind: AppKind, *, agentid: int) -> App:
    """An app with its own secret and callback keys, not yet added to the session."""
    seed, number = context.seed, context.next_id()
    about = f"{context.corp_id}/{agentid}"
    return App(
        corp_id=context.corp_id,
        agentid=agentid,
        name=name,
        kind=kind,
        secret=ids.draw(seed, f"secret/{about}", number, 43),
        callback_token=ids.draw(seed, f"callback_token/{about}", number, 24),
        encoding_aes_key=ids.draw(seed, f"encoding_aes_key/{about}", number, 43),
        created_at=context.now,
    )


_KEEP = CompiledStatement(
    # A deletion of the corp waits for this transaction, so that it finds all rows.
    sa.select(CORP.c.corp_id).where(CORP.c.corp_id == bindparam("corp_id")).with_for_update(read=True)
)


def is_kept(tx: Transaction, corp_id: str) -> bool:
    """Whether the corp exists, which it then does until the transaction ends."""
    return _KEEP.one(tx, corp_id=corp_id) is not None


def close_corp(context: Context, endings: Iterable[Ending]) -> bool:
    """Runs `endings`, then hides the corp; False when there is no such corp.

    Its rows are left for `remove_rows`. A corpid is never given out again, but to a corp with the same key.
    """
    tx, corp_id = context.db, context.corp_id
    found = sa.select(CORP.c.corp_id).where(CORP.c.corp_id == corp_id).with_for_update()
    if tx.execute(found).first() is None:
        return False
    for end in endings:
        end(context)
    clock.run_on_without_corp(tx, corp_id)
    unfinished.note(tx, corp_id, unfinished.DELETING)
    for table in (CORP, APP):
        tx.execute(sa.delete(table).where(table.c.corp_id == corp_id))
    return True


def remove_rows(corp_id: str, tables: Iterable[sa.Table]) -> Slices[None]:
    """Removes the rows of a hidden corp in those of `tables` that don't outlive it."""
    for table in tables:
        if "corp_id" in table.c and OUTLIVES_CORP not in table.info:
            yield from removing_of(table, corp_id)
    yield partial(unfinished.forget, corp_id=corp_id)


def removing_of(table: sa.Table, corp_id: str) -> Slices[None]:
    """Removes the rows of a hidden corp in one table."""
    while (yield partial(remove_some, table, corp_id)):
        pass


def remove_some(table: sa.Table, corp_id: str, tx: Transaction) -> bool:
    """Removes the first ROWS_AT_ONCE rows of the corp, in the order of the primary key; False at the end."""
    rest = [column for column in table.primary_key.columns if column.name != "corp_id"]
    of_corp = table.c.corp_id == corp_id
    last = None
    if rest:
        found = sa.select(*rest).where(of_corp).order_by(*rest).limit(1).offset(ROWS_AT_ONCE - 1)
        last = tx.execute(found).first()
    if last is not None:
        of_corp &= sa.tuple_(*rest) <= sa.tuple_(*map(sa.literal, last))
    tx.execute(sa.delete(table).where(of_corp))
    return last is not None
