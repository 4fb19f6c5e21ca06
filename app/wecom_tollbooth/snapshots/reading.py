"""Reading a corp's state, all as one transaction sees it."""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.media.files_in_use import REFERRING
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.snapshots.content import as_lines, not_empty
from wecom_tollbooth.snapshots.stored import NewPart, State
from wecom_tollbooth.world.context import Context


class NoCorp(LookupError):
    """There is no such corp, or none any more."""


def read_state(settings: Settings, corp_id: str, tx: Transaction) -> State:
    """The corp's rows, compressed. Raises NoCorp."""
    refuse_no_corp(tx, corp_id)
    state = State(now=Context(settings, tx, corp_id).now)
    for content in not_empty(tx, corp_id):
        for rows in content.read(tx, corp_id):
            state.parts.append(NewPart.of(content.table.name, content.names, len(rows), as_lines(rows)))
            if content.table in REFERRING:
                state.files |= files_of(content.names, rows)
    return state


def files_of(names: list[str], rows: list[Any]) -> dict[str, int]:
    """The contents that rows of a table of REFERRING mean, with their sizes; a recording has none."""
    sha256, size = names.index("sha256"), names.index("size")
    return {row[sha256]: row[size] for row in rows if row[sha256]}


def refuse_no_corp(tx: Transaction, corp_id: str) -> None:
    if tx.execute(sa.select(CORP.c.corp_id).where(CORP.c.corp_id == corp_id)).first() is None:
        raise NoCorp(f"there is no corp {corp_id!r}")
