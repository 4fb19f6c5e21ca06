"""The OpenAPI document of the control API alone, for generators of clients."""

import re
from functools import lru_cache
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.responses import JSONResponse
from typing_extensions import TypedDict

from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes()

PREFIX, PAGES = "/_sim/", "sim_pages"
_REF = re.compile(rb'"#/components/schemas/([^"]+)"')


class OpenApiReply(TypedDict):
    openapi: str
    info: dict[str, Any]
    tags: list[dict[str, Any]]
    paths: dict[str, Any]
    components: dict[str, Any]


@router.get("/openapi.json", response_class=JSONResponse, responses={200: {"model": OpenApiReply}})
async def get_control_openapi(request: Request) -> Response:
    """控制接口的 OpenAPI 文档 / The OpenAPI document of the control API

    只含控制接口，不含已改名的旧路径与供手机打开的页面；用来为你的语言生成客户端。

    The control API alone, without old paths and without the pages that phones open: generate a client for
    your language from it.
    """
    application = request.app
    return Response(_part_of(orjson.dumps(application.openapi())), media_type="application/json")


@lru_cache(maxsize=4)
def _part_of(document: bytes) -> bytes:
    whole = orjson.loads(document)
    paths: dict[str, Any] = {}
    for path, methods in whole["paths"].items():
        kept = {name: one for name, one in methods.items() if _is_control(path, one)}
        if kept:
            paths[path] = kept
    schemas, used = whole["components"]["schemas"], _names_in(paths)
    while more := _names_in([schemas[name] for name in used]) - used:
        used |= more
    tags = {tag for methods in paths.values() for one in methods.values() for tag in one["tags"]}
    return orjson.dumps(
        {
            "openapi": whole["openapi"],
            "info": whole["info"],
            "tags": [tag for tag in whole["tags"] if tag["name"] in tags],
            "paths": paths,
            "components": {**whole["components"], "schemas": {name: schemas[name] for name in sorted(used)}},
        }
    )


def _is_control(path: str, described: dict[str, Any]) -> bool:
    return path.startswith(PREFIX) and not described.get("deprecated") and PAGES not in described["tags"]


def _names_in(value: Any) -> set[str]:
    return {name.decode() for name in _REF.findall(orjson.dumps(value))}
