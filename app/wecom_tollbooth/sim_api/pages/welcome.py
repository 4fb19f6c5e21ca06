"""The page that a browser sees first."""

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from wecom_tollbooth import __version__
from wecom_tollbooth.http_protocol.lazy_routes import LazyRoute

router = APIRouter(include_in_schema=False, route_class=LazyRoute)

PAGE = f"""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>WeCom Tollbooth</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 44rem; margin: 4rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.6rem; margin-bottom: 0; }}
dt {{ margin-top: 1rem; }}
dd {{ margin: 0; opacity: .8; }}
code {{ font-size: .9em; }}
</style>
</head>
<body>
<h1>WeCom Tollbooth {__version__}</h1>
<p>企业微信客户联系接口的模拟器，自带计费层：每次调用都计量、计价、可解释。<br>
<span lang="en">A simulator of WeCom's external-contact API with a metering layer: every call is metered,
priced and explained.</span></p>
<dl>
<dt><a href="/docs">/docs</a></dt>
<dd>全部接口，可直接试用 <span lang="en">All operations, to read and to try</span></dd>
<dt><a href="/_sim/health">/_sim/health</a></dt>
<dd>服务状态 <span lang="en">Whether the server answers</span></dd>
<dt><a href="/_sim/corps">/_sim/corps</a></dt>
<dd>企业、应用与密钥；账单在 <span lang="en">Corps, apps and secrets; their bills are at</span>
<code>/_sim/corps/CORPID/statement</code></dd>
</dl>
<p>把 SDK 的地址改成这里即可 <span lang="en">Point your SDK here instead of at</span>
<code>https://qyapi.weixin.qq.com</code></p>
</body>
</html>
"""


@router.get("/")
async def welcome() -> HTMLResponse:
    """What this is, with links to the rest."""
    return HTMLResponse(PAGE)


@router.get("/favicon.ico")
async def favicon() -> Response:
    """204, so that no 404 appears in a browser's log."""
    return Response(status_code=204)
