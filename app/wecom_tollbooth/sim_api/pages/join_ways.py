"""The page behind the code of a way into customer groups."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from wecom_tollbooth.corps.tables import Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.group_chats.join_ways import PAGE
from wecom_tollbooth.families.group_chats.tables import GroupJoinWay
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.pages.code_pages import MISSING_PAGE, missing_page, page_of_act
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes(prefix=PAGE)


@router.get("/{corpid}/{config_id}", response_class=HTMLResponse, responses=MISSING_PAGE)
async def show_join_way_page(
    corpid: str, config_id: str, request: Request, server: TheServer
) -> HTMLResponse:
    """「加入群聊」页面 / Page of a way into groups

    「加入群聊」二维码打开的页面：属于哪个企业，以及一份代替客户扫码入群的表单。

    The page behind the code of a way into customer groups: whose groups, and a form that takes the place of
    the scan.
    """

    def work(tx: Transaction) -> str | None:
        corp = tx.session.get(Corp, corpid)
        way = tx.session.get(GroupJoinWay, (corpid, config_id))
        return corp.name if corp is not None and way is not None else None

    name = None if "\x00" in corpid + config_id else await server.run(work)
    if name is None:
        return missing_page(request, "join_way")
    return page_of_act(request, corpid, "join_way", name, act="scan_join_way", config_id=config_id)
