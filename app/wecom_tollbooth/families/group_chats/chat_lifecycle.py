"""What acts in customer groups share: who is in a group, who joins it, which events are raised."""

import sqlalchemy as sa
from sqlmodel import select

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.group_chats import (
    CreateExternalChat,
    GroupChatEvent,
    UpdateExternalChat,
)
from wecom_tollbooth.families.directory.lookup import the_active_follower, the_member
from wecom_tollbooth.families.directory.tables import LEFT, Member
from wecom_tollbooth.families.group_chats import changes
from wecom_tollbooth.families.group_chats.changes import Joining
from wecom_tollbooth.families.group_chats.tables import (
    EXTERNAL,
    GROUP_STAY,
    INVITED,
    SCANNED,
    STAFF,
    GroupChat,
    GroupJoinWay,
    GroupStay,
)
from wecom_tollbooth.families.relations import subscribers
from wecom_tollbooth.families.relations.lifecycle import relation_of
from wecom_tollbooth.families.relations.lookups import the_customer
from wecom_tollbooth.families.relations.tables import ExternalContact
from wecom_tollbooth.world.acts import Act, ActRefused

MOST_IN_A_GROUP = 500
"""Maximum people in a customer group, members included (page 96930, of the client's JS-SDK)."""


# --- look-ups --------------------------------------------------------------------------------------------


def stays_in(act: Act, chat: GroupChat) -> list[GroupStay]:
    """Returns the people in the group in the order of joining."""
    query = select(GroupStay).where(
        GroupStay.corp_id == act.corp_id, GroupStay.chat_id == chat.chat_id, GROUP_STAY.c.left_at.is_(None)
    )
    return list(act.db.session.exec(query.order_by(sa.text("seq"))))


def stay_of(act: Act, chat: GroupChat, person_id: str) -> GroupStay:
    """Returns a person's current stay; raises ActRefused for a person who is not in the group."""
    spelt = spelt_id(act, person_id)
    query = select(GroupStay).where(
        GroupStay.corp_id == act.corp_id,
        GroupStay.chat_id == chat.chat_id,
        GroupStay.person_id == spelt,
        GROUP_STAY.c.left_at.is_(None),
    )
    stay = act.db.session.exec(query).first()
    if stay is None:
        raise ActRefused(f"{spelt} is not in the group {chat.chat_id}")
    return stay


def known(act: Act, person_id: str) -> tuple[str, int]:
    """Returns an external contact, or a member in the directory's spelling; raises ActRefused for neither."""
    if act.db.session.get(ExternalContact, (act.corp_id, person_id)) is not None:
        return person_id, EXTERNAL
    return the_member(act, person_id).userid, STAFF


def spelt_id(act: Act, person_id: str) -> str:
    """Returns the id of a person who may have left the corp since, in the stored spelling."""
    left = act.db.session.get(Member, (act.corp_id, person_id))
    return person_id if left is not None else known(act, person_id)[0]


def refuse_unless_contact(act: Act, userid: str, person_id: str, kind: int) -> None:
    """Raises ActRefused for an external person who is not the member's contact; colleagues pass."""
    if kind == STAFF:
        return
    the_customer(act, person_id)
    row = relation_of(act, userid, person_id)
    if row is None or row.ended_at is not None or row.deleted_by_customer_at is not None:
        raise ActRefused(f"{person_id} is no contact of {userid}, who cannot invite them directly")


# --- coming in -------------------------------------------------------------------------------------------


def join(act: Act, chat: GroupChat, people: list[tuple[str, int]], how: Joining) -> None:
    """Adds people and raises add_member. Raises ActRefused for a person already in it or a full group."""
    inside = {stay.person_id for stay in stays_in(act, chat)}
    already = [person_id for person_id, _ in people if person_id in inside]
    if already:
        raise ActRefused(f"{already[0]} is in the group {chat.chat_id} already")
    if len(inside) + len(people) > MOST_IN_A_GROUP:
        raise ActRefused(
            f"{chat.chat_id} has {len(inside)} of {MOST_IN_A_GROUP} people, the most there can be"
        )
    before = chat.member_version
    changes.add_people(act, chat, people, how)
    scene = SCANNED if how.scene == SCANNED else 0
    joined = [person_id for person_id, _ in people]
    raise_members_joined(act, chat, scene, joined, before)
    customers = [person_id for person_id, kind in people if kind == EXTERNAL]
    if customers:
        subscribers.joined_group(act, chat.chat_id, chat.owner, customers)


def room_of(act: Act, way: GroupJoinWay, external_userid: str) -> GroupChat:
    """Returns the first existing group of the way with room, or a new one if the way creates them.

    Raises ActRefused for a person who is in a group of the way, and if nobody can join.
    """
    last: GroupChat | None = None
    first_with_room: GroupChat | None = None
    for chat_id in [*way.chat_ids, *way.made_chat_ids]:
        chat = act.db.session.get(GroupChat, (act.corp_id, chat_id), with_for_update=True)
        if chat is None or chat.dismissed_at is not None:
            continue
        inside = stays_in(act, chat)
        if any(stay.person_id == external_userid for stay in inside):
            raise ActRefused(f"{external_userid} is in the group {chat_id} of the way already")
        if first_with_room is None and len(inside) < MOST_IN_A_GROUP:
            first_with_room = chat
        last = chat
    if first_with_room is not None:
        return first_with_room
    if last is None:
        raise ActRefused(f"the groups of the way {way.config_id} were all dissolved")
    if not way.auto_create_room:
        raise ActRefused(f"the groups of the way {way.config_id} are full, and it makes no new ones")
    name = f"{way.room_base_name}{way.room_base_id + len(way.made_chat_ids)}"
    owner = the_active_follower(act, last.owner).userid
    chat = changes.new_group(act, owner, name)
    changes.add_people(act, chat, [(owner, STAFF)], Joining(INVITED))
    raise_chat_event(act, chat, CreateExternalChat(ChatId=chat.chat_id))
    way.made_chat_ids = [*way.made_chat_ids, chat.chat_id]
    act.db.session.add(way)
    return chat


# --- callbacks -------------------------------------------------------------------------------------------


def raise_members_joined(act: Act, chat: GroupChat, scene: int, people: list[str], before: str) -> None:
    """Raises update with add_member. `before` is the group's earlier member_version."""
    raise_chat_event(
        act,
        chat,
        UpdateExternalChat(
            ChatId=chat.chat_id,
            UpdateDetail="add_member",
            JoinScene=scene,
            MemChangeCnt=len(people),
            MemChangeList=people,
            LastMemVer=before,
            CurMemVer=chat.member_version,
        ),
    )


def raise_members_left(act: Act, chat: GroupChat, scene: int, people: list[str], before: str) -> None:
    """Raises update with del_member. `before` is the group's earlier member_version."""
    raise_chat_event(
        act,
        chat,
        UpdateExternalChat(
            ChatId=chat.chat_id,
            UpdateDetail="del_member",
            QuitScene=scene,
            MemChangeCnt=len(people),
            MemChangeList=people,
            LastMemVer=before,
            CurMemVer=chat.member_version,
        ),
    )


def raise_changed(act: Act, chat: GroupChat, detail: str) -> None:
    """Raises update with change_owner, change_name or change_notice."""
    raise_chat_event(act, chat, UpdateExternalChat(ChatId=chat.chat_id, UpdateDetail=detail))


def raise_chat_event(act: Act, chat: GroupChat, event: GroupChatEvent) -> None:
    """Notifies every app that sees the owner, if the owner may have customers."""
    owner = act.db.session.get(Member, (act.corp_id, chat.owner))
    if owner is None or owner.status == LEFT or not owner.may_follow:
        return
    emit(act, event, member=chat.owner)
