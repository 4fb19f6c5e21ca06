"""Which file a media_id means."""

import re
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.media.store import PREFIX
from wecom_tollbooth.families.media.tables import MEDIA, MEDIA_ADDRESS
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.world.context import Context

MediaType = Literal["image", "voice", "video", "file"]
Use = Literal["temporary", "moment", "product_album", "group_welcome"]
"""What a media_id is used for: anything that takes those of media/upload, or what has uploads of its own."""
USABLE: dict[Use, tuple[str, ...]] = {
    "temporary": ("temporary", "jssdk"),
    "moment": ("moment",),
    "product_album": ("product_album",),
    "group_welcome": ("temporary", "jssdk", "url"),
}
"""By what it is used for, where the file may come from."""
UPLOADED_BY: dict[Use, str] = {
    "temporary": "media/upload",
    "moment": "media/upload_attachment with attachment_type 1",
    "product_album": "media/upload_attachment with attachment_type 2",
    "group_welcome": "media/upload or media/upload_by_url",
}

_PICTURE = re.compile(re.escape(PREFIX) + r"/([A-Za-z0-9]{1,64})/([A-Za-z0-9]{1,64})/0")
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


_ADDRESS = CompiledStatement(
    sa.select(MEDIA_ADDRESS.c.name).where(
        MEDIA_ADDRESS.c.corp_id == bindparam("corp_id"), MEDIA_ADDRESS.c.name == bindparam("name")
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
) -> MediaFile | None:
    """The corp's file, which is of one of `types` and may be used here.

    Raises 40007 otherwise. With TOLLBOOTH_UNKNOWN_MEDIA=accept it is raised only for what cannot be a
    media_id, and None is returned. `field` is its place in the request, such as
    "attachments[0].image.media_id", for the journal.
    """
    if not _MEDIA_ID.fullmatch(media_id):
        raise context.refusal(ErrCode.INVALID_MEDIA_ID, f"{field}: {media_id[:60]!r} cannot be a media_id")
    found = find_media(context, media_id)
    problem = _problem(found, types, use)
    if problem is None:
        return found
    if context.settings.unknown_media == "accept":
        return None
    raise context.refusal(ErrCode.INVALID_MEDIA_ID, f"{field}: {media_id[:60]!r} {problem}")


def _problem(found: MediaFile | None, types: tuple[MediaType, ...], use: Use) -> str | None:
    """Why the file may not be used, as the end of a sentence."""
    if found is None:
        return "is unknown, expired, or of another corp; upload the file again"
    if found.type not in types:
        return f"is of type {found.type}; {' or '.join(types)} is wanted"
    if found.use not in USABLE[use]:
        return f"was not uploaded by {UPLOADED_BY[use]}"
    return None


def check_image_url(context: Context, url: str, *, field: str) -> None:
    """Raises 40007 unless `url` is that of an image of this corp, under any host.

    With TOLLBOOTH_UNKNOWN_MEDIA=accept any url is taken.
    """
    if context.settings.unknown_media == "accept":
        return
    if _is_address(context, url):
        return
    detail = f"{field}: {url[:120]!r} is not the address of an image of this corp; use media/uploadimg"
    raise context.refusal(ErrCode.INVALID_MEDIA_ID, detail)


def _is_address(context: Context, url: str) -> bool:
    try:
        named = _PICTURE.fullmatch(urlsplit(url).path)
    except ValueError:
        return False
    if named is None or named[1] != context.corp_id:
        return False
    return _ADDRESS.one(context.db, corp_id=context.corp_id, name=named[2]) is not None
