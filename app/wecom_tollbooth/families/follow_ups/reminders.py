"""Reminders: an event when the next follow-up of a record falls due.

Ours, in the form of WeCom's events: `follow_up_event` with the change type `follow_up_due`.
"""

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.follow_ups import FollowUpDue
from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.families.follow_ups.store.ids import follow_up_id
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP, NEVER
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.scheduled_tasks import is_scheduled, schedule, scheduled_task

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


def remind(tx: Transaction, corp_id: str, seq: int, next_at: int) -> None:
    """Writes down that the record is due at `next_at`; a time that is changed later reminds nobody."""
    if next_at != NEVER:
        schedule(tx, corp_id, "follow_up_due", next_at, str(seq))


def remind_anew(tx: Transaction, corp_id: str, seq: int, next_at: int) -> None:
    """The same for a record whose time is changed, perhaps to one that it had before."""
    if next_at != NEVER and not is_scheduled(tx, corp_id, "follow_up_due", next_at, str(seq)):
        remind(tx, corp_id, seq, next_at)


@scheduled_task("follow_up_due")
def follow_up_due(act: Act, reference: str) -> None:
    """Tells every app that sees the member, if the record still is due at this time."""
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
