"""What members and customers do in customer groups outside the API."""

from typing import Any, Literal

from pydantic import Field

from wecom_tollbooth.callbacks.events.group_chats import CreateExternalChat, DismissExternalChat
from wecom_tollbooth.families.directory.lookup import the_active_follower, the_member
from wecom_tollbooth.families.group_chats import changes
from wecom_tollbooth.families.group_chats.changes import Joining
from wecom_tollbooth.families.group_chats.chat_lifecycle import (
    join,
    known,
    raise_changed,
    raise_chat_event,
    raise_members_left,
    refuse_unless_contact,
    room_of,
    spelt_id,
    stay_of,
    stays_in,
)
from wecom_tollbooth.families.group_chats.lookup import the_group, the_group_of_its_owner
from wecom_tollbooth.families.group_chats.messages import count_messages
from wecom_tollbooth.families.group_chats.tables import (
    BY_LINK,
    EXTERNAL,
    INVITED,
    SCANNED,
    STAFF,
    GroupChat,
    GroupJoinWay,
)
from wecom_tollbooth.families.relations.newcomers import Person, contact_of
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act

MOST_ADMINS = 3
AT_ONCE = 100

LEFT_BY_ITSELF, REMOVED = 0, 1
"""QuitScene of change_external_chat."""


# --- a group begins and ends -----------------------------------------------------------------------------


class MemberCreatesGroup(ActModel):
    userid: str
    name: str = Field(default="", max_length=64)
    people: list[str] = Field(
        default=[], max_length=AT_ONCE, description="userids, and external_userids of the member's contacts"
    )
    migrated: bool = Field(default=False, description="the group comes from elsewhere (迁移群)")


@act("member_creates_group")
def member_creates_group(act: Act, body: MemberCreatesGroup) -> dict[str, Any]:
    """成员创建客户群 / A member creates a customer group of contacts and colleagues: create."""
    owner = the_active_follower(act, body.userid).userid
    people = [known(act, person_id) for person_id in dict.fromkeys(body.people)]
    if (owner, STAFF) in people:
        raise ActRefused(f"{owner} makes the group and is in it anyway")
    for person_id, kind in people:
        refuse_unless_contact(act, owner, person_id, kind)
    chat = changes.new_group(act, owner, body.name, migrated=body.migrated)
    changes.add_people(act, chat, [(owner, STAFF)], Joining(INVITED))
    if people:
        changes.add_people(act, chat, people, Joining(INVITED, owner))
    raise_chat_event(act, chat, CreateExternalChat(ChatId=chat.chat_id))
    return {"chat_id": chat.chat_id, "userid": owner}


class OneGroup(ActModel):
    chat_id: str


@act("dismiss_group")
def dismiss_group(act: Act, body: OneGroup) -> dict[str, Any]:
    """群主解散客户群 / The owner dissolves the group: dismiss; it can no longer be read (49008)."""
    chat = the_group_of_its_owner(act, body.chat_id)
    changes.dismiss(act, chat)
    raise_chat_event(act, chat, DismissExternalChat(ChatId=chat.chat_id))
    return {"chat_id": chat.chat_id}


# --- people come and go ----------------------------------------------------------------------------------


class JoinGroup(Person):
    chat_id: str
    people: list[str] = Field(
        default=[],
        max_length=AT_ONCE,
        description="userids and external_userids who come together, in the place of one person's fields",
    )
    join_scene: Literal[1, 2, 3] = Field(
        default=3, description="1 invited directly, 2 by an invitation link, 3 scanned the group's code"
    )
    invitor: str | None = Field(
        default=None, description="who is in the group and invites; the owner in scenes 1 and 2"
    )
    group_nickname: str = Field(default="", max_length=32)


@act("join_group")
def join_group(act: Act, body: JoinGroup) -> dict[str, Any]:
    """客户或成员进入客户群 / One or more people join a group at once: update, add_member.

    A member can invite its own contacts directly; by link or code anybody can join, also people who are not
    customers.
    """
    chat = the_group(act, body.chat_id)
    people = _who_comes(act, body)
    invitor = _invitor(act, chat, body)
    if body.join_scene == INVITED and invitor:
        for person_id, kind in people:
            refuse_unless_contact(act, invitor, person_id, kind)
    join(act, chat, people, Joining(body.join_scene, invitor, group_nickname=body.group_nickname))
    came: dict[str, Any] = {"chat_id": chat.chat_id, "people": [person_id for person_id, _ in people]}
    if len(people) == 1 and people[0][1] == EXTERNAL:
        came["external_userid"] = people[0][0]
    return came


class ScanJoinWay(Person):
    config_id: str


@act("scan_join_way")
def scan_join_way(act: Act, body: ScanJoinWay) -> dict[str, Any]:
    """客户扫描「加入群聊」 / Somebody scans a group's code, or taps it in a mini-program: update, add_member.

    They join the first existing group of the way that has room; if all are full and the way allows it, a
    new group with the same owner as the last one is created for them: create.
    """
    way = act.db.session.get(GroupJoinWay, (act.corp_id, body.config_id), with_for_update=True)
    if way is None:
        raise ActRefused(f"there is no join way {body.config_id!r} in this corp, or no longer")
    external_userid = contact_of(act, body.newcomer()).external_userid
    chat = room_of(act, way, external_userid)
    join(act, chat, [(external_userid, EXTERNAL)], Joining(SCANNED, state=way.state))
    return {"chat_id": chat.chat_id, "external_userid": external_userid}


class LeaveGroup(ActModel):
    chat_id: str
    people: list[str] = Field(min_length=1, max_length=AT_ONCE, description="userids and external_userids")
    removed_by: str | None = Field(default=None, description="the owner or an admin; nobody: they leave")


@act("leave_group")
def leave_group(act: Act, body: LeaveGroup) -> dict[str, Any]:
    """退出客户群 / People leave a group, or its owner or an admin removes them: update, del_member."""
    chat = the_group(act, body.chat_id)
    people = list(dict.fromkeys(spelt_id(act, person_id) for person_id in body.people))
    if body.removed_by is None and len(people) > 1:
        raise ActRefused("who leaves by themselves do so one after the other")
    if body.removed_by is not None:
        remover = spelt_id(act, body.removed_by)
        if remover != chat.owner and remover not in chat.admins:
            raise ActRefused(f"{remover} is neither owner nor admin of {chat.chat_id}")
    if chat.owner in people:
        raise ActRefused(f"{chat.owner} owns the group: it can be handed over or dissolved, not left")
    inside = {stay.person_id: stay for stay in stays_in(act, chat)}
    for person_id in people:
        if person_id not in inside:
            raise ActRefused(f"{person_id} is not in the group {chat.chat_id}")
    before = chat.member_version
    leaving = [inside[person_id] for person_id in people]
    changes.remove_people(act, chat, leaving)
    scene = LEFT_BY_ITSELF if body.removed_by is None else REMOVED
    raise_members_left(act, chat, scene, people, before)
    return {"chat_id": chat.chat_id, "people": people}


# --- what is said ----------------------------------------------------------------------------------------


class GroupMessage(ActModel):
    chat_id: str
    sender: str = Field(description="userid or external_userid of who is in the group")
    text: str = Field(default="", max_length=2048)
    count: int = Field(default=1, ge=1, le=1000)


@act("group_message")
def group_message(act: Act, body: GroupMessage) -> dict[str, Any]:
    """群内发消息 / A member or a customer writes to the group, `count` messages; raises nothing."""
    chat = the_group(act, body.chat_id)
    stay = stay_of(act, chat, body.sender)
    count_messages(act.db, act.corp_id, chat.chat_id, stay.person_id, body.count, act.now)
    return {"chat_id": chat.chat_id, "sender": stay.person_id}


# --- owner, admins, name, notice, nicknames --------------------------------------------------------------


class GroupAndMember(ActModel):
    chat_id: str
    userid: str


@act("change_group_owner")
def change_group_owner(act: Act, body: GroupAndMember) -> dict[str, Any]:
    """群主转让客户群 / The owner transfers the group to another member in it: update, change_owner."""
    chat = the_group_of_its_owner(act, body.chat_id)
    member = the_active_follower(act, body.userid)
    if member.userid == chat.owner:
        raise ActRefused(f"{member.userid} owns {chat.chat_id} already")
    stay_of(act, chat, member.userid)
    changes.set_owner(act, chat, member.userid)
    raise_changed(act, chat, "change_owner")
    return {"chat_id": chat.chat_id, "userid": member.userid}


class GroupName(ActModel):
    chat_id: str
    name: str = Field(min_length=1, max_length=64)


@act("rename_group")
def rename_group(act: Act, body: GroupName) -> dict[str, Any]:
    """修改客户群名称 / The group is renamed: update, change_name."""
    chat = the_group(act, body.chat_id)
    chat.name = body.name
    act.db.session.add(chat)
    raise_changed(act, chat, "change_name")
    return {"chat_id": chat.chat_id}


class GroupNotice(ActModel):
    chat_id: str
    notice: str = Field(max_length=2000, description="empty: none")


@act("change_group_notice")
def change_group_notice(act: Act, body: GroupNotice) -> dict[str, Any]:
    """修改客户群公告 / The group's notice changes or is removed: update, change_notice."""
    chat = the_group(act, body.chat_id)
    chat.notice = body.notice
    act.db.session.add(chat)
    raise_changed(act, chat, "change_notice")
    return {"chat_id": chat.chat_id}


class GroupAdmins(ActModel):
    chat_id: str
    userids: list[str] = Field(max_length=MOST_ADMINS, description="all of them; empty: none")


@act("set_group_admins")
def set_group_admins(act: Act, body: GroupAdmins) -> dict[str, Any]:
    """设置客户群管理员 / The owner sets the group's admins; raises nothing."""
    chat = the_group_of_its_owner(act, body.chat_id)
    admins = list(dict.fromkeys(the_member(act, userid).userid for userid in body.userids))
    for userid in admins:
        stay_of(act, chat, userid)
    if chat.owner in admins:
        raise ActRefused(f"{chat.owner} owns the group and manages it anyway")
    chat.admins = admins
    act.db.session.add(chat)
    return {"chat_id": chat.chat_id}


class GroupNickname(ActModel):
    chat_id: str
    person: str = Field(description="userid or external_userid")
    group_nickname: str = Field(max_length=32)


@act("change_group_nickname")
def change_group_nickname(act: Act, body: GroupNickname) -> dict[str, Any]:
    """修改群昵称 / Somebody changes their nickname in the group; raises nothing."""
    chat = the_group(act, body.chat_id)
    stay = stay_of(act, chat, body.person)
    stay.group_nickname = body.group_nickname
    act.db.session.add(stay)
    return {"chat_id": chat.chat_id}


class OpensInGroup(ActModel):
    chat_id: str
    person: str = Field(description="userid or external_userid of who is in the group")


@act("person_opens_mini_program_in_group")
def person_opens_mini_program_in_group(act: Act, body: OpensInGroup) -> dict[str, Any]:
    """在客户群内打开小程序 / Somebody opens the corp's mini-program in the group; returns its opengid."""
    chat = the_group(act, body.chat_id)
    stay_of(act, chat, body.person)
    return {"chat_id": chat.chat_id, "opengid": chat.opengid}


def _who_comes(act: Act, body: JoinGroup) -> list[tuple[str, int]]:
    about_one = body.model_fields_set & Person.model_fields.keys()
    if body.people and about_one:
        raise ActRefused(f"give either people or {', '.join(sorted(about_one))}")
    if body.people:
        return [known(act, person_id) for person_id in dict.fromkeys(body.people)]
    return [(contact_of(act, body.newcomer()).external_userid, EXTERNAL)]


def _invitor(act: Act, chat: GroupChat, body: JoinGroup) -> str:
    """Returns the member of the corp who invites; "" for a customer who invites, or for nobody."""
    if body.invitor is None:
        return chat.owner if body.join_scene in (INVITED, BY_LINK) else ""
    stay = stay_of(act, chat, body.invitor)
    return stay.person_id if stay.type == STAFF else ""
