"""How corps and their apps begin and end."""

from collections.abc import Callable, Iterable

import sqlalchemy as sa

from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.corps.tables import CORP, App, Corp
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.context import Context

APPS: tuple[tuple[int, str, AppKind], ...] = (
    (1000002, "客户关系管理", AppKind.SELF_BUILT),
    (1000003, "营销助手", AppKind.SELF_BUILT),
    (1000004, "考勤打卡", AppKind.SELF_BUILT_UNLISTED),
    (2000001, "通讯录同步", AppKind.CONTACTS_SYNC),
    (2000002, "客户联系", AppKind.CUSTOMER_CONTACT),
)
"""The apps of every new corp. The first may call everything that a self-built app may."""

OUTLIVES_CORP = "outlives_corp"
"""A table with this key in its `info` keeps its rows when their corp is deleted."""

Ending = Callable[[Context], None]
"""What a room does when the corp of the context is deleted, while its rows still exist."""


def create_corp(context: Context, name: str) -> str:
    """Adds a corp with its apps and returns its corpid."""
    corp_id = "ww" + context.draw("corp", 16, "0123456789abcdef")
    context.db.session.add(Corp(corp_id=corp_id, name=name, created_at=context.now))
    of_corp = Context(context.settings, context.db, corp_id, context.now)
    for agentid, app_name, kind in APPS:
        context.db.session.add(new_app(of_corp, app_name, kind, agentid=agentid))
    return corp_id


def new_app(context: Context, name: str, kind: AppKind, *, agentid: int) -> App:
    """An app with its own secret and callback keys, not yet added to the session."""
    seed, number = context.settings.seed, context.next_id()
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


def delete_corp(context: Context, endings: Iterable[Ending], tables: Iterable[sa.Table]) -> bool:
    """Runs `endings`, then deletes the corp's rows in those of `tables` that don't outlive it.

    Returns False when there is no such corp. A corpid is never given out again.
    """
    found = sa.select(CORP.c.corp_id).where(CORP.c.corp_id == context.corp_id)
    if context.db.execute(found).first() is None:
        return False
    for end in endings:
        end(context)
    for table in tables:
        if "corp_id" in table.c and OUTLIVES_CORP not in table.info:
            context.db.execute(sa.delete(table).where(table.c.corp_id == context.corp_id))
    return True
