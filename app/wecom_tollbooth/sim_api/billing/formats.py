"""The formats of a statement: JSON for programs, CSV for tables, HTML to read and to print."""

from enum import StrEnum
from typing import Annotated, Any

import anyio.to_thread
from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response

from wecom_tollbooth.billing.renderers.statement_csv import statement_csv


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"
    HTML = "html"


InFormat = Annotated[Format, Query(alias="format")]


async def answered(request: Request, wanted: Format, shown: dict[str, Any]) -> dict[str, Any] | Response:
    """`shown`, a statement in JSON, in the format that is wanted. Written in a thread: it may be long."""
    if wanted is Format.CSV:
        text = await anyio.to_thread.run_sync(statement_csv, shown)
        return Response(text, media_type="text/csv; charset=utf-8", headers=_saved_as(shown, "csv"))
    if wanted is Format.HTML:
        # Jinja takes a while to import, and who never asks for a page does without.
        from wecom_tollbooth.billing.renderers.statement_html import CONTENT_SECURITY_POLICY, statement_html

        text = await anyio.to_thread.run_sync(statement_html, shown, str(request.base_url))
        return HTMLResponse(text, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})
    return shown


def _saved_as(shown: dict[str, Any], ending: str) -> dict[str, str]:
    owner = shown.get("corpid") or shown.get("provider_id") or "all"
    name = "".join(
        letter for letter in f"statement-{owner}-{shown['month']}" if letter.isalnum() or letter in "-_"
    )
    return {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
