"""Finds the people of a corp by name."""

from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import Query
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.tables import LEFT, MEMBER
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import Number

router = control_routes()

MAX_LIMIT = 100
Kind = Literal["member", "customer"]


class PersonShown(TypedDict):
    id: str
    kind: Kind
    name: str
    type: int
    corp_name: str
    userids: Annotated[
        list[str],
        Field(description="客户添加的成员，最早的在前 / A customer's members, the earliest first"),
    ]


class PeopleReply(TypedDict):
    people: list[PersonShown]


@router.get("/corps/{corpid}/people")
async def find_people(
    corpid: str,
    server: TheServer,
    kind: Annotated[Kind, Query(description="成员或客户 / Members or customers")],
    find: Annotated[
        str, Query(max_length=64, description="姓名中的文字，或完整的 ID / Text in the name, or a whole id")
    ] = "",
    limit: Annotated[Number, Query(ge=1, le=MAX_LIMIT)] = 20,
) -> PeopleReply:
    """查找成员或客户 / Find members or customers

    按姓名查找，最近的在前。`type` 与 `corp_name` 只有客户有：1 微信用户，2 企业微信用户及其企业；
    `userids` 是客户添加的成员。

    Members or customers by name, the latest first. Customers have a `type`: 1 for a WeChat user, 2 for a
    WeCom user of the corp `corp_name`; `userids` are the members who have them.
    """
    query = _members(corpid, find) if kind == "member" else _customers(corpid, find)

    def work(tx: Transaction) -> PeopleReply:
        the_corp(tx, corpid)
        found = list(tx.execute(query.limit(limit)))
        members = _members_of(tx, corpid, [row.id for row in found]) if kind == "customer" else {}
        return {"people": [_shown(kind, row, members) for row in found]}

    # In a thread: to search 100,000 names takes a tenth of a second.
    return await server.read(work)


def _members(corpid: str, find: str) -> sa.Select[Any]:
    query = (
        sa.select(
            MEMBER.c.userid.label("id"),
            MEMBER.c.name,
            sa.literal(0).label("type"),
            sa.literal("").label("corp_name"),
        )
        .where(MEMBER.c.corp_id == corpid, MEMBER.c.status != LEFT)
        .order_by(MEMBER.c.created_at.desc(), MEMBER.c.userid)
    )
    if find:
        query = query.where(
            MEMBER.c.name.contains(find, autoescape=True) | (MEMBER.c.userid_key == find.lower())
        )
    return query


def _customers(corpid: str, find: str) -> sa.Select[Any]:
    table = EXTERNAL_CONTACT
    query = (
        sa.select(table.c.external_userid.label("id"), table.c.name, table.c.type, table.c.corp_name)
        .where(table.c.corp_id == corpid)
        .order_by(table.c.created_at.desc(), table.c.external_userid)
    )
    if find:
        query = query.where(table.c.name.contains(find, autoescape=True) | (table.c.external_userid == find))
    return query


def _members_of(tx: Transaction, corpid: str, customers: list[str]) -> dict[str, list[str]]:
    query = (
        sa.select(FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid)
        .where(
            FOLLOW_USER.c.corp_id == corpid,
            FOLLOW_USER.c.external_userid.in_(customers),
            FOLLOW_USER.c.ended_at.is_(None),
        )
        .order_by(FOLLOW_USER.c.createtime, FOLLOW_USER.c.userid)
    )
    members: dict[str, list[str]] = {}
    for row in tx.execute(query):
        members.setdefault(row.external_userid, []).append(row.userid)
    return members


def _shown(kind: Kind, row: sa.Row[Any], members: dict[str, list[str]]) -> PersonShown:
    return {
        "id": row.id,
        "kind": kind,
        "name": row.name,
        "type": row.type,
        "corp_name": row.corp_name,
        "userids": members.get(row.id, []),
    }
