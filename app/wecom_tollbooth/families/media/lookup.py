"""Which file a media_id means."""

import re
from typing import Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.media.tables import MEDIA
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.world.context import Context

MediaType = Literal["image", "voice", "video", "file"]
Use = Literal["temporary", "moment", "product_album"]
"""Where a media_id comes from: media/upload, or media/upload_attachment with attachment_type 1 or 2."""

_MEDIA_ID = re.compile(r"[A-Za-z0-9_*-]{1,256}")


class MediaFile(NamedTuple):
    """What is known of a media_id; `use` and `name` as in tables.Media."""

    media_id: str
    type: str
    use: str
    name: str
    content_type: str
    size: int
    sha256: str


_FIND = CompiledStatement(
    sa.select(*(MEDIA.c[name] for name in MediaFile._fields)).where(
        MEDIA.c.corp_id == bindparam("corp_id"),
        MEDIA.c.media_id == bindparam("media_id"),
        MEDIA.c.expires_at > bindparam("now"),
    )
)


def find_media(context: Context, media_id: str) -> MediaFile | None:
    """The corp's file; None where there is none, or its three days are over."""
    found = _FIND.one(context.db, corp_id=context.corp_id, media_id=media_id, now=context.now)
    return None if found is None else MediaFile(*found)


def the_media(context: Context, media_id: str, *, field: str) -> MediaFile:
    """The corp's file. Raises 40007 where there is none, or its three days are over."""
    found = find_media(context, media_id)
    if found is None:
        detail = f"{field}: {media_id[:60]!r} is unknown, expired, or of another corp; upload the file again"
        raise context.refusal(ErrCode.INVALID_MEDIA_ID, detail)
    return found


def check_media(
    context: Context, media_id: str, *types: MediaType, field: str, use: Use = "temporary"
) -> None:
    """Raises 40007 unless `media_id` is that of a file of one of `types` which may be used here.

    `field` is its place in the request, such as "attachments[0].image.media_id", for the journal.
    """
    if not _MEDIA_ID.fullmatch(media_id):
        raise context.refusal(ErrCode.INVALID_MEDIA_ID, f"{field}: {media_id[:60]!r} cannot be a media_id")


def check_image_url(context: Context, url: str, *, field: str) -> None:
    """Raises 40007 unless `url` is that of an image of media/uploadimg."""
