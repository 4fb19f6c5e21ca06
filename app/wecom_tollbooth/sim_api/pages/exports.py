"""The files behind the addresses of export/get_result. They ask for no token; they are encrypted."""

from fastapi import Request
from fastapi.responses import FileResponse

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory_jobs.exports import PATH
from wecom_tollbooth.families.media.lookup import find_media
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes(prefix=PATH)


@router.get(
    "/{corpid}/{name}",
    response_class=FileResponse,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def get_export(corpid: str, name: str, request: Request, server: TheServer) -> FileResponse:
    """导出的文件 / Exported file

    `export/get_result` 返回的地址，两小时内有效。支持 `Range`。

    The addresses that `export/get_result` answers, for two hours. `Range` works.
    """

    def work(tx: Transaction) -> str | None:
        found = find_media(server.context(tx, corpid), name)
        return found.sha256 if found is not None and found.use == "export" else None

    sha256 = None if "\x00" in corpid + name else await server.run(work)
    if sha256 is None or not server.files.has(sha256):
        raise SimError(404, "there is no such file, or its two hours are over; export again")
    return FileResponse(server.files.place(sha256), media_type="application/octet-stream")
