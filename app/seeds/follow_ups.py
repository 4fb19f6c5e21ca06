"""Follow-up records for a demo corp: for customers who have none, then for new ones, chunk by chunk."""

import random
from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from app.db import Database, Transaction
from app.families.customers.relations import COUNTS, FOLLOW
from app.families.follow_ups.grams import grams_of
from app.families.follow_ups.pipeline import Pipeline
from app.families.follow_ups.places import FOLLOW_UP, STEP
from app.families.follow_ups.records import add_to_counts, read_pipeline
from app.families.follow_ups.reminders import remind
from app.families.follow_ups.tables import NEVER, FollowUp, FollowUpGram, FollowUpLog
from app.seeds.customers import IDS_A_CUSTOMER, add_chunk
from app.seeds.rows import insert, row
from app.world import clock

CHUNK = 25_000
IDS_A_RECORD = 3
DAY, YEAR = 86_400, 365 * 86_400
LOGGED, WITH_NEXT = 0.2, 0.6
REMINDED_AT_MOST = 1_000
"""Of a seed that is larger no record reminds: moving the clock on would do little else."""

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

Pair = tuple[str, str, str]
"""external_userid, userid, remark."""


def add_follow_ups(database: Database, corp_id: str, count: int) -> int:
    """Adds records to customers without one, then makes customers for the rest; how many it added.

    Adds fewer only where no member may have customers.
    """
    added = 0
    seed, reminds = database.settings.seed, count <= REMINDED_AT_MOST
    free = True
    while added < count:
        wanted = min(CHUNK, count - added)
        database.reserve_ids(wanted * (IDS_A_CUSTOMER + IDS_A_RECORD))
        with database.transaction() as tx:
            pairs = _free_pairs(tx, corp_id, wanted) if free else []
            free = free and len(pairs) == wanted
            if len(pairs) < wanted:
                made: list[Pair] = []
                if not add_chunk(tx, seed, corp_id, wanted - len(pairs), made):
                    count = 0
                pairs = [*pairs, *made][:wanted]
            _add(tx, seed, corp_id, pairs, reminds)
        added += len(pairs)
    return added


def _free_pairs(tx: Transaction, corp_id: str, limit: int) -> list[Pair]:
    """Members and customers without a record, behind the last that has one: no seed looks at all of them."""
    last = sa.select(sa.func.max(FOLLOW_UP.c.external_userid)).where(FOLLOW_UP.c.corp_id == corp_id)
    behind = tx.execute(last).scalar_one() or ""
    has_record = sa.exists().where(
        FOLLOW_UP.c.corp_id == corp_id,
        FOLLOW_UP.c.external_userid == FOLLOW.c.external_userid,
        FOLLOW_UP.c.userid == FOLLOW.c.userid,
    )
    query = (
        sa.select(FOLLOW.c.external_userid, FOLLOW.c.userid, FOLLOW.c.remark)
        .where(FOLLOW.c.corp_id == corp_id, FOLLOW.c.external_userid >= behind, COUNTS, ~has_record)
        .order_by(FOLLOW.c.external_userid, FOLLOW.c.userid)
        .limit(limit)
    )
    return [(found.external_userid, found.userid, found.remark) for found in tx.execute(query)]


def _add(tx: Transaction, seed: int, corp_id: str, pairs: list[Pair], reminds: bool) -> None:
    pipeline, _ = read_pipeline(tx, corp_id)
    first = tx.next_id()
    rng = random.Random(f"{seed}/{corp_id}/follow_ups/{first}")
    now = clock.now(tx)
    records = [_record(tx.next_id(), corp_id, pair, pipeline, rng, now) for pair in pairs]
    logs = [_log(tx.next_id(), one, rng) for one in records if one["last_at"]]
    texts = defaultdict(list, {log["seq"]: [log["text"]] for log in logs})
    grams = [
        {"corp_id": corp_id, "gram": gram, "seq": one["seq"]}
        for one in records
        for gram in grams_of(one["title"], *texts[one["seq"]])
    ]
    insert(tx, FollowUp, records)
    insert(tx, FollowUpLog, logs)
    insert(tx, FollowUpGram, sorted(grams, key=lambda gram: (gram["gram"], gram["seq"])))
    if reminds:
        for one in records:
            if one["next_at"] >= now:
                remind(tx, corp_id, one["seq"], one["next_at"])
    counted: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for one in records:
        for owner in (one["userid"], ""):
            kept = counted[owner, one["stage_id"]]
            kept[0] += 1
            kept[1] += one["amount"]
            kept[2] += 1
    add_to_counts(tx, corp_id, [(*key, kept) for key, kept in sorted(counted.items())])


def _record(
    seq: int, corp_id: str, pair: Pair, pipeline: Pipeline, rng: random.Random, now: int
) -> dict[str, Any]:
    external_userid, userid, remark = pair
    stage_id = rng.choice(tuple(pipeline.stages))
    is_open = pipeline.is_open(stage_id)
    created_at = now - rng.randrange(YEAR)
    stage_since = rng.randint(created_at, now)
    has_next = is_open and rng.random() < WITH_NEXT
    return row(
        FollowUp,
        corp_id=corp_id,
        seq=seq,
        external_userid=external_userid,
        userid=userid,
        stage_id=stage_id,
        rank=seq * STEP,
        title=remark or external_userid,
        priority=rng.randrange(4),
        amount=rng.randrange(1, 5_000) * 100,
        source=rng.choice(SOURCES),
        custom="{}",
        next_at=now + rng.randrange(-30 * DAY, 30 * DAY) if has_next else NEVER,
        last_at=stage_since if rng.random() < LOGGED else 0,
        stage_since=stage_since,
        created_at=created_at,
        updated_at=stage_since,
        closed_at=0 if is_open else stage_since,
        close_reason="" if is_open else pipeline.stages[stage_id]["kind"],
        creator=userid,
        updater=userid,
    )


def _log(number: int, record: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    return row(
        FollowUpLog,
        corp_id=record["corp_id"],
        seq=record["seq"],
        id=number,
        at=record["last_at"],
        kind=rng.choice(KINDS),
        text=rng.choice(TEXTS),
        by=record["userid"],
    )
