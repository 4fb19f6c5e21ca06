"""Changes of a customer group, whatever causes them: people, owner, dissolution.

Acts and transfers use these functions; every change keeps the records that statistics and the contact fee
are counted from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import select

from wecom_tollbooth.families.group_chats.tables import (
    EXTERNAL,
    GROUP_OWNERSHIP,
    GROUP_STAY,
    GroupChat,
    GroupOwnership,
    GroupStay,
)
from wecom_tollbooth.families.relations.contact_count import become_contacts, cease_to_be_contacts
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.context import Context

HEXADECIMAL = "0123456789abcdef"


@dataclass(frozen=True)
class Joining:
    """How a person joins a group: `scene` as join_scene, the inviter, and the state of a join way."""

    scene: int
    invitor: str = ""
    state: str = ""
    group_nickname: str = ""


def new_group(context: Context, owner: str, name: str, *, migrated: bool = False) -> GroupChat:
    """Creates an empty group of `owner`."""
    seed, number = context.seed, context.next_id()
    chat = GroupChat(
        corp_id=context.corp_id,
        chat_id=ids.wecom_id(seed, "wr", number),
        seq=number,
        name=name,
        owner=owner,
        member_version=_version(seed, number),
        opengid="o" + ids.draw(seed, "opengid", number, 27),
        create_time=context.now,
        created_by=owner,
        migrated=migrated,
    )
    context.db.session.add(chat)
    context.db.session.add(_ownership(context, chat))
    return chat


def add_people(context: Context, chat: GroupChat, people: Sequence[tuple[str, int]], how: Joining) -> None:
    """Adds the people, given by id and type, at once; they must not be in the group yet."""
    become_contacts(context, _outsiders(people))
    for person_id, kind in people:
        context.db.session.add(
            GroupStay(
                corp_id=chat.corp_id,
                chat_id=chat.chat_id,
                seq=context.next_id(),
                person_id=person_id,
                type=kind,
                joined_at=context.now,
                join_scene=how.scene,
                invitor=how.invitor,
                group_nickname=how.group_nickname,
                state=how.state,
                owner=chat.owner,
            )
        )
    chat.member_version = _version(context.seed, context.next_id())
    context.db.session.add(chat)
    context.db.flush()


def remove_people(context: Context, chat: GroupChat, stays: Sequence[GroupStay]) -> None:
    """Ends the stays at once. Admins who leave are no longer admins."""
    for stay in stays:
        stay.left_at = context.now
        context.db.session.add(stay)
    gone = {stay.person_id for stay in stays}
    chat.admins = [userid for userid in chat.admins if userid not in gone]
    chat.member_version = _version(context.seed, context.next_id())
    context.db.session.add(chat)
    context.db.flush()
    cease_to_be_contacts(context, _outsiders((stay.person_id, stay.type) for stay in stays))


def set_owner(context: Context, chat: GroupChat, owner: str) -> None:
    """Makes the member the owner. An admin who becomes the owner is no longer listed as admin."""
    _end_ownership(context, chat)
    chat.owner = owner
    chat.admins = [userid for userid in chat.admins if userid != owner]
    context.db.session.add(chat)
    context.db.session.add(_ownership(context, chat))
    context.db.flush()


def dismiss(context: Context, chat: GroupChat) -> None:
    """Dissolves the group and ends all stays."""
    context.db.flush()
    stays = (
        (GROUP_STAY.c.corp_id == chat.corp_id)
        & (GROUP_STAY.c.chat_id == chat.chat_id)
        & GROUP_STAY.c.left_at.is_(None)
    )
    query = (
        sa.select(GROUP_STAY.c.person_id)
        .where(stays, GROUP_STAY.c.type == EXTERNAL)
        .order_by(GROUP_STAY.c.seq)
    )
    external_userids = [row.person_id for row in context.db.execute(query)]
    context.db.execute(sa.update(GROUP_STAY).where(stays).values(left_at=context.now))
    _end_ownership(context, chat)
    chat.dismissed_at = context.now
    context.db.session.add(chat)
    context.db.flush()
    cease_to_be_contacts(context, external_userids)


def _outsiders(people: Iterable[tuple[str, int]]) -> list[str]:
    """Returns the people, by id and type, who are not of the corp: they are contacts while in a group."""
    return [person_id for person_id, kind in people if kind == EXTERNAL]


def _end_ownership(context: Context, chat: GroupChat) -> None:
    query = select(GroupOwnership).where(
        GroupOwnership.corp_id == chat.corp_id,
        GroupOwnership.chat_id == chat.chat_id,
        GROUP_OWNERSHIP.c.until.is_(None),
    )
    for ownership in context.db.session.exec(query):
        ownership.until = context.now
        context.db.session.add(ownership)


def _ownership(context: Context, chat: GroupChat) -> GroupOwnership:
    return GroupOwnership(
        corp_id=chat.corp_id, chat_id=chat.chat_id, seq=context.next_id(), owner=chat.owner, since=context.now
    )


def _version(seed: int, number: int) -> str:
    return ids.draw(seed, "member_version", number, 32, HEXADECIMAL)
