"""The one place that makes media_ids and addresses: the file is in the folder before the row is written."""

from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, insert_into, insert_missing
from wecom_tollbooth.families.media.files_in_use import hold
from wecom_tollbooth.families.media.tables import MEDIA, MEDIA_ADDRESS
from wecom_tollbooth.files import IncomingFile
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.files.uploads import Upload, UploadNotKept
from wecom_tollbooth.world.clock import DAY
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.scheduled_tasks import schedule

DAYS = 3
"""For which a media_id is valid (page 90253)."""
MEDIA_ID_CHARS = 64
ADDRESS_CHARS = 48
HEX = "0123456789abcdef"
PREFIX = "/pic_wework"


class HasContent(Protocol):
    """A file, or what takes its place: its size in bytes, and its SHA-256 or ""."""

    @property
    def size(self) -> int: ...

    @property
    def sha256(self) -> str: ...


def _insert(table: sa.Table) -> CompiledStatement:
    values: dict[str, Any] = {column.name: bindparam(column.name) for column in table.columns}
    return CompiledStatement(lambda dialect: insert_into(dialect, table).values(values))


_ADD_MEDIA, _ADD_ADDRESS = (
    _insert(MEDIA),
    CompiledStatement(lambda dialect: insert_missing(dialect, MEDIA_ADDRESS)),
)


def the_upload(call: Call) -> Upload:
    """The file that the call brought along. Raises 44001 without one, or with an empty one."""
    received = call.request.received
    if received is None or received.upload is None:
        problem = received.problem if received else "send the file as multipart/form-data"
        raise Refusal(ErrCode.EMPTY_MEDIA, detail=problem)
    if received.upload.file.size == 0:
        raise Refusal(ErrCode.EMPTY_MEDIA, detail="the file is empty")
    return received.upload


def keep(call: Call, upload: Upload) -> None:
    """Puts the uploaded file into the folder; nobody removes it before the call's row is committed.

    Raises UploadNotKept the first time, so call it after everything that may refuse the call.
    """
    if not upload.is_kept:
        raise UploadNotKept
    keep_file(call, upload.file)


def hold_content(context: Context, sha256: str) -> None:
    """Nobody removes a file that another row refers to before the context's row is committed."""
    hold(context.db, sha256)


def keep_file(context: Context, file: IncomingFile) -> None:
    """Likewise for a file that didn't come with a call. It may wait for the disk."""
    hold(context.db, file.sha256)
    file.keep()


def add_media(
    context: Context,
    content: HasContent,
    *,
    type: str,
    use: str,
    name: str,
    content_type: str,
    prefix: str = "3",
    seconds: int = DAYS * DAY,
) -> str:
    """The media_id of a file that is kept; it is removed after `seconds`."""
    media_id = prefix + context.draw("media_id", MEDIA_ID_CHARS)
    expires_at = context.now + seconds
    _ADD_MEDIA.run(
        context.db,
        corp_id=context.corp_id,
        media_id=media_id,
        type=type,
        use=use,
        name=name,
        content_type=content_type,
        size=content.size,
        sha256=content.sha256,
        created_at=context.now,
        expires_at=expires_at,
    )
    schedule(context, "media_expires", expires_at, media_id)
    return media_id


def add_address(
    context: Context, *, origin: str, content_type: str, size: int, sha256: str, name: str = ""
) -> str:
    """The name of an address of a file that is kept, or in use; a new one, unless `name` is given."""
    name = name or context.draw("pic_wework", ADDRESS_CHARS, HEX)
    _ADD_ADDRESS.run(
        context.db,
        corp_id=context.corp_id,
        name=name,
        origin=origin,
        content_type=content_type,
        size=size,
        sha256=sha256,
        created_at=context.now,
    )
    return name


def path_of(corp_id: str, name: str) -> str:
    """The path of an address; before it stands the scheme and host that the caller uses."""
    return f"{PREFIX}/{corp_id}/{name}/0"
