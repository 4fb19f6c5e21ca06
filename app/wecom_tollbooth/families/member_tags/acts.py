"""Acts of admins on member tags; they raise update_tag, also for the 通讯录同步 assistant."""

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.families.directory import tree
from wecom_tollbooth.families.directory.lookup import the_members
from wecom_tollbooth.families.directory.tables import DEPARTMENT
from wecom_tollbooth.families.member_tags.changes import Nodes, change_nodes
from wecom_tollbooth.families.member_tags.lookup import AN_ADMIN, the_tag
from wecom_tollbooth.families.member_tags.tags import NAME_CHARS, add_tag, remove_tag, rename_tag
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act


class NewMemberTag(ActModel):
    name: str = Field(min_length=1, max_length=NAME_CHARS)
    userid: list[str] = Field(default=[], max_length=1000)
    partyid: list[int] = Field(default=[], max_length=1000)


@act("admin_creates_member_tag")
def admin_creates_member_tag(act: Act, body: NewMemberTag) -> dict[str, Any]:
    """管理员新建成员标签 / An admin creates a tag of members and departments: update_tag."""
    tree.lock_directory(act)
    nodes = _nodes(act, body.userid, body.partyid)
    tagid = add_tag(act, body.name, None, AN_ADMIN)
    change_nodes(act, tagid, add=nodes, by_assistant=False)
    return {"tagid": tagid}


class TagChange(ActModel):
    tagid: int
    add_userid: list[str] = Field(default=[], max_length=1000)
    add_partyid: list[int] = Field(default=[], max_length=1000)
    remove_userid: list[str] = Field(default=[], max_length=1000)
    remove_partyid: list[int] = Field(default=[], max_length=1000)


@act("admin_changes_member_tag")
def admin_changes_member_tag(act: Act, body: TagChange) -> dict[str, Any]:
    """管理员调整成员标签 / An admin adds members and departments to a tag, or removes them: update_tag."""
    tree.lock_directory(act)
    tag = the_tag(act, body.tagid)
    change_nodes(
        act,
        tag.tagid,
        add=_nodes(act, body.add_userid, body.add_partyid),
        remove=_nodes(act, body.remove_userid, body.remove_partyid),
        by_assistant=False,
    )
    return {"tagid": tag.tagid}


class TagName(ActModel):
    tagid: int
    name: str = Field(min_length=1, max_length=NAME_CHARS)


@act("admin_renames_member_tag")
def admin_renames_member_tag(act: Act, body: TagName) -> dict[str, Any]:
    """管理员重命名成员标签 / An admin renames a tag; raises nothing."""
    tree.lock_directory(act)
    tag = the_tag(act, body.tagid)
    rename_tag(act, tag, body.name)
    return {"tagid": tag.tagid}


class OneTag(ActModel):
    tagid: int


@act("admin_deletes_member_tag")
def admin_deletes_member_tag(act: Act, body: OneTag) -> dict[str, Any]:
    """管理员删除成员标签 / An admin deletes a tag; raises nothing."""
    tree.lock_directory(act)
    tag = the_tag(act, body.tagid)
    remove_tag(act, tag.tagid)
    return {"tagid": tag.tagid}


def _nodes(act: Act, userids: list[str], departments: list[int]) -> Nodes:
    """Raises ActRefused for an unknown member or department."""
    known = set(
        act.db.execute(sa.select(DEPARTMENT.c.id).where(DEPARTMENT.c.corp_id == act.corp_id)).scalars()
    )
    for department in departments:
        if department not in known:
            raise ActRefused(f"there is no department {department} in this corp")
    return Nodes([member.userid for member in the_members(act, userids)], departments)
