"""How much apps may send into groups: persons a minute and an hour, messages to one member (page 90248)."""

from collections.abc import Sequence

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, json_list
from wecom_tollbooth.families.app_chats.windows import counted, refuse_over, start_of
from wecom_tollbooth.families.phones.tables import PHONE_ITEM, PHONE_MESSAGE
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.world.clock import DAY, HOUR, MINUTE


def _full(dialect: str) -> sa.Select[tuple[str]]:
    return (
        sa.select(PHONE_ITEM.c.person)
        .join(
            PHONE_MESSAGE,
            (PHONE_MESSAGE.c.corp_id == PHONE_ITEM.c.corp_id)
            & (PHONE_MESSAGE.c.id == PHONE_ITEM.c.message_id),
        )
        .where(
            PHONE_ITEM.c.corp_id == bindparam("corp"),
            PHONE_ITEM.c.person.in_(json_list(dialect, "people")),
            PHONE_ITEM.c.at >= bindparam("since"),
            PHONE_MESSAGE.c.sender == bindparam("app"),
            PHONE_MESSAGE.c.kind == "chat_message",
        )
        .group_by(PHONE_ITEM.c.person)
        .having(sa.func.count() >= bindparam("most"))
    )


_FULL = CompiledStatement(_full)


def refuse_over_persons(call: Call, persons: int) -> None:
    """Counts the persons that a message reaches; raises 45009 over the corp's limits."""
    settings = call.settings
    refuse_over(call, "persons in app chats a minute", MINUTE, settings.limit_app_chat_minute, persons)
    refuse_over(call, "persons in app chats an hour", HOUR, settings.limit_app_chat_hour, persons)


def within_limits(call: Call, userids: Sequence[str]) -> list[str]:
    """Those who still get messages of the app this minute and today; the others miss it silently."""
    left = list(userids)
    if not call.settings.rate_limits:
        return left
    for span, most in (
        (MINUTE, call.settings.limit_app_chat_member_minute),
        (DAY, call.settings.limit_app_chat_member_day),
    ):
        # Nobody can have had `most` messages before the app sent as many.
        if counted(call, f"messages of app {call.agentid} in {span} s", span) > most:
            full = _FULL.all(
                call.db,
                corp=call.corp_id,
                people=orjson.dumps(left).decode(),
                since=start_of(call.now, span),
                app=str(call.agentid),
                most=most,
            )
            left = [userid for userid in left if userid not in {row[0] for row in full}]
    return left
