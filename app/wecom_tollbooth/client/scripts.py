"""Scripts of our own code under the names that products load, for pages without internet.

They bring `window.WeixinJSBridge` along, so a page that loads one of them needs nothing else.
"""

from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import Response

from wecom_tollbooth.http_protocol.lazy_routes import LazyRoute

BRIDGE = "bridge.js"
WX = (BRIDGE, "sdk_names.js", "wx.js")
WW = (BRIDGE, "sdk_names.js", "ww.js")
WW_LOGIN = ("wwlogin.js",)

SCRIPTS = {
    "/open/js/jweixin-{version}.js": WX,
    "/wwopen/js/jsapi/jweixin-{version}.js": WX,
    "/wwopen/js/jwxwork-{version}.js": WX,
    "/node/wework/wwopen/js/wecom-jssdk-{version}.js": WW,
    "/node/open/js/wecom-jssdk-{version}.js": WW,
    "/node/ww/wwopenmng/js/sso/wwLogin-{version}.js": WW_LOGIN,
    "/node/wework/wwopen/js/wwLogin-{version}.js": WW_LOGIN,
}
"""By their paths on res.wx.qq.com, open.work.weixin.qq.com, wwcdn.weixin.qq.com and rescdn.qqmail.com."""
REPORTS = ("/sdk/report", "/wwopen/report/sdk")
"""Pictures by which WeCom's scripts report how they were used."""

FOR_EVERY_PAGE = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}

router = APIRouter(include_in_schema=False, route_class=LazyRoute)


@cache
def text_of(name: str) -> str:
    """A file of this package."""
    return (files("wecom_tollbooth.client") / "files" / name).read_text(encoding="utf-8")


@cache
def script(names: tuple[str, ...]) -> str:
    return "\n".join(text_of(name) for name in names)


def _serve(path: str, names: tuple[str, ...]) -> None:
    @router.get(path, name=path)
    async def send(version: str) -> Response:
        return Response(script(names), media_type="text/javascript", headers=FOR_EVERY_PAGE)


for _path, _names in SCRIPTS.items():
    _serve(_path, _names)

for _path in REPORTS:

    @router.get(_path, name=_path)
    async def report() -> Response:
        return Response(status_code=204)
