"""智能表格自动化创建的群聊: group chats of members that the automation of a smart sheet created."""

from typing import Any, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.app_chats.membership import present, refuse_wrong_size
from wecom_tollbooth.families.directory.lookup import find_members
from wecom_tollbooth.families.directory.visibility import members_in_range, visible_departments
from wecom_tollbooth.families.documents.family import family
from wecom_tollbooth.families.smart_sheets.engine.webhook_quota import count_group_change
from wecom_tollbooth.families.smart_sheets.lookup import the_smart_sheet
from wecom_tollbooth.families.smart_sheets.sheets import SMART_SHEET_ERRORS
from wecom_tollbooth.families.smart_sheets.tables import SHEET_GROUP
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required

ROOT = 1
"""The root department."""
PAGE, LONGEST_PAGE = 100, 200
USERIDS_AT_MOST = 500

GROUP_ERRORS = (ErrCode.PARAMETERS_EMPTY, *SMART_SHEET_ERRORS, ErrCode.NO_PRIVILEGE, ErrCode.CHAT_NOT_FOUND)
"""Answered by the operations on one group."""


def _the_smart_sheet(call: Call, docid: str) -> Any:
    """As the_smart_sheet; raises 60011 for an app that doesn't see the whole corp."""
    visible = visible_departments(call)
    if visible is not None and ROOT not in visible:
        raise Refusal(
            ErrCode.NO_PRIVILEGE,
            detail=f"the visible range of app {call.agentid} lacks department {ROOT}, the root",
        )
    return the_smart_sheet(call, docid)


# --- 获取群聊列表 ----------------------------------------------------------------------------------------


class ListRequest(RequestModel):
    docid: str = required(ErrCode.INVALID_DOCID)
    cursor: str | None = optional(doc="next_cursor of the previous page")
    limit: int | None = optional(doc=f"default {PAGE}, at most {LONGEST_PAGE}")


class ListReply(TypedDict):
    has_more: bool
    next_cursor: NotRequired[str]
    chat_id_list: list[str]


@family.post(
    "/cgi-bin/wedoc/smartsheet/groupchat/list",
    doc="100989",
    checked="2026-11",
    meter="document.read",
    permission=Permission.DOCUMENT_SELF_BUILT,
    concurrency=20,
    errors=(*SMART_SHEET_ERRORS, ErrCode.NO_PRIVILEGE, ErrCode.INVALID_CURSOR),
    sample={"docid": "DOCID", "cursor": "CURSOR", "limit": 2},
)
def list_group_chats(call: Call, body: ListRequest) -> ListReply:
    """获取由智能表格自动化创建的群聊列表 / List group chats made by smart sheets

    The groups in order of creation, with `next_cursor` while `has_more`. The app must see the whole corp.
    """
    document = _the_smart_sheet(call, body.docid)
    after = position_of(call, document.docid, body.cursor)[0] if body.cursor else 0
    limit = PAGE if not body.limit or body.limit < 0 else min(body.limit, LONGEST_PAGE)
    query = (
        sa.select(SHEET_GROUP.c.seq, SHEET_GROUP.c.chat_id)
        .where(
            SHEET_GROUP.c.corp_id == call.corp_id,
            SHEET_GROUP.c.docid == document.docid,
            SHEET_GROUP.c.seq > after,
        )
        .order_by(SHEET_GROUP.c.seq)
        .limit(limit + 1)
    )
    found = call.db.execute(query).all()
    more = len(found) > limit
    reply: ListReply = {"has_more": more, "chat_id_list": [row.chat_id for row in found[:limit]]}
    if more:
        reply["next_cursor"] = make_cursor(call, document.docid, [found[limit - 1].seq])
    return reply


# --- 获取群聊会话 ----------------------------------------------------------------------------------------


class GroupRequest(RequestModel):
    docid: str = required(ErrCode.INVALID_DOCID)
    chat_id: str = required(doc="of a group that this smart sheet created")


class GroupReply(TypedDict):
    name: str
    owner: str
    user_list: list[str]


@family.post(
    "/cgi-bin/wedoc/smartsheet/groupchat/get",
    doc="101028",
    checked="2026-11",
    meter="document.read",
    permission=Permission.DOCUMENT_SELF_BUILT,
    concurrency=20,
    errors=GROUP_ERRORS,
    sample={"docid": "DOCID", "chat_id": "CHATID"},
)
def get_group_chat(call: Call, body: GroupRequest) -> GroupReply:
    """获取由智能表格自动化创建的群聊 / Get a group chat made by a smart sheet

    The name, the owner, and the members who are still in the corp, in the order in which they joined. If the
    owner has left the corp, the first of the others is the owner.
    """
    document = _the_smart_sheet(call, body.docid)
    group = _the_group(call, document.docid, body.chat_id)
    members, owner = present(call, group.members, group.owner)
    return {"name": group.name, "owner": owner, "user_list": members}


def _the_group(call: Call, docid: str, chat_id: str, *, to_write: bool = False) -> Any:
    query = sa.select(SHEET_GROUP).where(
        SHEET_GROUP.c.corp_id == call.corp_id, SHEET_GROUP.c.chat_id == chat_id, SHEET_GROUP.c.docid == docid
    )
    row = call.db.execute(query.with_for_update() if to_write else query).first()
    if row is None:
        raise Refusal(ErrCode.CHAT_NOT_FOUND, detail=f"{docid} has not created a group {chat_id!r}")
    return row


# --- 修改群聊会话 ----------------------------------------------------------------------------------------


class UpdateRequest(GroupRequest):
    owner: str | None = optional(doc="a member of the group; required if the present owner is removed")
    add_user_list: list[str] | None = optional(
        max_items=USERIDS_AT_MOST, doc="members of the corp and of the document"
    )
    del_user_list: list[str] | None = optional(max_items=USERIDS_AT_MOST)


@family.post(
    "/cgi-bin/wedoc/smartsheet/groupchat/update",
    doc="101029",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT_SELF_BUILT,
    concurrency=10,
    errors=(
        *GROUP_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.FREQUENCY_LIMIT,
        ErrCode.INVALID_CHAT_OWNER,
        ErrCode.WRONG_CHAT_SIZE,
        ErrCode.INVALID_CHAT_MEMBER,
        ErrCode.MISSING_CHAT_OWNER,
        ErrCode.NOT_IN_DOCUMENT,
    ),
    sample={
        "docid": "DOCID",
        "chat_id": "CHATID",
        "owner": "userid",
        "add_user_list": ["userid1", "userid2", "userid3"],
        "del_user_list": ["userid3", "userid4"],
    },
)
def update_group_chat(call: Call, body: UpdateRequest) -> Done:
    """修改由智能表格自动化创建的群聊 / Change a group chat made by a smart sheet

    Adds members, then removes members, then makes `owner` the owner; all or nothing. New members must be
    members of the corp and of the document; those already in the group, and removed ones who are not, are
    ignored. A group has 2 to 2000 members. The setting limit_sheet_groups_hour limits the changes of a corp.
    """
    document = _the_smart_sheet(call, body.docid)
    group = _the_group(call, document.docid, body.chat_id, to_write=True)
    count_group_change(call)
    members, owner = present(call, group.members, group.owner)
    added, removed = _members(call, body.add_user_list or []), _members(call, body.del_user_list or [])
    _refuse_without_access(call, document, [userid for userid in added if userid not in members])
    after = [userid for userid in dict.fromkeys([*members, *added]) if userid not in removed]
    if owner in removed and not body.owner:
        raise Refusal(ErrCode.MISSING_CHAT_OWNER, detail=f"{owner} owns the group: give another owner")
    refuse_wrong_size(call, after)
    if body.owner:
        named = find_members(call, [body.owner])
        owner = named[body.owner][0] if named else ""
        if owner not in after:
            raise Refusal(ErrCode.INVALID_CHAT_OWNER, detail=f"{body.owner!r} is not in the group")
    call.db.execute(
        sa.update(SHEET_GROUP)
        .where(SHEET_GROUP.c.corp_id == call.corp_id, SHEET_GROUP.c.chat_id == group.chat_id)
        .values(members=after, owner=owner)
    )
    return {}


def _members(call: Call, userids: list[str]) -> list[str]:
    """The userids as the directory spells them, each once. Raises 86007 for an unknown one."""
    known = find_members(call, userids)
    for userid in userids:
        if userid not in known:
            raise Refusal(ErrCode.INVALID_CHAT_MEMBER, detail=f"{userid!r} is not a member of this corp")
    return list(dict.fromkeys(known[userid][0] for userid in userids))


def _refuse_without_access(call: Call, document: Any, userids: list[str]) -> None:
    """Raises 710800 for userids that are not members of the document, or of a department that is one."""
    if not userids:
        return
    entries = [*document.members, *document.co_auth]
    of_document = {
        "userid": [one["userid"] for one in entries if "userid" in one],
        "partyid": [one["departmentid"] for one in entries if "departmentid" in one],
    }
    allowed = members_in_range(call.db, call.corp_id, of_document) or frozenset()
    known = {userid.lower() for userid in allowed}
    for userid in userids:
        if userid.lower() not in known:
            raise Refusal(
                ErrCode.NOT_IN_DOCUMENT, detail=f"{userid} is not a member of document {document.docid}"
            )
