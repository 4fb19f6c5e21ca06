"""Addresses of pictures that were given by media_id and are shown as pic_url."""

from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world import ids


def picture_url(settings: Settings, image: dict[str, str]) -> str:
    """The pic_url of an image that was given by media_id or by pic_url."""
    if "media_id" not in image:
        return image["pic_url"]
    name = ids.draw(settings.seed, f"pic_wework/{image['media_id']}", 0, 40)
    return f"https://p.qpic.cn/pic_wework/{name}/0"
