"""/console/api: what pages ask in the browser goes on to the server, with the console's rights.

`/console/api/_sim/…` is the control API. `/console/api/corps/{corpid}/cgi-bin/…` is WeCom's API: the console
adds the access_token of the app `_agentid`, or of the corp's first app.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from wecom_tollbooth.console.guard import OWN_HEADER, Modes
from wecom_tollbooth.console.page import READ_ONLY
from wecom_tollbooth.console.server_api import ServerApi, ServerRefusal, segment

SAFE_METHODS = frozenset({"GET", "HEAD"})
READING_POSTS = ("/calls/verify", "/signatures/check", "/estimate", "/statement")
"""Control calls that only look, although they are POSTs."""
READING_VERBS = frozenset(
    {"get", "list", "board", "changes", "search", "simplelist", "statistic", "statistics"}
)
"""How the names of WeCom's operations that only read begin."""


async def forward_control(request: Request, api: ServerApi, modes: Modes) -> Response:
    """A control call of a page."""
    path = request.url.path.split("/api/_sim", 1)[1]
    reads = request.method in SAFE_METHODS or path.endswith(READING_POSTS)
    refusal = _refusal(request, modes, reads)
    if refusal is not None:
        return refusal
    return await _answer(
        api, modes, request, path=f"/_sim{path}", params=list(request.query_params.multi_items())
    )


async def forward_call(request: Request, api: ServerApi, modes: Modes) -> Response:
    """A call of WeCom's API by a page."""
    corpid, operation = request.path_params["corpid"], request.path_params["operation"]
    # Some of WeCom's GETs delete, so none of them may come from a mere link.
    refusal = _refusal(request, modes, _only_reads(operation), safe_methods=frozenset())
    if refusal is not None:
        return refusal
    params = [pair for pair in request.query_params.multi_items() if pair[0] != "_agentid"]
    agentid = request.query_params.get("_agentid")
    if agentid is not None and not agentid.isdecimal():
        return JSONResponse({"error": "_agentid is a number"}, 422)
    try:
        answer = await api.call(
            corpid,
            "/".join(map(segment, operation.split("/"))),
            method=request.method,
            agentid=None if agentid is None else int(agentid),
            params=params,
            content=await request.body(),
        )
    except ServerRefusal as refused:
        return JSONResponse({"error": str(refused)}, refused.status)
    return _shown(answer, modes)


def _only_reads(operation: str) -> bool:
    last = operation.rsplit("/", 1)[-1]
    return last.split("_")[0] in READING_VERBS


def _refusal(
    request: Request, modes: Modes, reads: bool, *, safe_methods: frozenset[str] = SAFE_METHODS
) -> Response | None:
    if OWN_HEADER not in request.headers and request.method not in safe_methods:
        return JSONResponse({"error": f"pages send the header {OWN_HEADER}"}, 403)
    if modes.read_only and not reads:
        return JSONResponse({"error": f"{READ_ONLY.zh} · {READ_ONLY.en}"}, 403)
    return None


async def _answer(api: ServerApi, modes: Modes, request: Request, *, path: str, params: Any) -> Response:
    headers = {}
    if "content-type" in request.headers:
        headers["Content-Type"] = request.headers["content-type"]
    try:
        answer = await api.request(
            request.method, path, params=params, content=await request.body(), headers=headers
        )
    except ServerRefusal as refused:
        return JSONResponse({"error": str(refused)}, refused.status)
    return _shown(answer, modes)


def _shown(answer: Any, modes: Modes) -> Response:
    kind = answer.headers.get("content-type", "")
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    for name in ("content-disposition", "error-code"):
        if name in answer.headers:
            headers[name] = answer.headers[name]
    if modes.presenter and kind.startswith("application/json"):
        return JSONResponse(modes.hide(answer.json()), answer.status_code, headers)
    return Response(answer.content, answer.status_code, headers, kind or None)
