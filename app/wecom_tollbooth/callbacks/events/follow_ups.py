"""follow_up_event: reminders of follow-ups, an event of our own."""

from typing import Annotated

from wecom_tollbooth.callbacks.events.event import Doc, Event, ExternalUserId, UserId, constant
from wecom_tollbooth.callbacks.events.receiver_rules import CUSTOMER_APPS_THAT_SEE_THE_MEMBER


class FollowUpEvent(Event):
    """跟进（模拟器自有） / Follow-ups, an event of the simulator's own."""

    event = "follow_up_event"
    receivers = CUSTOMER_APPS_THAT_SEE_THE_MEMBER


class FollowUpDue(FollowUpEvent):
    """跟进到期提醒 / The next follow-up of an open record is due."""

    ChangeType: str = constant("follow_up_due")
    UserID: UserId
    ExternalUserID: ExternalUserId
    FollowUpId: Annotated[str, Doc("the follow-up record", "跟进记录 ID")]
    StageId: Annotated[str, Doc("its stage", "所处阶段")]
    NextTime: Annotated[int, Doc("when it is due, unix seconds", "到期时间，Unix 秒")]
    Version: Annotated[
        int,
        Doc(
            "its version, for a change that must not overwrite another", "记录版本号，用于避免覆盖他人的修改"
        ),
    ]
