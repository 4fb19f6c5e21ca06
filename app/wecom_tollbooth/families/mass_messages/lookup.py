"""Finding a mass message by its msgid."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.mass_messages.tables import CANCELLED, MAKING_TASKS, MASS_MESSAGE
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal

READ_ERRORS = (ErrCode.MISSING_MSGID, ErrCode.INVALID_MSGID, ErrCode.MAKING_TASKS)

_FIND = CompiledStatement(
    sa.select(MASS_MESSAGE.c.seq, MASS_MESSAGE.c.chat_type, MASS_MESSAGE.c.state).where(
        MASS_MESSAGE.c.corp_id == bindparam("corp_id"), MASS_MESSAGE.c.msgid == bindparam("msgid")
    )
)


def the_message(call: Call, msgid: str, *, refuse_cancelled: bool = False) -> tuple[int, str]:
    """The message's seq and chat_type.

    Raises 41047 for an unknown one, 41063 while its tasks are being made, with `refuse_cancelled` 41093.
    """
    row: tuple[Any, ...] | None = _FIND.one(call.db, corp_id=call.corp_id, msgid=msgid)
    if row is None:
        raise Refusal(ErrCode.INVALID_MSGID, detail=f"there is no mass message {msgid[:60]!r} in this corp")
    seq, chat_type, state = row
    if state == MAKING_TASKS:
        raise Refusal(ErrCode.MAKING_TASKS, detail="the members' tasks are still being made")
    if refuse_cancelled and state == CANCELLED:
        raise Refusal(ErrCode.MESSAGE_CANCELLED, detail=f"{msgid} was cancelled")
    return seq, chat_type
