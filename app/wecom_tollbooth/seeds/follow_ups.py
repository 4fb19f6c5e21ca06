"""Seeds follow-up records: for customers without one, then for new customers."""

import random
from array import array
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.db import Database, Transaction
from wecom_tollbooth.families.follow_ups.store.pipeline import Pipeline
from wecom_tollbooth.families.follow_ups.store.ranks import STEP
from wecom_tollbooth.families.follow_ups.store.reminders import schedule_reminder
from wecom_tollbooth.families.follow_ups.store.text_index import grams_of
from wecom_tollbooth.families.follow_ups.store.unit_of_work import add_to_counts, read_pipeline
from wecom_tollbooth.families.follow_ups.tables import CORP, FOLLOW_UP, FOLLOW_UP_GRAM, FOLLOW_UP_LOG, NEVER
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE
from wecom_tollbooth.families.relations.tables import FOLLOW_USER
from wecom_tollbooth.seeds.bulk import analyze, indexes_rebuilt, insert_tuples, larger_cache
from wecom_tollbooth.seeds.customers import IDS_A_CUSTOMER, TABLES, CustomerBatch
from wecom_tollbooth.world.clock import DAY
from wecom_tollbooth.world.context import Context

CHUNK = 25_000
"""Records in memory at a time."""
PER_TRANSACTION = 100_000
"""Records in one transaction on PostgreSQL, where others work meanwhile. SQLite takes a seed as a whole."""
IDS_A_RECORD = 3
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


def add_follow_ups(database: Database, corp_id: str, count: int) -> int:
    """Adds records for customers without one, then for new customers; returns how many it added.

    Adds fewer than `count` only where no member may have customers.
    """
    added = 0
    with larger_cache(database):
        while added < count:
            wanted = count - added if database.dialect == "sqlite" else min(PER_TRANSACTION, count - added)
            database.reserve_ids(wanted * (IDS_A_CUSTOMER + IDS_A_RECORD))
            with database.transaction() as tx:
                seeding = _Seeding(Context(database.settings, tx, corp_id), reminds=count <= REMINDERS_UP_TO)
                made = seeding.add(wanted)
            added += made
            if made < wanted:
                break
    analyze(database, (FOLLOW_UP, FOLLOW_UP_LOG, FOLLOW_UP_GRAM, *TABLES), added)
    return added


class _Seeding:
    """One transaction of a seed: collects counters and the text index, and writes them at its end."""

    def __init__(self, context: Context, *, reminds: bool) -> None:
        self._context, self._tx, self._corp_id = context, context.db, context.corp_id
        self._reminds = reminds
        self._rng = random.Random(f"{context.settings.seed}/{context.corp_id}/follow_ups/{context.next_id()}")
        self._pipeline, _ = read_pipeline(context.db, context.corp_id)
        self._counted: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
        # Record numbers by pair of characters, in rising order and 8 bytes each.
        self._grams: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))

    def add(self, count: int) -> int:
        added = 0
        chunks = _chunks(self._context, count)
        relations = next(chunks, [])  # reads while the indexes are still there
        with indexes_rebuilt(self._tx, FOLLOW_UP, count):
            while relations:
                self._add_chunk(relations)
                added += len(relations)
                relations = next(chunks, [])
        grams = ((self._corp_id, gram, seq) for gram in sorted(self._grams) for seq in self._grams[gram])
        insert_tuples(self._tx, FOLLOW_UP_GRAM, ("corp_id", "gram", "seq"), grams)
        add_to_counts(self._tx, self._corp_id, [(*key, kept) for key, kept in sorted(self._counted.items())])
        return added

    def _add_chunk(self, relations: list[Relation]) -> None:
        draw, choose = self._rng.random, self._rng.choice
        stages = [(id_, *_closing(self._pipeline, id_)) for id_ in self._pipeline.stages]
        records: list[tuple[Any, ...]] = []
        logs: list[tuple[Any, ...]] = []
        now, next_id, corp_id = self._context.now, self._context.next_id, self._corp_id
        for external_userid, userid, remark in relations:
            seq = next_id()
            stage_id, is_open, reason = choose(stages)
            title = remark or external_userid
            amount = (1 + int(draw() * 4_999)) * 100
            created_at = now - int(draw() * YEAR)
            since = created_at + int(draw() * (now - created_at + 1))
            next_at = now + int((draw() * 60 - 30) * DAY) if is_open and draw() < WITH_NEXT else NEVER
            grams = grams_of(title)
            last_at = 0
            if draw() < LOGGED:
                last_at = since
                text = choose(TEXTS)
                logs.append((corp_id, seq, next_id(), last_at, choose(KINDS), text, userid))
                grams |= _GRAMS[text]
            for gram in grams:
                self._grams[gram].append(seq)
            for owner in (userid, CORP):
                kept = self._counted[owner, stage_id]
                kept[0] += 1
                kept[1] += amount
                kept[2] += 1
            if self._reminds and now <= next_at < NEVER:
                schedule_reminder(self._context, seq, next_at)
            records.append(
                (
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
            )
        insert_tuples(self._tx, FOLLOW_UP, COLUMNS, records)
        insert_tuples(self._tx, FOLLOW_UP_LOG, ("corp_id", "seq", "id", "at", "kind", "text", "by"), logs)


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


def _chunks(context: Context, count: int) -> Iterator[list[Relation]]:
    """Yields `count` relations without a record, chunk by chunk: existing ones first, then new customers'."""
    tx, corp_id = context.db, context.corp_id
    last, found = _last_customer_with_record(tx, corp_id)
    behind: sa.ColumnElement[bool] = FOLLOW_USER.c.external_userid > last
    has_more = True
    batch = CustomerBatch(context)
    while count:
        wanted = min(CHUNK, count)
        if has_more and len(found) < wanted:
            more = _relations(tx, corp_id, behind, wanted - len(found))
            found += more
            has_more = len(found) >= wanted
            if more:
                behind = _key > sa.tuple_(sa.literal(more[-1][0]), sa.literal(more[-1][1]))
        if len(found) < wanted:
            made: list[Relation] = []
            batch.add(wanted - len(found), made)
            found += made
        if not found:
            break
        yield found[:wanted]
        count -= len(found[:wanted])
        # A new customer can have two followers: the second relation may be left for the next chunk.
        found = found[wanted:]
    batch.insert()


_key = sa.tuple_(FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid)


def _last_customer_with_record(tx: Transaction, corp_id: str) -> tuple[str, list[Relation]]:
    """The last customer with a record, and this customer's relations that have none."""
    query = sa.select(sa.func.max(FOLLOW_UP.c.external_userid)).where(FOLLOW_UP.c.corp_id == corp_id)
    last: str = tx.execute(query).scalar_one() or ""
    has_record = sa.exists().where(
        FOLLOW_UP.c.corp_id == corp_id,
        FOLLOW_UP.c.external_userid == FOLLOW_USER.c.external_userid,
        FOLLOW_UP.c.userid == FOLLOW_USER.c.userid,
    )
    return last, _relations(tx, corp_id, (FOLLOW_USER.c.external_userid == last) & ~has_record, CHUNK)


def _relations(tx: Transaction, corp_id: str, which: sa.ColumnElement[bool], limit: int) -> list[Relation]:
    """Relations in the order of their keys, so that a seed can go on where the last one stopped."""
    query = (
        sa.select(FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid, FOLLOW_USER.c.remark)
        .where(FOLLOW_USER.c.corp_id == corp_id, which, IS_ACTIVE)
        .order_by(FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid)
        .limit(limit)
    )
    return [(row.external_userid, row.userid, row.remark) for row in tx.execute(query)]
