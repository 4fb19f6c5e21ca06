"""Creating a corp with its apps, and filling it with a seed."""

import random
from dataclasses import dataclass
from typing import Any

from wecom_tollbooth.corps.lifecycle import create_corp
from wecom_tollbooth.db import Database
from wecom_tollbooth.families.directory.tables import Department, Member, MemberDepartment
from wecom_tollbooth.families.tag_library.tables import Tag, TagGroup
from wecom_tollbooth.seeds.bulk import insert_rows, row
from wecom_tollbooth.seeds.customers import add_customers
from wecom_tollbooth.seeds.follow_ups import add_follow_ups
from wecom_tollbooth.world import ids, people
from wecom_tollbooth.world.context import Context

SEEDS = ("empty", "demo")

SHOPS = ("总部", "华东大区", "华南大区", "上海人民广场店", "杭州湖滨店", "广州天河店", "深圳湾店")
TAGS = {
    "客户等级": ("一般", "重要", "核心"),
    "购买意向": ("低", "中", "高"),
    "口味偏好": ("奶茶", "果茶", "咖啡"),
}
USERIDS = ("zhangsan", "lisi", "wangwu", "zhaoliu", "sunqi")


@dataclass(frozen=True)
class NewCorp:
    """The corp to create; `members`, `customers` and `follow_ups` apply to the seed `demo` only."""

    name: str = "演示企业"
    seed: str = "empty"
    members: int = 5
    customers: int = 40
    follow_ups: int = 0


def make_corp(database: Database, wanted: NewCorp) -> str:
    """Creates the corp with its staff and tags, then its customers and records. Returns its corpid."""
    with database.transaction() as tx:
        nobody = Context(database.settings, tx, "")
        context = Context(database.settings, tx, create_corp(nobody, wanted.name), nobody.now)
        _add_root_department(context, wanted.name)
        if wanted.seed == "empty":
            _add_admin(context)
        else:
            _add_staff(context, wanted.members)
            _add_tags(context)
    if wanted.seed == "demo":
        add_customers(database, context.corp_id, wanted.customers)
        add_follow_ups(database, context.corp_id, wanted.follow_ups)
    return context.corp_id


def _add_root_department(context: Context, name: str) -> None:
    root = Department(corp_id=context.corp_id, id=1, name=name, parentid=0, sort_order=100000000)
    context.db.session.add(root)


def _add_admin(context: Context) -> None:
    insert_rows(context.db, Member, [_member(context, "admin", "管理员", 1, "19000000000")])
    insert_rows(context.db, MemberDepartment, [_place(context, "admin", 1)])


def _add_staff(context: Context, count: int) -> None:
    """The shops of the chain and their members."""
    rng = random.Random(f"{context.settings.seed}/{context.corp_id}")
    people_seed = rng.randrange(2**32)
    names, mobiles = people.names(people_seed), people.mobiles(people_seed)
    shops = [
        row(
            Department,
            corp_id=context.corp_id,
            id=2 + place,
            name=name,
            parentid=1,
            sort_order=1000 - place,
        )
        for place, name in enumerate(SHOPS)
    ]
    insert_rows(context.db, Department, shops)
    userids = list(USERIDS[:count])
    userids += [f"user{number:05d}" for number in range(len(userids) + 1, count + 1)]
    departments = [2 + place % len(SHOPS) for place in range(len(userids))]
    members = [
        _member(context, userid, next(names), department, next(mobiles))
        for userid, department in zip(userids, departments, strict=True)
    ]
    insert_rows(context.db, Member, members)
    places = [_place(context, userid, place) for userid, place in zip(userids, departments, strict=True)]
    insert_rows(context.db, MemberDepartment, places)


def _add_tags(context: Context) -> None:
    for group_name, tag_names in TAGS.items():
        group_id, group = _tag(context, TagGroup, group_name)
        insert_rows(context.db, TagGroup, [{**group, "group_id": group_id}])
        for name in tag_names:
            tag_id, tag = _tag(context, Tag, name)
            insert_rows(context.db, Tag, [{**tag, "tag_id": tag_id, "group_id": group_id}])


def _tag(context: Context, model: type[Tag | TagGroup], name: str) -> tuple[str, dict[str, Any]]:
    """A drawn id, and the columns that tags and tag groups have in common."""
    number = context.next_id()
    columns = row(
        model, corp_id=context.corp_id, name=name, create_time=context.now, seq=number, created_by=0
    )
    return ids.wecom_id(context.settings.seed, "et", number), columns


def _member(context: Context, userid: str, name: str, department: int, mobile: str) -> dict[str, Any]:
    return row(
        Member,
        corp_id=context.corp_id,
        userid=userid,
        userid_key=userid.lower(),
        name=name,
        mobile=mobile,
        main_department=department,
        created_at=context.now,
    )


def _place(context: Context, userid: str, department: int) -> dict[str, Any]:
    return row(MemberDepartment, corp_id=context.corp_id, userid=userid, department_id=department, position=0)
