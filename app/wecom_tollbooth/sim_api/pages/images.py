"""The images behind the addresses of media/uploadimg. They ask for no token, as WeCom's don't."""

from fastapi import Request
from fastapi.responses import FileResponse

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.media.store import PREFIX
from wecom_tollbooth.families.media.tables import MediaAddress
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes(prefix=PREFIX)


@router.get(
    "/{corpid}/{name}/0",
    response_class=FileResponse,
    responses={200: {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def get_image(corpid: str, name: str, request: Request, server: TheServer) -> FileResponse:
    """上传的图片 / Uploaded image

    `media/uploadimg` 返回的地址，以及接口给出的其他图片地址。支持 `Range`。

    The addresses that `media/uploadimg` answers, and other addresses of images in answers. `Range` works.
    """

    def work(tx: Transaction) -> tuple[str, str] | None:
        found = tx.session.get(MediaAddress, (corpid, name))
        return None if found is None else (found.sha256, found.content_type)

    found = None if "\x00" in corpid + name else await server.run(work)
    if found is None or not server.files.has(found[0]):
        raise SimError(404, "there is no such image; media/uploadimg answers the addresses of images")
    return FileResponse(
        server.files.place(found[0]),
        media_type=found[1],
        headers={"Cache-Control": "public, max-age=86400"},
    )
