"""response_code: by one, a card can be changed once in 72 hours (pages 90236 and 94888, 2026-02)."""

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.app_messages.tables import RESPONSE_CODE
from wecom_tollbooth.world.clock import HOUR
from wecom_tollbooth.world.context import Context

VALID_SECONDS = 72 * HOUR
CODE_CHARS = 43

_ISSUE = CompiledStatement(
    sa.insert(RESPONSE_CODE).values({column.name: bindparam(column.name) for column in RESPONSE_CODE.columns})
)
_USE = CompiledStatement(
    sa.update(RESPONSE_CODE)
    .where(
        RESPONSE_CODE.c.corp_id == bindparam("corp"),
        RESPONSE_CODE.c.code == bindparam("given"),
        RESPONSE_CODE.c.used.is_(False),
        RESPONSE_CODE.c.issued_at > bindparam("since"),
    )
    .values(used=True)
)
_MESSAGE = CompiledStatement(
    sa.select(RESPONSE_CODE.c.message_id).where(
        RESPONSE_CODE.c.corp_id == bindparam("corp"), RESPONSE_CODE.c.code == bindparam("given")
    )
)


def issue(context: Context, message_id: int) -> str:
    """A new code for the card that was sent as `message_id`."""
    code = context.draw("response_code", CODE_CHARS)
    _ISSUE.run(
        context.db,
        corp_id=context.corp_id,
        code=code,
        message_id=message_id,
        issued_at=context.now,
        used=False,
    )
    return code


def card_of(context: Context, code: str) -> int | None:
    """The card that the code was issued for, whether or not it can still change it."""
    row = _MESSAGE.one(context.db, corp=context.corp_id, given=code)
    return None if row is None else int(row[0])


def use(context: Context, code: str) -> int | None:
    """The card that the code changes; None for an unknown, used or expired one. Uses the code up."""
    since = context.now - VALID_SECONDS
    if not _USE.run(context.db, corp=context.corp_id, given=code, since=since):
        return None
    return card_of(context, code)
