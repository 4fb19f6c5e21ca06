"""Creating a corp with its apps, and filling it with a seed."""

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from wecom_tollbooth.corp_deletion import removing
from wecom_tollbooth.corps import unfinished
from wecom_tollbooth.corps.keys import begin_keyed, begin_keyed_again, taking_key
from wecom_tollbooth.corps.lifecycle import new_corp
from wecom_tollbooth.corps.tables import APP, CORP, App, Corp
from wecom_tollbooth.db import Database, IdBlock, Slices, Transaction, run_in
from wecom_tollbooth.families.directory.tables import Department, Member, MemberDepartment
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP
from wecom_tollbooth.families.tag_library.tables import Tag, TagGroup
from wecom_tollbooth.seeds.activity import IDS_OF_ACTIVITY, adding_activity
from wecom_tollbooth.seeds.activity.cast import USERIDS
from wecom_tollbooth.seeds.additions import TABLES_OF_FOLLOW_UPS, ids_for
from wecom_tollbooth.seeds.bulk import analyzing, indexes_rebuilt, insert_rows, larger_cache, row_of
from wecom_tollbooth.seeds.customers import TABLES, adding_customers
from wecom_tollbooth.seeds.follow_ups import adding_follow_ups, schedule_seeded
from wecom_tollbooth.seeds.seeding import ADMIN, NAME_OF_ADMIN, ROWS_ALONE, Seeding, note_seed
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world import ids, people
from wecom_tollbooth.world.clock import DAY
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.keyed_corps import STARTS_AT

if TYPE_CHECKING:
    from wecom_tollbooth.seeds.described.shapes import SeedFile

AT_ONCE = 500
"""A corp with so few rows is made in one transaction."""
IDS_OF_A_CORP = 60
"""Those of the corp, its apps and tags."""

DRAWN = ("demo", "scrm-400", "big")
"""Seeds that draw a chain of tea shops, each with numbers of its own: see named.py."""

SHOPS = ("总部", "华东大区", "华南大区", "上海人民广场店", "杭州湖滨店", "广州天河店", "深圳湾店")
TAGS = {
    "客户等级": ("一般", "重要", "核心"),
    "购买意向": ("低", "中", "高"),
    "口味偏好": ("奶茶", "果茶", "咖啡"),
}


@dataclass(frozen=True)
class NewCorp:
    """The corp to create; all but `name` and `seed` apply to the DRAWN seeds only.

    `activity` adds what its people have done so far: groups, ways, conversations, campaigns. `file` describes
    a corp that is not drawn; it must not contradict itself. With a `key`, the corp has
    ids of its own and a clock that stands at `starts_at`.
    """

    name: str = "演示企业"
    seed: str = "empty"
    members: int = 5
    customers: int = 40
    follow_ups: int = 0
    activity: bool = False
    file: "SeedFile | None" = None
    key: str = ""
    starts_at: int = STARTS_AT

    def as_json(self) -> dict[str, Any]:
        """As it is kept for a reset."""
        file = None if self.file is None else self.file.model_dump(mode="json", exclude_unset=True)
        return {**asdict(replace(self, file=None)), "file": file}

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "NewCorp":
        # The shapes of seed files are built at their first use, which takes a while.
        from wecom_tollbooth.seeds.described.shapes import SeedFile

        file = kept.get("file")
        return cls(**{**kept, "file": None if file is None else SeedFile.model_validate(file)})

    @property
    def rows(self) -> int:
        """What there is to write, roughly."""
        if self.file is not None:
            from wecom_tollbooth.seeds.described.making import rows_of

            return rows_of(self.file) + self.customers + self.follow_ups
        return self.members + self.customers + self.follow_ups if self.seed in DRAWN else 1


def making(database: Database, wanted: NewCorp) -> Slices[str]:
    """Creates the corp with its staff, tags, customers and records, and returns its corpid.

    Nobody sees it before it is complete. Little of it is one transaction; if much of it can't be completed,
    what was made is removed. Raises KeyInUse.
    """
    plan = Making(database.settings, wanted, (yield from _taking_ids(database, wanted)))
    if wanted.rows <= AT_ONCE:
        yield lambda tx: run_in(tx, plan.slices())
    else:
        plan.is_noted = True
        try:
            yield from plan.slices()
        except Exception:
            yield from plan.remove()
            raise
    plan.give_back_ids(database)
    return plan.corp_id


def make_corp(database: Database, wanted: NewCorp) -> str:
    """The same in one transaction, where no calls are served."""
    with database.transaction() as tx:
        plan = Making(database.settings, wanted, run_in(tx, _taking_ids(database, wanted)), rows=ROWS_ALONE)
        with larger_cache(tx), indexes_rebuilt(tx, FOLLOW_UP, wanted.follow_ups):
            run_in(tx, plan.slices())
    plan.give_back_ids(database)
    return plan.corp_id


def _taking_ids(database: Database, wanted: NewCorp) -> Slices[tuple[str, IdBlock]]:
    """The corpid of a corp with a key, else "", and the ids that the corp is made with."""
    count = _ids_for(wanted)
    if not wanted.key:
        return "", (yield partial(database.block_of_ids, count))
    return (yield from taking_key(database.settings.seed, wanted.key)), IdBlock(0, count)


@dataclass
class Again:
    """A corp that is made again, as it was made at `at`."""

    corp_id: str
    at: int
    additions: Callable[[], Slices[list[Seeding]]]
    """Adds what was added to it."""
    show: Callable[[Transaction], None]
    """To be done when the corp is seen again, before its contacts are counted."""
    conclude: Callable[[Transaction], None]
    """To be done after that."""


class Making:
    """A corp in the making."""

    def __init__(
        self,
        settings: Settings,
        wanted: NewCorp,
        taken: tuple[str, IdBlock],
        rows: int | None = None,
        again: Again | None = None,
    ) -> None:
        """`taken`: the corpid of a corp with a key, and the ids."""
        self._settings, self._wanted, self._rows = settings, wanted, rows
        self._corp_id_of_key, self._ids = taken
        self._before = self._ids.used
        self._again = again
        self._added: list[Seeding] = []
        self.is_noted = False
        self.corp_id = ""
        self._corp: Corp
        self._apps: list[App]
        self._seeding: Seeding

    def slices(self) -> Slices[None]:
        wanted = self._wanted
        yield self._begin
        seeding = self._seeding
        if wanted.file is not None:
            yield from self._described(wanted.file)
        elif wanted.seed == "empty":
            yield seeding.writing(lambda tx: _add_admin(seeding.context(tx)))
        else:
            yield from _adding_staff(seeding, wanted.members)
            yield seeding.writing(lambda tx: _add_tags(seeding.context(tx)))
            yield from adding_customers(seeding, wanted.customers)
            yield from adding_follow_ups(seeding, wanted.follow_ups)
            if wanted.activity:
                yield from adding_activity(seeding, self._apps[0].agentid)
        if self._again is not None:
            self._added = yield from self._again.additions()
        yield seeding.writing(self._finish)
        yield from analyzing((*TABLES, *TABLES_OF_FOLLOW_UPS), wanted.rows)

    def _described(self, file: "SeedFile") -> Slices[None]:
        # Not before a file is described: a sixteenth of the start.
        from wecom_tollbooth.seeds.described.making import adding_described
        from wecom_tollbooth.seeds.described.writing.apps import apps_of

        seeding = self._seeding
        yield from adding_described(seeding, file, self._apps[0].agentid)
        self._apps += yield seeding.writing(lambda tx: apps_of(seeding.context(tx), file))
        yield from adding_customers(seeding, self._wanted.customers)
        yield from adding_follow_ups(seeding, self._wanted.follow_ups)

    def remove(self) -> Slices[None]:
        if self.corp_id:
            yield partial(unfinished.give_up, corp_id=self.corp_id)
            yield from removing(self._settings, self.corp_id)

    def give_back_ids(self, database: Database) -> None:
        if not self._wanted.key:
            database.give_back_ids(self._ids)

    def _context(self, tx: Transaction) -> Context:
        """Of the corp that begins."""
        again = self._again
        context = Context(self._settings, tx, again.corp_id if again else self._corp_id_of_key)
        context.block = self._ids
        if again is not None:
            context.now = again.at
            if not self._wanted.key:
                context.next_id()  # its corpid was drawn with this one
        return context

    def _begin(self, tx: Transaction) -> None:
        self.corp_id, self._ids.used = "", self._before  # it begins again after a conflict
        context = self._context(tx)
        if self._wanted.key and self._again is not None:
            begin_keyed_again(context, self._wanted.key, self._wanted.starts_at, self._ids)
        elif self._wanted.key:
            begin_keyed(context, self._wanted.key, self._wanted.starts_at, self._ids)
        self._corp, self._apps = new_corp(context, self._wanted.name)
        self.corp_id = self._corp.corp_id
        if self._wanted.seed == "empty":
            self._corp.creator = ADMIN
        if self.is_noted:
            unfinished.note(tx, self.corp_id, unfinished.MAKING)
        self._seeding = Seeding(self._settings, self.corp_id, context.now, self._ids, hidden=True)
        self._seeding.is_noted = self.is_noted
        self._seeding.rows = self._rows or self._seeding.rows
        self._seeding.books_then = self._again is not None
        note_seed(tx, self.corp_id, 0, self._wanted.as_json(), self._ids, self._before, context.now)
        _add_root_department(context, self._wanted.name)

    def _finish(self, tx: Transaction) -> None:
        """Shows the corp, with what counts from now on."""
        seeding = self._seeding
        tx.execute(sa.insert(CORP), self._corp.model_dump())
        tx.execute(sa.insert(APP), [app.model_dump() for app in self._apps])
        if self._again is not None:
            self._again.show(tx)
        for one in (seeding, *self._added):
            for number, contacts in one.booked:
                one.book(tx, contacts, number)
            schedule_seeded(one.context(tx), one.reminders)
        if self._again is not None:
            self._again.conclude(tx)
        if self.is_noted:
            unfinished.forget(tx, self.corp_id)


def _ids_for(wanted: NewCorp) -> int:
    if wanted.file is not None:
        from wecom_tollbooth.seeds.described.making import ids_of

        return IDS_OF_A_CORP + ids_of(wanted.file) + ids_for(wanted.customers, wanted.follow_ups)
    if wanted.seed not in DRAWN:
        return IDS_OF_A_CORP
    of_activity = IDS_OF_ACTIVITY if wanted.activity else 0
    return IDS_OF_A_CORP + ids_for(wanted.customers, wanted.follow_ups) + of_activity


def _add_root_department(context: Context, name: str) -> None:
    root = Department(corp_id=context.corp_id, id=1, name=name, parentid=0, sort_order=100000000)
    context.db.session.add(root)


def _add_admin(context: Context) -> None:
    insert_rows(context.db, Member, [_member(context, ADMIN, NAME_OF_ADMIN, 1, "19000000000")])
    insert_rows(context.db, MemberDepartment, [_place(context, ADMIN, 1)])


def _adding_staff(seeding: Seeding, count: int) -> Slices[None]:
    """The shops of the chain and their members."""
    corp_id = seeding.corp_id
    rng = random.Random(f"{seeding.seed}/{corp_id}")
    people_seed = rng.randrange(2**32)
    names, mobiles = people.names(people_seed), people.mobiles(people_seed)
    shops = [
        row_of(Department, corp_id=corp_id, id=2 + place, name=name, parentid=1, sort_order=1000 - place)
        for place, name in enumerate(SHOPS)
    ]
    yield seeding.writing(lambda tx: insert_rows(tx, Department, shops))
    userids = list(USERIDS[:count])
    userids += [f"user{number:05d}" for number in range(len(userids) + 1, count + 1)]
    departments = [2 + place % len(SHOPS) for place in range(len(userids))]
    for start in range(0, len(userids), seeding.rows):
        some = list(zip(userids, departments, strict=True))[start : start + seeding.rows]
        members = [
            _member(seeding, userid, next(names), department, next(mobiles)) for userid, department in some
        ]
        places = [_place(seeding, userid, department) for userid, department in some]
        yield seeding.writing(partial(_add_members, members, places))


def _add_members(members: list[dict[str, Any]], places: list[dict[str, Any]], tx: Transaction) -> None:
    insert_rows(tx, Member, members)
    insert_rows(tx, MemberDepartment, places)


def _add_tags(context: Context) -> None:
    groups: list[dict[str, Any]] = []
    tags: list[dict[str, Any]] = []
    for group_name, tag_names in TAGS.items():
        group_id, group = _tag(context, TagGroup, group_name)
        groups.append({**group, "group_id": group_id})
        for name in tag_names:
            tag_id, tag = _tag(context, Tag, name)
            tags.append({**tag, "tag_id": tag_id, "group_id": group_id})
    insert_rows(context.db, TagGroup, groups)
    insert_rows(context.db, Tag, tags)


def _tag(context: Context, model: type[Tag | TagGroup], name: str) -> tuple[str, dict[str, Any]]:
    """A drawn id, and the columns that tags and tag groups have in common."""
    number = context.next_id()
    columns = row_of(
        model, corp_id=context.corp_id, name=name, create_time=context.now, seq=number, created_by=0
    )
    return ids.wecom_id(context.seed, "et", number), columns


def _member(
    context: Context | Seeding, userid: str, name: str, department: int, mobile: str
) -> dict[str, Any]:
    return row_of(
        Member,
        corp_id=context.corp_id,
        userid=userid,
        userid_key=userid.lower(),
        name=name,
        mobile=mobile,
        main_department=department,
        created_at=context.now - 366 * DAY,  # before the customers, who came within a year
    )


def _place(context: Context | Seeding, userid: str, department: int) -> dict[str, Any]:
    return row_of(
        MemberDepartment, corp_id=context.corp_id, userid=userid, department_id=department, position=0
    )
