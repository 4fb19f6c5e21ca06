"""Members as user/get, user/list and user/simplelist show them, and as exports do."""

from typing import Any, NamedTuple, NotRequired

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement, json_list
from wecom_tollbooth.families.directory.members.attributes import ExtattrShape, ExternalProfileShape
from wecom_tollbooth.families.directory.members.private_fields import (
    biz_mails,
    may_read_private_fields,
    private_fields,
)
from wecom_tollbooth.families.directory.tables import LEFT, MEMBER, MEMBER_DEPARTMENT
from wecom_tollbooth.families.directory.visibility import sees, visible_departments
from wecom_tollbooth.world.context import Context

IS_MEMBER = MEMBER.c.status != LEFT
MEMBER_COLUMNS = (
    MEMBER.c.userid,
    MEMBER.c.name,
    MEMBER.c.status,
    MEMBER.c.main_department,
    MEMBER.c.profile,
    MEMBER.c.mobile,
    MEMBER.c.email,
)
ASSIGNMENT_COLUMNS = (
    MEMBER_DEPARTMENT.c.userid,
    MEMBER_DEPARTMENT.c.department_id,
    MEMBER_DEPARTMENT.c.sort_order,
    MEMBER_DEPARTMENT.c.is_leader,
)


class MemberDetails(TypedDict):
    """A member as an app sees them; few apps get the fields after external_profile: see private_fields.py."""

    userid: str
    name: str
    department: list[int]
    order: list[int]
    position: str
    is_leader_in_dept: list[int]
    direct_leader: list[str]
    telephone: str
    alias: str
    main_department: NotRequired[int]
    extattr: ExtattrShape
    status: int
    external_position: NotRequired[str]
    external_profile: NotRequired[ExternalProfileShape]
    gender: NotRequired[str]
    mobile: NotRequired[str]
    email: NotRequired[str]
    biz_mail: NotRequired[str]
    avatar: NotRequired[str]
    thumb_avatar: NotRequired[str]
    qr_code: NotRequired[str]
    address: NotRequired[str]


class SimpleMember(TypedDict):
    userid: str
    name: str
    department: list[int]


def member_details(
    context: Context, base_url: str, members: list[tuple[Any, ...]], assignments: list[Any]
) -> list[MemberDetails]:
    """The members in the order of their rows, each with the departments that the app sees."""
    profiles = [orjson.loads(row[4]) for row in members]
    leaders = _visible_leaders(context, profiles)
    visible = visible_departments(context)
    of_member = _by_member(assignments, visible)
    with_private_fields = may_read_private_fields(context)
    mails = biz_mails(context, [row[0] for row in members]) if with_private_fields else {}
    shapes: list[MemberDetails] = []
    for (userid, name, status, main_department, _, mobile, email), profile in zip(
        members, profiles, strict=True
    ):
        own = of_member.get(userid, [])
        shape: MemberDetails = {
            "userid": userid,
            "name": name,
            "department": [assignment[1] for assignment in own],
            "order": [assignment[2] for assignment in own],
            "position": profile.get("position", ""),
            "is_leader_in_dept": [int(assignment[3]) for assignment in own],
            "direct_leader": [leader for leader in profile.get("direct_leader", []) if leader in leaders],
            "telephone": profile.get("telephone", ""),
            "alias": profile.get("alias", ""),
            "main_department": main_department,
            "extattr": {"attrs": profile.get("extattr", [])},
            "status": status,
        }
        if visible is not None and main_department not in visible:
            del shape["main_department"]
        if profile.get("external_position"):
            shape["external_position"] = profile["external_position"]
        if profile.get("external_profile"):
            shape["external_profile"] = profile["external_profile"]
        if with_private_fields:
            own_mail = mails.get(userid, "")
            shape = {**shape, **private_fields(context, base_url, userid, mobile, email, own_mail, profile)}
        shapes.append(shape)
    return shapes


def _by_member(assignments: list[Any], visible: frozenset[int] | None) -> dict[str, list[Any]]:
    """The assignments to departments that the app sees, by userid, in the order of the request."""
    of_member: dict[str, list[Any]] = {}
    for assignment in assignments:
        if visible is None or assignment[1] in visible:
            of_member.setdefault(assignment[0], []).append(assignment)
    return of_member


def _visible_leaders(context: Context, profiles: list[dict[str, Any]]) -> set[str]:
    """The direct leaders in the profiles who are still members and whom the app sees."""
    named = {leader for profile in profiles for leader in profile.get("direct_leader", ())}
    if not named:
        return set()
    query = sa.select(MEMBER.c.userid).where(
        MEMBER.c.corp_id == context.corp_id, MEMBER.c.userid.in_(named), IS_MEMBER
    )
    return {row.userid for row in context.db.execute(query) if sees(context, row.userid)}


def member_names(
    context: Context, members: list[tuple[Any, ...]], assignments: list[Any]
) -> list[SimpleMember]:
    of_member = _by_member(assignments, visible_departments(context))
    return [
        {
            "userid": row[0],
            "name": row[1],
            "department": [assignment[1] for assignment in of_member.get(row[0], [])],
        }
        for row in members
    ]


# --- for exports -----------------------------------------------------------------------------------------

_AFTER = CompiledStatement(
    sa.select(*MEMBER_COLUMNS)
    .where(MEMBER.c.corp_id == bindparam("corp_id"), MEMBER.c.userid > bindparam("after"), IS_MEMBER)
    .order_by(MEMBER.c.userid)
    .limit(bindparam("most"))
)
_ASSIGNMENTS_OF = CompiledStatement(
    lambda dialect: (
        sa.select(*ASSIGNMENT_COLUMNS)
        .where(
            MEMBER_DEPARTMENT.c.corp_id == bindparam("corp_id"),
            MEMBER_DEPARTMENT.c.userid.in_(json_list(dialect, "userids")),
        )
        .order_by(MEMBER_DEPARTMENT.c.userid, MEMBER_DEPARTMENT.c.position)
    )
)


class SomeMembers(NamedTuple):
    """Members whom the app sees, and the last userid that was looked at; `is_end`: there are no more."""

    members: list[Any]
    last: str
    is_end: bool


def members_after(
    context: Context, base_url: str, after: str, most: int, *, with_details: bool
) -> SomeMembers:
    """Up to `most` members after this userid, as user/list or user/simplelist has them."""
    looked_at = _AFTER.all(context.db, corp_id=context.corp_id, after=after, most=most)
    rows = [row for row in looked_at if sees(context, row[0])]
    userids = orjson.dumps([row[0] for row in rows]).decode()
    assignments = _ASSIGNMENTS_OF.all(context.db, corp_id=context.corp_id, userids=userids)
    members: list[Any] = (
        list(member_details(context, base_url, rows, assignments))
        if with_details
        else list(member_names(context, rows, assignments))
    )
    last = looked_at[-1][0] if looked_at else after
    return SomeMembers(members, last, len(looked_at) < most)
