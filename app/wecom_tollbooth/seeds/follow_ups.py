"""Seeds follow-up records: for customers without one, then for new customers."""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
import sqlalchemy as sa

from wecom_tollbooth.db import Slices, Transaction, insert_tuples, json_list
from wecom_tollbooth.families.follow_ups.store.pipeline import Pipeline
from wecom_tollbooth.families.follow_ups.store.ranks import STEP
from wecom_tollbooth.families.follow_ups.store.reminders import schedule_reminder
from wecom_tollbooth.families.follow_ups.store.text_index import grams_of
from wecom_tollbooth.families.follow_ups.store.unit_of_work import add_to_counts, read_pipeline
from wecom_tollbooth.families.follow_ups.tables import CORP, FOLLOW_UP, FOLLOW_UP_GRAM, FOLLOW_UP_LOG, NEVER
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE
from wecom_tollbooth.families.relations.tables import FOLLOW_USER
from wecom_tollbooth.seeds.customers import CustomerBatch, customer_batch
from wecom_tollbooth.seeds.seeding import DRAWN_AT_A_TIME, Reminder, Seeding
from wecom_tollbooth.world.clock import DAY
from wecom_tollbooth.world.context import Context

CHUNK = 25_000
"""Records in memory at a time."""
READ_AT_A_TIME = 500
IDS_A_RECORD = 7
YEAR = 365 * DAY
LOGGED, WITH_NEXT = 0.2, 0.6
REMINDERS_UP_TO = 1_000
"""A larger seed gets no reminders: advancing the clock would do little else."""

KINDS = ("call", "visit", "message", "note")
TEXTS = (
    "电话沟通，约好下周到店试饮",
    "已发团购报价单，等对方确认",
    "想办企业下午茶，每周一次",
    "嫌价格高，等新品活动再联系",
    "加了微信，还没有回复",
    "到店拜访，店长很感兴趣",
)
SOURCES = ("门店扫码", "老客介绍", "获客链接", "展会")

Relation = tuple[str, str, str]
"""external_userid, userid, remark."""


def adding_follow_ups(seeding: Seeding, count: int) -> Slices[int]:
    """Adds records for customers without one, then for new customers; returns how many it added.

    Adds fewer than `count` where no member may have customers, or where calls do the same meanwhile.
    """
    if not count:
        return 0
    number = seeding.next_id()
    pipeline, version = yield seeding.writing(partial(read_pipeline, corp_id=seeding.corp_id))
    drawing = _Drawing(seeding, pipeline, number, reminds=count <= REMINDERS_UP_TO)
    writing = _Writing(seeding, version)
    relations = yield from _without_record(seeding)
    left, added = count, 0
    while left and (chunk := (yield from relations.next(min(CHUNK, left)))):
        left -= len(chunk)
        records: list[Record] = []
        for drawn, relation in enumerate(chunk):
            records.append(drawing.record(*relation))
            if drawn % DRAWN_AT_A_TIME == 0:
                yield None
        for start in range(0, len(records), seeding.rows):
            some = records[start : start + seeding.rows]
            written = yield seeding.writing(partial(writing.write, some))
            if written is None:
                return added
            added += written
    return added


@dataclass(frozen=True)
class Record:
    """What belongs to one record: its row, and what is counted, found and reminded of."""

    row: tuple[Any, ...]
    log: tuple[Any, ...] | None
    grams: set[str]
    owner: str
    stage_id: str
    amount: int
    reminder: Reminder | None

    @property
    def relation(self) -> tuple[str, str]:
        return self.row[2], self.row[3]


class _Drawing:
    """Draws records; the same seed draws the same ones, whatever happens meanwhile."""

    def __init__(self, seeding: Seeding, pipeline: Pipeline, number: int, *, reminds: bool) -> None:
        self._seeding, self._reminds = seeding, reminds
        self._rng = random.Random(f"{seeding.seed}/{seeding.corp_id}/follow_ups/{number}")
        self._stages = [(id_, *_closing(pipeline, id_)) for id_ in pipeline.stages]

    def record(self, external_userid: str, userid: str, remark: str) -> Record:
        draw, choose = self._rng.random, self._rng.choice
        now, next_id, corp_id = self._seeding.now, self._seeding.next_id, self._seeding.corp_id
        seq = next_id()
        stage_id, is_open, reason = choose(self._stages)
        title = remark or external_userid
        amount = (1 + int(draw() * 4_999)) * 100
        created_at = now - int(draw() * YEAR)
        since = created_at + int(draw() * (now - created_at + 1))
        next_at = now + int((draw() * 60 - 30) * DAY) if is_open and draw() < WITH_NEXT else NEVER
        grams = grams_of(title)
        log, last_at = None, 0
        if draw() < LOGGED:
            last_at = since
            text = choose(TEXTS)
            log = (corp_id, seq, next_id(), last_at, choose(KINDS), text, userid)
            grams |= _GRAMS[text]
        reminder = (seq, next_at, next_id()) if self._reminds and now <= next_at < NEVER else None
        row = (
            corp_id,
            seq,
            external_userid,
            userid,
            stage_id,
            seq * STEP,
            title,
            "",
            int(draw() * 4),
            amount,
            choose(SOURCES),
            "{}",
            next_at,
            last_at,
            since,
            1,
            created_at,
            since,
            0 if is_open else since,
            reason,
            userid,
            userid,
        )
        return Record(row, log, grams, userid, stage_id, amount, reminder)


class _Writing:
    """Writes records with all that belongs to them, so that each transaction leaves the data in order."""

    def __init__(self, seeding: Seeding, version: int) -> None:
        self._seeding, self._version = seeding, version

    def write(self, records: list[Record], tx: Transaction) -> int | None:
        """How many it wrote; None, and nothing written, if the pipeline has changed."""
        corp_id = self._seeding.corp_id
        if not self._seeding.hidden:
            if read_pipeline(tx, corp_id)[1] != self._version:
                return None
            free = _still_without_record(tx, corp_id, [record.relation[0] for record in records])
            records = [record for record in records if record.relation in free]
        insert_tuples(tx, FOLLOW_UP, COLUMNS, [record.row for record in records])
        logs = [record.log for record in records if record.log]
        insert_tuples(tx, FOLLOW_UP_LOG, ("corp_id", "seq", "id", "at", "kind", "text", "by"), logs)
        grams = sorted((corp_id, gram, record.row[1]) for record in records for gram in record.grams)
        insert_tuples(tx, FOLLOW_UP_GRAM, ("corp_id", "gram", "seq"), grams)
        add_to_counts(tx, corp_id, _counted(records))
        reminders = [record.reminder for record in records if record.reminder]
        if self._seeding.hidden:
            self._seeding.reminders += reminders
        else:
            schedule_seeded(self._seeding.context(tx), reminders)
        return len(records)


def schedule_seeded(context: Context, reminders: Iterable[Reminder]) -> None:
    for seq, at, number in reminders:
        schedule_reminder(context, seq, at, number)


def _counted(records: Iterable[Record]) -> list[tuple[str, str, list[int]]]:
    counted: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for record in records:
        for owner in (record.owner, CORP):
            kept = counted[owner, record.stage_id]
            kept[0] += 1
            kept[1] += record.amount
            kept[2] += 1
    return [(*key, kept) for key, kept in sorted(counted.items())]


COLUMNS = (
    "corp_id",
    "seq",
    "external_userid",
    "userid",
    "stage_id",
    "rank",
    "title",
    "note",
    "priority",
    "amount",
    "source",
    "custom",
    "next_at",
    "last_at",
    "stage_since",
    "version",
    "created_at",
    "updated_at",
    "closed_at",
    "close_reason",
    "creator",
    "updater",
)
_GRAMS = {text: grams_of(text) for text in TEXTS}


def _closing(pipeline: Pipeline, stage_id: str) -> tuple[bool, str]:
    """Whether records of the stage are open, and otherwise their close_reason."""
    is_open = pipeline.is_open(stage_id)
    return is_open, "" if is_open else pipeline.stages[stage_id]["kind"]


class _Relations:
    """Relations without a record: existing ones first, then those of new customers."""

    def __init__(self, seeding: Seeding, last: str, found: list[Relation], batch: CustomerBatch) -> None:
        self._seeding, self._batch = seeding, batch
        self._found = found
        self._behind: sa.ColumnElement[bool] = FOLLOW_USER.c.external_userid > last
        self._has_more = True

    def next(self, wanted: int) -> Slices[list[Relation]]:
        """`wanted` relations; fewer only where no member may have customers."""
        while self._has_more and len(self._found) < wanted:
            yield from self._read(min(READ_AT_A_TIME, wanted - len(self._found)))
        if len(self._found) < wanted:
            made: list[Relation] = []
            yield from self._batch.add(wanted - len(self._found), made)
            yield from self._batch.insert()
            self._found += made
        # A new customer can have two followers: the second relation may be left for the next chunk.
        some, self._found = self._found[:wanted], self._found[wanted:]
        return some

    def _read(self, limit: int) -> Slices[None]:
        read = partial(_relations, corp_id=self._seeding.corp_id, which=self._behind, limit=limit)
        more = yield self._seeding.writing(read)
        self._found += more
        self._has_more = len(more) == limit
        if more:
            self._behind = _key > sa.tuple_(sa.literal(more[-1][0]), sa.literal(more[-1][1]))


def _without_record(seeding: Seeding) -> Slices[_Relations]:
    last, found = yield seeding.writing(partial(_last_customer_with_record, corp_id=seeding.corp_id))
    batch = yield from customer_batch(seeding)
    return _Relations(seeding, last, found, batch)


_key = sa.tuple_(FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid)
_has_record = sa.exists().where(
    FOLLOW_UP.c.corp_id == FOLLOW_USER.c.corp_id,
    FOLLOW_UP.c.external_userid == FOLLOW_USER.c.external_userid,
    FOLLOW_UP.c.userid == FOLLOW_USER.c.userid,
)


def _last_customer_with_record(tx: Transaction, corp_id: str) -> tuple[str, list[Relation]]:
    """The last customer with a record, and this customer's relations that have none."""
    query = sa.select(sa.func.max(FOLLOW_UP.c.external_userid)).where(FOLLOW_UP.c.corp_id == corp_id)
    last: str = tx.execute(query).scalar_one() or ""
    return last, _relations(tx, corp_id, (FOLLOW_USER.c.external_userid == last) & ~_has_record, CHUNK)


def _still_without_record(tx: Transaction, corp_id: str, customers: list[str]) -> set[tuple[str, str]]:
    """(external_userid, userid) of the customers' relations that have neither ended nor got a record."""
    named = FOLLOW_USER.c.external_userid.in_(json_list(tx.dialect, "customers"))
    query = sa.select(FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid).where(
        FOLLOW_USER.c.corp_id == corp_id, named, IS_ACTIVE, ~_has_record
    )
    rows = tx.execute(query, {"customers": orjson.dumps(sorted(set(customers))).decode()})
    return {(row.external_userid, row.userid) for row in rows}


def _relations(tx: Transaction, corp_id: str, which: sa.ColumnElement[bool], limit: int) -> list[Relation]:
    """Relations in the order of their keys, so that a seed can go on where the last one stopped."""
    query = (
        sa.select(FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid, FOLLOW_USER.c.remark)
        .where(FOLLOW_USER.c.corp_id == corp_id, which, IS_ACTIVE)
        .order_by(FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid)
        .limit(limit)
    )
    return [(row.external_userid, row.userid, row.remark) for row in tx.execute(query)]
