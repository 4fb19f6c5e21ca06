"""Mass messages that members sent to customers, as part of their activity (page 92132).

The page counts 成员在单聊中发送的消息: a confirmed mass message is one of the member's in each single chat.
"""

import json
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, json_list
from wecom_tollbooth.families.mass_messages.tables import (
    MASS_MESSAGE,
    MASS_RECEIVER,
    MASS_TASK,
    SENT,
    SINGLE,
)
from wecom_tollbooth.families.relations.tables import ACT_RECORD
from wecom_tollbooth.world.clock import DAY, start_of_day
from wecom_tollbooth.world.context import Context


def _sent(dialect: str) -> sa.Select[tuple[int, str, str]]:
    """When each mass message was sent, by whom and to whom."""
    return (
        sa.select(MASS_TASK.c.confirmed_at.label("at"), MASS_TASK.c.userid, MASS_RECEIVER.c.receiver)
        .join(
            MASS_MESSAGE,
            (MASS_MESSAGE.c.corp_id == MASS_TASK.c.corp_id) & (MASS_MESSAGE.c.seq == MASS_TASK.c.message),
        )
        .join(
            MASS_RECEIVER,
            (MASS_RECEIVER.c.corp_id == MASS_TASK.c.corp_id)
            & (MASS_RECEIVER.c.message == MASS_TASK.c.message)
            & (MASS_RECEIVER.c.userid == MASS_TASK.c.userid),
        )
        .where(
            MASS_TASK.c.corp_id == bindparam("corp_id"),
            MASS_TASK.c.userid.in_(json_list(dialect, "members")),
            MASS_TASK.c.confirmed_at.between(bindparam("first"), bindparam("last")),
            MASS_MESSAGE.c.chat_type == SINGLE,
            MASS_RECEIVER.c.status == SENT,
        )
    )


def _written(dialect: str) -> sa.Select[tuple[int, str, str]]:
    return sa.select(ACT_RECORD.c.at.label("at"), ACT_RECORD.c.userid, ACT_RECORD.c.external_userid).where(
        ACT_RECORD.c.corp_id == bindparam("corp_id"),
        ACT_RECORD.c.userid.in_(json_list(dialect, "members")),
        ACT_RECORD.c.at.between(bindparam("first"), bindparam("last")),
        ACT_RECORD.c.kind == "message_out",
    )


def _day(at: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """The number of the day, from `first` on."""
    return (at - bindparam("first")) // DAY


def _messages(dialect: str) -> sa.ClauseElement:
    sent = _sent(dialect).subquery()
    day = _day(sent.c.at)
    return sa.select(day, sa.func.count()).group_by(day)


def _chats(dialect: str) -> sa.ClauseElement:
    """Chats to which a mass message went and in which the member wrote nothing else that day."""
    sent, written = _sent(dialect).subquery(), _written(dialect).subquery()
    of_sent = sa.select(_day(sent.c.at).label("day"), sent.c.userid, sent.c.receiver)
    of_written = sa.select(_day(written.c.at).label("day"), written.c.userid, written.c.external_userid)
    alone = sa.except_(of_sent, of_written).subquery()
    return sa.select(alone.c.day, sa.func.count()).group_by(alone.c.day)


_MESSAGES, _CHATS = CompiledStatement(_messages), CompiledStatement(_chats)


def mass_messages_by_day(
    context: Context, members: Collection[str], first: int, after_last: int
) -> dict[int, tuple[int, int]]:
    """By day: how many mass messages were sent, and in how many chats the member wrote nothing else."""
    given: dict[str, object] = {
        "corp_id": context.corp_id,
        "members": json.dumps(sorted(members)),
        "first": first,
        "last": after_last - 1,
    }
    messages = dict(_MESSAGES.all(context.db, **given))
    chats = dict(_CHATS.all(context.db, **given)) if messages else {}
    return {start_of_day(first + day * DAY): (count, chats.get(day, 0)) for day, count in messages.items()}
