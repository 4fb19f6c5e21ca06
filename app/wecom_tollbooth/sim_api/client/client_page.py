"""The page that plays a member's client, and what it lists."""

from typing import Annotated, Any, cast

from fastapi import Header, Query
from fastapi.responses import HTMLResponse, Response
from typing_extensions import TypedDict

from wecom_tollbooth.client import contacts, conversations, page
from wecom_tollbooth.client.devices import USER_AGENTS
from wecom_tollbooth.corps.tables import Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.lookup import find_member
from wecom_tollbooth.families.directory.tables import Member
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes()


class CustomerShown(TypedDict):
    external_userid: str
    name: str
    remark: str
    type: int
    corp_name: str


class GroupShown(TypedDict):
    chat_id: str
    name: str
    owner: str
    people: int


class AppShown(TypedDict):
    agentid: int
    name: str
    kind: str
    home_url: str
    trusted_domains: list[str]


class ClientReply(TypedDict):
    corpid: str
    corp: str
    userid: str
    name: str
    customers: list[CustomerShown]
    groups: list[GroupShown]
    apps: list[AppShown]
    user_agents: dict[str, str]


@router.get("/corps/{corpid}/clients/{userid}")
async def show_client(
    corpid: str,
    userid: str,
    server: TheServer,
    find: Annotated[str, Query(max_length=64, description="名称中的文字 / Text in the name")] = "",
) -> ClientReply:
    """查看成员的客户端 / Show a member's client

    成员的客户、客户群（各为最近的 100 个）与可打开的应用。

    The member's customers and customer groups, the latest 100 of each, and the apps that the member can open.
    """

    def work(tx: Transaction) -> ClientReply:
        corp: Corp = the_corp(tx, corpid)
        context = server.context(tx, corpid)
        member = find_member(context, userid)
        if member is None:
            raise SimError(404, f"corp {corpid!r} has no member {userid!r}")
        row = tx.session.get_one(Member, (corpid, member.userid))
        return {
            "corpid": corpid,
            "corp": corp.name,
            "userid": member.userid,
            "name": row.name,
            "customers": cast(list[CustomerShown], contacts.customers_of(context, row.userid, find)),
            "groups": cast(list[GroupShown], contacts.groups_of(context, row.userid, find)),
            "apps": cast(list[AppShown], contacts.apps_of(context, row.userid)),
            "user_agents": USER_AGENTS,
        }

    return await server.run(work)


class MessageShown(TypedDict):
    at: int
    kind: str
    body: dict[str, Any]


class MessagesReply(TypedDict):
    messages: list[MessageShown]


@router.get("/corps/{corpid}/clients/{userid}/messages")
async def show_messages(
    corpid: str,
    userid: str,
    server: TheServer,
    external_userid: Annotated[str, Query(description="客户 / The customer")] = "",
    chat_id: Annotated[str, Query(description="客户群 / The customer group")] = "",
) -> MessagesReply:
    """查看成员发出的消息 / Show what a member wrote

    成员发给一位客户或一个客户群的消息，最近的 50 条，最早的在前。

    What the member wrote to a customer or in a customer group, the latest 50, oldest first.
    """
    if bool(external_userid) == bool(chat_id):
        raise SimError(422, "give external_userid or chat_id")

    def work(tx: Transaction) -> MessagesReply:
        the_corp(tx, corpid)
        context = server.context(tx, corpid)
        member = find_member(context, userid)
        if member is None:
            raise SimError(404, f"corp {corpid!r} has no member {userid!r}")
        found = (
            conversations.messages_in_group(context, member.userid, chat_id)
            if chat_id
            else conversations.messages_to_customer(context, member.userid, external_userid)
        )
        return {"messages": cast(list[MessageShown], found)}

    return await server.run(work)


# Before the page itself, whose path would fit too.
@router.get("/client/files/{name}", include_in_schema=False)
async def show_file(name: str) -> Response:
    """文件 / A file of the page"""
    found = page.file(name)
    if found is None:
        raise SimError(404, f"the client page has no file {name!r}")
    return found


@router.get("/client/{corpid}/{userid}", response_class=HTMLResponse)
async def show_page(corpid: str, userid: str, accept_language: Annotated[str, Header()] = "") -> Response:
    """客户端页面 / The client page

    扮演成员的企业微信客户端的页面，在浏览器中打开。

    The page that plays the member's client; open it in a browser.
    """
    return page.page(page.language_of(accept_language))
