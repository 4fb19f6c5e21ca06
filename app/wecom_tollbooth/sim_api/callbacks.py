"""Callbacks: the address of an app, what was sent and what became of it, replay, delivery knobs."""

from typing import Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from wecom_tollbooth.callbacks.delivery import read_attempts
from wecom_tollbooth.callbacks.messages import Endpoint
from wecom_tollbooth.callbacks.outbox import put_again
from wecom_tollbooth.callbacks.tables import CALLBACK, Callback, DeliveryFaults
from wecom_tollbooth.corps.tables import App
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.corps.corps import the_corp
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.server import TheServer
from wecom_tollbooth.world import clock

router = APIRouter()

MOST_LISTED = 1000


class AddressRequest(BaseModel):
    """`url` empty: callbacks are only kept, to be pulled. Keys left out keep those the app has."""

    model_config = ConfigDict(extra="forbid")

    url: str
    token: str | None = None
    encoding_aes_key: str | None = None


@router.put("/corps/{corpid}/apps/{agentid}/callback")
async def set_address(corpid: str, agentid: int, body: AddressRequest, server: TheServer) -> dict[str, Any]:
    """Sets where the app hears callbacks. The address must open an encrypted echostr first (GET)."""

    def read(tx: Transaction) -> tuple[Endpoint, int, int]:
        app = _the_app(tx, corpid, agentid)
        token, key = body.token or app.callback_token, body.encoding_aes_key or app.encoding_aes_key
        return Endpoint(corpid, agentid, body.url, token, key), clock.now(tx), tx.next_id()

    address, now, number = await server.run(read)
    if body.url:
        from wecom_tollbooth.callbacks.wire import (  # not before there is something to send
            EndpointRefused,
            verify,
        )

        try:
            await server.in_thread(verify, server.settings, address, now, number)
        except EndpointRefused as refusal:
            raise SimError(422, f"the address was not accepted: {refusal}") from None

    def write(tx: Transaction) -> dict[str, Any]:
        app = _the_app(tx, corpid, agentid)
        app.callback_url, app.callback_token = address.url, address.token
        app.encoding_aes_key = address.encoding_aes_key
        tx.session.add(app)
        return {
            "agentid": agentid,
            "url": address.url,
            "token": address.token,
            "encoding_aes_key": address.encoding_aes_key,
        }

    return await server.run(write)


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
        app = _the_app(tx, corpid, callback.agentid)
        state = "waiting" if app.callback_url else "kept"
        return {"id": put_again(tx, callback, clock.now(tx), state), "state": state}

    reply = await server.run(work)
    server.callbacks_waiting.set()
    return reply


class KnobsRequest(BaseModel):
    """How callbacks misbehave; a knob left out is off."""

    model_config = ConfigDict(extra="forbid")

    duplicate: int = Field(default=0, ge=0, le=10, description="more copies of each event")
    reorder: int = Field(default=0, ge=0, le=64, description="shuffled within windows of so many")
    delay_seconds: int = Field(default=0, ge=0, le=86_400)
    drop_one_in: int = Field(default=0, ge=0, description="one in so many is never sent; 1 drops all")
    same_second: int = Field(default=0, ge=0, le=10_000, description="so many in a row share a CreateTime")


@router.get("/corps/{corpid}/callbacks/knobs")
async def show_knobs(corpid: str, server: TheServer) -> dict[str, Any]:
    """The delivery knobs in force."""
    return await server.run(lambda tx: _knobs(tx, corpid))


@router.put("/corps/{corpid}/callbacks/knobs")
async def set_knobs(corpid: str, body: KnobsRequest, server: TheServer) -> dict[str, Any]:
    """Sets all delivery knobs of the corp, for events raised from now on."""

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        tx.session.merge(DeliveryFaults(corp_id=corpid, **body.model_dump()))
        tx.flush()
        return _knobs(tx, corpid)

    return await server.run(work)


def _knobs(tx: Transaction, corpid: str) -> dict[str, Any]:
    the_corp(tx, corpid)
    knobs = tx.session.get(DeliveryFaults, corpid) or DeliveryFaults(corp_id=corpid)
    return knobs.model_dump(exclude={"corp_id"})


def _the_app(tx: Transaction, corpid: str, agentid: int) -> App:
    the_corp(tx, corpid)
    app = tx.session.exec(select(App).where(App.corp_id == corpid, App.agentid == agentid)).first()
    if app is None:
        raise SimError(404, f"corp {corpid!r} has no app {agentid}")
    return app


def _shown(row: Any) -> dict[str, Any]:
    names = ("id", "agentid", "at", "event", "change_type", "xml", "state", "due_at", "copy_of")
    return {name: row._mapping[name] for name in names}
