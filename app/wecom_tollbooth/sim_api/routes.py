"""How a control route describes itself: title, description and refusals come from its handler and path.

The first line of a handler's docstring is the title, "中文 / English"; the rest is the description, a
paragraph in Chinese and one in English.
"""

import inspect
import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from wecom_tollbooth.http_protocol.lazy_routes import LazyRoute
from wecom_tollbooth.sim_api.errors import ErrorReply, as_refusal

_WIDE = "[\u2e80-\u9fff\uff00-\uffef]"
_LINE_BREAK_IN_CHINESE = re.compile(f"(?<={_WIDE})\n(?={_WIDE})")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Responses = dict[int | str, dict[str, Any]]

UNAUTHORIZED: Responses = {
    401: {"model": ErrorReply, "description": "缺少管理令牌或令牌不对 / The admin token is missing or wrong"}
}
FOREIGN: Responses = {
    403: {
        "model": ErrorReply,
        "description": "Host 不是本机名称，或请求来自其他网站的网页 / "
        "The host is not a loopback name, or a page of another site asks",
    }
}
CONFLICT: Responses = {
    409: {"model": ErrorReply, "description": "与现状冲突 / In conflict with the present state"}
}
UNAVAILABLE: Responses = {
    503: {"model": ErrorReply, "description": "服务暂时无法应答调用 / Calls can't be answered at present"}
}
_NOT_FOUND: Responses = {
    404: {"model": ErrorReply, "description": "路径中的对象不存在 / What the path names does not exist"}
}
_UNREADABLE: Responses = {
    400: {"model": ErrorReply, "description": "请求体无法读取 / The body cannot be read"}
}
_INVALID: Responses = {
    422: {"model": ErrorReply, "description": "参数不合要求 / A parameter or a field is not valid"}
}


class ControlRoute(LazyRoute):
    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        title, description = _title_and_description(endpoint)
        options["summary"] = options.get("summary") or title
        options["description"] = options.get("description") or description
        options["response_description"] = "成功 / Success"
        refusals = _INVALID | (_NOT_FOUND if "{" in path else {})
        if {"POST", "PUT", "PATCH"} & set(options.get("methods") or ()):
            refusals |= _UNREADABLE
        options["responses"] = dict(sorted({**refusals, **(options.get("responses") or {})}.items()))
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        """Errors of the database become refusals."""
        handle = super().get_route_handler()

        async def handle_with_refusals(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:
                refusal = as_refusal(error)
                if refusal is None:
                    raise
                raise refusal from error

        return handle_with_refusals


def control_routes(**options: Any) -> APIRouter:
    """A router for control routes."""
    return APIRouter(route_class=ControlRoute, **options)


def _title_and_description(endpoint: Callable[..., Any]) -> tuple[str, str]:
    title, _, description = (inspect.getdoc(endpoint) or "").partition("\n")
    # A line break would show as a space, which Chinese text does not have.
    return title, _LINE_BREAK_IN_CHINESE.sub("", description.strip())


def renamed(path: str, operation: str) -> dict[str, Any]:
    """Options of a route under an old path of a control call; `operation` tells the two apart in OpenAPI."""
    return {
        "name": operation,
        "deprecated": True,
        "description": f"已改名为 `/_sim{path}`，旧路径保留到 0.3。\n\n"
        f"Renamed to `/_sim{path}`; the old path answers until 0.3.",
    }
