"""The page behind an acquisition link, and the address of the link itself."""

from urllib.parse import quote

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from wecom_tollbooth.corps.tables import Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.acquisition_links.links import PAGE
from wecom_tollbooth.families.acquisition_links.tables import ACQUISITION_LINK, AcquisitionLink
from wecom_tollbooth.http_protocol.lazy_routes import LazyRoute
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.pages.code_pages import MISSING_PAGE, missing_page, page_of_act
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes(prefix=PAGE)
on_wecoms_host = APIRouter(include_in_schema=False, route_class=LazyRoute)
"""https://work.weixin.qq.com/ca/…, as the HTTPS port and the proxy lead it here."""


@router.get("/{corpid}/{link_id}", response_class=HTMLResponse, responses=MISSING_PAGE)
async def show_acquisition_link_page(
    corpid: str, link_id: str, request: Request, server: TheServer
) -> HTMLResponse:
    """获客链接页面 / Page of an acquisition link

    获客链接打开的页面：属于哪个企业，以及一份代替客户打开与添加的表单。
    地址中的 `customer_channel` 会填入表单。

    The page behind an acquisition link: whose it is, and a form that takes the place of opening it.
    `customer_channel` in the address is filled in.
    """

    def work(tx: Transaction) -> str | None:
        corp = tx.session.get(Corp, corpid)
        link = tx.session.get(AcquisitionLink, (corpid, link_id))
        return corp.name if corp is not None and link is not None and link.deleted_at is None else None

    name = None if "\x00" in corpid + link_id else await server.run(work)
    if name is None:
        return missing_page(request, "acquisition_link")
    return page_of_act(
        request, corpid, "acquisition_link", name, act="open_acquisition_link", link_id=link_id
    )


@on_wecoms_host.get("/ca/{link_id}")
async def open_link(link_id: str, request: Request, server: TheServer) -> Response:
    """Leads to the page of the link, of the latest one where an imported corp has a copy of it."""

    def work(tx: Transaction) -> str | None:
        query = (
            sa.select(ACQUISITION_LINK.c.corp_id)
            .where(ACQUISITION_LINK.c.link_id == link_id, ACQUISITION_LINK.c.deleted_at.is_(None))
            .order_by(ACQUISITION_LINK.c.seq.desc())
            .limit(1)
        )
        corpid: str | None = tx.execute(query).scalar()
        return corpid

    corpid = None if "\x00" in link_id else await server.run(work)
    if corpid is None:
        return missing_page(request, "acquisition_link")
    query = request.scope["query_string"].decode("latin-1")
    return RedirectResponse(f"{PAGE}/{corpid}/{quote(link_id)}" + (f"?{query}" if query else ""), 302)
