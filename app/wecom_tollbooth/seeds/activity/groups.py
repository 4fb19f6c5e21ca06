"""Customer groups, who is in them, and how much was said."""

from functools import partial

import sqlalchemy as sa

from wecom_tollbooth.families.group_chats import changes
from wecom_tollbooth.families.group_chats.changes import Joining
from wecom_tollbooth.families.group_chats.messages import count_messages
from wecom_tollbooth.families.group_chats.tables import (
    EXTERNAL,
    GROUP_CHAT,
    INVITED,
    SCANNED,
    STAFF,
    GroupChat,
)
from wecom_tollbooth.seeds.activity.cast import Cast
from wecom_tollbooth.world.clock import DAY

GROUPS = (
    ("新品试饮群", "每周三上新，群友先喝先评。打广告会被移出群聊。"),
    ("人民广场店福利群", "会员日每月 8 号，第二杯半价。到店报手机号即可积分。"),
    ("企业下午茶采购群", "满 20 杯免配送费，请至少提前两小时下单。"),
)
DAYS_AGO = (90, 60, 30)
PEOPLE = 12
DAYS_WITH_MESSAGES = 14


def _add_group(cast: Cast, number: int) -> None:
    """Adds a group of the member `number` among those who have customers."""
    owners = [userid for userid, customers in cast.customers.items() if customers]
    if number >= len(owners):
        return
    owner, (name, notice) = owners[number], GROUPS[number]
    at = cast.now - DAYS_AGO[number] * DAY
    act = cast.at(at)
    chat = changes.new_group(act, owner, name)
    chat.notice = notice
    colleagues = [userid for userid in cast.members if userid != owner][:1]
    changes.add_people(act, chat, [(owner, STAFF)], Joining(INVITED))
    if colleagues:
        changes.add_people(act, chat, [(colleagues[0], STAFF)], Joining(INVITED, invitor=owner))
    customers = cast.customers[owner][:PEOPLE]
    invited, scanned = customers[: len(customers) // 2], customers[len(customers) // 2 :]
    if invited:
        people = [(external_userid, EXTERNAL) for external_userid in invited]
        changes.add_people(cast.at(at + DAY), chat, people, Joining(INVITED, invitor=owner))
    for place, external_userid in enumerate(scanned, 2):
        joined = cast.at(at + place * DAY)
        changes.add_people(joined, chat, [(external_userid, EXTERNAL)], Joining(SCANNED, state="桌卡"))
    _add_messages(cast, chat, [owner, *customers])


def _add_messages(cast: Cast, chat: GroupChat, people: list[str]) -> None:
    for days_ago in range(DAYS_WITH_MESSAGES, 0, -1):
        at = cast.now - days_ago * DAY
        for person in cast.rng.sample(people, min(len(people), 4)):
            count_messages(cast.tx, chat.corp_id, chat.chat_id, person, cast.rng.randint(1, 9), at)


PARTS = tuple(partial(_add_group, number=number) for number in range(len(GROUPS)))


def chat_ids_of(cast: Cast) -> list[str]:
    """The groups, oldest first."""
    query = sa.select(GROUP_CHAT.c.chat_id).where(GROUP_CHAT.c.corp_id == cast.seeding.corp_id)
    return list(cast.tx.execute(query.order_by(GROUP_CHAT.c.seq)).scalars())
