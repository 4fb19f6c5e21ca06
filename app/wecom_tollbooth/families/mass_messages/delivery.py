"""Sends what a member confirmed, to some receivers at a time: their status, their phones, their quotas."""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, insert_into
from wecom_tollbooth.families.group_chats.messages import count_messages
from wecom_tollbooth.families.group_chats.tables import GROUP_CHAT, GROUP_STAY
from wecom_tollbooth.families.mass_messages.quotas import Quota, one_sends, quota_of
from wecom_tollbooth.families.mass_messages.receivers import REACHES
from wecom_tollbooth.families.mass_messages.tables import (
    GROUP,
    MASS_MESSAGE,
    MASS_RECEIVED,
    MASS_RECEIVER,
    MASS_TASK,
    NO_FRIEND,
    NOT_SENT,
    QUOTA_USED,
    SENT,
)
from wecom_tollbooth.families.phones.screens import DELIVERED, write_message
from wecom_tollbooth.families.phones.tables import PHONE_ITEM
from wecom_tollbooth.families.relations.tables import FOLLOW_USER
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.scheduled_tasks import schedule, scheduled_task

KIND = "mass_message_sending"
CUSTOMERS_AT_ONCE, GROUPS_AT_ONCE = 30, 5
"""Receivers in one transaction."""

_OF_TASK = (
    (MASS_RECEIVER.c.corp_id == bindparam("corp_id"))
    & (MASS_RECEIVER.c.message == bindparam("message"))
    & (MASS_RECEIVER.c.userid == bindparam("userid"))
)
_NEXT = CompiledStatement(
    sa.select(MASS_RECEIVER.c.receiver)
    .where(_OF_TASK, MASS_RECEIVER.c.receiver > bindparam("after"))
    .order_by(MASS_RECEIVER.c.receiver)
    .limit(bindparam("most"))
)
_IN_SLICE = (
    (MASS_RECEIVER.c.corp_id == bindparam("of_corp"))
    & (MASS_RECEIVER.c.message == bindparam("of_message"))
    & (MASS_RECEIVER.c.userid == bindparam("of_userid"))
    & (MASS_RECEIVER.c.receiver > bindparam("after"))
    & (MASS_RECEIVER.c.receiver <= bindparam("upto"))
)
_IS_FRIEND = sa.exists().where(
    FOLLOW_USER.c.corp_id == MASS_RECEIVER.c.corp_id,
    FOLLOW_USER.c.external_userid == MASS_RECEIVER.c.receiver,
    FOLLOW_USER.c.userid == MASS_RECEIVER.c.userid,
    REACHES,
)
_IS_GROUP = sa.exists().where(
    GROUP_CHAT.c.corp_id == MASS_RECEIVER.c.corp_id,
    GROUP_CHAT.c.chat_id == MASS_RECEIVER.c.receiver,
    GROUP_CHAT.c.owner == MASS_RECEIVER.c.userid,
    GROUP_CHAT.c.dismissed_at.is_(None),
)
_RECEIVED = sa.func.coalesce(
    sa.select(sa.func.sum(MASS_RECEIVED.c.count))
    .where(
        MASS_RECEIVED.c.corp_id == MASS_RECEIVER.c.corp_id,
        MASS_RECEIVED.c.receiver == MASS_RECEIVER.c.receiver,
        MASS_RECEIVED.c.day >= bindparam("since"),
    )
    .scalar_subquery(),
    0,
)


def _outcome(arrives: sa.ColumnElement[bool]) -> sa.Case[int]:
    return sa.case((~arrives, NO_FRIEND), (bindparam("most") <= _RECEIVED, QUOTA_USED), else_=SENT)


_SEND_TO_CUSTOMERS, _SEND_TO_GROUPS = (
    CompiledStatement(
        sa.update(MASS_RECEIVER)
        .where(_IN_SLICE, MASS_RECEIVER.c.status == NOT_SENT)
        .values(status=_outcome(arrives))
    )
    for arrives in (_IS_FRIEND, _IS_GROUP)
)
_IS_SENT = _IN_SLICE & (MASS_RECEIVER.c.status == SENT)
_SHOW = CompiledStatement(
    sa.insert(PHONE_ITEM).from_select(
        ["corp_id", "person", "id", "at", "message_id", "state"],
        sa.select(
            MASS_RECEIVER.c.corp_id,
            MASS_RECEIVER.c.receiver,
            sa.cast(bindparam("id"), sa.BigInteger),
            sa.cast(bindparam("at"), sa.BigInteger),
            sa.cast(bindparam("shown"), sa.BigInteger),
            sa.literal_column(f"'{DELIVERED}'"),
        ).where(_IS_SENT),
    )
)
"""All items get one id: it must only rise on each phone."""
_SHOW_IN_GROUP = CompiledStatement(
    sa.insert(PHONE_ITEM).from_select(
        ["corp_id", "person", "id", "at", "message_id", "state"],
        sa.select(
            GROUP_STAY.c.corp_id,
            GROUP_STAY.c.person_id,
            sa.cast(bindparam("id"), sa.BigInteger),
            sa.cast(bindparam("at"), sa.BigInteger),
            sa.cast(bindparam("shown"), sa.BigInteger),
            sa.literal_column(f"'{DELIVERED}'"),
        ).where(
            GROUP_STAY.c.corp_id == bindparam("of_corp"),
            GROUP_STAY.c.chat_id == bindparam("chat_id"),
            GROUP_STAY.c.left_at.is_(None),
            GROUP_STAY.c.person_id != bindparam("sender"),
        ),
    )
)
_SENT = CompiledStatement(
    sa.select(MASS_RECEIVER.c.receiver).where(_IS_SENT).order_by(MASS_RECEIVER.c.receiver)
)


def _count(dialect: str) -> sa.ClauseElement:
    rows = sa.select(
        MASS_RECEIVER.c.corp_id,
        MASS_RECEIVER.c.receiver,
        sa.cast(bindparam("today"), sa.BigInteger),
        sa.literal_column("1"),
    ).where(_IS_SENT)
    new = insert_into(dialect, MASS_RECEIVED).from_select(["corp_id", "receiver", "day", "count"], rows)
    return new.on_conflict_do_update(
        index_elements=["corp_id", "receiver", "day"], set_={"count": MASS_RECEIVED.c.count + 1}
    )


_COUNT = CompiledStatement(_count)
_TASK = CompiledStatement(
    sa.select(
        MASS_MESSAGE.c.msgid,
        MASS_MESSAGE.c.chat_type,
        MASS_MESSAGE.c.content,
        MASS_TASK.c.confirmed_at,
        MASS_TASK.c.phone_message,
    )
    .join(
        MASS_TASK,
        (MASS_TASK.c.corp_id == MASS_MESSAGE.c.corp_id) & (MASS_TASK.c.message == MASS_MESSAGE.c.seq),
    )
    .where(
        MASS_MESSAGE.c.corp_id == bindparam("corp_id"),
        MASS_MESSAGE.c.seq == bindparam("message"),
        MASS_TASK.c.userid == bindparam("userid"),
    )
)


def send(act: Act, message: int, userid: str) -> None:
    """Sends to the first receivers of the member's confirmed task; tasks follow at once for the others."""
    _send_some(act, message, userid, "")


@scheduled_task(KIND, alone=True)
def send_more(act: Act, reference: str) -> None:
    """Sends to the next receivers of a confirmed task."""
    message, userid, after = json.loads(reference)
    _send_some(act, message, userid, after)


def _send_some(act: Act, message: int, userid: str, after: str) -> None:
    act.db.flush()
    row = _TASK.one(act.db, corp_id=act.corp_id, message=message, userid=userid)
    assert row is not None
    msgid, chat_type, content, at, shown = row
    size = GROUPS_AT_ONCE if chat_type == GROUP else CUSTOMERS_AT_ONCE
    receivers = _NEXT.all(act.db, corp_id=act.corp_id, message=message, userid=userid, after=after, most=size)
    if not receivers:
        return
    upto = receivers[-1][0]
    one_sends(act.db, act.corp_id)
    quota = quota_of(act)
    of_slice = {
        "of_corp": act.corp_id,
        "of_message": message,
        "of_userid": userid,
        "after": after,
        "upto": upto,
    }
    if chat_type == GROUP:
        _send_to_groups(act, of_slice, quota, {"msgid": msgid, **json.loads(content)})
    else:
        _SEND_TO_CUSTOMERS.run(act.db, **of_slice, since=quota.since, most=quota.most)
        _SHOW.run(act.db, **of_slice, id=act.next_id(), at=at, shown=shown)
    _COUNT.run(act.db, **of_slice, today=quota.today)
    if len(receivers) == size:
        schedule(act, KIND, act.now, json.dumps([message, userid, upto]))


def _send_to_groups(act: Act, of_slice: dict[str, Any], quota: Quota, body: dict[str, Any]) -> None:
    """Each group has a phone message of its own, because the body names the group."""
    _SEND_TO_GROUPS.run(act.db, **of_slice, since=quota.since, most=quota.most)
    sender = of_slice["of_userid"]
    for (chat_id,) in _SENT.all(act.db, **of_slice):
        shown = write_message(act, "mass_message", sender, {"chat_id": chat_id, **body})
        count_messages(act.db, act.corp_id, chat_id, sender, 1, act.now)
        _SHOW_IN_GROUP.run(
            act.db,
            of_corp=act.corp_id,
            chat_id=chat_id,
            sender=sender,
            id=act.next_id(),
            at=act.now,
            shown=shown,
        )
