"""Where an app receives callbacks, and how the deliveries go."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks import queues
from wecom_tollbooth.callbacks.messages import Endpoint, EndpointRefused
from wecom_tollbooth.callbacks.queues import Key
from wecom_tollbooth.callbacks.verification import verify
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_app
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, Number, example

router = control_routes()


class EndpointRequest(ControlRequest):
    model_config = example(url="")

    url: str = Field(
        description="回调地址，如 http://127.0.0.1:9000/callback；空则只留存、不发送 / "
        "Such as http://127.0.0.1:9000/callback; empty: callbacks are kept and not sent"
    )
    token: str | None = Field(default=None, description="省略则不变 / Left out: the app's own stays")
    encoding_aes_key: str | None = Field(
        default=None, description="省略则不变 / Left out: the app's own stays"
    )


class EndpointReply(TypedDict):
    agentid: int
    url: str
    token: str
    encoding_aes_key: str


Status = Literal["no_address", "idle", "sending", "failing", "paused"]


class EndpointHealth(TypedDict):
    agentid: int
    url: str
    status: Status
    last_success_at: Annotated[
        int | None, Field(description="最近一次送达的时间 / When a callback last arrived")
    ]
    failures: Annotated[
        int, Field(description="上次送达以来的失败次数 / Failed attempts since one last arrived")
    ]
    paused_until: Annotated[int | None, Field(description="暂停到何时 / When the pause ends by itself")]
    waiting: Annotated[int, Field(description="待发的事件数 / Events that wait to be sent")]
    next_attempt_at: Annotated[
        int | None, Field(description="下一次投递的时间，没有待发时为 null / Null where nothing waits")
    ]


@router.put("/corps/{corpid}/apps/{agentid}/callback")
async def set_callback_endpoint(
    corpid: str, agentid: Number, body: EndpointRequest, server: TheServer
) -> EndpointReply:
    """设置回调地址 / Set the callback endpoint

    与在管理后台保存时一样，地址必须先通过验证：GET 请求带加密的 echostr，返回其明文。不通过时说明是哪一步。

    As when an admin saves it at WeCom, the endpoint is verified first: it gets an encrypted echostr (GET) and
    must answer its plain text. The refusal says which check failed.
    """

    def read(tx: Transaction) -> tuple[Endpoint, int, int]:
        app = the_app(tx, corpid, agentid)
        token, key = body.token or app.callback_token, body.encoding_aes_key or app.encoding_aes_key
        context = server.context(tx, corpid)
        return Endpoint(corpid, agentid, body.url, token, key), context.now, context.next_id()

    endpoint, now, number = await server.run(read)
    if body.url:
        try:
            await verify(server.outgoing, server.settings, endpoint, now, number)
        except EndpointRefused as refusal:
            raise SimError(422, f"the address was not accepted: {refusal}") from None

    def write(tx: Transaction) -> EndpointReply:
        app = the_app(tx, corpid, agentid)
        app.callback_url, app.callback_token = endpoint.url, endpoint.token
        app.encoding_aes_key = endpoint.encoding_aes_key
        tx.session.add(app)
        queues.resume(tx, Key(corpid, agentid), server.context(tx, corpid).now)
        return {
            "agentid": agentid,
            "url": endpoint.url,
            "token": endpoint.token,
            "encoding_aes_key": endpoint.encoding_aes_key,
        }

    reply = await server.run(write)
    server.work_waiting.set(corpid)
    return reply


@router.get("/corps/{corpid}/apps/{agentid}/callback")
async def get_callback_endpoint(corpid: str, agentid: Number, server: TheServer) -> EndpointHealth:
    """查看回调地址的状况 / Show the health of a callback endpoint

    投递是否正常：最近一次送达、连续失败次数、是否暂停、待发事件数与下一次投递的时间。

    Whether deliveries arrive: the last success, failures in a row, a pause, the events that wait and when the
    next one is sent.
    """
    return await server.run(lambda tx: _health(server, tx, corpid, agentid))


@router.post("/corps/{corpid}/apps/{agentid}/callback/resume")
async def resume_callback_endpoint(corpid: str, agentid: Number, server: TheServer) -> EndpointHealth:
    """恢复投递 / Resume a paused endpoint

    立即结束暂停并清零失败次数；待发的事件接着按顺序投递。未暂停时也可调用。

    Ends the pause now and forgets the failures; the waiting events follow in their order. Calling it for an
    endpoint that isn't paused does no harm.
    """

    def work(tx: Transaction) -> EndpointHealth:
        the_app(tx, corpid, agentid)
        queues.resume(tx, Key(corpid, agentid), server.context(tx, corpid).now)
        return _health(server, tx, corpid, agentid)

    reply = await server.run(work)
    server.work_waiting.set(corpid)
    return reply


def _health(server: Server, tx: Transaction, corpid: str, agentid: int) -> EndpointHealth:
    app, key, now = the_app(tx, corpid, agentid), Key(corpid, agentid), server.context(tx, corpid).now
    state = queues.state_of(tx, key)
    waiting = queues.waiting_count(tx, key)
    status: Status = "idle"
    if not app.callback_url:
        status = "no_address"
    elif state.is_paused(now):
        status = "paused"
    elif state.failures:
        status = "failing"
    elif waiting:
        status = "sending"
    return {
        "agentid": agentid,
        "url": app.callback_url,
        "status": status,
        "last_success_at": state.last_success_at,
        "failures": state.failures,
        "paused_until": state.paused_until if status == "paused" else None,
        "waiting": waiting,
        "next_attempt_at": queues.next_attempt_at(tx, key, now, server.settings.callback_retry_seconds),
    }
