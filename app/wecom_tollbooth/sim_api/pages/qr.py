"""The images behind the QR addresses that operations answer. They ask for no token, as WeCom's don't."""

from fastapi import Request, Response

from wecom_tollbooth.http_protocol.addresses import base_url
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import Number
from wecom_tollbooth.world import qr

router = control_routes(prefix=qr.PREFIX)


@router.get(
    "/{pixels}/{name}.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_qr_code(request: Request, pixels: Number, name: str) -> Response:
    """二维码图片 / QR code image

    接口返回的二维码地址，PNG 图片；内容全在地址里，指向本服务器页面的只写路径。

    The image behind the QR addresses that operations answer. The address says the whole content of the code.
    A code that leads to a page of this server does so under the host by which the image was asked for.
    """
    try:
        body = qr.png(qr.text_of(name, base_url(request.scope)), pixels)
    except ValueError as error:
        raise SimError(404, str(error)) from None
    return Response(body, media_type="image/png", headers={"Cache-Control": "public, max-age=86400"})
