"""Daily message counts of customer groups, as the group statistics need them."""

from wecom_tollbooth.db import Transaction, insert_into
from wecom_tollbooth.families.group_chats.tables import GROUP_MESSAGES
from wecom_tollbooth.world import clock


def count_messages(tx: Transaction, corp_id: str, chat_id: str, person_id: str, count: int, now: int) -> None:
    """Counts `count` messages sent by one person in the group now."""
    row = {
        "corp_id": corp_id,
        "chat_id": chat_id,
        "day": clock.start_of_day(now),
        "person_id": person_id,
        "count": count,
    }
    new = insert_into(tx.dialect, GROUP_MESSAGES).values(row)
    tx.execute(
        new.on_conflict_do_update(
            index_elements=["corp_id", "chat_id", "day", "person_id"],
            set_={"count": GROUP_MESSAGES.c.count + new.excluded.count},
        )
    )
