"""Callbacks: the address of an app, what was sent and what became of it, replay, delivery knobs."""

from typing import Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter

from wecom_tollbooth.callbacks.delivery import read_attempts
from wecom_tollbooth.callbacks.outbox import put_again
from wecom_tollbooth.callbacks.tables import CALLBACK, Callback
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_app, the_corp

router = APIRouter()

MOST_LISTED = 1000


@router.get("/corps/{corpid}/callbacks")
async def list_callbacks(
    corpid: str,
    server: TheServer,
    after: int = 0,
    limit: int = 100,
    state: Literal["waiting", "delivered", "failed", "dropped", "kept"] | None = None,
    agentid: int | None = None,
    change_type: str | None = None,
) -> dict[str, Any]:
    """The pull log, oldest first: {"callbacks": [...], "next": id or null}; go on with `after`."""

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        most = max(1, min(limit, MOST_LISTED))
        query = sa.select(CALLBACK).where(CALLBACK.c.corp_id == corpid, CALLBACK.c.id > after)
        wanted = {"state": state, "agentid": agentid, "change_type": change_type}
        for name, value in wanted.items():
            if value is not None:
                query = query.where(CALLBACK.c[name] == value)
        rows = list(tx.execute(query.order_by(CALLBACK.c.id).limit(most + 1)))
        attempts = read_attempts(tx, corpid, [row.id for row in rows[:most]])
        callbacks = [{**_shown(row), "tries": attempts.get(row.id, [])} for row in rows[:most]]
        return {"callbacks": callbacks, "next": callbacks[-1]["id"] if len(rows) > most else None}

    return await server.run(work)


@router.post("/corps/{corpid}/callbacks/{callback_id}/replay")
async def replay(corpid: str, callback_id: int, server: TheServer) -> dict[str, Any]:
    """Sends the same event once more, to the address that the app has now: {"id": of the new one}."""

    def work(tx: Transaction) -> dict[str, Any]:
        callback = tx.session.get(Callback, (corpid, callback_id))
        if callback is None:
            raise SimError(404, f"corp {corpid!r} has no callback {callback_id}")
        app = the_app(tx, corpid, callback.agentid)
        state = "waiting" if app.callback_url else "kept"
        return {"id": put_again(server.context(tx, corpid), callback, state), "state": state}

    reply = await server.run(work)
    server.work_waiting.set()
    return reply


def _shown(row: Any) -> dict[str, Any]:
    names = ("id", "agentid", "at", "event", "change_type", "xml", "state", "due_at", "copy_of")
    return {name: row._mapping[name] for name in names}
