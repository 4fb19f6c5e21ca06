"""Adding and changing members: what user/create and user/update do, and what admins do in the console.

The caller has locked the directory. What is refused is raised as a Refusal, also for an act.
"""

from contextlib import nullcontext
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.db import upsert
from wecom_tollbooth.families.directory import directory_events, tree
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
    CreateMemberRequest,
    UpdateMemberRequest,
    merged_profile,
)
from wecom_tollbooth.families.directory.offboarding import add_row
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
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.clock import SHANGHAI
from wecom_tollbooth.world.context import Context

CREATIONS_PER_SEAT = 3
"""A month allows this many creations per member that the corp may have (page 90312)."""


class CreatedDepartment(TypedDict):
    name: str
    id: int


# --- new members -----------------------------------------------------------------------------------------


def add_member(
    context: Context, body: CreateMemberRequest, *, by_assistant: bool, activated: bool = False
) -> list[CreatedDepartment]:
    """Adds a member and raises create_user; returns the departments that were created for it.

    Only the API (`by_assistant`) creates unknown departments and counts creations in a month.
    """
    userid = body.userid
    if not is_userid(userid):
        raise Refusal(ErrCode.INVALID_USERID, detail=f"userid: {userid!r}: use only letters, digits and _-@.")
    if find_member(context, userid) is not None:
        raise Refusal(
            ErrCode.USERID_EXISTS, detail=f"{userid!r} is a member already; userids are case-insensitive"
        )
    refuse_full_corp(context)
    if by_assistant:
        _count_creation(context)
    mobile = parse_mobile(context, body.mobile or "", userid)
    email = parse_email(context, body.email or "", userid)
    _refuse_unreachable(mobile, email)
    assignments, created = _assignments_of_new_member(context, body, may_create=by_assistant)
    status_when_enabled = ACTIVE if activated else NOT_ACTIVATED
    member = Member(
        corp_id=context.corp_id,
        userid=userid,
        userid_key=userid.lower(),
        name=body.name,
        mobile=mobile,
        email=email,
        status=DISABLED if body.enable == 0 else status_when_enabled,
        status_when_enabled=status_when_enabled,
        main_department=_main_department(body.main_department, assignments),
        profile=merged_profile(context, {}, body, userid),
        created_at=context.now,
    )
    with apps_may_change(context, [userid]) if activated else nullcontext():
        add_row(context, member)
        store_assignments(context, userid, assignments)
    if body.biz_mail:
        set_biz_mail(context, userid, body.biz_mail)
    directory_events.member_created(context, userid, by_assistant=by_assistant)
    return created


def refuse_full_corp(context: Context) -> None:
    """Raises 45024 if the corp has as many members as it may have."""
    cap = context.settings.member_cap
    members = sa.select(sa.func.count()).where(
        MEMBER.c.corp_id == context.corp_id, MEMBER.c.userid_key.is_not(None)
    )
    if context.db.execute(members).scalar_one() >= cap:
        raise Refusal(ErrCode.MEMBER_CAP_REACHED, detail=f"the corp already has {cap} members")


def _count_creation(context: Context) -> None:
    """Counts a creation. Raises 45009 over the month's limit."""
    most = CREATIONS_PER_SEAT * context.settings.member_cap
    month = datetime.fromtimestamp(context.now, SHANGHAI).strftime("%Y-%m")
    this_month = (MEMBERS_CREATED.c.corp_id == context.corp_id) & (MEMBERS_CREATED.c.month == month)
    count = context.db.execute(sa.select(MEMBERS_CREATED.c.count).where(this_month)).scalar() or 0
    if count >= most:
        raise Refusal(ErrCode.FREQUENCY_LIMIT, detail=f"{count} members were already created in {month}")
    counted = {"corp_id": context.corp_id, "month": month, "count": count + 1}
    context.db.execute(upsert(context.db.dialect, MEMBERS_CREATED, ("corp_id", "month")), counted)


def _refuse_unreachable(mobile: str | None, email: str | None) -> None:
    if not mobile and not email:
        raise Refusal(ErrCode.MOBILE_AND_EMAIL_EMPTY, detail="give mobile, email or both")


def _assignments_of_new_member(
    context: Context, body: CreateMemberRequest, *, may_create: bool
) -> tuple[list[Assignment], list[CreatedDepartment]]:
    """The member's assignments, and the unknown departments among them, which it creates.

    Raises 40066 for an unknown one if it `may_create` none.
    """
    if not body.department:
        return [Assignment(tree.unassigned_department(context), 0, False)], []
    given = parse_assignments(body.department, body.order, body.is_leader_in_dept)
    wanted = [assignment.department_id for assignment in given]
    assignments: dict[int, Assignment] = {}
    created: list[CreatedDepartment] = []
    for assignment in given:
        department_id = assignment.department_id or tree.unassigned_department(context, reserved_ids=wanted)
        if not tree.exists(context, department_id):
            if not may_create:
                raise _no_department(department_id)
            name, parentid = str(department_id), tree.unassigned_department(context, reserved_ids=wanted)
            tree.add_department(context, parentid=parentid, name=name, department_id=department_id)
            created.append({"name": name, "id": department_id})
        assignments.setdefault(
            department_id, Assignment(department_id, assignment.order, assignment.is_leader)
        )
    return list(assignments.values()), created


def _no_department(department_id: int) -> Refusal:
    return Refusal(ErrCode.INVALID_PARTY_LIST, detail=f"there is no department {department_id}")


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


# --- changes ---------------------------------------------------------------------------------------------


def change_member(context: Context, body: UpdateMemberRequest, *, by_assistant: bool) -> None:
    """Changes the given fields of a member and raises update_user, subscribe and unsubscribe."""
    userid = the_member(context, body.userid, ErrCode.USERID_NOT_FOUND).userid
    own_row = (MEMBER.c.corp_id == context.corp_id) & (MEMBER.c.userid == userid)
    member = context.db.execute(sa.select(MEMBER).where(own_row)).one()
    if body.new_userid and body.new_userid != member.userid:
        raise Refusal(ErrCode.USERID_IS_FIXED, detail=f"{member.userid} was not chosen by the platform")
    before = directory_events.member_snapshot(context, member.userid)
    assignments = _assignments_after(context, member.userid, body)
    changes: dict[str, Any] = {
        "main_department": _main_department(body.main_department, assignments, member.main_department),
        "profile": merged_profile(context, member.profile, body, member.userid),
        **_contact_points_after(context, member, body),
        **_status_after(member, body.enable),
    }
    if body.name:
        changes["name"] = body.name
    with apps_may_change(context, [member.userid]):
        context.db.execute(sa.update(MEMBER).where(own_row).values(**changes))
        if body.department:
            store_assignments(context, member.userid, assignments)
    if body.biz_mail:
        set_biz_mail(context, member.userid, body.biz_mail)
    if body.biz_mail_alias is not None:
        set_biz_mail_aliases(context, member.userid, body.biz_mail_alias.item or [])
    directory_events.member_changed(context, before, by_assistant=by_assistant)


def _assignments_after(context: Context, userid: str, body: UpdateMemberRequest) -> list[Assignment]:
    """The member's assignments after the update. Raises 40066 for an unknown department."""
    if not body.department:
        return assignments_of(context, userid)
    assignments = parse_assignments(body.department, body.order, body.is_leader_in_dept)
    for department_id in (assignment.department_id for assignment in assignments):
        if not tree.exists(context, department_id):
            raise _no_department(department_id)
    return assignments


def _contact_points_after(context: Context, member: Any, body: UpdateMemberRequest) -> dict[str, str | None]:
    """mobile and email after the update. Raises 60129 if both would be empty."""
    activated = ACTIVE in (member.status, member.status_when_enabled if member.status == DISABLED else None)
    mobile, email = member.mobile, member.email
    if body.mobile is not None and not activated:
        mobile = parse_mobile(context, body.mobile, member.userid)
    if body.email is not None:
        email = parse_email(context, body.email, member.userid)
    if (mobile, email) != (member.mobile, member.email):
        _refuse_unreachable(mobile, email)
    return {"mobile": mobile, "email": email}


def _status_after(member: Any, enable: int | None) -> dict[str, int]:
    """The change of status: enabling a disabled member restores the status from before."""
    if enable == 0 and member.status != DISABLED:
        return status_columns(member.status, DISABLED)
    if enable == 1 and member.status == DISABLED:
        return status_columns(member.status, member.status_when_enabled)
    return {}


def status_columns(before: int, after: int) -> dict[str, int]:
    """The columns of a member whose status changes: a disabled one remembers the status from before."""
    if before == after == DISABLED:
        return {}
    if after == DISABLED:
        return {"status": DISABLED, "status_when_enabled": before}
    return {"status": after, "status_when_enabled": after}
