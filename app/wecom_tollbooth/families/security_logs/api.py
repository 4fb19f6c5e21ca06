"""安全管理: operations of members and admins, screenshots, and what was done with files."""

from collections.abc import Collection
from typing import Any, NotRequired, cast

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import the_visible_members
from wecom_tollbooth.families.directory.tables import MEMBER_DEPARTMENT
from wecom_tollbooth.families.directory.visibility import refuse_wrong_departments, visible_departments
from wecom_tollbooth.families.security_logs.records import (
    OPERATION_DAYS,
    OPERATIONS_AGO_DAYS,
    RECORD_DAYS,
    page,
    refuse_span,
)
from wecom_tollbooth.families.security_logs.tables import ADMINS, FILES, MEMBERS, SCREENS
from wecom_tollbooth.families.security_logs.types import (
    ADMIN_TYPES,
    FILE_SOURCES,
    FILE_TYPES,
    MEMBER_TYPES,
    SCREEN_TYPES,
)
from wecom_tollbooth.families.windows.counting import refuse_over_calls
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import Family
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required_number
from wecom_tollbooth.world.clock import MINUTE

family = Family("security_logs", "安全管理", "Security")

OPERATIONS_A_MINUTE = 600
MOST_OPERATIONS, MOST_RECORDS, MOST_ASKED = 400, 1000, 100

PARAMETER = ErrCode.INVALID_PARAMETER


class OperationsRequest(RequestModel):
    start_time: int = required_number(PARAMETER, ge=0, doc="unix seconds, at most 180 days ago")
    end_time: int = required_number(PARAMETER, ge=0, doc="unix seconds, at most 7 days behind start_time")
    oper_type: int | None = optional(doc="left out: all")
    userid: str | None = optional(doc="who did it; left out: everybody")
    cursor: str | None = optional()
    limit: int | None = optional(ge=1, le=MOST_OPERATIONS, invalid=PARAMETER, doc="at most 400, the default")


class AdminOperationsRequest(OperationsRequest):
    cusor: str | None = optional(doc="as the page spells cursor")


class MemberOperation(TypedDict):
    time: int
    userid: str
    oper_type: int
    detail_info: str
    ip: str


class AdminOperation(MemberOperation):
    detail_type: int


class MemberOperationsReply(TypedDict):
    has_more: bool
    next_cursor: str
    record_list: list[MemberOperation]


class AdminOperationsReply(TypedDict):
    has_more: bool
    next_cursor: str
    record_list: list[AdminOperation]


@family.post(
    "/cgi-bin/security/member_oper_log/list",
    doc="100178",
    checked="2026-08",
    meter="directory.read",
    permission=Permission.SECURITY,
    errors=(PARAMETER, ErrCode.USERID_NOT_FOUND, ErrCode.NO_PRIVILEGE, ErrCode.FREQUENCY_LIMIT),
    sample={"start_time": 1793376000, "end_time": 1793980799, "oper_type": 1, "userid": "sam", "limit": 2},
)
def list_member_operations(call: Call, body: OperationsRequest) -> MemberOperationsReply:
    """获取成员操作记录 / List operations of members

    What members in the app's visible range did in the client, oldest first. At most 600 calls a minute.
    """
    _refuse_operations(call, body, MEMBER_TYPES)
    userids = _members(call, [body.userid] if body.userid else None)
    rows, cursor = page(
        call,
        MEMBERS,
        (body.start_time, body.end_time),
        body.limit or MOST_OPERATIONS,
        body.cursor,
        userids=userids,
        of_type=body.oper_type,
    )
    records: list[MemberOperation] = [_operation(row) for row in rows]
    return {"has_more": bool(cursor), "next_cursor": cursor, "record_list": records}


@family.post(
    "/cgi-bin/security/admin_oper_log/list",
    doc="100179",
    checked="2026-08",
    meter="directory.read",
    permission=Permission.SECURITY,
    errors=(PARAMETER, ErrCode.FREQUENCY_LIMIT),
    sample={"start_time": 1793376000, "end_time": 1793980799, "oper_type": 3, "userid": "sam", "limit": 2},
)
def list_admin_operations(call: Call, body: AdminOperationsRequest) -> AdminOperationsReply:
    """获取管理端操作日志 / List operations of admins

    What admins did in the console, oldest first, whatever the app's visible range. Calls of the API are not
    in it. At most 600 calls a minute.
    """
    _refuse_operations(call, body, ADMIN_TYPES)
    rows, cursor = page(
        call,
        ADMINS,
        (body.start_time, body.end_time),
        body.limit or MOST_OPERATIONS,
        body.cursor or body.cusor,
        userids=[body.userid] if body.userid else None,
        of_type=body.oper_type,
        in_range_only=False,
    )
    records: list[AdminOperation] = [
        {**_operation(row), "detail_type": row.content["detail_type"]} for row in rows
    ]
    return {"has_more": bool(cursor), "next_cursor": cursor, "record_list": records}


def _refuse_operations(call: Call, body: OperationsRequest, types: Collection[int]) -> None:
    refuse_over_calls(call, call.operation.path, MINUTE, OPERATIONS_A_MINUTE)
    refuse_span(call, body.start_time, body.end_time, OPERATION_DAYS, OPERATIONS_AGO_DAYS)
    if body.oper_type is not None:
        _refuse_type("oper_type", body.oper_type, types)


def _refuse_type(name: str, value: int, types: Collection[int]) -> None:
    if value not in types:
        known = ", ".join(map(str, types))
        raise Refusal(PARAMETER, detail=f"{name}: {value} is not one of {known}")


def _members(call: Call, userids: list[str] | None) -> list[str] | None:
    """The members as the directory spells them; None, for everybody, where none are given."""
    if not userids:
        return None
    found = the_visible_members(call, userids, unknown=ErrCode.USERID_NOT_FOUND)
    return [member.userid for member in found]


def _operation(row: Any) -> MemberOperation:
    return {
        "time": row.at,
        "userid": row.userid,
        "oper_type": row.type,
        "detail_info": row.content["detail_info"],
        "ip": row.content["ip"],
    }


# --- 截屏/录屏管理 ---------------------------------------------------------------------------------


class RecordsRequest(RequestModel):
    start_time: int = required_number(PARAMETER, ge=0, doc="unix seconds")
    end_time: int = required_number(PARAMETER, ge=0, doc="unix seconds, at most 14 days behind start_time")
    userid_list: list[str] | None = optional(
        doc="left out: everybody in the visible range", max_items=MOST_ASKED
    )
    cursor: str | None = optional()
    limit: int | None = optional(ge=1, le=MOST_RECORDS, invalid=PARAMETER, doc="at most 1000, the default")


class ScreensRequest(RecordsRequest):
    department_id_list: list[int] | None = optional(doc="left out: all", max_items=MOST_ASKED)
    screen_shot_type: int | None = optional(
        doc="1 chat, 2 contacts, 3 mail, 4 file, 5 calendar, 6 other; left out: all"
    )


class ScreenRecord(TypedDict):
    time: int
    userid: str
    department_id: NotRequired[int]
    screen_shot_type: int
    screen_shot_content: str
    system: str


class ScreensReply(TypedDict):
    has_more: bool
    next_cursor: NotRequired[str]
    record_list: list[ScreenRecord]


@family.post(
    "/cgi-bin/security/get_screen_oper_record",
    doc="100128",
    checked="2026-08",
    meter="directory.read",
    permission=Permission.SECURITY,
    errors=(PARAMETER, ErrCode.USERID_NOT_FOUND, ErrCode.NO_PRIVILEGE, ErrCode.INVALID_PARTY_ID),
    sample={"start_time": 1793376000, "end_time": 1793980799, "userid_list": ["zhangsan"], "limit": 100},
)
def get_screen_oper_record(call: Call, body: ScreensRequest) -> ScreensReply:
    """获取截屏操作记录 / List screenshots

    Screenshots of members in the app's visible range, oldest first; department_id only of a visible one.
    """
    refuse_span(call, body.start_time, body.end_time, RECORD_DAYS)
    if body.screen_shot_type is not None:
        _refuse_type("screen_shot_type", body.screen_shot_type, SCREEN_TYPES)
    userids = _members(call, body.userid_list)
    if body.department_id_list:
        refuse_wrong_departments(call, body.department_id_list)
        inside = _members_of(call, body.department_id_list)
        userids = sorted(inside if userids is None else inside & set(userids))
    rows, cursor = page(
        call,
        SCREENS,
        (body.start_time, body.end_time),
        body.limit or MOST_RECORDS,
        body.cursor,
        userids=userids,
        of_type=body.screen_shot_type,
    )
    visible = visible_departments(call)
    records = [_screen(row, visible) for row in rows]
    reply: ScreensReply = {"has_more": bool(cursor), "record_list": records}
    if cursor:
        reply["next_cursor"] = cursor
    return reply


def _members_of(call: Call, departments: list[int]) -> set[str]:
    query = sa.select(MEMBER_DEPARTMENT.c.userid).where(
        MEMBER_DEPARTMENT.c.corp_id == call.corp_id, MEMBER_DEPARTMENT.c.department_id.in_(departments)
    )
    return set(call.db.execute(query).scalars())


def _screen(row: Any, visible: frozenset[int] | None) -> ScreenRecord:
    shown: ScreenRecord = {
        "time": row.at,
        "userid": row.userid,
        "screen_shot_type": row.type,
        "screen_shot_content": row.content["screen_shot_content"],
        "system": row.content["system"],
    }
    department: int = row.content["department_id"]
    if visible is None or department in visible:
        shown["department_id"] = department
    return shown


# --- 文件防泄漏 -------------------------------------------------------------------------------------


class FileOperation(RequestModel):
    type: int = required_number(PARAMETER)
    source: int | None = optional()


class FilesRequest(RecordsRequest):
    operation: FileOperation | None = optional(doc="type and, of uploads and downloads, source")


class OperationShown(TypedDict):
    type: int
    source: NotRequired[int]


class ExternalUser(TypedDict):
    type: int
    name: str
    corp_name: NotRequired[str]


class FileRecord(TypedDict):
    time: int
    userid: NotRequired[str]
    external_user: NotRequired[ExternalUser]
    operation: OperationShown
    file_info: str
    file_size: NotRequired[int]
    file_md5: NotRequired[str]
    applicant_name: NotRequired[str]
    device_type: NotRequired[int]
    device_code: NotRequired[str]


class FilesReply(TypedDict):
    has_more: bool
    next_cursor: NotRequired[str]
    record_list: list[FileRecord]


@family.post(
    "/cgi-bin/security/get_file_oper_record",
    doc="98079",
    checked="2026-08",
    meter="directory.read",
    permission=Permission.SECURITY,
    errors=(PARAMETER, ErrCode.USERID_NOT_FOUND, ErrCode.NO_PRIVILEGE),
    sample={
        "start_time": 1793376000,
        "end_time": 1793980799,
        "userid_list": ["zhangsan", "lisi"],
        "operation": {"type": 103, "source": 401},
        "limit": 100,
    },
)
def get_file_oper_record(call: Call, body: FilesRequest) -> FilesReply:
    """获取文件操作记录 / List operations on files

    What was done with files by members in the app's visible range and, if it is the whole corp, by people
    outside, oldest first.
    """
    refuse_span(call, body.start_time, body.end_time, RECORD_DAYS)
    asked = body.operation
    if asked is not None:
        _refuse_type("operation.type", asked.type, FILE_TYPES)
        if asked.source is not None:
            _refuse_type("operation.source", asked.source, FILE_SOURCES)
    rows, cursor = page(
        call,
        FILES,
        (body.start_time, body.end_time),
        body.limit or MOST_RECORDS,
        body.cursor,
        userids=_members(call, body.userid_list),
        of_type=asked.type if asked else None,
        source=asked.source if asked else None,
    )
    reply: FilesReply = {"has_more": bool(cursor), "record_list": [_file(row) for row in rows]}
    if cursor:
        reply["next_cursor"] = cursor
    return reply


def _file(row: Any) -> FileRecord:
    who = {"userid": row.userid} if row.userid else {}
    return cast(FileRecord, {"time": row.at, **who, **row.content})
