"""The page that a phone opens for a code of the simulator: whose it is, and the act in place of the scan."""

import json
from html import escape
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse

from wecom_tollbooth.http_protocol.addresses import base_url
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.sim_api.browser_guard import answers_to
from wecom_tollbooth.sim_api.routes import Responses

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title></head>
<body style="font-family: sans-serif; max-width: 40em; margin: 2em auto; padding: 0 1em">
<h1>{title}</h1>
{body}
</body></html>
"""
_ACT = """<p>{said}</p>
<pre>curl -X POST {address} \\
  -H 'Content-Type: application/json' \\
  -d '{act}'</pre>
<p>控制接口的文档 / The control API: <a href="/docs">/docs</a></p>"""


MISSING_PAGE: Responses = {
    404: {
        "description": "不存在或已失效 / It does not exist, or no longer does",
        "content": {"text/html": {"schema": {"type": "string"}}},
    }
}


def page_of_act(request: Request, corpid: str, title: str, said: str, **act: str) -> HTMLResponse:
    """Shows the request that performs `act` in place of the scan; `said` is HTML, in both languages."""
    address = escape(f"{_control_address(request)}/_sim/corps/{corpid}/acts")
    body = _ACT.format(said=said, address=address, act=escape(json.dumps(act), quote=False))
    return HTMLResponse(_PAGE.format(title=escape(title), body=body))


def _control_address(request: Request) -> str:
    """Where the control API answers: not under WeCom's names, by which a phone comes to this page."""
    settings: Settings = request.app.state.server.settings
    base = base_url(request.scope)
    if answers_to(urlsplit(base).netloc, settings):
        return base
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def missing_page(title: str, said: str) -> HTMLResponse:
    """404: what the code names does not exist, or no longer does; `said` as in page_of_act."""
    return HTMLResponse(_PAGE.format(title=escape(title), body=f"<p>{said}</p>"), 404)
