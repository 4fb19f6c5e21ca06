"""Creating, changing and reading group chats of an app (pages 90244, 90245, 98913 and 98914, 2026-02)."""

import re
from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.app_chats.family import family
from wecom_tollbooth.families.app_chats.membership import find_chat, make_chat, present, refuse_wrong_size
from wecom_tollbooth.families.app_chats.tables import MEMBER_CHAT
from wecom_tollbooth.families.directory.lookup import find_member, find_members
from wecom_tollbooth.families.directory.visibility import visible_departments
from wecom_tollbooth.families.windows.counting import refuse_over
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required
from wecom_tollbooth.world.clock import DAY, HOUR

ROOT = 1
"""The root department."""
NAME_CHARS, CHATID_CHARS = 50, 32
LARGEST_NUMBER = 2**63 - 1
"""Of a chatid of digits."""
_CHATID = re.compile(r"[0-9A-Za-z]+")
_USERID = re.compile(r"[^\s|/\\]{1,64}")

OF_ONE_CHAT = (
    ErrCode.API_FORBIDDEN,
    ErrCode.CHAT_NOT_FOUND,
    ErrCode.CHAT_OF_ANOTHER_APP,
    ErrCode.MISSING_CHATID,
)
"""Answered by the operations on one group."""


def refuse_partial_sight(call: Call) -> None:
    """Raises 48002 for an app that doesn't see the whole corp."""
    visible = visible_departments(call)
    if visible is not None and ROOT not in visible:
        raise Refusal(
            ErrCode.API_FORBIDDEN,
            detail=f"the visible range of app {call.agentid} lacks department {ROOT}, the root",
        )


def the_chat(call: Call, chatid: str, *, to_write: bool = False) -> Any:
    """The group that this app created. Raises 86003 for an unknown one, 86008 for that of another app."""
    row = find_chat(call, chatid, to_write=to_write)
    if row is None or row.agentid == 0:
        raise Refusal(ErrCode.CHAT_NOT_FOUND, detail=f"no app has created a group {chatid[:60]!r}")
    if row.agentid != call.agentid:
        raise Refusal(ErrCode.CHAT_OF_ANOTHER_APP, detail=f"app {row.agentid} has created {chatid}")
    return row


# --- 创建群聊会话 ----------------------------------------------------------------------------------------


class CreateRequest(RequestModel):
    name: str | None = optional(doc=f"over {NAME_CHARS} characters it is cut")
    owner: str | None = optional(doc="one of userlist; by default the system chooses")
    userlist: list[str] = required(ErrCode.MISSING_CHAT_MEMBERS, doc="2 to 2000 members of the corp")
    chatid: str | None = optional(doc=f"letters and digits, at most {CHATID_CHARS}; by default drawn")


class CreateReply(TypedDict):
    chatid: str


@family.post(
    "/cgi-bin/appchat/create",
    doc="90245",
    checked="2026-02",
    meter="message.write",
    permission=Permission.SELF_BUILT_ANY,
    errors=(
        ErrCode.INVALID_USERID,
        ErrCode.FREQUENCY_LIMIT,
        ErrCode.API_FORBIDDEN,
        ErrCode.INVALID_CHATID,
        ErrCode.INVALID_CHAT_NAME,
        ErrCode.INVALID_CHAT_OWNER,
        ErrCode.WRONG_CHAT_SIZE,
        ErrCode.MISSING_CHAT_MEMBERS,
        ErrCode.CHATID_TOO_LONG,
        ErrCode.CHATID_TOO_LARGE,
        ErrCode.OWNER_NOT_IN_CHAT,
        ErrCode.CHATID_EXISTS,
        ErrCode.INVALID_CHAT_MEMBER_ID,
    ),
    sample={
        "name": "NAME",
        "owner": "userid1",
        "userlist": ["userid1", "userid2", "userid3"],
        "chatid": "CHATID",
    },
)
def create_chat(call: Call, body: CreateRequest) -> CreateReply:
    """创建群聊会话 / Create an app's group chat

    For self-built apps that see the root department. Customers can't be in the group. The setting
    limit_app_chats_day limits how many a corp creates a day.
    """
    refuse_partial_sight(call)
    chatid = _checked_chatid(call, body.chatid) if body.chatid else call.new_id("wr")
    name = _cut_name(body.name)
    members = _members(call, body.userlist)
    refuse_wrong_size(call, members)
    owner = _owner(call, body.owner, members) if body.owner else _chosen(call, members)
    refuse_over(call, "app chats", DAY, call.settings.limit_app_chats_day)
    make_chat(call, chatid, agentid=call.agentid, name=name, owner=owner, members=members)
    return {"chatid": chatid}


def _checked_chatid(call: Call, chatid: str) -> str:
    if len(chatid) > CHATID_CHARS:
        raise Refusal(ErrCode.CHATID_TOO_LONG, detail=f"chatid has {len(chatid)} characters")
    if not _CHATID.fullmatch(chatid):
        raise Refusal(ErrCode.INVALID_CHATID, detail=f"chatid {chatid!r} is not of letters and digits alone")
    if chatid.isdigit() and int(chatid) > LARGEST_NUMBER:
        raise Refusal(ErrCode.CHATID_TOO_LARGE, detail=f"chatid {chatid} is over {LARGEST_NUMBER}")
    if find_chat(call, chatid) is not None:
        raise Refusal(ErrCode.CHATID_EXISTS, detail=f"the corp has a group {chatid} already")
    return chatid


def _cut_name(name: str | None) -> str:
    """Raises 86004 for a name of blanks."""
    if name and not name.strip():
        raise Refusal(ErrCode.INVALID_CHAT_NAME, detail="the name consists of blanks")
    return (name or "")[:NAME_CHARS]


def _members(call: Call, userids: list[str]) -> list[str]:
    """The userids as the directory spells them, each once.

    Raises 40003 for what can't be a userid, 86216 for one that isn't in the directory.
    """
    known = find_members(call, userids)
    for userid in userids:
        if not _USERID.fullmatch(userid):
            raise Refusal(ErrCode.INVALID_USERID, detail=f"{userid[:80]!r} can't be a userid")
        if userid not in known:
            raise Refusal(ErrCode.INVALID_CHAT_MEMBER_ID, detail=f"{userid!r} is not a member of this corp")
    return list(dict.fromkeys(known[userid].userid for userid in userids))


def _owner(call: Call, userid: str, members: list[str]) -> str:
    """Raises 86005 for an unknown member, 86207 for one who isn't among `members`."""
    found = find_member(call, userid)
    if found is None:
        raise Refusal(ErrCode.INVALID_CHAT_OWNER, detail=f"{userid[:80]!r} is not a member of this corp")
    if found.userid not in members:
        raise Refusal(ErrCode.OWNER_NOT_IN_CHAT, detail=f"{found.userid} is not in the group")
    return found.userid


def _chosen(call: Call, members: list[str]) -> str:
    """One of the members, drawn."""
    return members[int(call.draw("chat owner", 6, "0123456789")) % len(members)]


# --- 修改群聊会话 ----------------------------------------------------------------------------------------


class UpdateRequest(RequestModel):
    chatid: str = required(ErrCode.MISSING_CHATID)
    name: str | None = optional(doc=f"over {NAME_CHARS} characters it is cut")
    owner: str | None = optional(doc="a member of the group; required if the present owner is removed")
    add_user_list: list[str] | None = optional()
    del_user_list: list[str] | None = optional()


@family.post(
    "/cgi-bin/appchat/update",
    doc="98913",
    checked="2026-02",
    meter="message.write",
    permission=Permission.SELF_BUILT_ANY,
    errors=(
        *OF_ONE_CHAT,
        ErrCode.INVALID_USERID,
        ErrCode.FREQUENCY_LIMIT,
        ErrCode.INVALID_CHAT_NAME,
        ErrCode.INVALID_CHAT_OWNER,
        ErrCode.WRONG_CHAT_SIZE,
        ErrCode.MISSING_CHAT_OWNER,
        ErrCode.OWNER_NOT_IN_CHAT,
        ErrCode.INVALID_CHAT_MEMBER_ID,
        ErrCode.INVALID_CHAT_PARAMETER,
    ),
    sample={
        "chatid": "CHATID",
        "name": "NAME",
        "owner": "userid2",
        "add_user_list": ["userid1", "userid2", "userid3"],
        "del_user_list": ["userid3", "userid4"],
    },
)
def update_chat(call: Call, body: UpdateRequest) -> Done:
    """修改群聊会话 / Change an app's group chat

    Adds members, then removes members, then changes the owner; all or nothing. Who is removed must be in the
    group by then. The setting limit_app_chat_changes_hour limits the changes of a corp per hour.
    """
    refuse_partial_sight(call)
    chat = the_chat(call, body.chatid, to_write=True)
    if not (body.name or body.owner or body.add_user_list or body.del_user_list):
        raise Refusal(
            ErrCode.INVALID_CHAT_PARAMETER, detail="nothing to change: name, owner and lists are empty"
        )
    members, owner = present(call, chat.members, chat.owner)
    added, removed = _members(call, body.add_user_list or []), _members(call, body.del_user_list or [])
    before = list(dict.fromkeys([*members, *added]))
    for userid in removed:
        if userid not in before:
            raise Refusal(ErrCode.INVALID_CHAT_MEMBER_ID, detail=f"{userid} is not in the group")
    after = [userid for userid in before if userid not in set(removed)]
    if owner in removed and not body.owner:
        raise Refusal(ErrCode.MISSING_CHAT_OWNER, detail=f"{owner} owns the group: give another owner")
    refuse_wrong_size(call, after)
    if body.owner:
        owner = _owner(call, body.owner, after)
    refuse_over(call, "changes of app chats", HOUR, call.settings.limit_app_chat_changes_hour)
    joined_at = {userid: chat.joined_at[userid] for userid in after if userid in chat.joined_at}
    joined_at |= {userid: call.now for userid in after if userid not in members}
    call.db.execute(
        sa.update(MEMBER_CHAT)
        .where(MEMBER_CHAT.c.corp_id == call.corp_id, MEMBER_CHAT.c.chat_id == chat.chat_id)
        .values(
            members=after,
            joined_at=joined_at,
            owner=owner,
            name=_cut_name(body.name) if body.name else chat.name,
        )
    )
    return {}


# --- 获取群聊会话 ----------------------------------------------------------------------------------------


class GetRequest(RequestModel):
    chatid: str = required(ErrCode.MISSING_CHATID)


class ChatInfo(TypedDict):
    chatid: str
    name: str
    owner: str
    userlist: list[str]
    chat_type: int


class GetReply(TypedDict):
    chat_info: ChatInfo


@family.get(
    "/cgi-bin/appchat/get",
    doc="98914",
    checked="2026-02",
    meter="message.read",
    permission=Permission.SELF_BUILT_ANY,
    errors=OF_ONE_CHAT,
    sample={"chatid": "CHATID"},
)
def get_chat(call: Call, query: GetRequest) -> GetReply:
    """获取群聊会话 / Get an app's group chat

    The members who are still in the corp, in the order in which they joined. `chat_type` is 0: there are no
    groups of courses.
    """
    refuse_partial_sight(call)
    chat = the_chat(call, query.chatid)
    members, owner = present(call, chat.members, chat.owner)
    return {
        "chat_info": {
            "chatid": chat.chat_id,
            "name": chat.name,
            "owner": owner,
            "userlist": members,
            "chat_type": 0,
        }
    }
