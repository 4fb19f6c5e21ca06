"""Follow-up records with their logs, counters and reminders."""

from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from wecom_tollbooth.db import Slices
from wecom_tollbooth.families.follow_ups.operations.shapes import TITLE_CHARS
from wecom_tollbooth.families.follow_ups.store.pipeline import FIRST_PIPELINE, OPEN, from_shown
from wecom_tollbooth.families.follow_ups.store.ranks import STEP
from wecom_tollbooth.families.follow_ups.store.text_index import grams_of
from wecom_tollbooth.families.follow_ups.store.unit_of_work import add_to_counts
from wecom_tollbooth.families.follow_ups.tables import CORP, NEVER, FollowUp, FollowUpGram, FollowUpLog
from wecom_tollbooth.seeds.described.shapes.customers import SeedCustomer, SeedFollower, SeedFollowUp
from wecom_tollbooth.seeds.described.writing.rows import Making, Row, writing_rows
from wecom_tollbooth.world.clock import DAY

PIPELINE = from_shown(FIRST_PIPELINE)


def writing_follow_ups(making: Making) -> Slices[None]:
    counted: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    yield from writing_rows(making.seeding, _rows(making, counted))
    counts = [(*key, numbers) for key, numbers in sorted(counted.items())]
    if counts:
        count = partial(add_to_counts, corp_id=making.seeding.corp_id, counted=counts)
        yield making.seeding.writing(count)


def _rows(making: Making, counted: defaultdict[tuple[str, str], list[int]]) -> Iterator[Row]:
    for customer in making.file.customers:
        for follower in customer.followers:
            if follower.follow_up is not None:
                yield from _record_rows(making, customer, follower, follower.follow_up, counted)


def _record_rows(
    making: Making,
    customer: SeedCustomer,
    follower: SeedFollower,
    record: SeedFollowUp,
    counted: defaultdict[tuple[str, str], list[int]],
) -> Iterator[Row]:
    seq, userid = making.number(), follower.userid
    begun = making.at(follower.added_at if record.created_at is None else record.created_at)
    kind = PIPELINE.stages[record.stage]["kind"]
    logs = [(making.at(log.at), log) for log in record.logs]
    last_at = max((at for at, _ in logs), default=0)
    next_at = NEVER if record.next_in_days is None else making.now + record.next_in_days * DAY
    external_userid, name = making.known(customer)
    title = record.title or follower.remark or name[:TITLE_CHARS]
    updated = max(begun, last_at)
    yield making.row(
        FollowUp,
        seq=seq,
        external_userid=external_userid,
        userid=userid,
        stage_id=record.stage,
        rank=seq * STEP,
        title=title,
        note=record.note,
        priority=record.priority,
        amount=record.amount,
        source=record.source,
        next_at=next_at,
        last_at=last_at,
        stage_since=updated,
        created_at=begun,
        updated_at=updated,
        closed_at=0 if kind == OPEN else updated,
        close_reason="" if kind == OPEN else kind,
        creator=userid,
        updater=userid,
    )
    for at, log in logs:
        yield making.row(
            FollowUpLog, seq=seq, id=making.number(), at=at, kind=log.kind, text=log.text, by=userid
        )
    texts = (title, record.note, *(log.text for log in record.logs))
    for gram in sorted({gram for text in texts for gram in grams_of(text)}):
        yield making.row(FollowUpGram, gram=gram, seq=seq)
    for owner in (userid, CORP):
        numbers = counted[owner, record.stage]
        numbers[0] += 1
        numbers[1] += record.amount
        numbers[2] += 1
    number = making.number()
    if making.now <= next_at < NEVER:
        making.seeding.reminders.append((seq, next_at, number))
