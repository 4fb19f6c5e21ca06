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

_HOW = """这是模拟器里成员的个人二维码。用下面的请求代替客户的扫描与添加：<br>
This is the personal code of a simulated member. The customer's scan is this request:"""
_OVER = "该成员不存在或已离职。<br>There is no such member, or no longer."


@router.get("/{corpid}/{userid}", response_class=HTMLResponse, responses=MISSING_PAGE)
async def show_member_page(corpid: str, userid: str, request: Request, server: TheServer) -> HTMLResponse:
    """成员二维码页面 / Page of a member's code

    成员个人二维码打开的页面：属于谁，以及代替客户扫码添加成员的业务动作。

    The page behind a member's personal QR code: whose it is, and the act that takes the place of the scan.
    """

    def work(tx: Transaction) -> str | None:
        corp, member = tx.session.get(Corp, corpid), tx.session.get(Member, (corpid, userid))
        if corp is None or member is None or member.status == LEFT:
            return None
        return f"{corp.name} · {member.name}"

    name = None if "\x00" in corpid + userid else await server.run(work)
    if name is None:
        return missing_page("企业微信成员", _OVER)
    return page_of_act(request, corpid, name, _HOW, act="customer_adds_member", userid=userid)
