"""Contact ways, a join way, and an acquisition link with customers who came through it."""

import sqlalchemy as sa

from wecom_tollbooth.families.acquisition_links.acts import THROUGH_A_LINK
from wecom_tollbooth.families.acquisition_links.tables import ACQUISITION_LINK, LINK_CLICK, LINK_CUSTOMER
from wecom_tollbooth.families.contact_ways.tables import CONTACT_WAY, WAY_COUNT, ContactWay
from wecom_tollbooth.families.group_chats.tables import GROUP_JOIN_WAY, GroupJoinWay
from wecom_tollbooth.families.relations.newcomers import SCANNED
from wecom_tollbooth.families.relations.tables import FOLLOW_USER
from wecom_tollbooth.seeds.activity.cast import Cast
from wecom_tollbooth.seeds.activity.groups import chat_ids_of
from wecom_tollbooth.world.clock import DAY

SINGLE, SEVERAL = 1, 2
QR_CODE = 2
HEXADECIMAL = "0123456789abcdef"
CAME_THROUGH = 4
"""Customers of the first member who came through each way, or half of all; twice as many opened the link."""


def add_ways(cast: Cast) -> None:
    """Adds two contact ways, a join way where there is a group, and an acquisition link."""
    first, chat_ids = cast.members[0], chat_ids_of(cast)
    newest = cast.customers[first][::-1]
    each = min(CAME_THROUGH, len(newest) // 2)
    counter = _contact_way(cast, [first], "人民广场店收银台", "store-renmin", days_ago=80)
    _contact_way(cast, cast.members[:3], "会员日海报", "poster-member-day", days_ago=45)
    _came_through(cast, first, newest[:each], SCANNED, counter.state)
    if chat_ids:
        _join_way(cast, chat_ids)
    cast.tx.execute(
        sa.insert(WAY_COUNT).values(corp_id=cast.seeding.corp_id, kind="lasting", count=3 if chat_ids else 2)
    )
    _acquisition_link(cast, first, newest[each : 2 * each])


def _contact_way(cast: Cast, users: list[str], remark: str, state: str, days_ago: int) -> ContactWay:
    made = cast.at(cast.now - days_ago * DAY)
    way = ContactWay(
        corp_id=made.corp_id,
        config_id=made.draw("config_id", 32, HEXADECIMAL),
        created_by=cast.agentid,
        created_at=made.now,
        type=SINGLE if len(users) == 1 else SEVERAL,
        scene=QR_CODE,
        remark=remark,
        state=state,
        users=users,
        turn=CAME_THROUGH if len(users) == 1 else 0,
    )
    cast.tx.execute(sa.insert(CONTACT_WAY), way.model_dump())
    return way


def _join_way(cast: Cast, chat_ids: list[str]) -> None:
    made = cast.at(cast.now - 30 * DAY)
    way = GroupJoinWay(
        corp_id=made.corp_id,
        config_id=made.draw("config_id", 32, HEXADECIMAL),
        created_by=cast.agentid,
        scene=QR_CODE,
        remark="桌卡二维码",
        room_base_name="新品试饮群",
        room_base_id=2,
        chat_ids=chat_ids[:1],
        state="桌卡",
    )
    cast.tx.execute(sa.insert(GROUP_JOIN_WAY), way.model_dump())


def _acquisition_link(cast: Cast, userid: str, customers: list[str]) -> None:
    made = cast.at(cast.now - 20 * DAY)
    corp_id, link_id, state = made.corp_id, "ca" + made.new_id("")[:16], "xiaohongshu"
    cast.tx.execute(
        sa.insert(ACQUISITION_LINK).values(
            corp_id=corp_id,
            link_id=link_id,
            seq=made.next_id(),
            link_name="小红书秋季新品投放",
            create_time=made.now,
            skip_verify=True,
            mark_source=True,
            user_list=[userid],
            department_list=[],
            created_by=cast.agentid,
        )
    )
    for place in range(2 * len(customers)):
        at = made.now + (1 + place) * DAY
        person = customers[place // 2] if place % 2 else f"visitor{place}"
        cast.tx.execute(
            sa.insert(LINK_CLICK).values(
                corp_id=corp_id, link_id=link_id, seq=made.next_id(), at=at, person=person
            )
        )
        if place % 2:
            cast.tx.execute(
                sa.insert(LINK_CUSTOMER).values(
                    corp_id=corp_id,
                    link_id=link_id,
                    seq=made.next_id(),
                    external_userid=person,
                    userid=userid,
                    state=state,
                    added_at=at,
                    messages=1,
                )
            )
    _came_through(cast, userid, customers, THROUGH_A_LINK, state)


def _came_through(cast: Cast, userid: str, customers: list[str], add_way: int, state: str) -> None:
    cast.tx.execute(
        sa.update(FOLLOW_USER)
        .where(
            FOLLOW_USER.c.corp_id == cast.seeding.corp_id,
            FOLLOW_USER.c.userid == userid,
            FOLLOW_USER.c.external_userid.in_(customers),
        )
        .values(add_way=add_way, state=state, source_agentid=cast.agentid)
    )
