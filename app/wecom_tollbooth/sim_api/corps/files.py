"""A corp as a file: export, import."""

import os
import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
from fastapi import Query, Request
from fastapi.responses import FileResponse
from pydantic import Field
from starlette.background import BackgroundTask

from wecom_tollbooth.corps.tables import APP, CORP
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.corps.corps import CorpReply, describe
from wecom_tollbooth.sim_api.corps.importing import import_file
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import CONFLICT, control_routes
from wecom_tollbooth.snapshots.archive import ENDING
from wecom_tollbooth.snapshots.exporting import export
from wecom_tollbooth.snapshots.importing import InUse
from wecom_tollbooth.snapshots.manifest import WrongFile
from wecom_tollbooth.snapshots.reading import NoCorp
from wecom_tollbooth.snapshots.stored import FileGone

router = control_routes()

LARGEST_FILE = 2 * 1024**3
MEDIA_TYPE = "application/octet-stream"
ATTEMPTS = 3
_BINARY = {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}


class ImportReply(CorpReply):
    follows_server: Annotated[
        bool, Field(description="是否跟随服务时钟 / Whether the corp goes by the server's clock")
    ]
    missing_providers: Annotated[
        list[str],
        Field(
            description="企业装有其应用、但本服务没有的服务商 / "
            "Providers of its apps that this server doesn't have"
        ),
    ]


@router.get("/corps/{corpid}/export", response_class=FileResponse, responses={200: {"content": _BINARY}})
async def export_corp(corpid: str, server: TheServer) -> FileResponse:
    """导出企业 / Export a corp

    一个 `.tollbooth` 文件（zip，内有清单与 JSON 行），含企业的全部数据、密钥、账本与上传的文件，不含快照。同
    一或更高版本的服务可以导入。其间照常应答调用。

    One `.tollbooth` file, a zip of JSON lines with a manifest: all rows of the corp, its secrets, its ledger
    and uploaded files, but no snapshots. A server of the same or a later version takes it. Calls are answered
    meanwhile.
    """
    await server.run(lambda tx: the_corp(tx, corpid))
    for attempt in range(1, ATTEMPTS + 1):
        try:
            path = await server.read(partial(export, server.settings, server.files, corpid))
            break
        except NoCorp as error:
            raise SimError(404, str(error)) from None
        except FileGone:
            if attempt == ATTEMPTS:
                raise SimError(409, "files of the corp are removed again and again; try once more") from None
    done = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type=MEDIA_TYPE, filename=f"{corpid}{ENDING}", background=done)


@router.post(
    "/corps/import",
    responses=CONFLICT,
    max_body_size=LARGEST_FILE,
    openapi_extra={"requestBody": {"required": True, "content": _BINARY}},
)
async def import_corp(
    request: Request,
    server: TheServer,
    new_id: Annotated[bool, Query(description="换一个新的 corpid / Give the corp a new corpid")] = False,
    name: Annotated[
        str | None, Query(min_length=1, max_length=64, description="换一个名称 / Give it another name")
    ] = None,
) -> ImportReply:
    """导入企业 / Import a corp

    请求体就是导出的文件。全部导入或什么都不留下。文件损坏、来自更高版本或内容有误时返回 422 并说明是哪里；企
    业已经存在时返回 409，除非用 `new_id=true` 换一个 corpid。

    The body is the exported file. All of it is imported, or nothing is left. 422 with a sentence for a file
    that is damaged, of a newer version or wrong; 409 for a corp that exists, unless `new_id=true` gives it a
    new corpid.
    """
    descriptor, received = tempfile.mkstemp(prefix="tollbooth-import-", suffix=ENDING)
    path = Path(received)
    try:
        with os.fdopen(descriptor, "wb") as target:
            async for block in request.stream():
                target.write(block)
        imported = await import_file(server, path, new_id=new_id, name=name)
    except WrongFile as refusal:
        raise SimError(422, str(refusal)) from None
    except InUse as refusal:
        raise SimError(409, str(refusal)) from None
    finally:
        path.unlink(missing_ok=True)
    server.work_waiting.set(imported.corp_id)

    def shown(tx: Transaction) -> ImportReply:
        return {
            **describe(tx, imported.corp_id),
            "follows_server": imported.follows_server,
            "missing_providers": _missing_providers(tx, imported.corp_id),
        }

    return await server.run(shown)


def _missing_providers(tx: Transaction, corp_id: str) -> list[str]:
    there = sa.select(CORP.c.corp_id)
    named = sa.select(APP.c.provider_id).where(
        APP.c.corp_id == corp_id, APP.c.provider_id.is_not(None), APP.c.provider_id.not_in(there)
    )
    return sorted(set(tx.execute(named).scalars()))
