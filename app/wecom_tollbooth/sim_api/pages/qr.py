"""GET /_sim/qr/…: the images behind the QR addresses that operations answer. Open to all, as WeCom's are."""

from fastapi import APIRouter, Response

from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.world import qr

router = APIRouter(prefix=qr.PREFIX)


@router.get("/{pixels}/{name}.png", response_class=Response)
def image(pixels: int, name: str) -> Response:
    """The QR code as a PNG; the address holds all that is in it."""
    try:
        body = qr.png(qr.text_of(name), pixels)
    except ValueError as error:
        raise SimError(404, str(error)) from None
    return Response(body, media_type="image/png", headers={"Cache-Control": "public, max-age=86400"})
