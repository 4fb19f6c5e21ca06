"""The page behind the QR code of a contact way."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from wecom_tollbooth.corps.tables import Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.contact_ways.qr_code import PAGE
from wecom_tollbooth.families.contact_ways.tables import ContactWay
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.pages.code_pages import MISSING_PAGE, missing_page, page_of_act
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes(prefix=PAGE)


@router.get("/{corpid}/{config_id}", response_class=HTMLResponse, responses=MISSING_PAGE)
async def show_contact_way_page(
    corpid: str, config_id: str, request: Request, server: TheServer
) -> HTMLResponse:
    """「联系我」页面 / Page of a contact way

    「联系我」二维码打开的页面：属于谁，以及一份代替客户扫码的表单。

    The page behind the QR code of a contact way: whose it is, and a form that takes the place of the scan.
    """

    def work(tx: Transaction) -> tuple[str, bool]:
        corp = tx.session.get(Corp, corpid)
        way = tx.session.get(ContactWay, (corpid, config_id))
        serves = way is not None and way.ended_at(server.context(tx, corpid).now) is None
        return (corp.name if corp else ""), serves

    name, serves = ("", False) if "\x00" in corpid + config_id else await server.run(work)
    title = name or "联系我"
    if not serves:
        return missing_page(request, "contact_way")
    return page_of_act(request, corpid, "contact_way", title, act="scan_contact_way", config_id=config_id)
