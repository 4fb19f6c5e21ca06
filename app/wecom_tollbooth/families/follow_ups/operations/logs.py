"""用户跟进: the logs of a record, its history, and the feed of all changes."""

from typing import Literal, NotRequired

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.visibility import sees
from wecom_tollbooth.families.follow_ups.family import family
from wecom_tollbooth.families.follow_ups.operations.error_groups import OF_OPERATOR, codes
from wecom_tollbooth.families.follow_ups.operations.shapes import (
    USERID_CHARS,
    done_by,
    page_size,
    refuse_unseen,
    seen_record,
)
from wecom_tollbooth.families.follow_ups.store import record_store
from wecom_tollbooth.families.follow_ups.store.ids import follow_up_id, seq_of
from wecom_tollbooth.families.follow_ups.store.unit_of_work import read_corp, unit_of_work
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP_CHANGE, FOLLOW_UP_LOG
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required
from wecom_tollbooth.world.clock import LATEST

LOG_CHARS = 2_000
LOGS_DEFAULT, LOGS_AT_MOST = 50, 100
CHANGES_DEFAULT, CHANGES_AT_MOST = 100, 1_000


# --- 添加跟进记录 ----------------------------------------------------------------------------------------


class AddLogRequest(RequestModel):
    follow_up_id: str = required(ErrCode.INVALID_FOLLOW_UP_ID)
    kind: Literal["call", "visit", "message", "note"] | None = optional(doc="default note")
    text: str = required(max_chars=LOG_CHARS, too_long=ErrCode.LOG_TOO_LONG)
    time: int | None = optional(ge=0, le=LATEST, doc="when it took place; default now")
    operator_userid: str | None = optional(max_chars=USERID_CHARS, doc="the member who followed up")


class AddLogReply(TypedDict):
    log_id: int
    version: int


@family.post(
    "/cgi-bin/externalcontact/follow_up/add_log",
    doc="",
    checked=None,
    meter="follow_up.write",
    permission=Permission.CUSTOMER,
    errors=codes(
        (
            ErrCode.INVALID_FOLLOW_UP_ID,
            ErrCode.PARAMETERS_EMPTY,
            ErrCode.LOG_TOO_LONG,
            ErrCode.INVALID_FOLLOW_UP_TIME,
            ErrCode.INVALID_PARAMETER,
            ErrCode.CONFLICTING_CHANGE,
        ),
        OF_OPERATOR,
    ),
    sample={
        "follow_up_id": "fu9e3779b97f4a7c15",
        "kind": "call",
        "text": "电话沟通，下周到店试饮",
        "operator_userid": "zhangsan",
    },
)
def add_log(call: Call, body: AddLogRequest) -> AddLogReply:
    """添加跟进记录 / Add a log entry to a follow-up

    Logs a follow-up that took place; `time` cannot be in the future. `last_time` of the record is the time of
    the latest one.
    """
    with unit_of_work(call, by=done_by(call, body.operator_userid)) as work:
        refuse_unseen(call, record_store.lock(work, body.follow_up_id))
        number, row = record_store.add_log(
            work,
            body.follow_up_id,
            kind=body.kind or "note",
            text=body.text,
            at=body.time or call.now,
            by=work.by,
        )
    return {"log_id": number, "version": row["version"]}


# --- 获取跟进记录 ----------------------------------------------------------------------------------------

_LOGS = CompiledStatement(
    sa.select(
        FOLLOW_UP_LOG.c.id, FOLLOW_UP_LOG.c.at, FOLLOW_UP_LOG.c.kind, FOLLOW_UP_LOG.c.text, FOLLOW_UP_LOG.c.by
    )
    .where(
        FOLLOW_UP_LOG.c.corp_id == bindparam("corp_id"),
        FOLLOW_UP_LOG.c.seq == bindparam("seq"),
        FOLLOW_UP_LOG.c.id < bindparam("before", type_=sa.BigInteger),
    )
    .order_by(FOLLOW_UP_LOG.c.id.desc())
    .limit(bindparam("limit"))
)


class GetLogsRequest(RequestModel):
    follow_up_id: str = required(ErrCode.INVALID_FOLLOW_UP_ID)
    cursor: str | None = optional()
    limit: int | None = optional(doc="default 50, at most 100")


class LogShape(TypedDict):
    log_id: int
    time: int
    kind: str
    text: str
    by: str


class GetLogsReply(TypedDict):
    logs: list[LogShape]
    next_cursor: NotRequired[str]


@family.post(
    "/cgi-bin/externalcontact/follow_up/get_logs",
    doc="",
    checked=None,
    meter="follow_up.list",
    permission=Permission.CUSTOMER,
    errors=(ErrCode.INVALID_FOLLOW_UP_ID, ErrCode.NO_PRIVILEGE, ErrCode.INVALID_CURSOR),
    sample={"follow_up_id": "fu9e3779b97f4a7c15", "limit": 50},
)
def get_logs(call: Call, body: GetLogsRequest) -> GetLogsReply:
    """获取跟进记录 / Get the log of a follow-up

    The logs of a record, the last one added first.
    """
    row = seen_record(call, body.follow_up_id)
    limit = page_size(body.limit, LOGS_DEFAULT, LOGS_AT_MOST)
    (before,) = position_of(call, body.follow_up_id, body.cursor) if body.cursor else (2**63 - 1,)
    found = _LOGS.all(call.db, corp_id=call.corp_id, seq=row["seq"], before=before, limit=limit + 1)
    logs: list[LogShape] = [
        {"log_id": id_, "time": at, "kind": kind, "text": text, "by": by}
        for id_, at, kind, text, by in found[:limit]
    ]
    if len(found) <= limit:
        return {"logs": logs}
    return {"logs": logs, "next_cursor": make_cursor(call, body.follow_up_id, [logs[-1]["log_id"]])}


# --- 获取跟进变更 ----------------------------------------------------------------------------------------

_CHANGE = sa.select(
    FOLLOW_UP_CHANGE.c.number,
    FOLLOW_UP_CHANGE.c.seq,
    FOLLOW_UP_CHANGE.c.userid,
    FOLLOW_UP_CHANGE.c.kind,
    FOLLOW_UP_CHANGE.c.at,
    FOLLOW_UP_CHANGE.c.by,
    FOLLOW_UP_CHANGE.c.version,
    FOLLOW_UP_CHANGE.c.from_stage,
    FOLLOW_UP_CHANGE.c.to_stage,
).where(
    FOLLOW_UP_CHANGE.c.corp_id == bindparam("corp_id"),
    FOLLOW_UP_CHANGE.c.number > bindparam("after", type_=sa.BigInteger),
)
_CHANGES = CompiledStatement(_CHANGE.order_by(FOLLOW_UP_CHANGE.c.number).limit(bindparam("limit")))
_HISTORY = CompiledStatement(
    _CHANGE.where(FOLLOW_UP_CHANGE.c.seq == bindparam("seq"))
    .order_by(FOLLOW_UP_CHANGE.c.number)
    .limit(bindparam("limit"))
)

_LAST_OWNER = CompiledStatement(
    sa.select(FOLLOW_UP_CHANGE.c.userid)
    .where(FOLLOW_UP_CHANGE.c.corp_id == bindparam("corp_id"), FOLLOW_UP_CHANGE.c.seq == bindparam("seq"))
    .order_by(FOLLOW_UP_CHANGE.c.number.desc())
    .limit(1)
)


class ChangesRequest(RequestModel):
    follow_up_id: str | None = optional(doc="only the history of this record, even if it was deleted")
    cursor: str | None = optional(
        doc="next_cursor of the previous reply; default: from the corp's first change"
    )
    limit: int | None = optional(doc="default 100, at most 1000")
    from_now: bool | None = optional(doc="true, without a cursor: no changes, only the cursor for later ones")


class ChangeShape(TypedDict):
    number: int
    follow_up_id: str
    userid: str
    kind: str
    time: int
    by: str
    version: int
    from_stage: str
    to_stage: str


class ChangesReply(TypedDict):
    changes: list[ChangeShape]
    next_cursor: str
    has_more: bool


@family.post(
    "/cgi-bin/externalcontact/follow_up/changes",
    doc="",
    checked=None,
    meter="follow_up.list",
    permission=Permission.CUSTOMER,
    errors=(ErrCode.INVALID_FOLLOW_UP_ID, ErrCode.NO_PRIVILEGE, ErrCode.INVALID_CURSOR),
    sample={"limit": 100},
)
def changes(call: Call, body: ChangesRequest) -> ChangesReply:
    """获取跟进变更 / List changes of follow-ups

    All changes of the records, oldest first: added, updated, moved, logged, closed, reopened, handed_over,
    deleted. `number` only rises, and later calls with `next_cursor` miss nothing; the cursor is returned even
    if there are no more changes yet. With `follow_up_id`: the history of one record, even a deleted one. With
    `from_now`: only the cursor from which later changes follow.
    """
    limit = page_size(body.limit, CHANGES_DEFAULT, CHANGES_AT_MOST)
    query = body.follow_up_id or ""
    if body.from_now and not body.cursor:
        last_change = read_corp(call.db, call.corp_id)[2]
        return {"changes": [], "next_cursor": make_cursor(call, query, [last_change]), "has_more": False}
    (after,) = position_of(call, query, body.cursor) if body.cursor else (0,)
    params = {"corp_id": call.corp_id, "after": after, "limit": limit + 1}
    if body.follow_up_id:
        found = _HISTORY.all(call.db, **params, seq=_seq_with_history(call, body.follow_up_id))
    else:
        found = _CHANGES.all(call.db, **params)
    shown: list[ChangeShape] = [
        {
            "number": number,
            "follow_up_id": follow_up_id(seq),
            "userid": userid,
            "kind": kind,
            "time": at,
            "by": by,
            "version": version,
            "from_stage": from_stage,
            "to_stage": to_stage,
        }
        for number, seq, userid, kind, at, by, version, from_stage, to_stage in found[:limit]
        if sees(call, userid)
    ]
    last = found[:limit][-1][0] if found else after
    return {
        "changes": shown,
        "next_cursor": make_cursor(call, query, [last]),
        "has_more": len(found) > limit,
    }


def _seq_with_history(call: Call, id_: str) -> int:
    """The seq of a record that exists or was deleted; raises as seen_record."""
    seq = seq_of(id_)
    last = None if seq is None else _LAST_OWNER.one(call.db, corp_id=call.corp_id, seq=seq)
    if seq is None or last is None:  # seeded and never changed, or unknown
        return int(seen_record(call, id_)["seq"])
    refuse_unseen(call, {"userid": last[0]})
    return seq
