"""The addresses of WeCom's login pages, on whichever host they are asked for.

`&as=zhangsan` picks the person in place of a click, for tests without a browser: it is answered with the
redirect alone.
"""

from collections.abc import Callable
from html import escape

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.lookup import FoundMember, find_member
from wecom_tollbooth.families.directory.tables import ACTIVE, LEFT, MEMBER
from wecom_tollbooth.families.directory.visibility import members_in_range
from wecom_tollbooth.families.identity.codes import PRIVATE_INFO, WEB, issue_code
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, ExternalContact
from wecom_tollbooth.http_protocol.lazy_routes import LazyRoute
from wecom_tollbooth.login import pages
from wecom_tollbooth.login.pages import Person
from wecom_tollbooth.login.requests import (
    Broken,
    LoginRequest,
    read_oauth,
    read_qr_connect,
    read_query,
    read_web_login,
    refuse_unkeepable,
)
from wecom_tollbooth.server import Server

AUTHORIZE = "/connect/oauth2/authorize"
WEB_LOGIN = "/wwlogin/sso/login"
QR_CONNECT = "/wwopen/sso/qrConnect"
IN_FRAMES = (AUTHORIZE, WEB_LOGIN, QR_CONNECT)
"""Pages of products show the QR login in a frame; the client page alone may show the other."""
MEMBERS_SHOWN, CUSTOMERS_SHOWN = 50, 20

router = APIRouter(include_in_schema=False, route_class=LazyRoute)

Reader = Callable[[Transaction, str], LoginRequest]


@router.get(AUTHORIZE)
async def authorize(request: Request) -> Response:
    """OAuth of a page inside the client (page 91022, 2026-08)."""
    response = await _serve(request, read_oauth)
    response.headers["Content-Security-Policy"] = f"frame-ancestors {_client_pages(request)}"
    return response


@router.get(WEB_LOGIN)
async def web_login(request: Request) -> Response:
    """Login of a page in any browser, alone or as the panel of WeCom's JS-SDK (pages 98152, 98268)."""
    return await _serve(request, read_web_login)


@router.get(QR_CONNECT)
async def qr_connect(request: Request) -> Response:
    """The same under the path of before 2022, alone or as the frame of the script wwLogin."""
    return await _serve(request, read_qr_connect)


def _client_pages(request: Request) -> str:
    """Where the client page is served, as a list of sources."""
    server: Server = request.app.state.server
    names = ("127.0.0.1", "localhost", "*.localhost", *server.settings.sim_host_names)
    return " ".join(["'self'", *(f"{scheme}://{name}:*" for name in names for scheme in ("http", "https"))])


async def _serve(request: Request, read: Reader) -> Response:
    server: Server = request.app.state.server
    raw = request.scope["query_string"].decode("latin-1")
    chosen = read_query(raw).get("as")

    def work(tx: Transaction) -> Response:
        try:
            refuse_unkeepable(raw)
            wanted = read(tx, raw)
            if chosen is None:
                return HTMLResponse(_picker(tx, server, wanted, raw))
            return _logged_in(tx, server, wanted, chosen, read_query(raw))
        except Broken as rule:
            return HTMLResponse(pages.broken(rule), 403)

    return await server.run(work)


def _logged_in(
    tx: Transaction, server: Server, wanted: LoginRequest, chosen: str, query: dict[str, str]
) -> Response:
    person, is_member = _person(tx, server, wanted, chosen)
    code = issue_code(
        server.context(tx, wanted.corp_id),
        person,
        is_member=is_member,
        scope=wanted.scope,
        host=wanted.host,
        agentid=wanted.agentid,
    )
    address = wanted.answer(code)
    if wanted.scope == WEB:
        if query.get("login_type") == "jssdk":
            return HTMLResponse(pages.frame_tells_address(address))
        match query.get("redirect_type"):
            case "callback":
                return HTMLResponse(pages.panel_succeeds(code))
            case "top":
                return HTMLResponse(pages.panel_leads_top(address))
    return RedirectResponse(address, 302)


def _person(tx: Transaction, server: Server, wanted: LoginRequest, chosen: str) -> tuple[str, bool]:
    """Who logs in, and whether it is a member. Raises Broken for somebody who can't."""
    member = find_member(server.context(tx, wanted.corp_id), chosen)
    if member is not None:
        _refuse_member(tx, wanted, member)
        return member.userid, True
    if wanted.scope != WEB and tx.session.get(ExternalContact, (wanted.corp_id, chosen)) is not None:
        return chosen, False
    raise Broken(
        40003,
        f"企业中没有 {chosen!r}，as 应为 userid 或客户的 external_userid",
        f"there is nobody {chosen!r} in this corp; `as` takes a userid, or a customer's external_userid",
    )


def _refuse_member(tx: Transaction, wanted: LoginRequest, member: FoundMember) -> None:
    if member.status != ACTIVE:
        raise Broken(
            60030, f"成员 {member.userid} 未激活或已禁用", f"{member.userid} is not active or was disabled"
        )
    if wanted.app is None or wanted.scope not in (PRIVATE_INFO, WEB):
        return
    visible = members_in_range(tx, wanted.corp_id, wanted.app.visible)
    if visible is not None and member.userid not in visible:
        raise Broken(
            60011,
            f"成员 {member.userid} 不在应用的可见范围内",
            f"{member.userid} is outside the app's visible range",
        )


def _picker(tx: Transaction, server: Server, wanted: LoginRequest, raw: str) -> str:
    members = (
        sa.select(MEMBER.c.userid, MEMBER.c.name)
        .where(MEMBER.c.corp_id == wanted.corp_id, MEMBER.c.status != LEFT)
        .order_by(MEMBER.c.created_at, MEMBER.c.userid)
        .limit(MEMBERS_SHOWN)
    )
    customers = (
        sa.select(EXTERNAL_CONTACT.c.external_userid, EXTERNAL_CONTACT.c.name)
        .where(EXTERNAL_CONTACT.c.corp_id == wanted.corp_id)
        .order_by(EXTERNAL_CONTACT.c.created_at.desc(), EXTERNAL_CONTACT.c.external_userid)
        .limit(CUSTOMERS_SHOWN)
    )
    corp = tx.execute(sa.select(CORP.c.name).where(CORP.c.corp_id == wanted.corp_id)).scalar_one()
    app = wanted.app.name if wanted.app else wanted.host
    private, private_zh = (
        (" and for private details", "及手机号等敏感信息") if wanted.scope == PRIVATE_INFO else ("", "")
    )
    return pages.picker(
        f"{corp}",
        f"<p>{escape(app)} 申请获取你的身份{private_zh}，选择由谁登录。</p>"
        f"<p lang='en'>{escape(wanted.host)} asks who you are{private}. "
        "Pick who logs in.</p>",
        [Person(row.userid, row.name) for row in tx.execute(members)],
        []
        if wanted.scope == WEB
        else [Person(row.external_userid, row.name) for row in tx.execute(customers)],
        raw,
        "<p>不用浏览器时，在地址后加 <code>&amp;as=userid</code>。</p>"
        "<p lang='en'>Without a browser, add <code>&amp;as=userid</code> to the address.</p>",
        in_client=wanted.scope != WEB,
    )
