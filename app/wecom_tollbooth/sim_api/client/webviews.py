"""A member's client: pages opened in it, and what they call."""

from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import Query, Request
from pydantic import Field, JsonValue
from sqlmodel import select
from typing_extensions import TypedDict

from wecom_tollbooth.client.devices import USER_AGENTS
from wecom_tollbooth.client.framed_pages import frame_site
from wecom_tollbooth.client.functions.registry import Invocation
from wecom_tollbooth.client.tables import Webview, WebviewCall
from wecom_tollbooth.client.webviews import Device, open_webview, run_call
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.http_protocol.addresses import base_url
from wecom_tollbooth.sim_api.client.shapes import ProblemShown, shown
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, Number, example
from wecom_tollbooth.world.acts import Act, ActRefused

router = control_routes()

MAX_LIMIT = 1000
Entry = Literal["normal", "contact_profile", "single_chat_tools", "group_chat_tools", "chat_attachment"]


class WebviewRequest(ControlRequest):
    model_config = example(userid="zhangsan", entry="normal")

    userid: str
    device: Device = "desktop"
    entry: Entry = Field(
        default="normal", description="页面从哪里打开，即 getContext 的 entry / entry of getContext"
    )
    external_userid: str | None = Field(default=None, description="当前会话的客户 / The customer of the chat")
    chat_id: str | None = Field(default=None, description="当前会话的客户群 / The group of the chat")


class WebviewReply(TypedDict):
    webview: int
    userid: str
    device: str
    entry: str
    external_userid: str | None
    chat_id: str | None
    user_agent: str


@router.post("/corps/{corpid}/webviews")
async def open_page(corpid: str, body: WebviewRequest, server: TheServer) -> WebviewReply:
    """在成员的客户端中打开页面 / Open a page in a member's client

    相当于页面在客户端中加载一次：之后用它的编号代替页面调用 JS-SDK。每次加载都是新的，需要重新 agentConfig。

    As if a page had been loaded in the client: with its number, calls of the JS-SDK are made in place of the
    page. Each load is a new one and needs agentConfig again.
    """

    def work(tx: Transaction) -> WebviewReply:
        the_corp(tx, corpid)
        act = Act(server.settings, tx, corpid)
        try:
            opened = open_webview(
                act, body.userid, body.device, body.entry, body.external_userid, body.chat_id
            )
        except ActRefused as refusal:
            raise SimError(422, str(refusal)) from None
        return {
            "webview": opened.id,
            "userid": opened.userid,
            "device": opened.device,
            "entry": opened.entry,
            "external_userid": opened.external_userid,
            "chat_id": opened.chat_id,
            "user_agent": USER_AGENTS[opened.device],
        }

    return await server.run(work)


class FramedPageRequest(ControlRequest):
    model_config = example(url="https://crm.example.com/sidebar?id=1")

    url: str = Field(max_length=4096, description="产品页面的地址 / Address of the product's page")
    device: Device = "desktop"


class FramedPageReply(TypedDict):
    address: Annotated[
        str, Field(description="在客户端页面中打开的地址 / The address to open in the client page")
    ]


@router.post("/corps/{corpid}/framed_pages")
async def frame_page(
    corpid: str, body: FramedPageRequest, server: TheServer, request: Request
) -> FramedPageReply:
    """把桥放进页面 / Put the bridge into a page

    给不加载企业微信脚本的页面：返回一个地址，从那里打开的页面已带有 WeixinJSBridge 与客户端的 User-Agent。

    For a page that loads no script of WeCom's: answers an address under which the page comes with
    WeixinJSBridge and the client's user agent.
    """

    def work(tx: Transaction) -> FramedPageReply:
        the_corp(tx, corpid)
        try:
            address = frame_site(server.context(tx, corpid), body.url, body.device, base_url(request.scope))
        except ActRefused as refusal:
            raise SimError(422, str(refusal)) from None
        return {"address": address}

    return await server.run(work)


class WebviewCallRequest(ControlRequest):
    model_config = example(name="getContext", params={}, url="https://crm.example.com/sidebar")

    name: str = Field(
        min_length=1,
        max_length=100,
        description="WeixinJSBridge.invoke 的第一个参数 / First argument of WeixinJSBridge.invoke",
    )
    params: dict[str, JsonValue] = Field(default={})
    url: str = Field(max_length=4096, description="页面地址 / The page's address, as location.href has it")
    cancelled: bool = Field(default=False, description="成员点了取消 / The member cancelled")
    choice: dict[Literal["external_userids", "chat_ids"], list[str]] | None = Field(
        default=None, description="成员的选择 / What the member chose, where the client asks"
    )


class CallReply(TypedDict):
    id: int | None
    reply: Annotated[
        dict[str, Any] | None,
        Field(description="页面得到的结果，询问成员时为 null / What the page gets; null while it asks"),
    ]
    problems: list[ProblemShown]
    then: Annotated[dict[str, Any], Field(description="客户端接着显示什么 / What the client shows next")]
    asks: Annotated[dict[str, Any] | None, Field(description="询问成员什么 / What the member is asked")]
    callbacks: list[int]


@router.post("/corps/{corpid}/webviews/{webview}/calls")
async def call_function(
    corpid: str, webview: Number, body: WebviewCallRequest, server: TheServer, request: Request
) -> CallReply:
    """调用 JS-SDK / Call the JS-SDK

    像页面一样调用客户端的函数。`reply` 是页面得到的结果；`problems` 说明失败的原因。

    Calls a function of the client as a page does. `reply` is what the page gets; `problems` say why it
    failed.
    """

    def work(tx: Transaction) -> CallReply:
        the_corp(tx, corpid)
        opened = tx.session.get(Webview, (corpid, webview))
        if opened is None:
            raise SimError(404, f"there is no webview {webview}; POST …/webviews opens one")
        act = Act(server.settings, tx, corpid)
        act.base_url = base_url(request.scope)
        choice = None if body.choice is None else {str(what): ids for what, ids in body.choice.items()}
        call = Invocation(act, opened, dict(body.params), body.url, body.cancelled, choice)
        answer = run_call(call, body.name)
        tx.flush()
        return {
            "id": answer.id,
            "reply": answer.reply,
            "problems": shown(answer.problems),
            "then": answer.then,
            "asks": answer.asks,
            "callbacks": act.callbacks,
        }

    reply = await server.run(work)
    server.work_waiting.set(corpid)
    return reply


class LoggedCall(TypedDict):
    id: int
    webview: int
    userid: str
    at: int
    name: str
    url: str
    params: dict[str, Any]
    reply: dict[str, Any]
    problems: list[ProblemShown]


class LogReply(TypedDict):
    calls: list[LoggedCall]


@router.get("/corps/{corpid}/webview_calls")
async def list_page_calls(
    corpid: str,
    server: TheServer,
    userid: Annotated[str | None, Query(description="成员 / The member")] = None,
    webview: Annotated[Number | None, Query(description="只看这个页面 / Of this page alone")] = None,
    name: Annotated[str | None, Query(description="函数 / The function")] = None,
    after: Annotated[Number, Query(description="只看编号更大的 / Those with a larger id")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> LogReply:
    """列出 JS-SDK 的调用 / List calls of the JS-SDK

    企业成员的客户端中页面的调用与结果，最近的 1,000 条，最早的在前。

    What pages in the clients of the corp's members called and got, the latest 1,000, oldest first.
    """

    def work(tx: Transaction) -> LogReply:
        the_corp(tx, corpid)
        query = select(WebviewCall).where(WebviewCall.corp_id == corpid, WebviewCall.id > after)
        wanted = {"userid": userid, "webview": webview, "name": name}
        for column, value in wanted.items():
            if value is not None:
                query = query.where(getattr(WebviewCall, column) == value)
        rows = tx.session.exec(query.order_by(sa.desc("id")).limit(limit)).all()
        return {"calls": [_logged(row) for row in reversed(rows)]}

    return await server.run(work)


def _logged(row: WebviewCall) -> LoggedCall:
    return {
        "id": row.id,
        "webview": row.webview,
        "userid": row.userid,
        "at": row.at,
        "name": row.name,
        "url": row.url,
        "params": row.params,
        "reply": row.reply,
        "problems": [{"part": part, "zh": zh, "en": en} for part, zh, en in row.problems],  # type: ignore[typeddict-item]
    }
