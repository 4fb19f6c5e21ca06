"""Customer groups and the people in them."""

from collections.abc import Iterator

from wecom_tollbooth.families.group_chats.changes import HEXADECIMAL
from wecom_tollbooth.families.group_chats.tables import EXTERNAL, STAFF, GroupChat, GroupOwnership, GroupStay
from wecom_tollbooth.seeds.described.shapes.groups import SeedGroup
from wecom_tollbooth.seeds.described.writing.rows import Making, Row, as_json
from wecom_tollbooth.world import ids


def group_rows(making: Making) -> Iterator[Row]:
    for group in making.file.groups:
        yield from _group_rows(making, group)


def _group_rows(making: Making, group: SeedGroup) -> Iterator[Row]:
    number = making.number()
    chat_id = making.id_of(group.chat_id, "wr", number)
    made, ended = making.at(group.created_at), making.at_or_none(group.dismissed_at)
    yield making.row(
        GroupChat,
        chat_id=chat_id,
        seq=number,
        name=group.name,
        notice=group.notice,
        owner=group.owner,
        admins=as_json(group.admins),
        member_version=ids.draw(making.seed, "member_version", number, 32, HEXADECIMAL),
        opengid="o" + ids.draw(making.seed, "opengid", number, 27),
        create_time=made,
        created_by=group.owner,
        status=group.status,
        dismissed_at=ended,
    )
    yield making.row(
        GroupOwnership, chat_id=chat_id, seq=making.number(), owner=group.owner, since=made, until=ended
    )
    for person in group.people:
        person_id = person.userid or making.customers[person.customer or ""]
        left_at = making.at_or_none(person.left_at)
        left_at = ended if left_at is None else left_at
        if left_at is None and person.userid is None:
            making.contacts.add(person_id)
        yield making.row(
            GroupStay,
            chat_id=chat_id,
            seq=making.number(),
            person_id=person_id,
            type=STAFF if person.userid else EXTERNAL,
            joined_at=made if person.joined_at is None else making.at(person.joined_at),
            left_at=left_at,
            join_scene=person.join_scene,
            invitor=person.invitor,
            group_nickname=person.group_nickname,
            state=person.state,
            owner=group.owner,
        )
