"""What came of a mass message: each member's task, and what happened to each customer or group."""

from typing import NotRequired

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.billing.seats import take_seats
from wecom_tollbooth.db import CompiledStatement, json_list
from wecom_tollbooth.families.directory.lookup import find_member
from wecom_tollbooth.families.directory.visibility import sees, visible_userids
from wecom_tollbooth.families.mass_messages.family import family
from wecom_tollbooth.families.mass_messages.lookup import READ_ERRORS, the_message
from wecom_tollbooth.families.mass_messages.tables import (
    GROUP,
    MASS_RECEIVER,
    MASS_TASK,
    NOT_CHOSEN,
    NOT_SENT,
    SENT,
)
from wecom_tollbooth.families.phones.screens import CONFIRMED
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required

PAGE, LARGEST_PAGE = 500, 1000
ROWS_OF_THE_OLD_PATH = 10_000
"""The most that the old operation answers, which has no pages: what the old message could be sent to."""
TASK_NOT_SENT, TASK_SENT = 0, 2
"""`status` of a task (page 93338)."""


class OneMessage(RequestModel):
    msgid: str = required(ErrCode.MISSING_MSGID)


class PageOfMessage(OneMessage):
    limit: int | None = optional(doc="up to 1000; default 500, also in place of a larger one")
    cursor: str | None = optional(doc="next_cursor of the page before")


def page_size(limit: int | None, default: int, largest: int) -> int:
    """`limit`; the default where it is absent, not positive or too large (page 93338)."""
    return limit if limit is not None and 0 < limit <= largest else default


# --- 获取群发成员发送任务列表 ------------------------------------------------------------------------------


class TaskShown(TypedDict):
    userid: str
    status: int
    send_time: NotRequired[int]


class TasksReply(TypedDict):
    next_cursor: str
    task_list: list[TaskShown]


def _tasks(dialect: str) -> sa.Select[tuple[str, str, int | None]]:
    return (
        sa.select(MASS_TASK.c.userid, MASS_TASK.c.state, MASS_TASK.c.confirmed_at)
        .where(
            MASS_TASK.c.corp_id == bindparam("corp_id"),
            MASS_TASK.c.message == bindparam("message"),
            MASS_TASK.c.userid > bindparam("after"),
            (sa.cast(bindparam("sees_all"), sa.Integer) == 1)
            | MASS_TASK.c.userid.in_(json_list(dialect, "visible")),
        )
        .order_by(MASS_TASK.c.userid)
        .limit(bindparam("most"))
    )


_TASKS = CompiledStatement(_tasks)


@family.post(
    "/cgi-bin/externalcontact/get_groupmsg_task",
    doc="93338",
    meter="message.list",
    permission=Permission.MASS_MESSAGE,
    errors=(*READ_ERRORS, ErrCode.INVALID_CURSOR),
    sample={"msgid": "msgGCAAAXtWyujaWJHDDGi0mACAAAA", "limit": 50, "cursor": "CURSOR"},
)
def get_groupmsg_task(call: Call, body: PageOfMessage) -> TasksReply:
    """获取群发成员发送任务列表 / List the tasks of members for a mass message

    The tasks of the members whom the app sees, in order of userids: status 0 not sent, 2 sent.
    """
    message, _ = the_message(call, body.msgid)
    after = position_of(call, [message], body.cursor)[0] if body.cursor else ""
    size = page_size(body.limit, PAGE, LARGEST_PAGE)
    visible = visible_userids(call)
    rows = _TASKS.all(
        call.db,
        corp_id=call.corp_id,
        message=message,
        after=after,
        sees_all=int(visible is None),
        visible=orjson.dumps(sorted(visible or ())).decode(),
        most=size + 1,
    )
    page = rows[:size]
    tasks: list[TaskShown] = []
    for userid, state, confirmed_at in page:
        if state == CONFIRMED:
            tasks.append({"userid": userid, "status": TASK_SENT, "send_time": confirmed_at})
        else:
            tasks.append({"userid": userid, "status": TASK_NOT_SENT})
    take_seats(call, (userid for userid, _, _ in page))
    more = make_cursor(call, [message], [page[-1][0]]) if len(rows) > size else ""
    return {"next_cursor": more, "task_list": tasks}


# --- 获取企业群发成员执行结果 ------------------------------------------------------------------------------


class SentTo(TypedDict):
    external_userid: NotRequired[str]
    chat_id: NotRequired[str]
    userid: str
    status: int
    send_time: NotRequired[int]


class ResultsReply(TypedDict):
    next_cursor: str
    send_list: list[SentTo]


class ResultsRequest(PageOfMessage):
    userid: str = required(ErrCode.INVALID_USERID, doc="a member who has the task")


_OF_MEMBER = (
    (MASS_RECEIVER.c.corp_id == bindparam("corp_id"))
    & (MASS_RECEIVER.c.message == bindparam("message"))
    & (MASS_RECEIVER.c.userid == bindparam("userid"))
    & (MASS_RECEIVER.c.receiver > bindparam("after"))
)
_RESULTS = CompiledStatement(
    sa.select(MASS_RECEIVER.c.receiver, MASS_RECEIVER.c.status)
    .where(_OF_MEMBER, MASS_RECEIVER.c.status >= bindparam("least"))
    .order_by(MASS_RECEIVER.c.receiver)
    .limit(bindparam("most"))
)
_CONFIRMED_AT = CompiledStatement(
    sa.select(MASS_TASK.c.confirmed_at).where(
        MASS_TASK.c.corp_id == bindparam("corp_id"),
        MASS_TASK.c.message == bindparam("message"),
        MASS_TASK.c.userid == bindparam("userid"),
    )
)


@family.post(
    "/cgi-bin/externalcontact/get_groupmsg_send_result",
    doc="93338",
    meter="message.list",
    permission=Permission.MASS_MESSAGE,
    errors=(*READ_ERRORS, ErrCode.INVALID_USERID, ErrCode.INVALID_CURSOR),
    sample={
        "msgid": "msgGCAAAXtWyujaWJHDDGi0mACAAAA",
        "userid": "zhangsan ",
        "limit": 50,
        "cursor": "CURSOR",
    },
)
def get_groupmsg_send_result(call: Call, body: ResultsRequest) -> ResultsReply:
    """获取企业群发成员执行结果 / List what members sent of a mass message

    What happened to each customer of the member's task: status 0 not sent, 1 sent, 2 no friend any more,
    3 the customer received as many mass messages as it may. Of a message to groups only what was tried.
    Empty for a member without the task, or outside the app's visible range.
    """
    message, chat_type = the_message(call, body.msgid)
    member = find_member(call, body.userid.strip())
    userid = member.userid if member else body.userid.strip()
    row = _CONFIRMED_AT.one(call.db, corp_id=call.corp_id, message=message, userid=userid)
    if row is None and member is None:
        raise Refusal(ErrCode.INVALID_USERID, detail=f"there is no member {userid[:60]!r} in this corp")
    if row is None or not sees(call, userid):
        return {"next_cursor": "", "send_list": []}
    after = position_of(call, [message, userid], body.cursor)[0] if body.cursor else ""
    size = page_size(body.limit, PAGE, LARGEST_PAGE)
    found = _RESULTS.all(
        call.db,
        corp_id=call.corp_id,
        message=message,
        userid=userid,
        after=after,
        least=SENT if chat_type == GROUP else NOT_CHOSEN,
        most=size + 1,
    )
    page = found[:size]
    take_seats(call, [userid])
    more = make_cursor(call, [message, userid], [page[-1][0]]) if len(found) > size else ""
    return {
        "next_cursor": more,
        "send_list": [_shown(chat_type, receiver, userid, status, row[0]) for receiver, status in page],
    }


def _shown(chat_type: str, receiver: str, userid: str, status: int, sent_at: int | None) -> SentTo:
    shown: SentTo
    if chat_type == GROUP:
        shown = {"chat_id": receiver, "userid": userid, "status": status}
    else:
        shown = {"external_userid": receiver, "userid": userid, "status": max(status, NOT_SENT)}
    if status == SENT and sent_at is not None:
        shown["send_time"] = sent_at
    return shown


# --- the old path ----------------------------------------------------------------------------------------


class OldResultsReply(TypedDict):
    check_status: int
    detail_list: list[SentTo]


def _all_results(dialect: str) -> sa.Select[tuple[str, str, int, int | None]]:
    return (
        sa.select(
            MASS_RECEIVER.c.userid, MASS_RECEIVER.c.receiver, MASS_RECEIVER.c.status, MASS_TASK.c.confirmed_at
        )
        .join(
            MASS_TASK,
            (MASS_TASK.c.corp_id == MASS_RECEIVER.c.corp_id)
            & (MASS_TASK.c.message == MASS_RECEIVER.c.message)
            & (MASS_TASK.c.userid == MASS_RECEIVER.c.userid),
        )
        .where(
            MASS_RECEIVER.c.corp_id == bindparam("corp_id"),
            MASS_RECEIVER.c.message == bindparam("message"),
            MASS_RECEIVER.c.status >= bindparam("least"),
            (sa.cast(bindparam("sees_all"), sa.Integer) == 1)
            | MASS_RECEIVER.c.userid.in_(json_list(dialect, "visible")),
        )
        .order_by(MASS_RECEIVER.c.userid, MASS_RECEIVER.c.receiver)
        .limit(ROWS_OF_THE_OLD_PATH)
    )


_ALL_RESULTS = CompiledStatement(_all_results)
CHECKED = 1
"""`check_status`: the content passed the check."""


@family.post(
    "/cgi-bin/externalcontact/get_group_msg_result",
    doc="92136",
    checked=None,
    meter="message.list",
    permission=Permission.MASS_MESSAGE,
    errors=READ_ERRORS,
    aliases=("/cgi-bin/crm/get_group_msg_result",),
    sample={"msgid": "msgGCAAAXtWyujaWJHDDGi0mACAAAA"},
)
def get_group_msg_result(call: Call, body: OneMessage) -> OldResultsReply:
    """获取企业群发消息发送结果（旧） / Get the result of a mass message (old)

    The older form of get_groupmsg_send_result, which products still call: the receivers of all members at
    once, at most 10000.
    """
    message, chat_type = the_message(call, body.msgid)
    visible = visible_userids(call)
    rows = _ALL_RESULTS.all(
        call.db,
        corp_id=call.corp_id,
        message=message,
        least=SENT if chat_type == GROUP else NOT_CHOSEN,
        sees_all=int(visible is None),
        visible=orjson.dumps(sorted(visible or ())).decode(),
    )
    take_seats(call, (userid for userid, _, _, _ in rows))
    return {
        "check_status": CHECKED,
        "detail_list": [
            _shown(chat_type, receiver, userid, status, at) for userid, receiver, status, at in rows
        ],
    }
