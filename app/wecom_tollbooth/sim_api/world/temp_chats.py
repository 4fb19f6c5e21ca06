"""Temporary sessions of members with customers."""

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter
from sqlmodel import select

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.contact_ways.tables import TempChat
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.world import clock

router = APIRouter()


@router.get("/corps/{corpid}/temp_chats")
async def list_temp_chats(corpid: str, server: TheServer) -> dict[str, Any]:
    """The temporary sessions of members with customers, oldest first.

    {"temp_chats": [{"config_id", "userid", "external_userid", "started_at", "expires_at", "ended_at",
    "sent"}]}
    `ended_at` is null while a session runs; `sent` is what the customer got when it was over.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        now = clock.now(tx)
        query = select(TempChat).where(TempChat.corp_id == corpid)
        chats = tx.session.exec(query.order_by(sa.text("started_at, external_userid, userid"))).all()
        return {"temp_chats": [_shown(chat, now) for chat in chats]}

    return await server.run(work)


def _shown(chat: TempChat, now: int) -> dict[str, Any]:
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
