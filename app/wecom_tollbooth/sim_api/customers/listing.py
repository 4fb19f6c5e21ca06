"""Lists the customers of a corp, and what they can be filtered by."""

from collections import defaultdict
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.billing.levels import level_now
from wecom_tollbooth.billing.meters import CONTACTS
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.tables import LEFT, MEMBER
from wecom_tollbooth.families.follow_ups.store.unit_of_work import read_pipeline
from wecom_tollbooth.families.follow_ups.tables import CORP, FOLLOW_UP, FOLLOW_UP_COUNT
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG, TAG, TAG_GROUP
from wecom_tollbooth.sim_api.customers.pages import cursor_at, position_at
from wecom_tollbooth.sim_api.customers.search import Wanted, find_customers
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest

router = control_routes()

MAX_LIMIT = 200
MOST_CHOICES = 2000


class CustomersQuery(ControlRequest):
    find: str = Field(
        default="",
        max_length=64,
        description="姓名、备注或备注企业中的文字，备注手机号中的数字，或完整的 external_userid / "
        "Text in the name, a remark or its company, digits of a noted phone number, or a whole id",
    )
    userid: str = Field(default="", max_length=64, description="此成员的客户 / Customers of this member")
    tag_id: str = Field(default="", max_length=64, description="有此标签的客户 / Customers with this tag")
    stage_id: str = Field(
        default="",
        max_length=64,
        description="有跟进记录处于此阶段的客户 / Customers with a record in this stage",
    )
    oldest_first: bool = Field(
        default=False,
        description="全部或某成员的客户，最早的在前 / Of all customers or a member's: the oldest first",
    )
    cursor: str = Field(
        default="", max_length=400, description="上一页的 next_cursor / next_cursor of the page before"
    )
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT, description=f"最多 {MAX_LIMIT} / At most {MAX_LIMIT}")


class TagShown(TypedDict):
    tag_id: str
    name: str


class FollowerShown(TypedDict):
    userid: str
    name: str
    remark: str
    mobiles: list[str]
    since: int
    tags: list[TagShown]


class StageShown(TypedDict):
    userid: str
    stage_id: str
    name: str


class CustomerListed(TypedDict):
    external_userid: str
    name: str
    type: Annotated[int, Field(description="1 微信用户，2 企业微信用户 / 1 uses WeChat, 2 WeCom")]
    corp_name: str
    gender: int
    created_at: int
    followers: Annotated[
        list[FollowerShown], Field(description="现有的跟进成员 / The members who have the customer now")
    ]
    stages: list[StageShown]


class CustomersReply(TypedDict):
    customers: list[CustomerListed]
    next_cursor: Annotated[str, Field(description="没有更多时为空 / Empty at the end")]
    contacts: Annotated[int, Field(description="企业计费的客户总数 / Contacts of the corp that are charged")]


@router.get("/corps/{corpid}/customers")
async def list_customers(
    corpid: str, server: TheServer, asked: Annotated[CustomersQuery, Query()]
) -> CustomersReply:
    """列出客户 / List the customers

    最近认识的在前；按成员列出时为最近添加的在前，按阶段为看板上的顺序，按标签或搜索时按 ID。一次请求最多检查
    4,000 行，所以有筛选的一页可能不满甚至为空：`next_cursor` 不为空就继续。

    The latest known first; those of a member by when they were added, the latest first, those of a stage as
    on the board, those with a tag by id. A request tests 4,000 rows at most, so a filtered page may be short
    or empty: go on while there is a `next_cursor`.
    """
    wanted = Wanted(
        find=asked.find.strip(),
        userid=asked.userid,
        tag_id=asked.tag_id,
        stage_id=asked.stage_id,
        oldest_first=asked.oldest_first
        and not asked.stage_id
        and (bool(asked.userid) or not (asked.tag_id or asked.find.strip())),
    )
    after = position_at(corpid, wanted, asked.cursor)

    def work(tx: Transaction) -> CustomersReply:
        the_corp(tx, corpid)
        found = find_customers(tx, corpid, wanted, after, asked.limit)
        return {
            "customers": describe(tx, corpid, found.external_userids),
            "next_cursor": cursor_at(corpid, wanted, found.position),
            "contacts": level_now(tx, corpid, CONTACTS),
        }

    return await server.read(work)


def describe(tx: Transaction, corp_id: str, external_userids: list[str]) -> list[CustomerListed]:
    """The customers in the given order, with followers, tags and stages."""
    people = {
        row.external_userid: row for row in tx.execute(_of(EXTERNAL_CONTACT, corp_id, external_userids))
    }
    tags: defaultdict[tuple[str, str], list[TagShown]] = defaultdict(list)
    # Sorted here: SQLite would walk an index in that order, through the whole corp.
    for row in sorted(tx.execute(_tags_of(corp_id, external_userids)), key=lambda tag: tag.tag_id):
        tags[row.external_userid, row.userid].append({"tag_id": row.tag_id, "name": row.name})
    followers: defaultdict[str, list[FollowerShown]] = defaultdict(list)
    relations = tx.execute(_followers_of(corp_id, external_userids)).all()
    for row in sorted(relations, key=lambda relation: (relation.createtime, relation.seq)):
        followers[row.external_userid].append(
            {
                "userid": row.userid,
                "name": row.name,
                "remark": row.remark,
                "mobiles": row.remark_mobiles,
                "since": row.createtime,
                "tags": tags[row.external_userid, row.userid],
            }
        )
    names = read_pipeline(tx, corp_id)[0].stages
    stages: defaultdict[str, list[StageShown]] = defaultdict(list)
    for row in records_of(tx, corp_id, external_userids):
        name = names[row.stage_id]["name"] if row.stage_id in names else row.stage_id
        stages[row.external_userid].append({"userid": row.userid, "stage_id": row.stage_id, "name": name})
    return [
        {
            "external_userid": one,
            "name": people[one].name,
            "type": people[one].type,
            "corp_name": people[one].corp_name,
            "gender": people[one].gender,
            "created_at": people[one].created_at,
            "followers": followers[one],
            "stages": stages[one],
        }
        for one in external_userids
        if one in people
    ]


def records_of(tx: Transaction, corp_id: str, external_userids: list[str]) -> list[sa.Row[Any]]:
    """The follow-up records of the customers, by member."""
    pair = FOLLOW_UP.alias("pair")
    of_customer = (pair.c.corp_id == corp_id) & (pair.c.external_userid == EXTERNAL_CONTACT.c.external_userid)
    of_pair = (FOLLOW_UP.c.corp_id == corp_id) & (FOLLOW_UP.c.seq == pair.c.seq)
    # Outer joins, so that SQLite begins with the customers: it would walk through all records of the corp.
    query = (
        sa.select(FOLLOW_UP)
        .select_from(EXTERNAL_CONTACT)
        .outerjoin(pair, of_customer)
        .outerjoin(FOLLOW_UP, of_pair)
        .where(
            EXTERNAL_CONTACT.c.corp_id == corp_id,
            EXTERNAL_CONTACT.c.external_userid.in_(external_userids),
        )
    )
    return sorted((row for row in tx.execute(query) if row.seq is not None), key=lambda row: row.userid)


def _of(table: sa.Table, corp_id: str, external_userids: list[str]) -> sa.Select[Any]:
    return sa.select(table).where(table.c.corp_id == corp_id, table.c.external_userid.in_(external_userids))


def _followers_of(corp_id: str, external_userids: list[str]) -> sa.Select[Any]:
    joined = (MEMBER.c.corp_id == FOLLOW_USER.c.corp_id) & (MEMBER.c.userid == FOLLOW_USER.c.userid)
    return (
        sa.select(
            FOLLOW_USER.c.external_userid,
            FOLLOW_USER.c.userid,
            FOLLOW_USER.c.remark,
            FOLLOW_USER.c.remark_mobiles,
            FOLLOW_USER.c.createtime,
            FOLLOW_USER.c.seq,
            MEMBER.c.name,
        )
        .join(MEMBER, joined)
        .where(
            FOLLOW_USER.c.corp_id == corp_id,
            FOLLOW_USER.c.external_userid.in_(external_userids),
            FOLLOW_USER.c.ended_at.is_(None),
        )
    )


def _tags_of(corp_id: str, external_userids: list[str]) -> sa.Select[Any]:
    joined = (TAG.c.corp_id == FOLLOW_TAG.c.corp_id) & (TAG.c.tag_id == FOLLOW_TAG.c.tag_id)
    return (
        sa.select(FOLLOW_TAG.c.external_userid, FOLLOW_TAG.c.userid, FOLLOW_TAG.c.tag_id, TAG.c.name)
        .join(TAG, joined)
        .where(FOLLOW_TAG.c.corp_id == corp_id, FOLLOW_TAG.c.external_userid.in_(external_userids))
    )


# --- what they can be filtered by --------------------------------------------------------------------------


class MemberChoice(TypedDict):
    userid: str
    name: str


class TagChoice(TypedDict):
    tag_id: str
    name: str
    group_name: str


class StageChoice(TypedDict):
    stage_id: str
    name: str
    color: str
    kind: str
    records: int


class ChoicesReply(TypedDict):
    members: list[MemberChoice]
    tags: list[TagChoice]
    stages: list[StageChoice]


@router.get("/corps/{corpid}/customer_filters")
async def list_filters(corpid: str, server: TheServer) -> ChoicesReply:
    """列出客户的筛选条件 / List what customers can be filtered by

    可以有客户的成员、企业标签与跟进阶段，成员与标签各最多 2,000 个；`records` 是阶段中的跟进记录数。

    The members who may have customers, the corp's tags, at most 2,000 of each, and the stages with the number
    of their records.
    """

    def work(tx: Transaction) -> ChoicesReply:
        the_corp(tx, corpid)
        members = (
            sa.select(MEMBER.c.userid, MEMBER.c.name)
            .where(MEMBER.c.corp_id == corpid, MEMBER.c.status != LEFT, MEMBER.c.may_follow.is_(True))
            .order_by(MEMBER.c.name, MEMBER.c.userid)
            .limit(MOST_CHOICES)
        )
        grouped = (TAG_GROUP.c.corp_id == TAG.c.corp_id) & (TAG_GROUP.c.group_id == TAG.c.group_id)
        tags = (
            sa.select(TAG.c.tag_id, TAG.c.name, TAG_GROUP.c.name.label("group_name"))
            .join(TAG_GROUP, grouped)
            .where(TAG.c.corp_id == corpid, TAG.c.deleted_at.is_(None), TAG_GROUP.c.deleted_at.is_(None))
            .order_by(TAG_GROUP.c.name, TAG.c.name, TAG.c.tag_id)
            .limit(MOST_CHOICES)
        )
        counted = sa.select(FOLLOW_UP_COUNT.c.stage_id, FOLLOW_UP_COUNT.c.cards).where(
            FOLLOW_UP_COUNT.c.corp_id == corpid, FOLLOW_UP_COUNT.c.userid == CORP
        )
        cards = {row.stage_id: row.cards for row in tx.execute(counted)}
        return {
            "members": [{"userid": row.userid, "name": row.name} for row in tx.execute(members)],
            "tags": [
                {"tag_id": row.tag_id, "name": row.name, "group_name": row.group_name}
                for row in tx.execute(tags)
            ],
            "stages": [
                {
                    "stage_id": stage["stage_id"],
                    "name": stage["name"],
                    "color": stage["color"],
                    "kind": stage["kind"],
                    "records": cards.get(stage["stage_id"], 0),
                }
                for stage in read_pipeline(tx, corpid)[0].stages.values()
            ],
        }

    return await server.read(work)
