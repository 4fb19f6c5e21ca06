"""Whether messages, menus and attributes may lead to a mini-program."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.mini_programs.tables import MINI_PROGRAM
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.world.context import Context

_OF_CORP = CompiledStatement(
    sa.select(MINI_PROGRAM.c.appid).where(MINI_PROGRAM.c.corp_id == bindparam("corp_id"))
)


def is_associated(context: Context, appid: str) -> bool:
    """Whether the corp has the mini-program; every one counts until an admin has associated the first."""
    found = _OF_CORP.all(context.db, corp_id=context.corp_id)
    return not found or (appid,) in [tuple(row) for row in found]


def refuse_unassociated(context: Context, content: Any, field: str) -> None:
    """Refuses with 90206 if an appid within the content is not one of the corp's mini-programs."""
    for appid in _appids(content):
        if not is_associated(context, appid):
            detail = f"{field}: {appid[:60]!r} is not associated with the corp (act admin_links_mini_program)"
            raise context.refusal(ErrCode.MINI_PROGRAM_NOT_ASSOCIATED, detail)


def _appids(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        if content.get("appid"):
            yield str(content["appid"])
        for inner in content.values():
            yield from _appids(inner)
    elif isinstance(content, list):
        for inner in content:
            yield from _appids(inner)
