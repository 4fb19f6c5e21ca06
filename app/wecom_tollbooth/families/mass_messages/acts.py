"""What members do with the mass messages that they are asked to send."""

from typing import Any, Literal

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.families.directory.lookup import the_active_follower
from wecom_tollbooth.families.mass_messages.delivery import send
from wecom_tollbooth.families.mass_messages.own_messages import add_receivers, send_own
from wecom_tollbooth.families.mass_messages.receivers import groups_of
from wecom_tollbooth.families.mass_messages.tables import (
    GROUP,
    MAKING_TASKS,
    MASS_MESSAGE,
    MASS_RECEIVER,
    MASS_TASK,
    NOT_CHOSEN,
    MassRule,
)
from wecom_tollbooth.families.phones.screens import CONFIRMED, IGNORED, WAITING, set_state, write_message
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act


class OneTask(ActModel):
    userid: str
    msgid: str


class ConfirmedTask(OneTask):
    external_userids: list[str] | None = Field(
        default=None, min_length=1, description="customers of the task; only with allow_select; else all"
    )
    chat_ids: list[str] | None = Field(
        default=None, min_length=1, description="groups of the member, if the message names none; else all"
    )


@act("member_confirms_group_message")
def member_confirms_group_message(act: Act, body: ConfirmedTask) -> dict[str, Any]:
    """成员确认发送群发 / A member confirms a mass message: it is sent to the customers or groups of its task.

    The first 50 customers or 5 groups get it at once, the others in the same second of the clock.
    """
    userid, message = _open_task(act, body)
    if message.chat_type == GROUP:
        if body.external_userids is not None:
            raise ActRefused(f"{body.msgid} goes to groups: give chat_ids")
        _choose_groups(act, message.seq, userid, body.chat_ids)
        shown = None
    else:
        if body.chat_ids is not None:
            raise ActRefused(f"{body.msgid} goes to customers: give external_userids")
        if body.external_userids is not None:
            _choose_customers(act, message, userid, set(body.external_userids))
        shown = write_message(act, "mass_message", userid, {"msgid": message.msgid, **message.content})
    _end_task(act, message, userid, CONFIRMED, confirmed_at=act.now, phone_message=shown)
    send(act, message.seq, userid)
    return {"msgid": message.msgid, "userid": userid}


@act("member_ignores_group_message")
def member_ignores_group_message(act: Act, body: OneTask) -> dict[str, Any]:
    """成员忽略群发任务 / A member ignores a mass message: its task ends unsent."""
    userid, message = _open_task(act, body)
    _end_task(act, message, userid, IGNORED)
    return {"msgid": message.msgid, "userid": userid}


class MembersMessage(ActModel):
    userid: str
    text: str = Field(min_length=1, max_length=1333)
    external_userids: list[str] = Field(default=[], max_length=10_000, description="customers of the member")
    chat_ids: list[str] = Field(default=[], max_length=2_000, description="groups of the member, instead")


@act("member_creates_group_message")
def member_creates_group_message(act: Act, body: MembersMessage) -> dict[str, Any]:
    """成员自己发起群发 / A member makes a mass message of its own and sends it at once: create_type 1."""
    userid = the_active_follower(act, body.userid).userid
    content = {"text": {"content": body.text}}
    msgid = send_own(act, userid, content, customers=body.external_userids, groups=body.chat_ids)
    return {"msgid": msgid, "userid": userid}


class Rule(ActModel):
    rule: Literal["month", "week", "day"] = Field(
        description="month: as many as it has days; week: 7; day: 1"
    )


@act("admin_sets_group_message_rule")
def admin_sets_group_message_rule(act: Act, body: Rule) -> dict[str, Any]:
    """管理员设置群发规则 / An admin sets how many mass messages a customer or group may receive."""
    act.db.session.merge(MassRule(corp_id=act.corp_id, rule=body.rule))
    return {"rule": body.rule}


def _open_task(act: Act, body: OneTask) -> tuple[str, sa.Row[Any]]:
    """The member and the message that it still has to send; raises ActRefused without such a task."""
    userid = the_active_follower(act, body.userid).userid
    query = sa.select(MASS_MESSAGE).where(
        MASS_MESSAGE.c.corp_id == act.corp_id, MASS_MESSAGE.c.msgid == body.msgid
    )
    message = act.db.execute(query).first()
    if message is None:
        raise ActRefused(f"there is no mass message {body.msgid!r} in this corp")
    if message.state == MAKING_TASKS:
        raise ActRefused(f"the tasks of {body.msgid} are still being made, for a second or two")
    state = act.db.execute(
        sa.select(MASS_TASK.c.state).where(_task(act, message.seq, userid)).with_for_update()
    ).scalar()
    if state is None:
        raise ActRefused(f"{userid} has no task to send {body.msgid}")
    if state != WAITING:
        raise ActRefused(f"the task of {userid} to send {body.msgid} is {state} already")
    return userid, message


def _end_task(act: Act, message: sa.Row[Any], userid: str, state: str, **columns: Any) -> None:
    act.db.execute(sa.update(MASS_TASK).where(_task(act, message.seq, userid)).values(state=state, **columns))
    set_state(act, message.task_message, state, userid)


def _choose_customers(act: Act, message: sa.Row[Any], userid: str, chosen: set[str]) -> None:
    if not message.allow_select:
        raise ActRefused(f"{message.msgid} has no allow_select: it goes to all customers of the task")
    of_task = _receivers(act, message.seq, userid)
    left_out = {row.receiver for row in act.db.execute(sa.select(MASS_RECEIVER.c.receiver).where(of_task))}
    strangers = sorted(chosen - left_out)
    if strangers:
        raise ActRefused(f"{strangers[0]} is not among the customers of the task")
    rows = [{"who": receiver} for receiver in sorted(left_out - chosen)]
    if rows:
        leave_out = sa.update(MASS_RECEIVER).where(of_task, MASS_RECEIVER.c.receiver == sa.bindparam("who"))
        act.db.execute(leave_out.values(status=NOT_CHOSEN), rows)


def _choose_groups(act: Act, message: int, userid: str, chosen: list[str] | None) -> None:
    """Notes the groups that the owner chose, by default all, unless the message names them."""
    of_task = _receivers(act, message, userid)
    if act.db.execute(sa.select(MASS_RECEIVER.c.receiver).where(of_task).limit(1)).first() is not None:
        if chosen is not None:
            raise ActRefused("the message names its groups: the member cannot choose others")
        return
    owned = groups_of(act.db, act.corp_id, userid)
    strangers = sorted(set(chosen or ()) - owned)
    if strangers:
        raise ActRefused(f"{userid} does not own {strangers[0]}")
    groups = owned if chosen is None else set(chosen)
    if not groups:
        raise ActRefused(f"{userid} owns no group any more")
    add_receivers(act, message, userid, groups)


def _task(act: Act, message: int, userid: str) -> sa.ColumnElement[bool]:
    return (
        (MASS_TASK.c.corp_id == act.corp_id)
        & (MASS_TASK.c.message == message)
        & (MASS_TASK.c.userid == userid)
    )


def _receivers(act: Act, message: int, userid: str) -> sa.ColumnElement[bool]:
    return (
        (MASS_RECEIVER.c.corp_id == act.corp_id)
        & (MASS_RECEIVER.c.message == message)
        & (MASS_RECEIVER.c.userid == userid)
    )
