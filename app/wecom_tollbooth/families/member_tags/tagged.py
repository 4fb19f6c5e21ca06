"""获取标签成员, 增加标签成员, 删除标签成员 (pages 90213 to 90215, 2026-02)."""

from typing import NamedTuple, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events.directory import UpdateTag
from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.families.directory import tree
from wecom_tollbooth.families.directory.tables import MEMBER, TAGGED_MEMBER, MemberTag
from wecom_tollbooth.families.directory.visibility import visible_departments, visible_userids
from wecom_tollbooth.families.member_tags.changes import Nodes, change_nodes, nodes_of
from wecom_tollbooth.families.member_tags.family import family
from wecom_tollbooth.families.member_tags.lookup import (
    departments_seen,
    members_seen,
    the_own_tag,
    the_tag,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required_number
from wecom_tollbooth.world.context import Context

MOST_MEMBERS, MOST_DEPARTMENTS = 1000, 100


# --- 获取标签成员 ----------------------------------------------------------------------------------------


class GetTagRequest(RequestModel):
    tagid: int = required_number(ErrCode.INVALID_TAGID)


class TagMember(TypedDict):
    userid: str
    name: NotRequired[str]


class TagReply(TypedDict):
    tagname: str
    userlist: list[TagMember]
    partylist: list[int]


@family.get(
    "/cgi-bin/tag/get",
    doc="90213",
    meter="directory.read",
    permission=Permission.DIRECTORY_IDS,
    errors=(ErrCode.INVALID_TAGID,),
    sample={"tagid": 12},
)
def get_tag(call: Call, query: GetTagRequest) -> TagReply:
    """获取标签成员 / List the members of a tag

    Members and departments in any of the corp's tags, as far as the app sees them. The 通讯录同步 secret gets
    no names of members.
    """
    return tag_as_seen(call, the_tag(call, query.tagid))


def tag_as_seen(context: Context, tag: MemberTag) -> TagReply:
    """The tag with the members and departments in it that the app sees."""
    members = context.db.execute(
        sa.select(MEMBER.c.userid, MEMBER.c.name)
        .join(
            TAGGED_MEMBER,
            (TAGGED_MEMBER.c.corp_id == MEMBER.c.corp_id) & (TAGGED_MEMBER.c.userid == MEMBER.c.userid),
        )
        .where(TAGGED_MEMBER.c.corp_id == context.corp_id, TAGGED_MEMBER.c.tagid == tag.tagid)
        .order_by(MEMBER.c.userid)
    )
    visible, seen = visible_userids(context), visible_departments(context)
    with_names = context.app_kind != AppKind.CONTACTS_SYNC
    userlist: list[TagMember] = [
        {"userid": row.userid, "name": row.name} if with_names else {"userid": row.userid}
        for row in members
        if visible is None or row.userid in visible
    ]
    departments = nodes_of(context, tag.tagid).departments
    return {
        "tagname": tag.name,
        "userlist": userlist,
        "partylist": [one for one in departments if seen is None or one in seen],
    }


# --- 增加标签成员, 删除标签成员 -----------------------------------------------------------------------------


class TagMembersRequest(RequestModel):
    tagid: int = required_number(ErrCode.INVALID_TAGID)
    userlist: list[str] | None = optional(
        max_items=MOST_MEMBERS, too_long=ErrCode.TOO_MANY_TAGGED, doc="this or partylist, up to 1000"
    )
    partylist: list[int] | None = optional(
        max_items=MOST_DEPARTMENTS, too_long=ErrCode.TOO_MANY_TAGGED, doc="up to 100"
    )


class TagMembersReply(TypedDict):
    errmsg: NotRequired[str]
    invalidlist: NotRequired[str]
    invalidparty: NotRequired[list[int]]


@family.post(
    "/cgi-bin/tag/addtagusers",
    doc="90214",
    meter="directory.write",
    events=(UpdateTag,),
    permission=Permission.DIRECTORY_IDS,
    errors=(
        ErrCode.INVALID_TAGID,
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.ALL_LIST_INVALID,
        ErrCode.TOO_MANY_TAGGED,
        ErrCode.TAG_IS_FULL,
        ErrCode.NO_PRIVILEGE_ON_TAG,
    ),
    sample={"tagid": 12, "userlist": ["zhangsan", "lisi"], "partylist": [2]},
)
def add_tag_members(call: Call, body: TagMembersRequest) -> TagMembersReply:
    """增加标签成员 / Add members to a tag

    Adds members and departments that the app sees to a tag that it created. Others are named in the reply.
    A tag holds up to 30,000.
    """
    given = _given(call, body, ErrCode.ALL_LIST_INVALID)
    change_nodes(call, body.tagid, add=given.valid, by_assistant=_is_assistant(call))
    return given.invalid


@family.post(
    "/cgi-bin/tag/deltagusers",
    doc="90215",
    meter="directory.write",
    events=(UpdateTag,),
    permission=Permission.DIRECTORY_IDS,
    errors=(
        ErrCode.INVALID_TAGID,
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_USERID_LIST,
        ErrCode.TOO_MANY_TAGGED,
        ErrCode.NO_PRIVILEGE_ON_TAG,
    ),
    sample={"tagid": 12, "userlist": ["zhangsan", "lisi"], "partylist": [2]},
)
def delete_tag_members(call: Call, body: TagMembersRequest) -> TagMembersReply:
    """删除标签成员 / Remove members from a tag

    Removes members and departments that the app sees from a tag that it created. Others are named in the
    reply; who isn't in the tag is passed over.
    """
    given = _given(call, body, ErrCode.INVALID_USERID_LIST)
    change_nodes(call, body.tagid, remove=given.valid, by_assistant=_is_assistant(call))
    return {"errmsg": "deleted", **given.invalid}


def _is_assistant(call: Call) -> bool:
    return call.app_kind == AppKind.CONTACTS_SYNC


class _Given(NamedTuple):
    valid: Nodes
    invalid: TagMembersReply


def _given(call: Call, body: TagMembersRequest, none_valid: Code) -> _Given:
    """Whom the app sees of those who are named.

    Raises 40063 if nobody is named, 40068 and 81011 for the tag, `none_valid` if nobody is left.
    """
    if not body.userlist and not body.partylist:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="userlist and partylist are both empty")
    tree.lock_directory(call)
    the_own_tag(call, body.tagid)
    userids, unknown = members_seen(call, list(dict.fromkeys(body.userlist or [])))
    departments, unknown_departments = departments_seen(call, list(dict.fromkeys(body.partylist or [])))
    if not userids and not departments:
        raise Refusal(
            none_valid,
            None if none_valid is ErrCode.ALL_LIST_INVALID else ErrCode.ALL_LIST_INVALID.text.strip(),
            detail="nobody who was named exists and is visible",
        )
    invalid: TagMembersReply = {}
    if unknown:
        invalid["invalidlist"] = "|".join(unknown)
    if unknown_departments:
        invalid["invalidparty"] = unknown_departments
    return _Given(Nodes(userids, departments), invalid)
