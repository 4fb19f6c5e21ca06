"""Making a corp with its apps, and filling it with a seed."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.db import Database, Hot, Transaction
from app.families.customer_tags.tables import FollowTag, Tag, TagGroup
from app.families.customers.tables import ExternalContact, FollowUser
from app.families.directory.tables import Department, Member, MemberDepartment
from app.gateway.permissions import AppKind
from app.gateway.tables import App, Corp
from app.tables import metadata
from app.world import clock, ids, people

SEEDS = ("empty", "demo")
BATCH = 1_000
YEAR = 365 * 86_400
HALF_A_PERCENT = 0.005

APPS: tuple[tuple[int, str, AppKind], ...] = (
    (1000002, "客户关系管理", AppKind.SELF_BUILT),
    (1000003, "营销助手", AppKind.SELF_BUILT),
    (1000004, "考勤打卡", AppKind.SELF_BUILT_UNLISTED),
    (2000001, "通讯录同步", AppKind.CONTACTS_SYNC),
    (2000002, "客户联系", AppKind.CUSTOMER_CONTACT),
)
"""The apps of every new corp. The first may call everything that a self-built app may."""

SHOPS = ("总部", "华东大区", "华南大区", "上海人民广场店", "杭州湖滨店", "广州天河店", "深圳湾店")
TAGS = {
    "客户等级": ("一般", "重要", "核心"),
    "购买意向": ("低", "中", "高"),
    "口味偏好": ("奶茶", "果茶", "咖啡"),
}
ADD_WAYS = (1, 1, 1, 2, 3, 4, 6, 15)


@dataclass(frozen=True)
class NewCorp:
    """What is wanted: `members` and `customers` count for the seed `demo` only."""

    name: str = "演示企业"
    seed: str = "empty"
    members: int = 5
    customers: int = 40


def make_corp(database: Database, wanted: NewCorp) -> str:
    """Makes the corp and fills it, in one transaction. Returns its corpid."""
    database.reserve_ids(10_000 + wanted.members * 2 + wanted.customers * 3)
    with database.transaction() as tx:
        corp_id = _make_empty(tx, database.settings.seed, wanted)
        if wanted.seed == "demo":
            for _ in _fill(tx, database.settings.seed, corp_id, wanted):
                pass
        return corp_id


def delete_corp(tx: Transaction, corp_id: str) -> bool:
    """Deletes every row of the corp, its ledger too; False if there was no such corp."""
    corp: sa.Table = Corp.__table__  # type: ignore[attr-defined]
    if tx.execute(sa.select(corp).where(corp.c.corp_id == corp_id)).first() is None:
        return False
    for table in metadata().sorted_tables:
        if "corp_id" in table.c:
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
        _insert(tx, Member, [_member(corp_id, "admin", "管理员", 1, now, "19000000000")])
        _insert(tx, MemberDepartment, [_place(corp_id, "admin", 1)])
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


def _fill(tx: Transaction, seed: int, corp_id: str, wanted: NewCorp) -> Iterator[int]:
    """Fills the corp with shops, members, tags and customers; yields the customers made so far."""
    rng = random.Random(f"{seed}/{corp_id}")
    now = clock.now(tx)
    people_seed = rng.randrange(2**32)
    names, mobiles = people.names(people_seed), people.mobiles(people_seed)
    _insert(
        tx,
        Department,
        [
            _row(Department, corp_id=corp_id, id=2 + place, name=name, parentid=1, sort_order=1000 - place)
            for place, name in enumerate(SHOPS)
        ],
    )
    userids = ["zhangsan", "lisi", "wangwu", "zhaoliu", "sunqi"][: wanted.members]
    userids += [f"user{number:05d}" for number in range(len(userids) + 1, wanted.members + 1)]
    departments = [2 + place % len(SHOPS) for place in range(len(userids))]
    _insert(
        tx,
        Member,
        [
            _member(corp_id, userid, next(names), department, now, next(mobiles))
            for userid, department in zip(userids, departments, strict=True)
        ],
    )
    _insert(
        tx,
        MemberDepartment,
        [_place(corp_id, userid, place) for userid, place in zip(userids, departments, strict=True)],
    )
    tag_ids = _make_tags(tx, seed, corp_id, now)
    yield from _make_customers(tx, seed, corp_id, wanted.customers, userids, tag_ids, names, rng, now)


def _make_tags(tx: Transaction, seed: int, corp_id: str, now: int) -> list[str]:
    tag_ids = []
    for group_name, tag_names in TAGS.items():
        group_id = ids.wecom_id(seed, "et", tx.next_id())
        row = _row(
            TagGroup, corp_id=corp_id, group_id=group_id, name=group_name, create_time=now, created_by=0
        )
        _insert(tx, TagGroup, [row])
        for name in tag_names:
            tag_ids.append(ids.wecom_id(seed, "et", tx.next_id()))
            row = _row(
                Tag,
                corp_id=corp_id,
                tag_id=tag_ids[-1],
                group_id=group_id,
                name=name,
                create_time=now,
                created_by=0,
            )
            _insert(tx, Tag, [row])
    return tag_ids


def _make_customers(
    tx: Transaction,
    seed: int,
    corp_id: str,
    count: int,
    userids: list[str],
    tag_ids: list[str],
    names: Iterator[str],
    rng: random.Random,
    now: int,
) -> Iterator[int]:
    """Customers of the past year, each followed by one member, one in ten by a second; most carry tags."""
    made = 0
    for size in itertools.chain(itertools.repeat(BATCH, count // BATCH), (count % BATCH,)):
        contacts, follows, tags = [], [], []
        for _ in range(size if userids else 0):
            is_wecom = rng.random() < HALF_A_PERCENT * 20
            name, number = next(names), tx.next_id()
            external_userid = ids.wecom_id(seed, "wo" if is_wecom else "wm", number)
            created = now - rng.randrange(YEAR)
            contacts.append(
                _row(
                    ExternalContact,
                    corp_id=corp_id,
                    external_userid=external_userid,
                    name=name,
                    type=2 if is_wecom else 1,
                    gender=rng.randrange(3),
                    avatar=f"https://wx.qlogo.cn/mmhead/{external_userid[2:18]}/0",
                    unionid="" if is_wecom else "o" + ids.draw(seed, "unionid", number, 27),
                    position="采购经理" if is_wecom else "",
                    corp_name="甲乙商贸" if is_wecom else "",
                    corp_full_name="甲乙商贸有限公司" if is_wecom else "",
                    created_at=created,
                )
            )
            first = rng.randrange(len(userids))
            followers = [first]
            if len(userids) > 1 and rng.random() < HALF_A_PERCENT * 20:
                followers.append((first + 1) % len(userids))
            for userid in (userids[place] for place in followers):
                follows.append(
                    _row(
                        FollowUser,
                        corp_id=corp_id,
                        external_userid=external_userid,
                        userid=userid,
                        seq=tx.next_id(),
                        createtime=created,
                        remark=name,
                        add_way=rng.choice(ADD_WAYS),
                        oper_userid=userid,
                    )
                )
                tags += [
                    {"corp_id": corp_id, "external_userid": external_userid, "userid": userid, "tag_id": tag}
                    for tag in rng.sample(tag_ids, rng.randrange(4))
                ]
        _insert(tx, ExternalContact, contacts)
        _insert(tx, FollowUser, follows)
        _insert(tx, FollowTag, tags)
        made += size
        yield made


def _member(corp_id: str, userid: str, name: str, department: int, now: int, mobile: str) -> dict[str, Any]:
    return _row(
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
    return _row(MemberDepartment, corp_id=corp_id, userid=userid, department_id=department, position=0)


_INSERTS: dict[type, Hot] = {}
_EMPTY: dict[str, Any] = {"profile": "{}", "remark_mobiles": "[]"}


def _row(table: Any, **values: Any) -> dict[str, Any]:
    """All columns of the table: `values`, else the model's defaults, as the driver wants them."""
    row = {}
    for name, field in table.model_fields.items():
        row[name] = values[name] if name in values else _EMPTY.get(name, field.default)
    return row


def _insert(tx: Transaction, table: Any, rows: list[dict[str, Any]]) -> None:
    if table not in _INSERTS:
        core: sa.Table = table.__table__
        values: dict[str, Any] = {column.name: sa.bindparam(column.name) for column in core.columns}
        _INSERTS[table] = Hot(sa.insert(core).values(values))
    tx.flush()
    _INSERTS[table].many(tx, rows)
