"""The page that a phone opens for a code of the simulator: a form in place of the scan."""

import json
from functools import cache
from html import escape
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from wecom_tollbooth.client.page import language_of
from wecom_tollbooth.http_protocol.addresses import base_url
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.sim_api.browser_guard import answers_to
from wecom_tollbooth.sim_api.pages.code_words import CHINESE, ENGLISH, FORM, OUTCOME, PAGES, Kind, Language
from wecom_tollbooth.sim_api.routes import Responses

if TYPE_CHECKING:
    from jinja2 import Template

FILES = "/_sim/scan/files"
EXTRAS: dict[Kind, tuple[str, ...]] = {
    "contact_way": ("member_confirms",),
    "acquisition_link": ("customer_channel", "adds", "accepted"),
    "member": ("skip_verify",),
    "join_way": (),
    "join_corp": (),
}
"""Fields of the act that the form asks for, besides the person's."""

MISSING_PAGE: Responses = {
    404: {
        "description": "不存在或已失效 / It does not exist, or no longer does",
        "content": {"text/html": {"schema": {"type": "string"}}},
    }
}
HEADERS = {
    # Its own files alone. In a frame of a foreign page, somebody's clicks could be led to the button.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
    "X-Content-Type-Options": "nosniff",
}


def page_of_act(request: Request, corpid: str, kind: Kind, title: str, **act: str) -> HTMLResponse:
    """The form that performs `act`; the control API wants the admin token for it, where there is one.

    The query's `lang` says the language, else Accept-Language; `customer_channel` fills that field.
    """
    language = _language(request)
    control = _control_address(request)
    newcomer = "member" if kind == "join_corp" else "customer"
    data = {"corpid": corpid, "act": act, "newcomer": newcomer, "texts": OUTCOME[language]}
    example = {**act, "userid": "newcomer", "name": "新成员"} if kind == "join_corp" else act
    is_here = control == base_url(request.scope)
    return _rendered(
        request,
        kind,
        language,
        title=title,
        about=PAGES[kind][language]["about"],
        act=act,
        elsewhere="" if is_here else control + _address(request, language),
        newcomer=newcomer,
        extras=EXTRAS[kind],
        channel=request.query_params.get("customer_channel", ""),
        data=data,
        address=f"{control}/_sim/corps/{corpid}/acts",
        body=Markup(escape(json.dumps(example, ensure_ascii=False), quote=False)),
        docs=f"{control}/docs",
    )


def missing_page(request: Request, kind: Kind) -> HTMLResponse:
    """404: what the code names does not exist, or no longer does."""
    language = _language(request)
    words = PAGES[kind][language]
    return _rendered(
        request, kind, language, status=404, title=words["title"], about=words["missing"], act=None
    )


def _rendered(
    request: Request, kind: Kind, language: Language, *, status: int = 200, **values: object
) -> HTMLResponse:
    text = _template().render(
        language=language,
        languages={other: _address(request, other) for other in (CHINESE, ENGLISH)},
        text=FORM[language],
        button=PAGES[kind][language]["button"],
        files=FILES,
        **values,
    )
    return HTMLResponse(text, status, HEADERS)


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # takes a while, and few starts need it

    loader = PackageLoader("wecom_tollbooth.sim_api.pages", "files")
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=True).get_template(
        "code.html.jinja"
    )


def _language(request: Request) -> Language:
    chosen = request.query_params.get("lang")
    if chosen not in (CHINESE, ENGLISH):
        chosen = language_of(request.headers.get("accept-language", ""))
    return cast(Language, chosen)


def _address(request: Request, language: Language) -> str:
    """The path of this page in that language."""
    query = {**request.query_params, "lang": language}
    return f"{quote(request.scope['path'])}?{urlencode(query)}"


def _control_address(request: Request) -> str:
    """Where the control API answers: not under WeCom's names, by which a phone comes to this page."""
    settings: Settings = request.app.state.server.settings
    base = base_url(request.scope)
    if answers_to(urlsplit(base).netloc, settings):
        return base
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"
