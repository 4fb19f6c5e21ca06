"""Acts of admins who add, change, move and delete members in the console, one or many at once.

They follow the rules of user/create and user/update and are refused with the same codes; the events go to the
通讯录同步 assistant, too.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.families.directory import tree
from wecom_tollbooth.families.directory.lookup import the_member, the_members
from wecom_tollbooth.families.directory.members.profiles import CreateMemberRequest, UpdateMemberRequest
from wecom_tollbooth.families.directory.members.storing import add_member, change_member
from wecom_tollbooth.families.directory.offboarding import remove_members
from wecom_tollbooth.families.directory.tree import ROOT
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import as_request
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act

MOST_AT_ONCE = 200


class MemberDetails(ActModel):
    """The fields that user/create and user/update have, too."""

    alias: str | None = None
    mobile: str | None = None
    email: str | None = None
    biz_mail: str | None = None
    order: list[int] | None = None
    is_leader_in_dept: list[int] | None = None
    main_department: int | None = None
    direct_leader: list[str] | None = None
    position: str | None = None
    gender: Literal["0", "1", "2"] | None = None
    telephone: str | None = None
    address: str | None = None
    avatar_mediaid: str | None = None
    extattr: dict[str, Any] | None = None
    external_position: str | None = None
    external_profile: dict[str, Any] | None = None


class NewMember(MemberDetails):
    userid: str
    name: str
    department: list[int] = Field(default=[ROOT], min_length=1)
    activated: bool = False


@act("admin_creates_member")
def admin_creates_member(act: Act, body: NewMember) -> dict[str, Any]:
    """管理员新建成员 / An admin creates a member, who is not activated unless `activated`: create_user."""
    tree.lock_directory(act)
    _create(act, body)
    return {"userid": body.userid}


class NewMembers(ActModel):
    members: list[NewMember] = Field(min_length=1, max_length=MOST_AT_ONCE)


@act("admin_imports_members")
def admin_imports_members(act: Act, body: NewMembers) -> dict[str, Any]:
    """管理员批量导入成员 / An admin creates up to 200 members, or none: create_user each."""
    tree.lock_directory(act)
    for index, member in enumerate(body.members):
        with _naming(f"members.{index}"):
            _create(act, member)
    return {"userid": [member.userid for member in body.members]}


def _create(act: Act, body: NewMember) -> None:
    if 0 in body.department:
        raise Refusal(ErrCode.INVALID_PARTY_LIST, detail="there is no department 0")
    given = body.model_dump(exclude_none=True, exclude={"activated"})
    add_member(act, as_request(CreateMemberRequest, given), by_assistant=False, activated=body.activated)


class MemberChange(MemberDetails):
    userid: str
    name: str | None = None
    department: list[int] | None = None
    biz_mail_alias: list[str] | None = None


@act("admin_changes_member")
def admin_changes_member(act: Act, body: MemberChange) -> dict[str, Any]:
    """管理员修改成员 / An admin changes fields of a member, as user/update does: update_user."""
    tree.lock_directory(act)
    given = body.model_dump(exclude_none=True)
    if body.biz_mail_alias is not None:
        given["biz_mail_alias"] = {"item": body.biz_mail_alias}
    change_member(act, as_request(UpdateMemberRequest, given), by_assistant=False)
    return {"userid": the_member(act, body.userid).userid}


class MembersMove(ActModel):
    userid: list[str] = Field(min_length=1, max_length=MOST_AT_ONCE)
    department: list[int] = Field(min_length=1)


@act("admin_moves_members")
def admin_moves_members(act: Act, body: MembersMove) -> dict[str, Any]:
    """管理员批量调整部门 / An admin moves members into other departments, or none: update_user each."""
    tree.lock_directory(act)
    userids = _each_once(act, body.userid)
    for userid in userids:
        with _naming(userid):
            change = UpdateMemberRequest(userid=userid, department=body.department)
            change_member(act, change, by_assistant=False)
    return {"userid": userids}


class Members(ActModel):
    userid: list[str] = Field(min_length=1, max_length=MOST_AT_ONCE)


@act("admin_deletes_members")
def admin_deletes_members(act: Act, body: Members) -> dict[str, Any]:
    """管理员删除成员 / An admin deletes members, or none if one is unknown: delete_user each."""
    tree.lock_directory(act)
    userids = _each_once(act, body.userid)
    remove_members(act, userids, by_assistant=False)
    return {"userid": userids}


class NewCreator(ActModel):
    userid: str


@act("admin_hands_over_corp")
def admin_hands_over_corp(act: Act, body: NewCreator) -> dict[str, Any]:
    """创建者转让企业 / The corp gets another creator, whom nobody can delete (301005); raises nothing."""
    member = the_member(act, body.userid)
    act.db.execute(sa.update(CORP).where(CORP.c.corp_id == act.corp_id).values(creator=member.userid))
    return {"userid": member.userid}


def _each_once(act: Act, given: Sequence[str]) -> list[str]:
    """The userids as the directory spells them. Raises ActRefused for an unknown one."""
    return list(dict.fromkeys(member.userid for member in the_members(act, given)))


@contextmanager
def _naming(place: str) -> Iterator[None]:
    """Puts the place into what a refusal says."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(refusal.errcode, refusal.errmsg, detail=f"{place}: {refusal.detail}") from None
    except ActRefused as refusal:
        raise ActRefused(f"{place}: {refusal}") from None
