"""What a member wrote to a customer or in a group, as the phones of the others show it."""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.families.group_chats.tables import GROUP_STAY
from wecom_tollbooth.families.phones.tables import PHONE_ITEM, PHONE_MESSAGE
from wecom_tollbooth.world.context import Context

LOOKED_AT, SHOWN = 500, 50
"""Items of the phone that are read, and the latest messages that are returned."""


def messages_to_customer(context: Context, userid: str, external_userid: str) -> list[dict[str, Any]]:
    """The member's latest messages on the customer's phone, the oldest first."""
    return [
        message for message in _on_phone(context, external_userid, userid) if "chat_id" not in message["body"]
    ][-SHOWN:]


def messages_in_group(context: Context, userid: str, chat_id: str) -> list[dict[str, Any]]:
    """The member's latest messages in the group, the oldest first."""
    others = (
        sa.select(GROUP_STAY.c.person_id)
        .where(
            GROUP_STAY.c.corp_id == context.corp_id,
            GROUP_STAY.c.chat_id == chat_id,
            GROUP_STAY.c.person_id != userid,
            GROUP_STAY.c.left_at.is_(None),
        )
        .order_by(GROUP_STAY.c.seq)
        .limit(1)
    )
    other = context.db.execute(others).scalar()
    if other is None:
        return []
    return [
        message for message in _on_phone(context, other, userid) if message["body"].get("chat_id") == chat_id
    ][-SHOWN:]


def _on_phone(context: Context, person: str, sender: str) -> list[dict[str, Any]]:
    query = (
        sa.select(PHONE_ITEM.c.at, PHONE_MESSAGE.c.kind, PHONE_MESSAGE.c.sender, PHONE_MESSAGE.c.body)
        .join(
            PHONE_MESSAGE,
            (PHONE_MESSAGE.c.corp_id == PHONE_ITEM.c.corp_id)
            & (PHONE_MESSAGE.c.id == PHONE_ITEM.c.message_id),
        )
        .where(PHONE_ITEM.c.corp_id == context.corp_id, PHONE_ITEM.c.person == person)
        .order_by(PHONE_ITEM.c.at.desc(), PHONE_ITEM.c.id.desc())
        .limit(LOOKED_AT)
    )
    rows = [row for row in context.db.execute(query) if row.sender == sender]
    return [{"at": row.at, "kind": row.kind, "body": row.body} for row in reversed(rows)]
