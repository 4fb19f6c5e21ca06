"""Making a corp with its apps, and filling it with a seed."""

import random
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.billing.seats import seats_end_with_corp
from wecom_tollbooth.billing.tables import ClosedApp, ClosedCorp
from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.corps.tables import App, Corp
from wecom_tollbooth.db import Database, Transaction, table_of
from wecom_tollbooth.families.directory.tables import Department, Member, MemberDepartment
from wecom_tollbooth.families.relations.contact_count import contacts_end_with_corp
from wecom_tollbooth.families.tag_library.tables import Tag, TagGroup
from wecom_tollbooth.seeds.customers import add_customers
from wecom_tollbooth.seeds.follow_ups import add_follow_ups
from wecom_tollbooth.seeds.rows import insert, row
from wecom_tollbooth.tables import metadata
from wecom_tollbooth.world import clock, ids, people

SEEDS = ("empty", "demo")

APPS: tuple[tuple[int, str, AppKind], ...] = (
    (1000002, "客户关系管理", AppKind.SELF_BUILT),
    (1000003, "营销助手", AppKind.SELF_BUILT),
    (1000004, "考勤打卡", AppKind.SELF_BUILT_UNLISTED),
    (2000001, "通讯录同步", AppKind.CONTACTS_SYNC),
    (2000002, "客户联系", AppKind.CUSTOMER_CONTACT),
)
"""The apps of every new corp. The first may call everything that a self-built app may."""

KEPT = {"usage_record", "usage_total", "usage_level", "ledger_seal", "closed_corp", "closed_app"}
"""Tables that keep the rows of a corp that was deleted: what it used can still be read and billed."""

SHOPS = ("总部", "华东大区", "华南大区", "上海人民广场店", "杭州湖滨店", "广州天河店", "深圳湾店")
TAGS = {
    "客户等级": ("一般", "重要", "核心"),
    "购买意向": ("低", "中", "高"),
    "口味偏好": ("奶茶", "果茶", "咖啡"),
}
USERIDS = ("zhangsan", "lisi", "wangwu", "zhaoliu", "sunqi")


@dataclass(frozen=True)
class NewCorp:
    """What is wanted: `members`, `customers` and `follow_ups` count for the seed `demo` only."""

    name: str = "演示企业"
    seed: str = "empty"
    members: int = 5
    customers: int = 40
    follow_ups: int = 0


def make_corp(database: Database, wanted: NewCorp) -> str:
    """Makes the corp with its staff and tags, then its customers and records. Returns its corpid."""
    with database.transaction() as tx:
        corp_id = _make_empty(tx, database.settings.seed, wanted)
        if wanted.seed == "demo":
            _staff(tx, database.settings.seed, corp_id, wanted)
    if wanted.seed == "demo":
        add_customers(database, corp_id, wanted.customers)
        add_follow_ups(database, corp_id, wanted.follow_ups)
    return corp_id


def delete_corp(tx: Transaction, corp_id: str) -> bool:
    """Deletes every row of the corp but its ledger, which is closed; False if there was no such corp.

    Nobody gets its corpid again: a corpid is drawn from a number that the database hands out once.
    """
    corp = table_of(Corp)
    found = tx.execute(sa.select(corp.c.name).where(corp.c.corp_id == corp_id)).first()
    if found is None:
        return False
    now = clock.now(tx)
    contacts_end_with_corp(tx, corp_id, now)
    seats_end_with_corp(tx, corp_id, now)
    tx.session.add(ClosedCorp(corp_id=corp_id, name=found.name, closed_at=now))
    tx.flush()
    app = table_of(App)
    of_providers = sa.select(app.c.corp_id, app.c.agentid, app.c.provider_id).where(
        app.c.corp_id == corp_id, app.c.provider_id.is_not(None)
    )
    closed_app = table_of(ClosedApp)
    tx.execute(sa.insert(closed_app).from_select(["corp_id", "agentid", "provider_id"], of_providers))
    for table in metadata().sorted_tables:
        if "corp_id" in table.c and table.name not in KEPT:
            tx.execute(sa.delete(table).where(table.c.corp_id == corp_id))
    return True


def _make_empty(tx: Transaction, seed: int, wanted: NewCorp) -> str:
    now = clock.now(tx)
    number = tx.next_id()
    corp_id = "ww" + ids.draw(seed, "corp", number, 16, "0123456789abcdef")
    tx.session.add(Corp(corp_id=corp_id, name=wanted.name, created_at=now))
    for agentid, name, kind in APPS:
        tx.session.add(new_app(tx, seed, corp_id, name, kind, now, agentid=agentid))
    tx.session.add(Department(corp_id=corp_id, id=1, name=wanted.name, parentid=0, sort_order=100000000))
    if wanted.seed == "empty":
        insert(tx, Member, [_member(corp_id, "admin", "管理员", 1, now, "19000000000")])
        insert(tx, MemberDepartment, [_place(corp_id, "admin", 1)])
    return corp_id


def new_app(
    tx: Transaction, seed: int, corp_id: str, name: str, kind: AppKind, now: int, *, agentid: int
) -> App:
    """An app with its own secret and callback keys, not yet added to the session."""
    about, number = f"{corp_id}/{agentid}", tx.next_id()
    return App(
        corp_id=corp_id,
        agentid=agentid,
        name=name,
        kind=kind,
        secret=ids.draw(seed, f"secret/{about}", number, 43),
        callback_token=ids.draw(seed, f"callback_token/{about}", number, 24),
        encoding_aes_key=ids.draw(seed, f"encoding_aes_key/{about}", number, 43),
        created_at=now,
    )


def _staff(tx: Transaction, seed: int, corp_id: str, wanted: NewCorp) -> None:
    """The shops of the chain, their members and the corp's tags."""
    rng = random.Random(f"{seed}/{corp_id}")
    now = clock.now(tx)
    people_seed = rng.randrange(2**32)
    names, mobiles = people.names(people_seed), people.mobiles(people_seed)
    insert(
        tx,
        Department,
        [
            row(Department, corp_id=corp_id, id=2 + place, name=name, parentid=1, sort_order=1000 - place)
            for place, name in enumerate(SHOPS)
        ],
    )
    userids = list(USERIDS[: wanted.members])
    userids += [f"user{number:05d}" for number in range(len(userids) + 1, wanted.members + 1)]
    departments = [2 + place % len(SHOPS) for place in range(len(userids))]
    insert(
        tx,
        Member,
        [
            _member(corp_id, userid, next(names), department, now, next(mobiles))
            for userid, department in zip(userids, departments, strict=True)
        ],
    )
    places = [_place(corp_id, userid, place) for userid, place in zip(userids, departments, strict=True)]
    insert(tx, MemberDepartment, places)
    _make_tags(tx, seed, corp_id, now)


def _make_tags(tx: Transaction, seed: int, corp_id: str, now: int) -> None:
    for group_name, tag_names in TAGS.items():
        number = tx.next_id()
        group_id = ids.wecom_id(seed, "et", number)
        made = row(
            TagGroup,
            corp_id=corp_id,
            group_id=group_id,
            name=group_name,
            create_time=now,
            seq=number,
            created_by=0,
        )
        insert(tx, TagGroup, [made])
        for name in tag_names:
            number = tx.next_id()
            made = row(
                Tag,
                corp_id=corp_id,
                tag_id=ids.wecom_id(seed, "et", number),
                group_id=group_id,
                name=name,
                create_time=now,
                seq=number,
                created_by=0,
            )
            insert(tx, Tag, [made])


def _member(corp_id: str, userid: str, name: str, department: int, now: int, mobile: str) -> dict[str, Any]:
    return row(
        Member,
        corp_id=corp_id,
        userid=userid,
        userid_key=userid.lower(),
        name=name,
        mobile=mobile,
        main_department=department,
        created_at=now,
    )


def _place(corp_id: str, userid: str, department: int) -> dict[str, Any]:
    return row(MemberDepartment, corp_id=corp_id, userid=userid, department_id=department, position=0)
