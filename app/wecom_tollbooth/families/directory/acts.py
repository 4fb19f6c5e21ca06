"""Acts that change members and what apps see of them."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.corps.apps import the_app
from wecom_tollbooth.families.directory import directory_events, tree
from wecom_tollbooth.families.directory.lookup import member_row, the_member
from wecom_tollbooth.families.directory.members.storing import status_columns
from wecom_tollbooth.families.directory.offboarding import remove_members
from wecom_tollbooth.families.directory.subscriptions import apps_may_change
from wecom_tollbooth.families.directory.tables import MemberTag
from wecom_tollbooth.families.directory.tree import ROOT
from wecom_tollbooth.families.directory.visibility import departments_below
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act


class OneMember(ActModel):
    userid: str


@act("member_leaves_corp")
def member_leaves_corp(act: Act, body: OneMember) -> dict[str, Any]:
    """成员离职 / A member leaves the corp; their customers no longer count until they are handed over."""
    tree.lock_directory(act)
    member = the_member(act, body.userid)
    remove_members(act, [member.userid], by_assistant=False)
    return {"userid": member.userid}


class FollowRight(ActModel):
    userid: str
    may_follow: bool


@act("admin_sets_follow_right")
def admin_sets_follow_right(act: Act, body: FollowRight) -> dict[str, Any]:
    """管理员调整客户联系使用范围 / An admin adds a member to 客户联系's range of use, or removes them."""
    member = member_row(act, body.userid)
    member.may_follow = body.may_follow
    act.db.session.add(member)
    return {"userid": member.userid}


class MemberStatus(ActModel):
    userid: str
    status: Literal[1, 2, 4]


@act("admin_sets_member_status")
def admin_sets_member_status(act: Act, body: MemberStatus) -> dict[str, Any]:
    """管理员启用或停用成员 / A member becomes active (1), disabled (2) or not activated (4)."""
    tree.lock_directory(act)
    member = member_row(act, body.userid)
    before = directory_events.member_snapshot(act, member.userid)
    with apps_may_change(act, [member.userid]):
        for column, value in status_columns(member.status, body.status).items():
            setattr(member, column, value)
        act.db.session.add(member)
        act.db.flush()
    directory_events.member_changed(act, before, by_assistant=False)
    return {"userid": member.userid}


class VisibleRange(ActModel):
    agentid: int
    userid: list[str] = Field(default=[], max_length=1000)
    partyid: list[int] = Field(default=[], max_length=1000)
    tagid: list[int] = Field(default=[], max_length=1000)
    everyone: bool = False


@act("admin_sets_visible_range")
def admin_sets_visible_range(act: Act, body: VisibleRange) -> dict[str, Any]:
    """管理员设置应用可见范围 / An admin sets whom an app sees: subscribe, unsubscribe."""
    app = the_app(act, body.agentid)
    visible = None if body.everyone else checked_range(act, body.userid, body.partyid, body.tagid)
    with apps_may_change(act):
        app.visible = visible
        act.db.session.add(app)
        act.db.flush()
    return {"agentid": app.agentid}


def checked_range(
    act: Act, userids: list[str], departments: list[int], tagids: Sequence[int] = ()
) -> dict[str, list[Any]]:
    """The members, departments and member tags, each once. Raises ActRefused for an unknown one."""
    known = departments_below(act.db, act.corp_id, [ROOT])
    for department in departments:
        if department not in known:
            raise ActRefused(f"there is no department {department} in this corp")
    for tagid in tagids:
        if act.db.session.get(MemberTag, (act.corp_id, tagid)) is None:
            raise ActRefused(f"there is no member tag {tagid} in this corp")
    members = [the_member(act, userid).userid for userid in userids]
    found: dict[str, list[Any]] = {
        "userid": list(dict.fromkeys(members)),
        "partyid": list(dict.fromkeys(departments)),
    }
    return {**found, "tagid": list(dict.fromkeys(tagids))} if tagids else found


class RealName(ActModel):
    userid: str
    real_named: bool


@act("member_sets_real_name")
def member_sets_real_name(act: Act, body: RealName) -> dict[str, Any]:
    """成员实名认证 / A member passes 实名认证 or loses it; contact ways refuse members without it (40098)."""
    member = member_row(act, body.userid)
    member.real_named = body.real_named
    act.db.session.add(member)
    return {"userid": member.userid}


class ContactableMembers(ActModel):
    agentid: int
    userid: list[str] = Field(default=[], max_length=1000)
    partyid: list[int] = Field(default=[], max_length=1000)
    tagid: list[int] = Field(default=[], max_length=1000)


@act("admin_sets_contactable_members")
def admin_sets_contactable_members(act: Act, body: ContactableMembers) -> dict[str, Any]:
    """管理员设置客户可建联的成员 / An admin sets the members to whom a 营销获客 app may bring customers."""
    app = the_app(act, body.agentid)
    if app.kind != AppKind.MARKETING:
        raise ActRefused(f"app {body.agentid} is not a 营销获客 app")
    app.contactable = checked_range(act, body.userid, body.partyid, body.tagid)
    act.db.session.add(app)
    return {"agentid": app.agentid}
