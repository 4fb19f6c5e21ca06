"""Which file a media_id means."""

import re
from typing import Literal

from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal

MediaType = Literal["image", "voice", "video", "file"]
Use = Literal["temporary", "moment", "product_album"]
"""Where a media_id comes from: media/upload, or media/upload_attachment with attachment_type 1 or 2."""

_MEDIA_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")


def check_media(call: Call, media_id: str, *types: MediaType, field: str, use: Use = "temporary") -> None:
    """Raises 40007 unless `media_id` is that of a file of one of `types` which may be used here.

    `field` is its place in the request, such as "attachments[0].image.media_id", for the journal.
    """
    if not _MEDIA_ID.fullmatch(media_id):
        raise Refusal(ErrCode.INVALID_MEDIA_ID, detail=f"{field}: {media_id[:60]!r} cannot be a media_id")


def check_image_url(call: Call, url: str, *, field: str) -> None:
    """Raises 40007 unless `url` is that of an image of media/uploadimg."""
