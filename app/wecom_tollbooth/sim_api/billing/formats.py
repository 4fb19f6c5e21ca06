"""The formats of a statement: JSON for programs, CSV for tables, HTML to read and to print."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import anyio.to_thread
from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response

from wecom_tollbooth.billing.renderers.statement_csv import statement_csv
from wecom_tollbooth.http_protocol.addresses import base_url
from wecom_tollbooth.sim_api.routes import Responses

Shown = TypeVar("Shown", bound=Mapping[str, Any])


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"
    HTML = "html"


InFormat = Annotated[
    Format,
    Query(alias="format", description="json、csv 表格或 html 页面 / json, a csv table or an html page"),
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


async def answered(request: Request, wanted: Format, shown: Shown) -> Shown | Response:
    """The statement `shown` in the wanted format. It may be long, so it is written in a thread."""
    if wanted is Format.CSV:
        text = await anyio.to_thread.run_sync(statement_csv, shown)
        return Response(text, media_type="text/csv; charset=utf-8", headers=_saved_as(shown, "csv"))
    if wanted is Format.HTML:
        # Imported when it is needed, because Jinja takes a while.
        from wecom_tollbooth.billing.renderers.statement_html import CONTENT_SECURITY_POLICY, statement_html

        text = await anyio.to_thread.run_sync(statement_html, shown, f"{base_url(request.scope)}/")
        return HTMLResponse(text, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})
    return shown


def _saved_as(shown: Mapping[str, Any], ending: str) -> dict[str, str]:
    owner = shown.get("corpid") or shown.get("provider_id") or "all"
    name = "".join(
        letter for letter in f"statement-{owner}-{shown['month']}" if letter.isalnum() or letter in "-_"
    )
    return {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
