"""The routes of /docs."""

from functools import cache
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Cookie, FastAPI, Header, Request
from fastapi.responses import JSONResponse, Response

from wecom_tollbooth.client.page import CHINESE, ENGLISH, language_of
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.http_protocol.lazy_routes import LazyRoute
from wecom_tollbooth.reference.documents import document_of
from wecom_tollbooth.reference.page import page

LANGUAGE_COOKIE = "tollbooth_language"
YEAR = 365 * 86_400
FILES = {"reference.css": "text/css", "reference.js": "text/javascript"}
HEADERS = {
    # Its own files alone. Swagger UI writes styles, and shows icons and downloads from data: and blob:.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

router = APIRouter(include_in_schema=False, route_class=LazyRoute)


@router.get("/docs")
def show_docs(
    request: Request,
    lang: str = "",
    tollbooth_language: Annotated[str, Cookie()] = "",
    accept_language: Annotated[str, Header()] = "",
) -> Response:
    """The page in the language that was chosen, else in the browser's; a choice is kept in a cookie."""
    chosen = next((one for one in (lang, tollbooth_language) if one in (CHINESE, ENGLISH)), None)
    text = _page(request.app, chosen or language_of(accept_language))
    answer = Response(text, media_type="text/html", headers={**HEADERS, "Vary": "Accept-Language, Cookie"})
    if lang in (CHINESE, ENGLISH):
        answer.set_cookie(LANGUAGE_COOKIE, lang, max_age=YEAR, httponly=True, samesite="lax")
    return answer


def _page(app: FastAPI, language: str) -> bytes:
    """Made once for each language: what is declared doesn't change while a server runs."""
    made: dict[str, bytes] = app.state.__dict__.setdefault("pages_of_docs", {})
    if language not in made:
        gateway: Gateway = app.state.gateway
        asks_for_token = bool(gateway.server.settings.admin_token)
        made[language] = page(gateway.operations, language, asks_for_token=asks_for_token).encode()
    return made[language]


@router.get("/docs/operations/{id}")
def show_operation(request: Request, id: str, lang: str = CHINESE) -> Response:
    """The OpenAPI document of one operation in one language; 404 for an unknown one."""
    gateway: Gateway = request.app.state.gateway
    document = document_of(request.app, gateway, id, ENGLISH if lang == ENGLISH else CHINESE)
    if document is None:
        return JSONResponse({"error": f"no operation has the id {id!r}"}, 404)
    return JSONResponse(document, headers=HEADERS)


@router.get("/docs/files/{name}")
def show_file(name: str) -> Response:
    if name not in FILES:
        return JSONResponse({"error": f"no file of the page is named {name!r}"}, 404)
    return Response(_text_of(name), media_type=FILES[name], headers=HEADERS)


@cache
def _text_of(name: str) -> str:
    return (files("wecom_tollbooth.reference") / "files" / name).read_text(encoding="utf-8")
