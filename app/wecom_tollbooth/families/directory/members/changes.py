"""成员管理, changing: create and update. Only the 通讯录同步 secret may call them."""

from datetime import datetime
from typing import Any, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events.app_events import Subscribe, Unsubscribe
from wecom_tollbooth.callbacks.events.directory import CreateUser, UpdateUser
from wecom_tollbooth.db import upsert
from wecom_tollbooth.families.directory import directory_events, tree
from wecom_tollbooth.families.directory.family import ErrmsgReply, family
from wecom_tollbooth.families.directory.lookup import find_member, the_member
from wecom_tollbooth.families.directory.members.contact_points import (
    parse_email,
    parse_mobile,
    set_biz_mail,
    set_biz_mail_aliases,
)
from wecom_tollbooth.families.directory.members.department_assignments import (
    Assignment,
    assignments_of,
    parse_assignments,
    store_assignments,
)
from wecom_tollbooth.families.directory.members.profiles import (
    FIELD_ERRORS,
    SAMPLE_EXTATTR,
    SAMPLE_PROFILE,
    MemberFields,
    merged_profile,
)
from wecom_tollbooth.families.directory.rules import is_userid
from wecom_tollbooth.families.directory.subscriptions import apps_may_change
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

CREATIONS_PER_SEAT = 3
"""A month allows this many creations per member that the corp may have (page 90312)."""


# --- 创建成员 -------------------------------------------------------------------------------------------


class CreateMemberRequest(MemberFields):
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64, doc="letters, digits and _-@.")
    name: str = required(
        ErrCode.INVALID_MEMBER_NAME,
        max_chars=64,
        too_long=ErrCode.INVALID_MEMBER_NAME,
        doc="1 to 64 characters",
    )
    to_invite: bool | None = optional(doc="default true; the simulator sends no invitations")


class CreatedDepartment(TypedDict):
    name: str
    id: int


class CreatedDepartments(TypedDict):
    department_info: list[CreatedDepartment]


class CreateMemberReply(TypedDict):
    errmsg: str
    created_department_list: NotRequired[CreatedDepartments]


@family.post(
    "/cgi-bin/user/create",
    doc="90195",
    meter="directory.write",
    events=(CreateUser,),
    permission=Permission.DIRECTORY_SYNC,
    errors=(
        *FIELD_ERRORS,
        ErrCode.INVALID_USERID,
        ErrCode.USERID_EXISTS,
        ErrCode.MEMBER_CAP_REACHED,
        ErrCode.FREQUENCY_LIMIT,
    ),
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
def create_member(call: Call, body: CreateMemberRequest) -> CreateMemberReply:
    """创建成员

    A new member, not activated (status 4), with mobile, email or both. A member without department, or in
    department 0, is put into 其他（待设置部门）; unknown departments are created below it and returned in
    created_department_list. Lengths are in characters, those of userid, mobile, emails and telephone in
    bytes. A corp has as many members as the setting member_cap says, and a month three times as many
    creations.
    """
    userid = body.userid
    if not is_userid(userid):
        raise Refusal(ErrCode.INVALID_USERID, detail=f"userid: {userid!r}: use only letters, digits and _-@.")
    tree.lock_directory(call)
    if find_member(call, userid) is not None:
        raise Refusal(
            ErrCode.USERID_EXISTS, detail=f"{userid!r} is a member already; userids are case-insensitive"
        )
    _count_creation(call)
    mobile = parse_mobile(call, body.mobile or "", userid)
    email = parse_email(call, body.email or "", userid)
    _refuse_unreachable(mobile, email)
    assignments, created = _assignments_of_new_member(call, body)
    member = Member(
        corp_id=call.corp_id,
        userid=userid,
        userid_key=userid.lower(),
        name=body.name,
        mobile=mobile,
        email=email,
        status=DISABLED if body.enable == 0 else NOT_ACTIVATED,
        status_when_enabled=NOT_ACTIVATED,
        main_department=_main_department(body.main_department, assignments),
        profile=merged_profile(call, {}, body, userid),
        created_at=call.now,
    )
    # The row of a member who left with this userid becomes the new member's.
    call.db.execute(upsert(call.db.dialect, MEMBER, ("corp_id", "userid")), member.model_dump())
    store_assignments(call, userid, assignments)
    if body.biz_mail:
        set_biz_mail(call, userid, body.biz_mail)
    directory_events.member_created(call, userid, by_assistant=True)
    reply: CreateMemberReply = {"errmsg": "created"}
    if created:
        reply["created_department_list"] = {"department_info": created}
    return reply


def _count_creation(call: Call) -> None:
    """Counts a creation. Raises 45024 if the corp is full, 45009 over the month's limit."""
    cap = call.settings.member_cap
    members = sa.select(sa.func.count()).where(
        MEMBER.c.corp_id == call.corp_id, MEMBER.c.userid_key.is_not(None)
    )
    if call.db.execute(members).scalar_one() >= cap:
        raise Refusal(ErrCode.MEMBER_CAP_REACHED, detail=f"the corp already has {cap} members")
    month = datetime.fromtimestamp(call.now, SHANGHAI).strftime("%Y-%m")
    this_month = (MEMBERS_CREATED.c.corp_id == call.corp_id) & (MEMBERS_CREATED.c.month == month)
    count = call.db.execute(sa.select(MEMBERS_CREATED.c.count).where(this_month)).scalar() or 0
    if count >= CREATIONS_PER_SEAT * cap:
        raise Refusal(ErrCode.FREQUENCY_LIMIT, detail=f"{count} members were already created in {month}")
    counted = {"corp_id": call.corp_id, "month": month, "count": count + 1}
    call.db.execute(upsert(call.db.dialect, MEMBERS_CREATED, ("corp_id", "month")), counted)


def _refuse_unreachable(mobile: str | None, email: str | None) -> None:
    if not mobile and not email:
        raise Refusal(ErrCode.MOBILE_AND_EMAIL_EMPTY, detail="give mobile, email or both")


def _assignments_of_new_member(
    call: Call, body: CreateMemberRequest
) -> tuple[list[Assignment], list[CreatedDepartment]]:
    """The member's assignments, and the unknown departments among them, which it creates."""
    if not body.department:
        return [Assignment(tree.unassigned_department(call), 0, False)], []
    given = parse_assignments(body.department, body.order, body.is_leader_in_dept)
    wanted = [assignment.department_id for assignment in given]
    assignments: dict[int, Assignment] = {}
    created: list[CreatedDepartment] = []
    for assignment in given:
        department_id = assignment.department_id or tree.unassigned_department(call, reserved_ids=wanted)
        if not tree.exists(call, department_id):
            name, parentid = str(department_id), tree.unassigned_department(call, reserved_ids=wanted)
            tree.add_department(call, parentid=parentid, name=name, department_id=department_id)
            created.append({"name": name, "id": department_id})
        assignments.setdefault(
            department_id, Assignment(department_id, assignment.order, assignment.is_leader)
        )
    return list(assignments.values()), created


def _main_department(wanted: int | None, assignments: list[Assignment], before: int | None = None) -> int:
    """`wanted` if given, else `before` if the member is still in it, else the first. Raises 60123."""
    departments = [assignment.department_id for assignment in assignments]
    if wanted:
        if wanted not in departments:
            raise Refusal(
                ErrCode.INVALID_PARTY_ID, detail=f"main_department: {wanted} is not one of {departments}"
            )
        return wanted
    return before if before in departments else departments[0]


# --- 更新成员 -------------------------------------------------------------------------------------------


class BizMailAlias(RequestModel):
    item: list[str] | None = optional()


class UpdateMemberRequest(MemberFields):
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64)
    new_userid: str | None = optional(max_chars=64, doc="refused: only for userids chosen by the platform")
    name: str | None = optional(max_chars=64, too_long=ErrCode.INVALID_MEMBER_NAME)
    biz_mail_alias: BizMailAlias | None = optional(doc="replaces the aliases, at most 5; {} clears them")
    to_invite: bool | None = optional(doc="the simulator sends no invitations")


@family.post(
    "/cgi-bin/user/update",
    doc="90197",
    meter="directory.write",
    events=(UpdateUser, Subscribe, Unsubscribe),
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
def update_member(call: Call, body: UpdateMemberRequest) -> ErrmsgReply:
    """更新成员

    Changes the given fields; an empty text clears a field, an empty name or department counts as absent.
    order and is_leader_in_dept count only with department. The mobile of an activated member is ignored: only
    the member may change it. A 企业邮箱 can't change once set. The limits of user/create apply.
    """
    tree.lock_directory(call)
    userid = the_member(call, body.userid, ErrCode.USERID_NOT_FOUND).userid
    own_row = (MEMBER.c.corp_id == call.corp_id) & (MEMBER.c.userid == userid)
    member = call.db.execute(sa.select(MEMBER).where(own_row)).one()
    if body.new_userid and body.new_userid != member.userid:
        raise Refusal(ErrCode.USERID_IS_FIXED, detail=f"{member.userid} was not chosen by the platform")
    before = directory_events.member_snapshot(call, member.userid)
    assignments = _assignments_after(call, member.userid, body)
    changes: dict[str, Any] = {
        "main_department": _main_department(body.main_department, assignments, member.main_department),
        "profile": merged_profile(call, member.profile, body, member.userid),
        **_contact_points_after(call, member, body),
        **_status_after(member, body.enable),
    }
    if body.name:
        changes["name"] = body.name
    with apps_may_change(call, [member.userid]):
        call.db.execute(sa.update(MEMBER).where(own_row).values(**changes))
        if body.department:
            store_assignments(call, member.userid, assignments)
    if body.biz_mail:
        set_biz_mail(call, member.userid, body.biz_mail)
    if body.biz_mail_alias is not None:
        set_biz_mail_aliases(call, member.userid, body.biz_mail_alias.item or [])
    directory_events.member_changed(call, before, by_assistant=True)
    return {"errmsg": "updated"}


def _assignments_after(call: Call, userid: str, body: UpdateMemberRequest) -> list[Assignment]:
    """The member's assignments after the update. Raises 40066 for an unknown department."""
    if not body.department:
        return assignments_of(call, userid)
    assignments = parse_assignments(body.department, body.order, body.is_leader_in_dept)
    for department_id in (assignment.department_id for assignment in assignments):
        if not tree.exists(call, department_id):
            raise Refusal(ErrCode.INVALID_PARTY_LIST, detail=f"there is no department {department_id}")
    return assignments


def _contact_points_after(call: Call, member: Any, body: UpdateMemberRequest) -> dict[str, str | None]:
    """mobile and email after the update. Raises 60129 if both would be empty."""
    activated = ACTIVE in (member.status, member.status_when_enabled if member.status == DISABLED else None)
    mobile, email = member.mobile, member.email
    if body.mobile is not None and not activated:
        mobile = parse_mobile(call, body.mobile, member.userid)
    if body.email is not None:
        email = parse_email(call, body.email, member.userid)
    if (mobile, email) != (member.mobile, member.email):
        _refuse_unreachable(mobile, email)
    return {"mobile": mobile, "email": email}


def _status_after(member: Any, enable: int | None) -> dict[str, int]:
    """The change of status: disabling remembers the present status, enabling restores it."""
    if enable == 0 and member.status != DISABLED:
        return {"status": DISABLED, "status_when_enabled": member.status}
    if enable == 1 and member.status == DISABLED:
        return {"status": member.status_when_enabled}
    return {}
