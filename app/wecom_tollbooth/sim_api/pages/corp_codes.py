"""The page behind the QR code that leads into a corp."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from wecom_tollbooth.corps.tables import Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.joining import PAGE, is_valid
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.pages.code_pages import MISSING_PAGE, missing_page, page_of_act
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.world.context import Context

router = control_routes(prefix=PAGE)


@router.get("/{corpid}/{code}", response_class=HTMLResponse, responses=MISSING_PAGE)
async def show_join_corp_page(corpid: str, code: str, request: Request, server: TheServer) -> HTMLResponse:
    """加入企业页面 / Page of joining a corp

    加入企业的二维码打开的页面，7 天内有效：企业名称，以及一份代替扫码加入的表单。

    The page behind the code of corp/get_join_qrcode, for seven days: the corp's name, and a form that takes
    the place of the scan.
    """

    def work(tx: Transaction) -> str | None:
        corp = tx.session.get(Corp, corpid)
        context = Context(server.settings, tx, corpid)
        valid = is_valid(context.seed, corpid, code, context.now)
        return corp.name if corp is not None and valid else None

    name = None if "\x00" in corpid + code else await server.run(work)
    if name is None:
        return missing_page(request, "join_corp")
    return page_of_act(request, corpid, "join_corp", name, act="person_joins_corp", code=code)
