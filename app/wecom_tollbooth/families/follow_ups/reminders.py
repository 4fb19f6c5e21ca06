"""The reminder: an event when the next follow-up of a record is due.

An extension in the form of WeCom's events: `follow_up_event` with the change type `follow_up_due`.
"""

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.follow_ups import FollowUpDue
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.follow_ups.store.ids import follow_up_id
from wecom_tollbooth.families.follow_ups.store.reminders import REMINDER
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.scheduled_tasks import scheduled_task

_DUE = CompiledStatement(
    sa.select(
        FOLLOW_UP.c.external_userid, FOLLOW_UP.c.userid, FOLLOW_UP.c.stage_id, FOLLOW_UP.c.version
    ).where(
        FOLLOW_UP.c.corp_id == bindparam("corp_id"),
        FOLLOW_UP.c.seq == bindparam("seq"),
        FOLLOW_UP.c.next_at == bindparam("at"),
        FOLLOW_UP.c.closed_at == 0,
    )
)


@scheduled_task(REMINDER)
def follow_up_due(act: Act, reference: str) -> None:
    """Sends the event to every app that sees the member, if the record is still due at this time."""
    row = _DUE.one(act.db, corp_id=act.corp_id, seq=int(reference), at=act.now)
    if row is None:
        return
    external_userid, userid, stage_id, version = row
    emit(
        act,
        FollowUpDue(
            UserID=userid,
            ExternalUserID=external_userid,
            FollowUpId=follow_up_id(int(reference)),
            StageId=stage_id,
            NextTime=act.now,
            Version=version,
        ),
    )
