"""Addresses of pictures that were given by media_id and are shown as pic_url.

The picture outlives the three days of its media_id: who stores one that is shown publishes it.
"""

from wecom_tollbooth.families.media.lookup import MediaFile
from wecom_tollbooth.families.media.store import add_address, hold_content, path_of
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.context import Context


def publish(context: Context, media: MediaFile | None) -> None:
    """Gives the picture an address, if it has none; it stays until the corp is deleted."""
    if media is not None and media.sha256:
        hold_content(context, media.sha256)
        add_address(
            context,
            origin="media",
            content_type=media.content_type,
            size=media.size,
            sha256=media.sha256,
            name=_name(context, media.media_id),
        )


def picture_url(call: Call, image: dict[str, str]) -> str:
    """The pic_url of an image that was given by media_id or by pic_url."""
    if "media_id" not in image:
        return image["pic_url"]
    return picture_address(call, call.request.base_url, image["media_id"])


def picture_address(context: Context, base_url: str, media_id: str) -> str:
    """Where a published picture is on the server whose address the caller used."""
    return base_url + path_of(context.corp_id, _name(context, media_id))


def _name(context: Context, media_id: str) -> str:
    return ids.draw(context.seed, f"pic_wework/{context.corp_id}/{media_id}", 0, 40)
