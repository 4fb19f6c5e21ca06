"""The codes and links of a corp by which customers come."""

from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import Query, Request
from pydantic import Field
from sqlmodel import select
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.acquisition_links import links
from wecom_tollbooth.families.acquisition_links.tables import AcquisitionLink
from wecom_tollbooth.families.contact_ways import qr_code
from wecom_tollbooth.families.contact_ways.tables import CONTACT_WAY, ContactWay
from wecom_tollbooth.families.group_chats import join_ways
from wecom_tollbooth.families.group_chats.tables import GROUP_CHAT, GroupJoinWay
from wecom_tollbooth.http_protocol.addresses import base_url
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import Number
from wecom_tollbooth.world import qr

router = control_routes()

MAX_LIMIT = 1000
PAGES = {
    "contact_way": qr_code.PAGE,
    "acquisition_link": links.PAGE,
    "join_way": join_ways.PAGE,
}


class CodeShown(TypedDict):
    kind: Literal["contact_way", "acquisition_link", "join_way"]
    id: Annotated[str, Field(description="config_id 或 link_id / config_id or link_id")]
    name: Annotated[str, Field(description="备注或名称 / Its remark or name")]
    state: str
    leads_to: Annotated[list[str], Field(description="成员、部门或客户群 / Members, departments or groups")]
    url: Annotated[str, Field(description="获客链接 / Of an acquisition link: the link itself")]
    page: Annotated[str, Field(description="二维码打开的页面 / The page that the code opens")]
    image: Annotated[str, Field(description="二维码图片 / The picture of the code")]


class CodesReply(TypedDict):
    codes: list[CodeShown]


@router.get("/corps/{corpid}/codes")
async def list_codes(
    corpid: str,
    request: Request,
    server: TheServer,
    limit: Annotated[
        Number, Query(ge=1, le=MAX_LIMIT, description="每种最多几个 / The most of each kind")
    ] = 100,
) -> CodesReply:
    """列出二维码与链接 / List codes and links

    企业仍然有效的「联系我」、获客链接与「加入群聊」，最近的在前；`page` 与 `image` 是本服务器上的路径。

    The corp's contact ways, acquisition links and ways into groups that still work, the latest first. `page`
    and `image` are paths on this server.
    """
    base = base_url(request.scope)

    def work(tx: Transaction) -> CodesReply:
        the_corp(tx, corpid)
        now = server.context(tx, corpid).now
        ways = select(ContactWay).where(ContactWay.corp_id == corpid)
        newest = ways.order_by(CONTACT_WAY.c.created_at.desc(), CONTACT_WAY.c.config_id).limit(limit)
        shown = [_of_way(way, base) for way in tx.session.exec(newest) if way.ended_at(now) is None]
        query = select(AcquisitionLink).where(
            AcquisitionLink.corp_id == corpid, sa.column("deleted_at").is_(None)
        )
        shown += [
            _of_link(link, base) for link in tx.session.exec(query.order_by(sa.text("seq DESC")).limit(limit))
        ]
        joins = list(
            tx.session.exec(
                select(GroupJoinWay)
                .where(GroupJoinWay.corp_id == corpid)
                .order_by(sa.text("config_id"))
                .limit(limit)
            )
        )
        names = _names_of_groups(tx, corpid, joins)
        return {"codes": shown + [_of_join(join, names, base) for join in joins]}

    return await server.run(work)


def _of_way(way: ContactWay, base: str) -> CodeShown:
    leads_to = [*way.users, *map(str, way.parties)]
    return _code("contact_way", way.corp_id, way.config_id, way.remark, way.state, leads_to, base)


def _of_link(link: AcquisitionLink, base: str) -> CodeShown:
    leads_to = [*link.user_list, *map(str, link.department_list)]
    code = _code("acquisition_link", link.corp_id, link.link_id, link.link_name, "", leads_to, base)
    return {**code, "url": links.URL + link.link_id}


def _of_join(join: GroupJoinWay, names: dict[str, str], base: str) -> CodeShown:
    leads_to = [names.get(chat_id) or chat_id for chat_id in [*join.chat_ids, *join.made_chat_ids]]
    return _code("join_way", join.corp_id, join.config_id, join.remark, join.state, leads_to, base)


def _code(
    kind: Literal["contact_way", "acquisition_link", "join_way"],
    corpid: str,
    name_in_address: str,
    name: str,
    state: str,
    leads_to: list[str],
    base: str,
) -> CodeShown:
    page = f"{PAGES[kind]}/{corpid}/{name_in_address}"
    return {
        "kind": kind,
        "id": name_in_address,
        "name": name,
        "state": state,
        "leads_to": leads_to,
        "url": "",
        "page": page,
        "image": qr.address(base, base + page, qr_code.PIXELS).removeprefix(base),
    }


def _names_of_groups(tx: Transaction, corpid: str, joins: list[GroupJoinWay]) -> dict[str, str]:
    wanted = {chat_id for join in joins for chat_id in (*join.chat_ids, *join.made_chat_ids)}
    query = sa.select(GROUP_CHAT.c.chat_id, GROUP_CHAT.c.name).where(
        GROUP_CHAT.c.corp_id == corpid, GROUP_CHAT.c.chat_id.in_(sorted(wanted))
    )
    found: list[sa.Row[Any]] = list(tx.execute(query)) if wanted else []
    return {row.chat_id: row.name for row in found}
