"""The page behind a member's personal QR code."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from wecom_tollbooth.corps.tables import Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.members.private_fields import PAGE
from wecom_tollbooth.families.directory.tables import LEFT, Member
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.pages.code_pages import MISSING_PAGE, missing_page, page_of_act
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes(prefix=PAGE)


@router.get("/{corpid}/{userid}", response_class=HTMLResponse, responses=MISSING_PAGE)
async def show_member_page(corpid: str, userid: str, request: Request, server: TheServer) -> HTMLResponse:
    """成员二维码页面 / Page of a member's code

    成员个人二维码打开的页面：属于谁，以及一份代替客户扫码添加成员的表单。

    The page behind a member's personal QR code: whose it is, and a form that takes the place of the scan.
    """

    def work(tx: Transaction) -> str | None:
        corp, member = tx.session.get(Corp, corpid), tx.session.get(Member, (corpid, userid))
        if corp is None or member is None or member.status == LEFT:
            return None
        return f"{corp.name} · {member.name}"

    name = None if "\x00" in corpid + userid else await server.run(work)
    if name is None:
        return missing_page(request, "member")
    return page_of_act(request, corpid, "member", name, act="customer_adds_member", userid=userid)
