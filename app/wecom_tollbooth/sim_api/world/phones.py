"""What a person's phone shows."""

import re
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.phones.screens import Kind, ShownItem, page_of
from wecom_tollbooth.families.relations.tables import ExternalContact
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes()

MAX_LIMIT = 1000
START = (-1, -1)
_CURSOR = re.compile(r"([0-9]{10})([0-9]{15,18})")


# `from` is a word of Python's own.
PhoneItem = TypedDict(
    "PhoneItem",
    {
        "id": int,
        "at": int,
        "kind": Kind,
        "from": Annotated[
            str,
            Field(
                description="userid、external_userid 或 agentid / A userid, an external_userid or an agentid"
            ),
        ],
        "body": dict[str, Any],
        "state": str,
    },
)


class PhoneReply(TypedDict):
    items: list[PhoneItem]
    next_cursor: Annotated[str, Field(description="没有更多时为空 / Empty at the end")]


@router.get("/corps/{corpid}/phones/{person}")
async def show_phone(
    corpid: str,
    person: str,
    server: TheServer,
    cursor: Annotated[str, Query(description="上一页的 next_cursor / next_cursor of the page before")] = "",
    limit: Annotated[
        int, Query(ge=1, le=MAX_LIMIT, description=f"最多 {MAX_LIMIT} / At most {MAX_LIMIT}")
    ] = 100,
) -> PhoneReply:
    """查看手机 / Show a phone

    成员（userid，不区分大小写）或客户（external_userid）的手机上看到的内容，最早的在前。`from` 是发送者，
    应用为 agentid。`state`：`delivered` 已送达、`opened` 已打开、`recalled` 已撤回；待成员处理的任务为
    `waiting`、`confirmed`、`ignored`、`cancelled`、`published`。

    What the phone of a member (a userid in any case) or of a customer (an external_userid) shows, oldest
    first. `from` is who sent it, an agentid for an app. `state` is `delivered`, `opened` or `recalled`; of a
    task that waits for the member `waiting`, `confirmed`, `ignored`, `cancelled` or `published`.
    """
    after = _position(cursor)

    def work(tx: Transaction) -> PhoneReply:
        the_corp(tx, corpid)
        shown = page_of(tx, corpid, _the_person(tx, corpid, person), after, limit + 1)
        items = [_described(item) for item in shown[:limit]]
        return {"items": items, "next_cursor": _cursor(items[-1]) if len(shown) > limit else ""}

    return await server.run(work)


def _the_person(tx: Transaction, corpid: str, person: str) -> str:
    """The userid as the directory spells it, or the external_userid. Raises SimError 404 for nobody."""
    of_members = sa.select(MEMBER.c.userid).where(MEMBER.c.corp_id == corpid)
    for named in (MEMBER.c.userid_key == person.lower(), MEMBER.c.userid == person):
        userid: str | None = tx.execute(of_members.where(named)).scalar()
        if userid is not None:
            return userid
    if tx.session.get(ExternalContact, (corpid, person)) is None:
        raise SimError(
            404,
            f"corp {corpid!r} has no member or customer {person!r}: give a userid or an external_userid",
        )
    return person


def _described(item: ShownItem) -> PhoneItem:
    return {
        "id": item.id,
        "at": item.at,
        "kind": item.kind,
        "from": item.sender,
        "body": item.body,
        "state": item.state,
    }


def _cursor(item: PhoneItem) -> str:
    return f"{item['at']:010d}{item['id']:015d}"


def _position(cursor: str) -> tuple[int, int]:
    if not cursor:
        return START
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise SimError(422, f"cursor: {cursor!r} is not the next_cursor of a page")
    return int(match[1]), int(match[2])
