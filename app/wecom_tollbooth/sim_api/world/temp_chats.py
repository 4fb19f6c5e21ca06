"""Temporary sessions of members with customers."""

from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field
from sqlmodel import select
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.contact_ways.tables import TempChat
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes()


class TempChatEntry(TypedDict):
    config_id: str
    userid: str
    external_userid: str
    started_at: int
    expires_at: int
    ended_at: Annotated[int | None, Field(description="进行中为 null / null while it runs")]
    sent: Annotated[
        dict[str, Any], Field(description="结束时发给客户的结束语 / What the customer was sent at the end")
    ]


class TempChatsReply(TypedDict):
    temp_chats: list[TempChatEntry]


@router.get("/corps/{corpid}/temp_chats")
async def list_temp_chats(corpid: str, server: TheServer) -> TempChatsReply:
    """列出临时会话 / List the temporary sessions

    成员与客户经「联系我」产生的临时会话，最早的在前。

    The sessions of members with customers that came from contact ways, oldest first.
    """

    def work(tx: Transaction) -> TempChatsReply:
        the_corp(tx, corpid)
        now = server.context(tx, corpid).now
        query = select(TempChat).where(TempChat.corp_id == corpid)
        chats = tx.session.exec(query.order_by(sa.text("started_at, external_userid, userid"))).all()
        return {"temp_chats": [_shown(chat, now) for chat in chats]}

    return await server.run(work)


def _shown(chat: TempChat, now: int) -> TempChatEntry:
    ended_at = chat.ended_at(now)
    return {
        "config_id": chat.config_id,
        "userid": chat.userid,
        "external_userid": chat.external_userid,
        "started_at": chat.started_at,
        "expires_at": chat.expires_at,
        "ended_at": ended_at,
        "sent": chat.conclusions if ended_at is not None else {},
    }
