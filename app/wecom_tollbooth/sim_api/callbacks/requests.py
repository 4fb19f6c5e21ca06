"""One callback with the requests that carried it, and replays of several."""

import random
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.answers import read_attempts
from wecom_tollbooth.callbacks.messages import CallbackMessage, Endpoint, OwnAddress
from wecom_tollbooth.callbacks.outbox import put_again
from wecom_tollbooth.callbacks.tables import Callback
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.callbacks.outbox import CallbackEntry, described
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_app, the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, Number, example

router = control_routes()

MOST_AT_ONCE = 1_000


class CallbackRequest(TypedDict):
    """An HTTP request, encrypted with the keys that the app has now."""

    number: Annotated[int, Field(description="第几次投递 / Number of the attempt")]
    sent: Annotated[
        bool, Field(description="false：下一次会这样发 / false: what the next attempt would send")
    ]
    url: str
    query: Annotated[str, Field(description="带签名 / With the signature")]
    body: Annotated[str, Field(description="密文 / Encrypted")]


class CallbackReply(TypedDict):
    callback: CallbackEntry
    requests: list[CallbackRequest]


class ReplaysRequest(ControlRequest):
    model_config = example(ids=[113, 114], copies=2, order="shuffled")

    ids: list[Number] = Field(min_length=1, max_length=MOST_AT_ONCE)
    copies: int = Field(
        default=1, ge=1, le=MOST_AT_ONCE, description="每个发几次 / How often each of them is sent"
    )
    order: Literal["given", "reversed", "shuffled"] = Field(
        default="given", description="按给出的次序、倒序、随机 / In the order given, reversed, or by chance"
    )


class ReplaysReply(TypedDict):
    ids: Annotated[
        list[int], Field(description="新回调的 ID，按发送次序 / The new callbacks, as they are sent")
    ]


@router.post("/corps/{corpid}/callbacks/replay")
async def replay_callbacks(corpid: str, body: ReplaysRequest, server: TheServer) -> ReplaysReply:
    """重发多个回调 / Replay several callbacks

    把这些事件一次全部再发出，用来测试去重、乱序与突发：`copies` 每个发几次，`order` 次序。合计最多 1,000 个。

    Sends these events once more, all at once, to test against repetitions, another order and bursts:
    `copies` is how often each is sent, `order` their order. At most 1,000 together.
    """
    if len(body.ids) * body.copies > MOST_AT_ONCE:
        raise SimError(422, f"ids and copies come to {len(body.ids) * body.copies}, over {MOST_AT_ONCE}")

    def work(tx: Transaction) -> ReplaysReply:
        the_corp(tx, corpid)
        context = server.context(tx, corpid)
        found = {number: _the_callback(tx, corpid, number) for number in body.ids}
        addresses = {one.agentid: the_app(tx, corpid, one.agentid).callback_url for one in found.values()}
        order = [number for number in body.ids for _ in range(body.copies)]
        if body.order == "reversed":
            order.reverse()
        elif body.order == "shuffled":
            random.Random(context.next_id()).shuffle(order)
        return {
            "ids": [
                put_again(context, one, "waiting" if one.address or addresses[one.agentid] else "kept")
                for one in map(found.__getitem__, order)
            ]
        }

    reply = await server.run(work)
    server.work_waiting.set(corpid)
    return reply


@router.get("/corps/{corpid}/callbacks/{callback_id}")
async def get_callback(corpid: str, callback_id: Number, server: TheServer) -> CallbackReply:
    """查看一个回调 / Show a callback

    明文 XML、每次投递，以及每次投递的请求：带签名的地址和密文，按应用现在的 Token 与 EncodingAESKey
    重新加密，密钥没有改过时与发出的逐字节相同。还没有投递过的，给出下一次会发的请求。

    The plain XML, the attempts, and the request of each: the signed address and the encrypted body, encrypted
    again with the app's present Token and EncodingAESKey; unless those were changed, byte for byte what was
    sent. Before the first attempt, the request that it would send.
    """

    def work(tx: Transaction) -> CallbackReply:
        the_corp(tx, corpid)
        callback = _the_callback(tx, corpid, callback_id)
        attempts = read_attempts(tx, corpid, [callback_id]).get(callback_id, [])
        now = server.context(tx, corpid).now
        sent = [(one["number"], one["at"], one["url"]) for one in attempts]
        return {
            "callback": described(callback, attempts),
            "requests": [_request(server, tx, callback, *one, sent=True) for one in sent]
            or [_request(server, tx, callback, 1, now, None, sent=False)],
        }

    return await server.run(work)


def _the_callback(tx: Transaction, corp_id: str, callback_id: int) -> Callback:
    callback = tx.session.get(Callback, (corp_id, callback_id))
    if callback is None:
        raise SimError(404, f"corp {corp_id!r} has no callback {callback_id}")
    return callback


def _request(
    server: Server, tx: Transaction, callback: Callback, number: int, at: int, url: str | None, *, sent: bool
) -> CallbackRequest:
    from wecom_tollbooth.callbacks import wire  # loads the ciphers

    app = the_app(tx, callback.corp_id, callback.agentid)
    address = OwnAddress(**callback.address) if callback.address else None
    endpoint = Endpoint(
        callback.corp_id,
        callback.agentid,
        url or (address.url if address else app.callback_url),
        address.token if address else app.callback_token,
        address.encoding_aes_key if address else app.encoding_aes_key,
    )
    message = CallbackMessage(callback.id, callback.xml, number - 1, address)
    query, body = wire.encrypted(server.settings, endpoint, message, at)
    return {"number": number, "sent": sent, "url": endpoint.url, "query": query, "body": body.decode()}
