"""The HTTP operations of 会话内容存档 (pages 91614, 91782, 92951 and 91774)."""

from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.app_chats.membership import find_chat, present
from wecom_tollbooth.families.directory.lookup import find_members
from wecom_tollbooth.families.group_chats.tables import EXTERNAL, GROUP_STAY, GroupChat
from wecom_tollbooth.families.message_archive.consent import UNDECIDED, Decision, decisions
from wecom_tollbooth.families.message_archive.family import family
from wecom_tollbooth.families.message_archive.scope import covered, editions, in_force
from wecom_tollbooth.families.message_archive.tables import ENTERPRISE, OFFICE, ArchiveEdition
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT
from wecom_tollbooth.families.windows.counting import refuse_over_calls
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required
from wecom_tollbooth.gateway.tables import GROUP_ROBOT
from wecom_tollbooth.world.clock import MINUTE

MOST_ROWS = 100
PER_MINUTE = {
    "/cgi-bin/msgaudit/get_permit_user_list": 1000,
    "/cgi-bin/msgaudit/check_single_agree": 2500,
    "/cgi-bin/msgaudit/check_room_agree": 1500,
    "/cgi-bin/msgaudit/groupchat/get": 2000,
    "/cgi-bin/msgaudit/get_robot_info": 600,
}
"""Calls of a corp in a minute, as the pages have it."""

ERRORS = (
    ErrCode.FREQUENCY_LIMIT,
    ErrCode.INVALID_PARAMETER,
    ErrCode.ARCHIVE_IP_NOT_ALLOWED,
    ErrCode.ARCHIVE_EXPIRED,
    ErrCode.ARCHIVE_NOT_ENABLED,
)
"""Answered by each of the operations."""


def editions_in_force(call: Call) -> list[ArchiveEdition]:
    """Counts the call. Raises 45009, 301053 if the archive was never opened, 301052 if it has expired."""
    refuse_over_calls(call, call.operation.path, MINUTE, PER_MINUTE[call.operation.path])
    bought = editions(call)
    if not bought:
        raise Refusal(ErrCode.ARCHIVE_NOT_ENABLED, detail="the corp has no edition of the message archive")
    valid = [edition for edition in bought if in_force(call, edition)]
    if not valid:
        raise Refusal(
            ErrCode.ARCHIVE_EXPIRED, detail=f"the archive expired at {max(_end(one) for one in bought)}"
        )
    return valid


def _end(edition: ArchiveEdition) -> int:
    return edition.expires_at or 0


# --- 获取会话内容存档开启成员列表 -----------------------------------------------------------------


class PermitRequest(RequestModel):
    type: int | None = optional(
        ge=OFFICE, le=ENTERPRISE, doc="1 office edition, 2 service, 3 enterprise; left out: all"
    )


class PermitReply(TypedDict):
    ids: list[str]


@family.post(
    "/cgi-bin/msgaudit/get_permit_user_list",
    doc="91614",
    checked="2026-08",
    meter="message.list",
    permission=Permission.MESSAGE_ARCHIVE,
    errors=ERRORS,
    sample={"type": 1},
)
def get_permit_user_list(call: Call, body: PermitRequest) -> PermitReply:
    """获取会话内容存档开启成员列表 / List members whose messages are archived

    The members whom the archive covers: departments and tags are resolved, members beyond the bought seats
    are left out. At most 1000 calls a minute.
    """
    wanted = [one for one in editions_in_force(call) if body.type in (None, one.edition)]
    return {"ids": list(dict.fromkeys(userid for one in wanted for userid in covered(call, one)))}


# --- 获取会话同意情况 -----------------------------------------------------------------------------


class Pair(RequestModel):
    userid: str = required(ErrCode.INVALID_PARAMETER)
    exteranalopenid: str = required(ErrCode.INVALID_PARAMETER, doc="the external_userid; spelt so")


class SingleRequest(RequestModel):
    info: list[Pair] = required(
        ErrCode.INVALID_PARAMETER, max_items=MOST_ROWS, too_long=ErrCode.TOO_MANY_CONSENTS
    )


class SingleConsent(TypedDict):
    status_change_time: int
    userid: str
    exteranalopenid: str
    agree_status: str


class SingleReply(TypedDict):
    agreeinfo: list[SingleConsent]


@family.post(
    "/cgi-bin/msgaudit/check_single_agree",
    doc="91782",
    checked="2026-08",
    meter="message.read",
    permission=Permission.MESSAGE_ARCHIVE,
    errors=(*ERRORS, ErrCode.TOO_MANY_CONSENTS, ErrCode.CONSENT_OF_UNKNOWN),
    sample={"info": [{"userid": "XuJinSheng", "exteranalopenid": "wmeDKaCQAAGd9oGiQWxVsAKwV2HxNAAA"}]},
)
def check_single_agree(call: Call, body: SingleRequest) -> SingleReply:
    """获取会话同意情况（单聊） / Get who agreed to the archive (single chats)

    Whether customers agree to the archive of what they and a member write to each other; a customer who has
    not decided counts as Disagree, at time 0. At most 2500 calls a minute.
    """
    editions_in_force(call)
    members = find_members(call, [pair.userid for pair in body.info])
    people = {pair.exteranalopenid for pair in body.info}
    query = sa.select(EXTERNAL_CONTACT.c.external_userid).where(
        EXTERNAL_CONTACT.c.corp_id == call.corp_id, EXTERNAL_CONTACT.c.external_userid.in_(people)
    )
    known = {row.external_userid for row in call.db.execute(query)}
    for pair in body.info:
        if pair.userid not in members or pair.exteranalopenid not in known:
            unknown = pair.exteranalopenid if pair.userid in members else pair.userid
            raise Refusal(ErrCode.CONSENT_OF_UNKNOWN, detail=f"{unknown[:80]!r} is unknown in this corp")
    found = decisions(call, people, userids={member.userid for member in members.values()})
    rows: list[SingleConsent] = []
    for pair in body.info:
        userid = members[pair.userid].userid
        made = found.get((userid, pair.exteranalopenid), UNDECIDED)
        rows.append(
            {
                "status_change_time": made.changed_at,
                "userid": userid,
                "exteranalopenid": pair.exteranalopenid,
                "agree_status": _status(made),
            }
        )
    return {"agreeinfo": rows}


class RoomRequest(RequestModel):
    roomid: str = required(ErrCode.INVALID_PARAMETER)


class RoomConsent(TypedDict):
    status_change_time: int
    exteranalopenid: str
    agree_status: str


class RoomReply(TypedDict):
    agreeinfo: list[RoomConsent]


@family.post(
    "/cgi-bin/msgaudit/check_room_agree",
    doc="91782",
    checked="2026-08",
    meter="message.read",
    permission=Permission.MESSAGE_ARCHIVE,
    errors=(*ERRORS, ErrCode.CONSENT_OF_UNKNOWN),
    sample={"roomid": "wrjc7bDwAASxc8tZvBErFE02BtPWyAAA"},
)
def check_room_agree(call: Call, body: RoomRequest) -> RoomReply:
    """获取会话同意情况（群聊） / Get who agreed to the archive (groups)

    Whether the external people who are in a group agree to its archive, in the order in which they joined.
    At most 1500 calls a minute.
    """
    editions_in_force(call)
    chat = call.db.session.get(GroupChat, (call.corp_id, body.roomid))
    if chat is None and find_chat(call, body.roomid) is not None:
        return {"agreeinfo": []}
    if chat is None or chat.dismissed_at is not None:
        raise Refusal(ErrCode.CONSENT_OF_UNKNOWN, detail=f"there is no group {body.roomid[:80]!r}")
    query = (
        sa.select(GROUP_STAY.c.person_id)
        .where(
            GROUP_STAY.c.corp_id == call.corp_id,
            GROUP_STAY.c.chat_id == chat.chat_id,
            GROUP_STAY.c.type == EXTERNAL,
            GROUP_STAY.c.left_at.is_(None),
        )
        .order_by(GROUP_STAY.c.seq)
    )
    people = [row.person_id for row in call.db.execute(query)]
    found = decisions(call, people, chat_id=chat.chat_id)
    rows: list[RoomConsent] = []
    for person in people:
        made = found.get(("", person), UNDECIDED)
        rows.append(
            {
                "status_change_time": made.changed_at,
                "exteranalopenid": person,
                "agree_status": _status(made),
            }
        )
    return {"agreeinfo": rows}


def _status(made: Decision) -> str:
    return "Agree" if made.agreed else "Disagree"


# --- 获取会话内容存档内部群信息 -------------------------------------------------------------------


class RoomMember(TypedDict):
    memberid: str
    jointime: int


class GroupReply(TypedDict):
    roomname: str
    creator: str
    room_create_time: int
    notice: str
    members: list[RoomMember]


@family.post(
    "/cgi-bin/msgaudit/groupchat/get",
    doc="92951",
    checked="2026-08",
    meter="message.read",
    permission=Permission.MESSAGE_ARCHIVE,
    errors=(*ERRORS, ErrCode.NOT_AN_INTERNAL_GROUP),
    sample={"roomid": "wrNplhCgAAIVZohLe57zKnvIV7xBKrig"},
)
def get_internal_group(call: Call, body: RoomRequest) -> GroupReply:
    """获取会话内容存档内部群信息 / Get an internal group of the archive

    A group of members: its name, owner (`creator`) and members who are still in the corp. At most 2000 calls
    a minute.
    """
    editions_in_force(call)
    chat = find_chat(call, body.roomid)
    if chat is None:
        raise Refusal(
            ErrCode.NOT_AN_INTERNAL_GROUP, detail=f"there is no group of members {body.roomid[:80]!r}"
        )
    members, owner = present(call, chat.members, chat.owner)
    return {
        "roomname": chat.name,
        "creator": owner,
        "room_create_time": chat.created_at,
        "notice": chat.notice,
        "members": [
            {"memberid": userid, "jointime": chat.joined_at.get(userid, chat.created_at)}
            for userid in members
        ],
    }


# --- 获取机器人信息 -------------------------------------------------------------------------------


class RobotRequest(RequestModel):
    robot_id: str = required(ErrCode.INVALID_ROBOT_ID, doc="the sender of an archived message, wb…")


class Robot(TypedDict):
    robot_id: str
    name: str
    creator_userid: str


class RobotReply(TypedDict):
    data: Robot


@family.get(
    "/cgi-bin/msgaudit/get_robot_info",
    doc="91774",
    checked="2026-08",
    meter="message.read",
    permission=Permission.MESSAGE_ARCHIVE,
    errors=(*ERRORS, ErrCode.INVALID_ROBOT_ID),
    sample={"robot_id": "wbxxxxxxxxxxxxxxxxxxxxxxxx"},
)
def get_robot_info(call: Call, query: RobotRequest) -> RobotReply:
    """获取机器人信息 / Get a robot

    A robot of a members' group: its name and who added it. At most 600 calls a minute.
    """
    editions_in_force(call)
    found: Any = call.db.execute(
        sa.select(GROUP_ROBOT.c.robot_id, GROUP_ROBOT.c.name, GROUP_ROBOT.c.userid).where(
            GROUP_ROBOT.c.corp_id == call.corp_id, GROUP_ROBOT.c.robot_id == query.robot_id
        )
    ).first()
    if found is None:
        raise Refusal(ErrCode.INVALID_ROBOT_ID, detail=f"there is no robot {query.robot_id[:80]!r}")
    return {"data": {"robot_id": found.robot_id, "name": found.name, "creator_userid": found.userid}}
