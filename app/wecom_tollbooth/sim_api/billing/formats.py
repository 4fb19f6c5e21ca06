"""The formats of a statement: JSON for programs, CSV for tables, HTML to read and to print."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import anyio.to_thread
from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response

from wecom_tollbooth.billing.renderers.statement_csv import statement_csv
from wecom_tollbooth.http_protocol.addresses import base_url
from wecom_tollbooth.sim_api.routes import Responses

if TYPE_CHECKING:
    from wecom_tollbooth.billing.renderers.statement_html import Links
    from wecom_tollbooth.billing.renderers.statement_texts import Language

Shown = TypeVar("Shown", bound=Mapping[str, Any])


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"
    HTML = "html"


InFormat = Annotated[
    Format,
    Query(alias="format", description="json、csv 表格或 html 页面 / json, a csv table or an html page"),
]


class PageLanguage(StrEnum):
    ZH = "zh"
    EN = "en"


InLanguage = Annotated[
    PageLanguage | None,
    Query(
        alias="lang",
        description="html 页面的语言，默认按 Accept-Language / Of the html page; else Accept-Language's",
    ),
]

OTHER_FORMATS: Responses = {
    200: {
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "text/html": {"schema": {"type": "string"}},
        }
    }
}
"""What a statement answers besides JSON, for OpenAPI."""


async def answered(
    request: Request, wanted: Format, lang: PageLanguage | None, shown: Shown
) -> Shown | Response:
    """The statement `shown` in the wanted format. It may be long, so it is written in a thread."""
    if wanted is Format.CSV:
        text = await anyio.to_thread.run_sync(statement_csv, shown)
        return Response(text, media_type="text/csv; charset=utf-8", headers=_saved_as(shown, "csv"))
    if wanted is Format.HTML:
        # Imported when it is needed, because Jinja takes a while.
        from wecom_tollbooth.billing.renderers.statement_html import CONTENT_SECURITY_POLICY, statement_html

        text = await anyio.to_thread.run_sync(
            statement_html, shown, _links(request), _language(request, lang)
        )
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Vary": "Accept-Language"}
        return HTMLResponse(text, headers=headers)
    return shown


def _language(request: Request, lang: PageLanguage | None) -> "Language":
    from wecom_tollbooth.client.page import ENGLISH, language_of

    if lang is None:
        return "en" if language_of(request.headers.get("accept-language", "")) == ENGLISH else "zh"
    return lang.value


def _links(request: Request) -> "Links":
    from wecom_tollbooth.billing.renderers.statement_html import Links

    address = base_url(request.scope)
    itself = f"{address}{request.url.path}" if request.method == "GET" else ""
    return Links(address, itself, tuple(request.query_params.items()))


def _saved_as(shown: Mapping[str, Any], ending: str) -> dict[str, str]:
    owner = shown.get("corpid") or shown.get("provider_id") or "all"
    name = "".join(
        letter for letter in f"statement-{owner}-{shown['month']}" if letter.isalnum() or letter in "-_"
    )
    return {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
