"""What a phone sees that scans a code of the simulator: whose it is, and the act that stands for the scan."""

import json
from html import escape

from fastapi import Request
from fastapi.responses import HTMLResponse

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


def page_of_act(request: Request, corpid: str, title: str, said: str, **act: str) -> HTMLResponse:
    """Tells how to do `act` to the corp in place of the scan; `said` is HTML, in both languages."""
    address = escape(f"{request.base_url}_sim/corps/{corpid}/acts")
    body = _ACT.format(said=said, address=address, act=escape(json.dumps(act), quote=False))
    return HTMLResponse(_PAGE.format(title=escape(title), body=body))


def page_of_nothing(title: str, said: str) -> HTMLResponse:
    """Not found: the code is of nothing that is there, or is no longer; `said` as in page_of_act."""
    return HTMLResponse(_PAGE.format(title=escape(title), body=f"<p>{said}</p>"), 404)
