"""Mass messages that members make and send themselves, by hand or through a page's shareToExternalContact."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.families.mass_messages.delivery import send
from wecom_tollbooth.families.mass_messages.receivers import groups_of, reachable
from wecom_tollbooth.families.mass_messages.tables import (
    BY_MEMBER,
    GROUP,
    MASS_RECEIVER,
    MASS_TASK,
    NOT_SENT,
    SENDING,
    SINGLE,
    MassMessage,
)
from wecom_tollbooth.families.phones.screens import CONFIRMED, write_message
from wecom_tollbooth.world.acts import Act, ActRefused


def send_own(
    act: Act, userid: str, content: dict[str, Any], *, customers: Sequence[str], groups: Sequence[str]
) -> str:
    """Sends the content (families/attachments) to the member's customers or groups; returns the msgid.

    Raises ActRefused without receivers, with both kinds, and for one that isn't the member's.
    """
    chat_type, receivers = (GROUP, groups) if groups else (SINGLE, customers)
    if not receivers or (groups and customers):
        raise ActRefused("give either external_userids or chat_ids")
    of_member = (
        groups_of(act.db, act.corp_id, userid)
        if groups
        else reachable(act, {"sender": userid}, list(receivers))
    )
    strangers = sorted(set(receivers) - of_member)
    if strangers:
        raise ActRefused(f"{strangers[0]} is no customer or group of {userid}")
    message = MassMessage(
        corp_id=act.corp_id,
        seq=act.next_id(),
        msgid=act.new_id("msg"),
        chat_type=chat_type,
        agentid=0,
        creator=userid,
        create_type=BY_MEMBER,
        create_time=act.now,
        content=content,
        state=SENDING,
    )
    act.db.session.add(message)
    shown = None
    if chat_type == SINGLE:
        shown = write_message(act, "mass_message", userid, {"msgid": message.msgid, **content})
    task = {"corp_id": act.corp_id, "message": message.seq, "userid": userid}
    done = {"state": CONFIRMED, "confirmed_at": act.now, "phone_message": shown}
    act.db.execute(sa.insert(MASS_TASK).values(**task, **done))
    add_receivers(act, message.seq, userid, receivers)
    send(act, message.seq, userid)
    return message.msgid


def add_receivers(act: Act, message: int, userid: str, receivers: Iterable[str]) -> None:
    task = {"corp_id": act.corp_id, "message": message, "userid": userid, "status": NOT_SENT}
    rows = [{**task, "receiver": receiver} for receiver in sorted(set(receivers))]
    act.db.execute(sa.insert(MASS_RECEIVER), rows)
