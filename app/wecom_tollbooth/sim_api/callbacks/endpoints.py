"""Where an app receives callbacks."""

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.messages import Endpoint
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_app
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, example

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


@router.put("/corps/{corpid}/apps/{agentid}/callback")
async def set_callback_endpoint(
    corpid: str, agentid: int, body: EndpointRequest, server: TheServer
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
        # Imported when it is needed, because it takes a while.
        from wecom_tollbooth.callbacks.wire import EndpointRefused, verify

        try:
            await server.in_thread(verify, server.settings, endpoint, now, number)
        except EndpointRefused as refusal:
            raise SimError(422, f"the address was not accepted: {refusal}") from None

    def write(tx: Transaction) -> EndpointReply:
        app = the_app(tx, corpid, agentid)
        app.callback_url, app.callback_token = endpoint.url, endpoint.token
        app.encoding_aes_key = endpoint.encoding_aes_key
        tx.session.add(app)
        return {
            "agentid": agentid,
            "url": endpoint.url,
            "token": endpoint.token,
            "encoding_aes_key": endpoint.encoding_aes_key,
        }

    return await server.run(write)
