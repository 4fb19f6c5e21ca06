"""Reminding members of a mass message, and cancelling what they have not sent."""

import sqlalchemy as sa

from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.mass_messages.family import family
from wecom_tollbooth.families.mass_messages.lookup import READ_ERRORS, the_message
from wecom_tollbooth.families.mass_messages.results import OneMessage
from wecom_tollbooth.families.mass_messages.tables import CANCELLED, MASS_MESSAGE, MASS_TASK
from wecom_tollbooth.families.phones import screens
from wecom_tollbooth.families.phones.screens import WAITING, set_state_from, show
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done
from wecom_tollbooth.world.clock import DAY

REMINDERS_A_DAY = 3
"""In any 24 hours (lead of page 97610, 2025-11-17)."""


@family.post(
    "/cgi-bin/externalcontact/remind_groupmsg_send",
    doc="97610",
    meter="message.write",
    permission=Permission.MASS_MESSAGE,
    errors=(*READ_ERRORS, ErrCode.MESSAGE_CANCELLED, ErrCode.REMINDED_TOO_OFTEN),
    sample={"msgid": "msgGCAAAXtWyujaWJHDDGi0mACAAAA"},
)
def remind_groupmsg_send(call: Call, body: OneMessage) -> Done:
    """提醒成员群发 / Remind members to send a mass message

    Shows the task again on the phones of those who have not sent it and whom the app sees. At most three
    times in 24 hours for each message.
    """
    message, _ = the_message(call, body.msgid, refuse_cancelled=True)
    this = (MASS_MESSAGE.c.corp_id == call.corp_id) & (MASS_MESSAGE.c.seq == message)
    row = call.db.execute(
        sa.select(MASS_MESSAGE.c.reminded_at, MASS_MESSAGE.c.task_message).where(this).with_for_update()
    ).one()
    recent = [at for at in row.reminded_at if at > call.now - DAY]
    if len(recent) >= REMINDERS_A_DAY:
        raise Refusal(
            ErrCode.REMINDED_TOO_OFTEN, detail=f"{body.msgid} was reminded of {len(recent)} times in 24 hours"
        )
    call.db.execute(sa.update(MASS_MESSAGE).where(this).values(reminded_at=[*recent, call.now]))
    visible = visible_userids(call)
    waiting = sa.select(MASS_TASK.c.userid).where(
        MASS_TASK.c.corp_id == call.corp_id, MASS_TASK.c.message == message, MASS_TASK.c.state == WAITING
    )
    userids = [userid for (userid,) in call.db.execute(waiting) if visible is None or userid in visible]
    show(call, row.task_message, userids, WAITING)
    return {}


@family.post(
    "/cgi-bin/externalcontact/cancel_groupmsg_send",
    doc="97611",
    meter="message.write",
    permission=Permission.MASS_MESSAGE,
    errors=(*READ_ERRORS, ErrCode.MESSAGE_CANCELLED),
    sample={"msgid": "msgGCAAAXtWyujaWJHDDGi0mACAAAA"},
)
def cancel_groupmsg_send(call: Call, body: OneMessage) -> Done:
    """停止企业群发 / Stop a mass message

    Members who have not sent the message can't any more. What was sent stays with the customers.
    """
    message, _ = the_message(call, body.msgid, refuse_cancelled=True)
    this = (MASS_MESSAGE.c.corp_id == call.corp_id) & (MASS_MESSAGE.c.seq == message)
    shown = call.db.execute(
        sa.update(MASS_MESSAGE).where(this).values(state=CANCELLED).returning(MASS_MESSAGE.c.task_message)
    ).scalar_one()
    call.db.execute(
        sa.update(MASS_TASK)
        .where(
            MASS_TASK.c.corp_id == call.corp_id, MASS_TASK.c.message == message, MASS_TASK.c.state == WAITING
        )
        .values(state=screens.CANCELLED)
    )
    set_state_from(call, shown, WAITING, screens.CANCELLED)
    return {}
