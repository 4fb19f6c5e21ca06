"""Seeds customers with followers and tags; a million go in as fast as the first thousand."""

import heapq
import random
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.db import Slices, Transaction, insert_tuples
from wecom_tollbooth.families.directory.lookup import MAY_HAVE_CUSTOMERS
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.relations.tables import (
    EXTERNAL_CONTACT,
    FOLLOW_USER,
    ExternalContact,
    FollowUser,
)
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG, TAG, FollowTag
from wecom_tollbooth.seeds.bulk import row_of
from wecom_tollbooth.seeds.seeding import DRAWN_AT_A_TIME, Seeding
from wecom_tollbooth.world import avatars, ids, people
from wecom_tollbooth.world.clock import DAY

CHUNK = 5_000
"""Customers drawn from one random generator."""
BATCH = 200_000
"""Customers that are in memory until they are inserted."""
BATCH_BESIDE_CALLS = 20_000
"""The same while calls are served: Python's garbage collector looks through them in one go."""
IDS_A_CUSTOMER = 4
YEAR = 365 * DAY
OF_WECOM = FOLLOWED_BY_TWO = 0.1
ADD_WAYS = (1, 1, 1, 2, 3, 4, 6, 15)
Rows = tuple[tuple[Any, ...], ...]
Customer = tuple[str, tuple[Any, ...], Rows, Rows]
"""external_userid, and the rows of the contact, of its relations and of its tags.

Tuples, because Python's garbage collector comes to leave them alone.
"""
TABLES = (EXTERNAL_CONTACT, FOLLOW_USER, FOLLOW_TAG)

CONTACT_COLUMNS = (
    "external_userid",
    "name",
    "type",
    "gender",
    "avatar",
    "unionid",
    "position",
    "corp_name",
    "corp_full_name",
    "created_at",
)
FOLLOW_COLUMNS = ("external_userid", "userid", "seq", "createtime", "remark", "add_way", "oper_userid")
TAG_COLUMNS = ("external_userid", "userid", "tag_id")


def adding_customers(seeding: Seeding, count: int) -> Slices[int]:
    """Adds customers who came during the past year; returns how many it added."""
    batch = yield from customer_batch(seeding)
    added = 0
    for start in range(0, count, CHUNK):
        added += yield from batch.add(min(CHUNK, count - start))
    yield from batch.insert()
    return added


def customer_batch(seeding: Seeding) -> Slices["CustomerBatch"]:
    """A batch for the corp's members and tags."""
    userids = yield seeding.writing(partial(_followers, corp_id=seeding.corp_id))
    tag_ids = yield seeding.writing(partial(_tags, corp_id=seeding.corp_id))
    return CustomerBatch(seeding, userids, tag_ids)


class CustomerBatch:
    """New customers, collected in memory and inserted together.

    Their ids are random, so each belongs on another page of the tables. In the order of their keys, those of
    one page are inserted one after the other: the page is written once, not once for every few hundred
    customers.
    """

    def __init__(self, seeding: Seeding, userids: list[str], tag_ids: list[str]) -> None:
        self._seeding, self._userids, self._tag_ids = seeding, userids, tag_ids
        self._chunks: list[list[Customer]] = []
        self._numbers: list[int] = []

    def add(self, count: int, made: list[tuple[str, str, str]] | None = None) -> Slices[int]:
        """Adds `count` customers: one in ten is a WeCom user, one in ten has two followers, most have tags.

        Returns how many it added: 0 where no member may have customers. The (external_userid, userid, remark)
        of each new relation is appended to `made`.
        """
        if not self._userids:
            return 0
        seeding, tag_ids = self._seeding, self._tag_ids
        seed, now, next_id = seeding.seed, seeding.now, seeding.next_id
        rng = random.Random(f"{seed}/{seeding.corp_id}/{next_id()}")
        names = people.names(rng.randrange(2**32))
        customers: list[Customer] = []
        for drawn in range(count):
            contact = _contact(seed, next_id(), next(names), rng, now)
            external_userid, name, created_at = contact[0], contact[1], contact[-1]
            follows: list[tuple[Any, ...]] = []
            tags: list[tuple[Any, ...]] = []
            for userid in _some_followers(self._userids, rng):
                seq, add_way = next_id(), rng.choice(ADD_WAYS)
                follows.append((external_userid, userid, seq, created_at, name, add_way, userid))
                carried = rng.sample(tag_ids, min(rng.randrange(4), len(tag_ids)))
                tags += [(external_userid, userid, tag_id) for tag_id in carried]
                if made is not None:
                    made.append((external_userid, userid, name))
            customers.append((external_userid, contact, tuple(sorted(follows)), tuple(sorted(tags))))
            if drawn % DRAWN_AT_A_TIME == 0:
                yield None
        number = next_id()
        if seeding.hidden:
            seeding.booked.append((number, count))
        else:
            self._numbers.append(number)
        customers.sort(key=itemgetter(0))
        self._chunks.append(customers)
        if len(self._chunks) * CHUNK >= (BATCH if seeding.is_alone else BATCH_BESIDE_CALLS):
            yield from self.insert()
        return count

    def insert(self) -> Slices[None]:
        """Inserts the customers collected so far."""
        in_order = heapq.merge(*self._chunks, key=itemgetter(0))
        while customers := list(islice(in_order, min(self._seeding.rows, CHUNK))):
            yield self._seeding.writing(partial(self._write, customers, self._number()))
        self._chunks.clear()

    def _number(self) -> int | None:
        """The id of the record that books the next customers; None for any."""
        return self._numbers.pop(0) if self._numbers else None

    def _write(self, customers: "list[Customer]", number: int | None, tx: Transaction) -> None:
        for model, table, columns, rows in (
            (ExternalContact, EXTERNAL_CONTACT, CONTACT_COLUMNS, [contact for _, contact, _, _ in customers]),
            (FollowUser, FOLLOW_USER, FOLLOW_COLUMNS, [row for one in customers for row in one[2]]),
            (FollowTag, FOLLOW_TAG, TAG_COLUMNS, [row for one in customers for row in one[3]]),
        ):
            defaults = row_of(model, corp_id=self._seeding.corp_id)
            constant = {name: value for name, value in defaults.items() if name not in columns}
            values = tuple(constant.values())
            insert_tuples(tx, table, (*constant, *columns), (values + varying for varying in rows))
        if not self._seeding.hidden:
            self._seeding.book(tx, len(customers), number)


def _contact(seed: int, number: int, name: str, rng: random.Random, now: int) -> tuple[Any, ...]:
    """A row with CONTACT_COLUMNS."""
    is_wecom = rng.random() < OF_WECOM
    external_userid = ids.wecom_id(seed, "wo" if is_wecom else "wm", number)
    return (
        external_userid,
        name,
        2 if is_wecom else 1,
        rng.randrange(3),
        avatars.address(external_userid[2:18]),
        "" if is_wecom else "o" + ids.draw(seed, "unionid", number, 27),
        "采购经理" if is_wecom else "",
        "甲乙商贸" if is_wecom else "",
        "甲乙商贸有限公司" if is_wecom else "",
        now - rng.randrange(YEAR),
    )


def _some_followers(userids: list[str], rng: random.Random) -> list[str]:
    first = rng.randrange(len(userids))
    if len(userids) > 1 and rng.random() < FOLLOWED_BY_TWO:
        return [userids[first], userids[(first + 1) % len(userids)]]
    return [userids[first]]


def _followers(tx: Transaction, corp_id: str) -> list[str]:
    query = sa.select(MEMBER.c.userid).where(MEMBER.c.corp_id == corp_id, MAY_HAVE_CUSTOMERS)
    return [found.userid for found in tx.execute(query.order_by(MEMBER.c.userid))]


def _tags(tx: Transaction, corp_id: str) -> list[str]:
    query = sa.select(TAG.c.tag_id).where(TAG.c.corp_id == corp_id, TAG.c.deleted_at.is_(None))
    return [found.tag_id for found in tx.execute(query.order_by(TAG.c.tag_id))]
