"""Where an app receives callbacks."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from wecom_tollbooth.callbacks.messages import Endpoint
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_app
from wecom_tollbooth.world import clock

router = APIRouter()


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
        app = the_app(tx, corpid, agentid)
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
        app = the_app(tx, corpid, agentid)
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
