"""客户管理: who may have customers."""

from typing import NotRequired

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.customers.family import family
from wecom_tollbooth.families.directory.lookup import MAY_HAVE_CUSTOMERS, find_member
from wecom_tollbooth.families.directory.tables import (
    DEPARTMENT,
    MEMBER,
    MEMBER_DEPARTMENT,
)
from wecom_tollbooth.families.directory.visibility import sees
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional

# --- 获取配置了客户联系功能的成员列表 ---------------------------------------------------------------------

_FOLLOWERS = CompiledStatement(
    sa.select(MEMBER.c.userid)
    .where(MEMBER.c.corp_id == bindparam("corp_id"), MAY_HAVE_CUSTOMERS)
    .order_by(MEMBER.c.userid)
)


class FollowUserListReply(TypedDict):
    follow_user: list[str]


@family.get(
    "/cgi-bin/externalcontact/get_follow_user_list",
    doc="92571",
    meter="customer.list",
    permission=Permission.CUSTOMER,
)
def get_follow_user_list(call: Call, query: RequestModel) -> FollowUserListReply:
    """获取配置了客户联系功能的成员列表 / List members who may have customers

    Returns the members in 客户联系's range of use whom the app sees, without paging.
    """
    rows = _FOLLOWERS.all(call.db, corp_id=call.corp_id)
    return {"follow_user": [userid for (userid,) in rows if sees(call, userid)]}


class CustomerContactsReply(TypedDict):
    customer_contacts: list[str]


@family.get(
    "/cgi-bin/crm/get_customer_contacts", doc="92109", meter="customer.list", permission=Permission.CUSTOMER
)
def get_customer_contacts(call: Call, query: RequestModel) -> CustomerContactsReply:
    """获取配置了客户联系功能的成员列表（旧地址） / List members who may have customers (old address)

    The address used before 2019-05-23; it returns the field name of that time.
    """
    return {"customer_contacts": get_follow_user_list(call, query)["follow_user"]}


# --- 检查用户是否配置了客户联系功能使用权限 -----------------------------------------------------------------


class CheckFollowUserRequest(RequestModel):
    userid: list[str] | None = optional(doc="members to check")
    partyid: list[int] | None = optional(doc="departments to check")


class CheckedIds(TypedDict):
    userid: NotRequired[list[str]]
    partyid: NotRequired[list[int]]


class CheckFollowUserReply(TypedDict):
    authorized: CheckedIds
    unauthorized: CheckedIds


@family.post(
    "/cgi-bin/externalcontact/check_follow_user",
    doc="96312",
    checked=None,
    meter="customer.read",
    permission=Permission.CUSTOMER,
    errors=(ErrCode.PARAMETERS_EMPTY,),
    sample={"userid": ["zhangsan", "lissi"], "partyid": [1]},
)
def check_follow_user(call: Call, body: CheckFollowUserRequest) -> CheckFollowUserReply:
    """检查用户是否配置了客户联系功能使用权限 / Check who may have customers

    Splits members and departments into those with and without the right, without empty lists. A
    department has it if a member of it or of a department below has it.
    """
    if not body.userid and not body.partyid:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="give userid, partyid or both")
    followers = set(get_follow_user_list(call, RequestModel())["follow_user"])
    departments = _departments_of(call, followers) if body.partyid else set()
    checked: tuple[CheckedIds, CheckedIds] = ({}, {})
    for userid in body.userid or []:
        found = find_member(call, userid)
        checked[0 if found and found.userid in followers else 1].setdefault("userid", []).append(userid)
    for partyid in body.partyid or []:
        checked[0 if partyid in departments else 1].setdefault("partyid", []).append(partyid)
    return {"authorized": checked[0], "unauthorized": checked[1]}


def _departments_of(call: Call, userids: set[str]) -> set[int]:
    """Returns the departments of these members and their parent departments."""
    above = sa.select(DEPARTMENT.c.id, DEPARTMENT.c.parentid).where(DEPARTMENT.c.corp_id == call.corp_id)
    parents = {row.id: row.parentid for row in call.db.execute(above)}
    places = sa.select(MEMBER_DEPARTMENT.c.userid, MEMBER_DEPARTMENT.c.department_id).where(
        MEMBER_DEPARTMENT.c.corp_id == call.corp_id
    )
    found: set[int] = set()
    for place in call.db.execute(places):
        department = place.department_id if place.userid in userids else 0
        while department in parents and department not in found:
            found.add(department)
            department = parents[department]
    return found
