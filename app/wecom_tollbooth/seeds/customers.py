"""Seeds customers with followers and tags; a million go in as fast as the first thousand."""

import random
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.db import Database, Transaction
from wecom_tollbooth.families.directory.lookup import MAY_HAVE_CUSTOMERS
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.relations.contact_count import contacts_seeded
from wecom_tollbooth.families.relations.tables import (
    EXTERNAL_CONTACT,
    FOLLOW_USER,
    ExternalContact,
    FollowUser,
)
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG, TAG, FollowTag
from wecom_tollbooth.seeds.bulk import analyze, insert_tuples, larger_cache, row
from wecom_tollbooth.world import ids, people
from wecom_tollbooth.world.clock import DAY
from wecom_tollbooth.world.context import Context

CHUNK = 5_000
"""Customers drawn from one random generator and booked in one ledger record."""
BATCH = 200_000
"""Customers inserted in one transaction; until then they are in memory."""
IDS_A_CUSTOMER = 3
YEAR = 365 * DAY
OF_WECOM = FOLLOWED_BY_TWO = 0.1
ADD_WAYS = (1, 1, 1, 2, 3, 4, 6, 15)
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


def add_customers(database: Database, corp_id: str, count: int) -> int:
    """Adds customers who came during the past year; returns how many it added."""
    added = 0
    with larger_cache(database):
        for start in range(0, count, BATCH):
            wanted = min(BATCH, count - start)
            database.reserve_ids(wanted * IDS_A_CUSTOMER)
            with database.transaction() as tx:
                batch = CustomerBatch(Context(database.settings, tx, corp_id))
                edges = [*range(0, wanted, CHUNK), wanted]
                added += sum(batch.add(after_last - first) for first, after_last in pairwise(edges))
                batch.insert()
    analyze(database, TABLES, added)
    return added


class CustomerBatch:
    """New customers of one transaction, collected in memory and inserted together.

    Their ids are random, so each belongs on another page of the tables. Sorted by key, those of one page are
    inserted one after the other: the page is written once, not once for every few thousand customers.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._userids = _followers(context.db, context.corp_id)
        self._tag_ids = _tags(context.db, context.corp_id)
        self._contacts: list[tuple[Any, ...]] = []
        self._follows: list[tuple[Any, ...]] = []
        self._tags: list[tuple[Any, ...]] = []

    def add(self, count: int, made: list[tuple[str, str, str]] | None = None) -> int:
        """Adds `count` customers: one in ten is a WeCom user, one in ten has two followers, most have tags.

        Returns how many it added: 0 where no member may have customers. The (external_userid, userid, remark)
        of each new relation is appended to `made`.
        """
        if not self._userids:
            return 0
        context, tag_ids = self._context, self._tag_ids
        seed, now, next_id = context.settings.seed, context.now, context.next_id
        rng = random.Random(f"{seed}/{context.corp_id}/{next_id()}")
        names = people.names(rng.randrange(2**32))
        for _ in range(count):
            contact = _contact(seed, next_id(), next(names), rng, now)
            self._contacts.append(contact)
            external_userid, name, created_at = contact[0], contact[1], contact[-1]
            for userid in _some_followers(self._userids, rng):
                seq, add_way = next_id(), rng.choice(ADD_WAYS)
                self._follows.append((external_userid, userid, seq, created_at, name, add_way, userid))
                carried = rng.sample(tag_ids, min(rng.randrange(4), len(tag_ids)))
                self._tags += [(external_userid, userid, tag_id) for tag_id in carried]
                if made is not None:
                    made.append((external_userid, userid, name))
        contacts_seeded(context, count)
        if len(self._contacts) >= BATCH:
            self.insert()
        return count

    def insert(self) -> None:
        """Inserts the customers collected so far."""
        for model, table, columns, rows in (
            (ExternalContact, EXTERNAL_CONTACT, CONTACT_COLUMNS, self._contacts),
            (FollowUser, FOLLOW_USER, FOLLOW_COLUMNS, self._follows),
            (FollowTag, FOLLOW_TAG, TAG_COLUMNS, self._tags),
        ):
            rows.sort()
            defaults = row(model, corp_id=self._context.corp_id)
            constant = {name: value for name, value in defaults.items() if name not in columns}
            values = tuple(constant.values())
            insert_tuples(
                self._context.db, table, (*constant, *columns), (values + varying for varying in rows)
            )
            rows.clear()


def _contact(seed: int, number: int, name: str, rng: random.Random, now: int) -> tuple[Any, ...]:
    """A row with CONTACT_COLUMNS."""
    is_wecom = rng.random() < OF_WECOM
    external_userid = ids.wecom_id(seed, "wo" if is_wecom else "wm", number)
    return (
        external_userid,
        name,
        2 if is_wecom else 1,
        rng.randrange(3),
        f"https://wx.qlogo.cn/mmhead/{external_userid[2:18]}/0",
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
