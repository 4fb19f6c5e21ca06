"""The style and the script of the pages behind codes."""

from functools import cache
from importlib.resources import files

from fastapi import Response

from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.pages.code_pages import FILES, HEADERS
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes(prefix=FILES)

TYPES = {"code.css": "text/css", "code.js": "text/javascript"}


@router.get("/{name}", include_in_schema=False)
async def show_code_file(name: str) -> Response:
    """文件 / A file of the pages"""
    if name not in TYPES:
        raise SimError(404, f"the pages behind codes have no file {name!r}")
    return Response(_text_of(name), media_type=TYPES[name], headers=HEADERS)


@cache
def _text_of(name: str) -> str:
    return (files("wecom_tollbooth.sim_api.pages") / "files" / name).read_text(encoding="utf-8")
