"""成员管理, changing: create, update, delete. For the 通讯录同步 secret alone."""

from datetime import datetime
from typing import Any, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events.directory import CreateUser, DeleteUser, UpdateUser
from wecom_tollbooth.db import upsert
from wecom_tollbooth.families.directory import directory_events, tree
from wecom_tollbooth.families.directory.contact_points import (
    give_biz_mail,
    read_email,
    read_mobile,
    set_biz_mail_aliases,
)
from wecom_tollbooth.families.directory.department_assignments import (
    Place,
    places_of,
    read_places,
    store_places,
)
from wecom_tollbooth.families.directory.family import family
from wecom_tollbooth.families.directory.offboarding import leave
from wecom_tollbooth.families.directory.profiles import (
    FIELD_ERRORS,
    SAMPLE_EXTATTR,
    SAMPLE_PROFILE,
    MemberFields,
    find_row,
    merged_profile,
    unknown_member,
)
from wecom_tollbooth.families.directory.rules import is_userid
from wecom_tollbooth.families.directory.tables import (
    ACTIVE,
    DISABLED,
    MEMBER,
    MEMBERS_CREATED,
    NOT_ACTIVATED,
    Member,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required
from wecom_tollbooth.world.clock import SHANGHAI

BATCH_DELETE_MAX = 200
CREATIONS_PER_SEAT = 3
"""user/create may be called so many times the member cap in a calendar month (page 90312)."""


# --- 创建成员 -------------------------------------------------------------------------------------------


class CreateRequest(MemberFields):
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64, doc="letters, digits and _-@.")
    name: str = required(
        ErrCode.INVALID_MEMBER_NAME,
        max_chars=64,
        too_long=ErrCode.INVALID_MEMBER_NAME,
        doc="1 to 64 characters",
    )
    to_invite: bool | None = optional(doc="default true; nobody is written to by the simulator")


class CreatedDepartment(TypedDict):
    name: str
    id: int


class CreatedDepartments(TypedDict):
    department_info: list[CreatedDepartment]


class CreateReply(TypedDict):
    errmsg: str
    created_department_list: NotRequired[CreatedDepartments]


@family.post(
    "/cgi-bin/user/create",
    doc="90195",
    meter="directory.write",
    events=(CreateUser,),
    permission=Permission.DIRECTORY_SYNC,
    errors=(*FIELD_ERRORS, ErrCode.INVALID_USERID, ErrCode.USERID_EXISTS, ErrCode.MEMBER_CAP_REACHED),
    sample={
        "userid": "zhangsan",
        "name": "张三",
        "alias": "jackzhang",
        "mobile": "+86 13800000000",
        "department": [1, 2],
        "order": [10, 40],
        "position": "产品经理",
        "gender": "1",
        "email": "zhangsan@qq.com",
        "biz_mail": "zhangsan@tencent.com",
        "is_leader_in_dept": [1, 0],
        "direct_leader": ["lisi"],
        "enable": 1,
        "avatar_mediaid": "2-G6nrLmr5EC3MNb_-zL1dDdzkd0p7cNliYu9V5w7o8K0",
        "telephone": "020-123456",
        "address": "广州市海珠区新港中路",
        "main_department": 1,
        "extattr": SAMPLE_EXTATTR,
        "to_invite": True,
        "external_position": "高级产品经理",
        "external_profile": SAMPLE_PROFILE,
    },
)
def create_member(call: Call, body: CreateRequest) -> CreateReply:
    """创建成员

    A new member, not activated (status 4). Without department, or in department 0, it waits in
    其他（待设置部门）; a department that is not there is made below that one and named in
    created_department_list. Lengths are in characters, of userid, mobile, emails and telephone in bytes.
    Errors: 41009, 40003 (bad userid), 60102, 60112 (name), 60129 (neither mobile nor email), 60103, 60104,
    60105, 60106, 60143, 60145, 40066, 60110 (over 100 departments), 60132, 60123 (main_department is none of
    them), 60257, 60111 (unknown leader), 60150, 40058, 45024 (member cap), 45009 (creations of the month).
    """
    userid = body.userid
    if not is_userid(userid):
        raise Refusal(ErrCode.INVALID_USERID, detail=f"userid: {userid!r}: letters, digits and _-@. only")
    tree.lock_directory(call)
    if find_row(call, userid) is not None:
        raise Refusal(
            ErrCode.USERID_EXISTS, detail=f"{userid!r} is a member, upper and lower case being the same"
        )
    _refuse_over_cap(call)
    mobile = read_mobile(call, body.mobile or "", userid)
    email = read_email(call, body.email or "", userid)
    _refuse_unreachable(mobile, email)
    places, made = _places_of_new_member(call, body)
    member = Member(
        corp_id=call.corp_id,
        userid=userid,
        userid_key=userid.lower(),
        name=body.name,
        mobile=mobile,
        email=email,
        status=DISABLED if body.enable == 0 else NOT_ACTIVATED,
        status_when_enabled=NOT_ACTIVATED,
        main_department=_main_department(body.main_department, places),
        profile=merged_profile(call, {}, body, userid),
        created_at=call.now,
    )
    # Somebody who left with this userid makes room: the row becomes the new member's.
    call.db.execute(upsert(call.db.dialect, MEMBER, ("corp_id", "userid")), member.model_dump())
    store_places(call, userid, places)
    if body.biz_mail:
        give_biz_mail(call, userid, body.biz_mail)
    directory_events.member_made(call, userid, by_assistant=True)
    reply: CreateReply = {"errmsg": "created"}
    if made:
        reply["created_department_list"] = {"department_info": made}
    return reply


def _refuse_over_cap(call: Call) -> None:
    """45024 in a full corp, 45009 after three times as many creations in a month; counts this one."""
    cap = call.settings.member_cap
    members = sa.select(sa.func.count()).where(
        MEMBER.c.corp_id == call.corp_id, MEMBER.c.userid_key.is_not(None)
    )
    if call.db.execute(members).scalar_one() >= cap:
        raise Refusal(ErrCode.MEMBER_CAP_REACHED, detail=f"the corp has {cap} members already")
    month = datetime.fromtimestamp(call.now, SHANGHAI).strftime("%Y-%m")
    this_month = (MEMBERS_CREATED.c.corp_id == call.corp_id) & (MEMBERS_CREATED.c.month == month)
    count = call.db.execute(sa.select(MEMBERS_CREATED.c.count).where(this_month)).scalar() or 0
    if count >= CREATIONS_PER_SEAT * cap:
        raise Refusal(ErrCode.FREQUENCY_LIMIT, detail=f"{count} members were made in {month} already")
    counted = {"corp_id": call.corp_id, "month": month, "count": count + 1}
    call.db.execute(upsert(call.db.dialect, MEMBERS_CREATED, ("corp_id", "month")), counted)


def _refuse_unreachable(mobile: str | None, email: str | None) -> None:
    if not mobile and not email:
        raise Refusal(ErrCode.MOBILE_AND_EMAIL_EMPTY, detail="give mobile, email or both")


def _places_of_new_member(call: Call, body: CreateRequest) -> tuple[list[Place], list[CreatedDepartment]]:
    """The member's places, with departments made for those that are not there, and what was made."""
    if not body.department:
        return [Place(tree.waiting_department(call), 0, False)], []
    given = read_places(body.department, body.order, body.is_leader_in_dept)
    wanted = [place.department_id for place in given]
    places: dict[int, Place] = {}
    made: list[CreatedDepartment] = []
    for place in given:
        department_id = place.department_id or tree.waiting_department(call, avoiding=wanted)
        if not tree.exists(call, department_id):
            name, parentid = str(department_id), tree.waiting_department(call, avoiding=wanted)
            tree.add_department(call, parentid=parentid, name=name, department_id=department_id)
            made.append({"name": name, "id": department_id})
        places.setdefault(department_id, Place(department_id, place.order, place.leads))
    return list(places.values()), made


def _main_department(wanted: int | None, places: list[Place], before: int | None = None) -> int:
    """The one asked for, else the one before if the member is still there, else the first. Raises 60123."""
    departments = [place.department_id for place in places]
    if wanted:
        if wanted not in departments:
            raise Refusal(
                ErrCode.INVALID_PARTY_ID, detail=f"main_department: {wanted} is none of {departments}"
            )
        return wanted
    return before if before in departments else departments[0]


# --- 更新成员 -------------------------------------------------------------------------------------------


class BizMailAlias(RequestModel):
    item: list[str] | None = optional()


class UpdateRequest(MemberFields):
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64)
    new_userid: str | None = optional(max_chars=64, doc="only for a userid that the platform made up")
    name: str | None = optional(max_chars=64, too_long=ErrCode.INVALID_MEMBER_NAME)
    biz_mail_alias: BizMailAlias | None = optional(doc="replaces the aliases, at most 5; {} clears them")
    to_invite: bool | None = optional(doc="nobody is written to by the simulator")


class Updated(TypedDict):
    errmsg: str


@family.post(
    "/cgi-bin/user/update",
    doc="90197",
    meter="directory.write",
    events=(UpdateUser,),
    permission=Permission.DIRECTORY_SYNC,
    errors=(
        *FIELD_ERRORS,
        ErrCode.USERID_IS_FIXED,
        ErrCode.BIZ_MAIL_IS_FIXED,
        ErrCode.INVALID_BIZ_MAIL_ALIAS,
        ErrCode.BIZ_MAIL_ALIAS_EXISTS,
        ErrCode.ALIAS_WITHOUT_BIZ_MAIL,
    ),
    sample={
        "userid": "zhangsan",
        "name": "李四",
        "department": [1],
        "order": [10],
        "position": "后台工程师",
        "mobile": "13800000000",
        "gender": "1",
        "email": "zhangsan@qq.com",
        "biz_mail": "zhangsan@tencent.com",
        "biz_mail_alias": {"item": ["jack@tencent.com", "hr@tencent.com"]},
        "is_leader_in_dept": [1],
        "direct_leader": ["lisi"],
        "enable": 1,
        "avatar_mediaid": "2-G6nrLmr5EC3MNb_-zL1dDdzkd0p7cNliYu9V5w7o8K0",
        "telephone": "020-123456",
        "alias": "jackzhang",
        "address": "广州市海珠区新港中路",
        "main_department": 1,
        "extattr": SAMPLE_EXTATTR,
        "external_position": "工程师",
        "external_profile": SAMPLE_PROFILE,
    },
)
def update_member(call: Call, body: UpdateRequest) -> Updated:
    """更新成员

    Changes what is given; an empty text clears it, an empty name or department counts as not given. order and
    is_leader_in_dept count only with department. An activated member's mobile is its own to change: it is
    passed over without an error. A 企业邮箱 that was set stays (60144). Errors: as user/create, and 60111 (no
    such member), 40066 (no such department), 301036 (new_userid), 60144, 60269, 60270, 60272.
    """
    tree.lock_directory(call)
    member = find_row(call, body.userid)
    if member is None:
        raise unknown_member(body.userid)
    if body.new_userid and body.new_userid != member.userid:
        raise Refusal(ErrCode.USERID_IS_FIXED, detail=f"{member.userid} was not made up by the platform")
    before = directory_events.look_at(call, member.userid)
    places = _places_after(call, member.userid, body)
    changes: dict[str, Any] = {
        "main_department": _main_department(body.main_department, places, member.main_department),
        "profile": merged_profile(call, member.profile, body, member.userid),
        **_reachable_by(call, member, body),
        **_status_after(member, body.enable),
    }
    if body.name:
        changes["name"] = body.name
    own_row = (MEMBER.c.corp_id == call.corp_id) & (MEMBER.c.userid == member.userid)
    call.db.execute(sa.update(MEMBER).where(own_row).values(**changes))
    if body.department:
        store_places(call, member.userid, places)
    if body.biz_mail:
        give_biz_mail(call, member.userid, body.biz_mail)
    if body.biz_mail_alias is not None:
        set_biz_mail_aliases(call, member.userid, body.biz_mail_alias.item or [])
    directory_events.member_changed(call, before, by_assistant=True)
    return {"errmsg": "updated"}


def _places_after(call: Call, userid: str, body: UpdateRequest) -> list[Place]:
    """Where the member stands after the update. Raises 40066 for a department that is not there."""
    if not body.department:
        return places_of(call, userid)
    places = read_places(body.department, body.order, body.is_leader_in_dept)
    for place in places:
        if not tree.exists(call, place.department_id):
            raise Refusal(ErrCode.INVALID_PARTY_LIST, detail=f"there is no department {place.department_id}")
    return places


def _reachable_by(call: Call, member: Any, body: UpdateRequest) -> dict[str, str | None]:
    """mobile and email after the update. Raises 60129 where both would be empty."""
    activated = ACTIVE in (member.status, member.status_when_enabled if member.status == DISABLED else None)
    mobile, email = member.mobile, member.email
    if body.mobile is not None and not activated:
        mobile = read_mobile(call, body.mobile, member.userid)
    if body.email is not None:
        email = read_email(call, body.email, member.userid)
    if (mobile, email) != (member.mobile, member.email):
        _refuse_unreachable(mobile, email)
    return {"mobile": mobile, "email": email}


def _status_after(member: Any, enable: int | None) -> dict[str, int]:
    """Disabling keeps in mind whether the member was activated; enabling brings that back."""
    if enable == 0 and member.status != DISABLED:
        return {"status": DISABLED, "status_when_enabled": member.status}
    if enable == 1 and member.status == DISABLED:
        return {"status": member.status_when_enabled}
    return {}


# --- 删除成员 -------------------------------------------------------------------------------------------


class DeleteRequest(RequestModel):
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64)


class Deleted(TypedDict):
    errmsg: str


@family.get(
    "/cgi-bin/user/delete",
    doc="90198",
    meter="directory.write",
    events=(DeleteUser,),
    permission=Permission.DIRECTORY_SYNC,
    errors=(ErrCode.MISSING_USERID, ErrCode.INVALID_PARAMETER, ErrCode.USERID_NOT_FOUND),
    sample={"userid": "zhangsan"},
)
def delete_member(call: Call, query: DeleteRequest) -> Deleted:
    """删除成员

    The member leaves the directory with its 企业邮箱; its customers stay, and wait to be handed over. Errors:
    41009, 60111.
    """
    tree.lock_directory(call)
    member = find_row(call, query.userid)
    if member is None:
        raise unknown_member(query.userid)
    _delete(call, [member.userid])
    return {"errmsg": "deleted"}


# --- 批量删除成员 ----------------------------------------------------------------------------------------


class BatchDeleteRequest(RequestModel):
    useridlist: list[str] = required(max_items=BATCH_DELETE_MAX, too_long=ErrCode.USERID_LIST_TOO_LONG)


@family.post(
    "/cgi-bin/user/batchdelete",
    doc="90199",
    meter="directory.write",
    events=(DeleteUser,),
    permission=Permission.DIRECTORY_SYNC,
    errors=(ErrCode.PARAMETERS_EMPTY, ErrCode.USERID_LIST_TOO_LONG, ErrCode.INVALID_USERID_LIST),
    sample={"useridlist": ["zhangsan", "lisi"]},
)
def batch_delete_members(call: Call, body: BatchDeleteRequest) -> Deleted:
    """批量删除成员

    All of them, or nobody where one is unknown. Errors: 40063, 40032 (over 200), 40031 (one is unknown).
    """
    tree.lock_directory(call)
    members = []
    for userid in body.useridlist:
        member = find_row(call, userid)
        if member is None:
            raise Refusal(ErrCode.INVALID_USERID_LIST, detail=f"{userid!r} is no member of this corp")
        members.append(member.userid)
    _delete(call, members)
    return {"errmsg": "deleted"}


def _delete(call: Call, userids: list[str]) -> None:
    """Takes the members out of the directory and tells of each, once."""
    before = [directory_events.look_at(call, userid) for userid in dict.fromkeys(userids)]
    leave(call.db, call.corp_id, userids, call.now)
    for member in before:
        directory_events.member_gone(call, member, by_assistant=True)
