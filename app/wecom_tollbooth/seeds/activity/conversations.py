"""What members and customers wrote to each other, what members noted, and the history of follow-ups."""

import sqlalchemy as sa

from wecom_tollbooth.db import CompiledStatement, insert_tuples
from wecom_tollbooth.families.follow_ups.store.text_index import grams_of
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP, FOLLOW_UP_GRAM, FOLLOW_UP_LOG
from wecom_tollbooth.families.relations.tables import ACT_RECORD, FOLLOW_USER
from wecom_tollbooth.seeds.activity.cast import Cast
from wecom_tollbooth.world.clock import DAY

HOUR = 3_600
DAYS, CHATS_A_DAY, ANSWERED = 14, 3, 0.9
DESCRIPTIONS = (
    "爱喝杨枝甘露，少糖去冰",
    "公司行政，负责下午茶采购",
    "带小朋友来，常点无咖啡因",
    "会员日必到，喜欢集杯",
    "对牛奶过敏，推荐果茶",
)
STORY = (
    ("call", "来电问企业下午茶，约 40 人，每周一次"),
    ("message", "已发团购报价：单杯 15 元，满 20 杯免配送费"),
    ("visit", "上门试饮，行政和财务都到了，最喜欢葡萄系列"),
    ("message", "对方想改成每周两次，正在走内部审批"),
)
WITH_HISTORY = 8


_NOTE_CHAT = CompiledStatement(
    sa.update(FOLLOW_USER)
    .where(
        FOLLOW_USER.c.corp_id == sa.bindparam("corp"),
        FOLLOW_USER.c.external_userid == sa.bindparam("customer"),
        FOLLOW_USER.c.userid == sa.bindparam("member"),
    )
    .values(last_chat_at=sa.bindparam("last_chat_at"))
)


def add_conversations(cast: Cast) -> None:
    """Adds two weeks of messages between members and customers."""
    records: list[tuple[int, str, str, str]] = []
    for days_ago in range(DAYS, 0, -1):
        for userid, customers in cast.customers.items():
            for external_userid in cast.rng.sample(customers, min(len(customers), CHATS_A_DAY)):
                at = cast.now - days_ago * DAY + cast.rng.randrange(10 * HOUR)
                records.append((at, "message_in", userid, external_userid))
                if cast.rng.random() < ANSWERED:
                    records.append((at + cast.rng.randrange(HOUR), "message_out", userid, external_userid))
    corp_id, next_id = cast.seeding.corp_id, cast.seeding.next_id
    rows = ((corp_id, next_id(), *record, "") for record in sorted(records))
    names = ("corp_id", "id", "at", "kind", "userid", "external_userid", "reference")
    insert_tuples(cast.tx, ACT_RECORD, names, rows)
    last = {(userid, external_userid): at for at, _, userid, external_userid in sorted(records)}
    _NOTE_CHAT.many(
        cast.tx,
        [
            {"corp": corp_id, "member": userid, "customer": external_userid, "last_chat_at": at}
            for (userid, external_userid), at in last.items()
        ],
    )


def add_descriptions(cast: Cast) -> None:
    """Adds what members noted of their customers."""
    for userid, customers in cast.customers.items():
        for external_userid, description in zip(customers, DESCRIPTIONS, strict=False):
            cast.tx.execute(
                sa.update(FOLLOW_USER)
                .where(
                    FOLLOW_USER.c.corp_id == cast.seeding.corp_id,
                    FOLLOW_USER.c.userid == userid,
                    FOLLOW_USER.c.external_userid == external_userid,
                )
                .values(description=description)
            )


def add_history_of_follow_ups(cast: Cast) -> None:
    """Gives the first follow-up records a history of several entries."""
    corp_id = cast.seeding.corp_id
    query = (
        sa.select(FOLLOW_UP.c.seq, FOLLOW_UP.c.userid, FOLLOW_UP.c.updated_at)
        .where(FOLLOW_UP.c.corp_id == corp_id, FOLLOW_UP.c.last_at == 0)
        .order_by(FOLLOW_UP.c.seq)
        .limit(WITH_HISTORY)
    )
    for row in cast.tx.execute(query).all():
        seq, userid = row.seq, row.userid
        story = STORY[: cast.rng.randint(2, len(STORY))]
        begun = max(row.updated_at, cast.now - len(story) * 3 * DAY)
        step = (cast.now - begun) // (len(story) + 1)
        times = [begun + place * step for place in range(len(story))]
        logs = [
            (corp_id, seq, cast.seeding.next_id(), at, kind, text, userid)
            for at, (kind, text) in zip(times, story, strict=True)
        ]
        insert_tuples(cast.tx, FOLLOW_UP_LOG, ("corp_id", "seq", "id", "at", "kind", "text", "by"), logs)
        known = sa.select(FOLLOW_UP_GRAM.c.gram).where(
            FOLLOW_UP_GRAM.c.corp_id == corp_id, FOLLOW_UP_GRAM.c.seq == seq
        )
        grams = {gram for _, text in story for gram in grams_of(text)}
        grams -= set(cast.tx.execute(known).scalars())
        rows = [(corp_id, gram, seq) for gram in sorted(grams)]
        insert_tuples(cast.tx, FOLLOW_UP_GRAM, ("corp_id", "gram", "seq"), rows)
        cast.tx.execute(
            sa.update(FOLLOW_UP)
            .where(FOLLOW_UP.c.corp_id == corp_id, FOLLOW_UP.c.seq == seq)
            .values(last_at=times[-1], updated_at=times[-1])
        )
