"""Everything about one customer."""

from collections import defaultdict
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.follow_ups.store.ids import follow_up_id
from wecom_tollbooth.families.follow_ups.store.unit_of_work import read_pipeline
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP_LOG, NEVER
from wecom_tollbooth.families.group_chats.tables import GROUP_CHAT, GROUP_STAY
from wecom_tollbooth.families.relations.tables import FOLLOW_USER, ExternalContact
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG, PERSONAL_TAG, TAG, TAG_GROUP
from wecom_tollbooth.sim_api.customers.listing import records_of
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes()

MOST_LOGS = 50
MOST_GROUPS = 100


class TagOfMember(TypedDict):
    tag_id: Annotated[str, Field(description="成员的个人标签为空 / Empty for a member's own tag")]
    name: str
    group_name: str


class Relation(TypedDict):
    userid: str
    name: str
    remark: str
    description: str
    company: str
    mobiles: list[str]
    add_way: int
    state: str
    since: int
    pending: Annotated[bool, Field(description="成员尚未确认 / The member hasn't confirmed it yet")]
    deleted_by_customer_at: int | None
    ended_at: Annotated[
        int | None, Field(description="成员删除客户的时间 / When the member deleted the customer")
    ]
    tags: list[TagOfMember]


class GroupOfCustomer(TypedDict):
    chat_id: str
    name: str
    owner: str
    joined_at: int
    left_at: int | None
    dismissed_at: int | None


class LogShown(TypedDict):
    at: int
    kind: str
    text: str
    by: str


class RecordShown(TypedDict):
    follow_up_id: str
    userid: str
    title: str
    note: str
    stage_id: str
    stage: str
    next_at: int | None
    updated_at: int
    closed_at: int | None
    logs: Annotated[
        list[LogShown], Field(description="最近的 50 条，最新的在前 / The latest 50, newest first")
    ]


class CustomerReply(TypedDict):
    external_userid: str
    name: str
    type: int
    gender: int
    unionid: str
    position: str
    corp_name: str
    corp_full_name: str
    created_at: int
    relations: Annotated[
        list[Relation], Field(description="含已结束的关系 / Relations that have ended are among them")
    ]
    groups: list[GroupOfCustomer]
    follow_ups: list[RecordShown]


@router.get("/corps/{corpid}/customers/{external_userid}")
async def show_customer(corpid: str, external_userid: str, server: TheServer) -> CustomerReply:
    """查看客户 / Show a customer

    客户与各成员的关系（含已结束的）及其标签、所在的客户群（最近的 100 个）、跟进记录及其日志。

    The customer's relations to members, ended ones too, with their tags; the customer groups, the latest 100;
    and the follow-up records with their logs.
    """

    def work(tx: Transaction) -> CustomerReply:
        the_corp(tx, corpid)
        person = tx.session.get(ExternalContact, (corpid, external_userid))
        if person is None:
            raise SimError(404, f"corp {corpid!r} has no customer {external_userid!r}")
        return {
            "external_userid": person.external_userid,
            "name": person.name,
            "type": person.type,
            "gender": person.gender,
            "unionid": person.unionid,
            "position": person.position,
            "corp_name": person.corp_name,
            "corp_full_name": person.corp_full_name,
            "created_at": person.created_at,
            "relations": _relations(tx, corpid, external_userid),
            "groups": _groups(tx, corpid, external_userid),
            "follow_ups": _follow_ups(tx, corpid, external_userid),
        }

    return await server.read(work)


def _relations(tx: Transaction, corp_id: str, external_userid: str) -> list[Relation]:
    tags: defaultdict[str, list[TagOfMember]] = defaultdict(list)
    for row in tx.execute(_tags_of(corp_id, external_userid)):
        tags[row.userid].append({"tag_id": row.tag_id, "name": row.name, "group_name": row.group_name})
    own = PERSONAL_TAG.c
    personal = (
        sa.select(PERSONAL_TAG)
        .where(own.corp_id == corp_id, own.external_userid == external_userid)
        .order_by(own.group_name, own.tag_name)
    )
    for row in tx.execute(personal):
        tags[row.userid].append({"tag_id": "", "name": row.tag_name, "group_name": row.group_name})
    joined = (MEMBER.c.corp_id == FOLLOW_USER.c.corp_id) & (MEMBER.c.userid == FOLLOW_USER.c.userid)
    query = (
        sa.select(FOLLOW_USER, MEMBER.c.name)
        .join(MEMBER, joined)
        .where(FOLLOW_USER.c.corp_id == corp_id, FOLLOW_USER.c.external_userid == external_userid)
        .order_by(FOLLOW_USER.c.ended_at.is_not(None), FOLLOW_USER.c.createtime, FOLLOW_USER.c.seq)
    )
    return [
        {
            "userid": row.userid,
            "name": row.name,
            "remark": row.remark,
            "description": row.description,
            "company": row.remark_corp_name,
            "mobiles": row.remark_mobiles,
            "add_way": row.add_way,
            "state": row.state,
            "since": row.createtime,
            "pending": row.pending_confirmation,
            "deleted_by_customer_at": row.deleted_by_customer_at,
            "ended_at": row.ended_at,
            "tags": tags[row.userid],
        }
        for row in tx.execute(query)
    ]


def _tags_of(corp_id: str, external_userid: str) -> sa.Select[Any]:
    tagged = (TAG.c.corp_id == FOLLOW_TAG.c.corp_id) & (TAG.c.tag_id == FOLLOW_TAG.c.tag_id)
    grouped = (TAG_GROUP.c.corp_id == TAG.c.corp_id) & (TAG_GROUP.c.group_id == TAG.c.group_id)
    return (
        sa.select(FOLLOW_TAG.c.userid, TAG.c.tag_id, TAG.c.name, TAG_GROUP.c.name.label("group_name"))
        .join(TAG, tagged)
        .join(TAG_GROUP, grouped)
        .where(FOLLOW_TAG.c.corp_id == corp_id, FOLLOW_TAG.c.external_userid == external_userid)
        .order_by(TAG_GROUP.c.name, TAG.c.name, TAG.c.tag_id)
    )


def _groups(tx: Transaction, corp_id: str, external_userid: str) -> list[GroupOfCustomer]:
    joined = (GROUP_CHAT.c.corp_id == GROUP_STAY.c.corp_id) & (GROUP_CHAT.c.chat_id == GROUP_STAY.c.chat_id)
    query = (
        sa.select(
            GROUP_CHAT.c.chat_id,
            GROUP_CHAT.c.name,
            GROUP_CHAT.c.owner,
            GROUP_STAY.c.joined_at,
            GROUP_STAY.c.left_at,
            GROUP_CHAT.c.dismissed_at,
        )
        .join(GROUP_CHAT, joined)
        .where(GROUP_STAY.c.corp_id == corp_id, GROUP_STAY.c.person_id == external_userid)
        .order_by(GROUP_STAY.c.joined_at.desc(), GROUP_CHAT.c.chat_id)
        .limit(MOST_GROUPS)
    )
    return [
        {
            "chat_id": row.chat_id,
            "name": row.name,
            "owner": row.owner,
            "joined_at": row.joined_at,
            "left_at": row.left_at,
            "dismissed_at": row.dismissed_at,
        }
        for row in tx.execute(query)
    ]


def _follow_ups(tx: Transaction, corp_id: str, external_userid: str) -> list[RecordShown]:
    stages = read_pipeline(tx, corp_id)[0].stages
    return [
        {
            "follow_up_id": follow_up_id(row.seq),
            "userid": row.userid,
            "title": row.title,
            "note": row.note,
            "stage_id": row.stage_id,
            "stage": stages[row.stage_id]["name"] if row.stage_id in stages else row.stage_id,
            "next_at": None if row.next_at == NEVER else row.next_at,
            "updated_at": row.updated_at,
            "closed_at": row.closed_at or None,
            "logs": _logs(tx, corp_id, row.seq),
        }
        for row in records_of(tx, corp_id, [external_userid])
    ]


def _logs(tx: Transaction, corp_id: str, seq: int) -> list[LogShown]:
    query = (
        sa.select(FOLLOW_UP_LOG)
        .where(FOLLOW_UP_LOG.c.corp_id == corp_id, FOLLOW_UP_LOG.c.seq == seq)
        .order_by(FOLLOW_UP_LOG.c.id.desc())
        .limit(MOST_LOGS)
    )
    return [{"at": row.at, "kind": row.kind, "text": row.text, "by": row.by} for row in tx.execute(query)]
