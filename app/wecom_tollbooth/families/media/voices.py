"""Voices that members record in the client, by the JS-SDK (page 90255): silence, made on demand."""

from typing import NamedTuple

from wecom_tollbooth.families.media.kinds import FRAMES_A_SECOND
from wecom_tollbooth.families.media.store import add_media
from wecom_tollbooth.world.context import Context

RECORDED = "jssdk"
"""`use` of a recording."""
_AMR_MARK, _AMR_FRAME = b"#!AMR\n", b"\x3c" + bytes(31)
_SPEEX_FRAME = bytes(60)


class _Recording(NamedTuple):
    """What takes the place of a file: there is none."""

    size: int
    sha256: str = ""


def add_recording(context: Context, seconds: int) -> str:
    """The media_id of a voice that lasts so long."""
    return add_media(
        context,
        _Recording(len(_AMR_MARK) + seconds * FRAMES_A_SECOND * len(_AMR_FRAME)),
        type="voice",
        use=RECORDED,
        name="",
        content_type="voice/amr",
    )


def as_amr(size: int) -> bytes:
    """The recording of this size as media/get answers it."""
    return _AMR_MARK + _AMR_FRAME * _frames(size)


def as_speex(size: int) -> bytes:
    """The recording as media/get/jssdk answers it, frame by frame; its frames hold nothing to decode."""
    return _SPEEX_FRAME * _frames(size)


def _frames(size: int) -> int:
    return (size - len(_AMR_MARK)) // len(_AMR_FRAME)
