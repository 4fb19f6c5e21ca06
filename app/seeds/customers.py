"""Customers for a demo corp: thousands a second, a chunk a transaction."""

import random
from itertools import pairwise
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from app.db import Database, Transaction
from app.families.customer_tags.tables import FollowTag, Tag
from app.families.customers.contacts import contacts_seeded
from app.families.customers.relations import FOLLOWER, MEMBER
from app.families.customers.tables import ExternalContact, FollowUser
from app.seeds.bulk import roomy
from app.seeds.rows import insert, row
from app.world import clock, ids, people

CHUNK = 5_000
IDS_A_CUSTOMER = 3
YEAR = 365 * 86_400
OF_WECOM = FOLLOWED_BY_TWO = 0.1
ADD_WAYS = (1, 1, 1, 2, 3, 4, 6, 15)
TAG: sa.Table = Tag.__table__  # type: ignore[attr-defined]


def add_customers(database: Database, corp_id: str, count: int) -> int:
    """Adds customers of the past year to the corp's members, a chunk a transaction; how many it added."""
    added = 0
    edges = [*range(0, count, CHUNK), count]
    with roomy(database):
        for first, after_last in pairwise(edges):
            database.reserve_ids((after_last - first) * IDS_A_CUSTOMER)
            with database.transaction() as tx:
                added += add_chunk(tx, database.settings.seed, corp_id, after_last - first)
    return added


def add_chunk(
    tx: Transaction, seed: int, corp_id: str, count: int, made: list[tuple[str, str, str]] | None = None
) -> int:
    """Adds `count` customers: one in ten of WeCom, one in ten with two followers, most with tags.

    Adds and returns 0 where no member may have customers. `made` takes the (external_userid, userid, remark)
    of the new relations.
    """
    userids, tag_ids = _followers(tx, corp_id), _tags(tx, corp_id)
    if not userids:
        return 0
    rng = random.Random(f"{seed}/{corp_id}/{tx.next_id()}")
    names = people.names(rng.randrange(2**32))
    now = clock.now(tx)
    contacts: list[dict[str, Any]] = []
    follows: list[dict[str, Any]] = []
    tags: list[dict[str, Any]] = []
    for _ in range(count):
        contact = _contact(seed, corp_id, tx.next_id(), next(names), rng, now)
        contacts.append(contact)
        for userid in _some_followers(userids, rng):
            pair = {"corp_id": corp_id, "external_userid": contact["external_userid"], "userid": userid}
            follows.append(
                row(
                    FollowUser,
                    **pair,
                    seq=tx.next_id(),
                    createtime=contact["created_at"],
                    remark=contact["name"],
                    add_way=rng.choice(ADD_WAYS),
                    oper_userid=userid,
                )
            )
            carried = rng.sample(tag_ids, min(rng.randrange(4), len(tag_ids)))
            tags += [{**pair, "tag_id": tag_id} for tag_id in carried]
    # In the order of their keys: the pages of a table are then visited once a chunk, not once a row.
    if made is not None:
        made += [(follow["external_userid"], follow["userid"], follow["remark"]) for follow in follows]
    for table, rows in ((ExternalContact, contacts), (FollowUser, follows), (FollowTag, tags)):
        insert(tx, table, sorted(rows, key=itemgetter("external_userid")))
    contacts_seeded(tx, corp_id, count, now)
    return count


def _contact(seed: int, corp_id: str, number: int, name: str, rng: random.Random, now: int) -> dict[str, Any]:
    is_wecom = rng.random() < OF_WECOM
    external_userid = ids.wecom_id(seed, "wo" if is_wecom else "wm", number)
    return row(
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
        created_at=now - rng.randrange(YEAR),
    )


def _some_followers(userids: list[str], rng: random.Random) -> list[str]:
    first = rng.randrange(len(userids))
    if len(userids) > 1 and rng.random() < FOLLOWED_BY_TWO:
        return [userids[first], userids[(first + 1) % len(userids)]]
    return [userids[first]]


def _followers(tx: Transaction, corp_id: str) -> list[str]:
    query = sa.select(MEMBER.c.userid).where(MEMBER.c.corp_id == corp_id, FOLLOWER)
    return [found.userid for found in tx.execute(query.order_by(MEMBER.c.userid))]


def _tags(tx: Transaction, corp_id: str) -> list[str]:
    query = sa.select(TAG.c.tag_id).where(TAG.c.corp_id == corp_id, TAG.c.deleted_at.is_(None))
    return [found.tag_id for found in tx.execute(query.order_by(TAG.c.tag_id))]
