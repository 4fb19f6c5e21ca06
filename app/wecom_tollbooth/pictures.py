"""The pictures that customers' avatars lead to on wx.qlogo.cn; any host of this server has them."""

from fastapi import APIRouter
from fastapi.responses import Response

from wecom_tollbooth.world import avatars

router = APIRouter(include_in_schema=False)

FOR_EVERY_PAGE = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=86400"}


@router.get(avatars.PREFIX + "/{name}/{size}")
def get_avatar(name: str, size: str) -> Response:
    if not size.isdecimal() or len(size) > 3 or int(size) not in avatars.SIZES:
        return Response(status_code=404)
    return Response(avatars.avatar(name, int(size)), media_type="image/png", headers=FOR_EVERY_PAGE)
