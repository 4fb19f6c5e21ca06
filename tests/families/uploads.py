"""Files to upload, small and of each kind, and uploading them as an SDK does."""

import struct
import zlib
from typing import Any

import httpx

from tests.conftest import WeCom

MP4_HEAD = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"isom", 0x200, b"isom", b"mp42")


def png(width: int = 2, height: int = 2, padding: int = 0) -> bytes:
    """A valid image; `padding` bytes of a text chunk make it larger."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    lines = zlib.compress(b"".join(b"\0" + b"\x80" * width for _ in range(min(height, 4))))
    text = chunk(b"tEXt", b"Comment\0" + b"x" * padding) if padding else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + text + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def jpeg(width: int = 2, height: int = 2) -> bytes:
    """Not a picture that could be shown: the segments that a reader of headers looks at."""
    size = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0" + size + b"\xff\xda\x00\x02\x11\xff\xd9"
    )


def amr(seconds: float = 1.0) -> bytes:
    """Frames of the 12.2 kbit/s mode, 50 a second."""
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * int(seconds * 50)


def mp4(seconds: float = 3.0, padding: int = 0) -> bytes:
    times = struct.pack(">IIII", 0, 0, 1000, int(seconds * 1000))
    header = struct.pack(">I4sI", 108, b"mvhd", 0) + times + bytes(80)
    movie = struct.pack(">I4s", 8 + len(header), b"moov") + header
    return MP4_HEAD + movie + struct.pack(">I4s", 8 + padding, b"mdat") + bytes(padding)


SAMPLES: dict[str, tuple[str, bytes]] = {
    "image": ("图片.png", png()),
    "voice": ("voice.amr", amr()),
    "video": ("视频.mp4", mp4()),
    "file": ("报价单.txt", "奶茶 18 元".encode()),
}


def upload(wecom: WeCom, operation: str, file: Any, *, field: str = "media", **params: Any) -> dict[str, Any]:
    """`file` is what httpx takes: the bytes, or (name, bytes) or (name, bytes, Content-Type)."""
    answer = wecom.http.post(operation, params={"access_token": wecom.token, **params}, files={field: file})
    return wecom.read(answer)


def media_id(wecom: WeCom, kind: str = "image", content: bytes | None = None) -> str:
    """The media_id of a new upload of this kind."""
    name, sample = SAMPLES[kind]
    reply = upload(wecom, "media/upload", (name, sample if content is None else content), type=kind)
    assert reply["errcode"] == 0, reply
    return str(reply["media_id"])


def image_url(wecom: WeCom, content: bytes | None = None) -> str:
    """The address of a new image of uploadimg."""
    reply = upload(wecom, "media/uploadimg", ("图片.png", content or png()))
    assert reply["errcode"] == 0, reply
    return str(reply["url"])


def raw(
    wecom: WeCom, operation: str, content: Any, content_type: str | None, **params: Any
) -> httpx.Response:
    """Posts a body as it is."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    query = {"access_token": wecom.token, **params}
    return wecom.http.post(operation, params=query, content=content, headers=headers)


def download(wecom: WeCom, media_id: str, headers: dict[str, str] | None = None) -> httpx.Response:
    params = {"access_token": wecom.token, "media_id": media_id}
    return wecom.http.get("media/get", params=params, headers=headers)


def files_of(wecom: WeCom) -> set[str]:
    """The contents in the server's folder."""
    return set(wecom.corp.server.server.files.names())


ATTACHMENTS = {"moment": (1, ("image", "video")), "product_album": (2, ("image",))}
MEDIA_FIELDS = ("media_id", "pic_media_id", "thumb_media_id", "remark_pic_mediaid", "avatar_mediaid")
"""The fields of requests that take a media_id."""


class Uploads:
    """A media_id of each type, for each use, and the address of an image: what `filled` puts into a body."""

    def __init__(self, wecom: WeCom) -> None:
        self.image_url = image_url(wecom)
        self.of_use = {"": {kind: media_id(wecom, kind) for kind in SAMPLES}}
        for use, (attachment_type, kinds) in ATTACHMENTS.items():
            self.of_use[use] = {kind: attached(wecom, kind, attachment_type) for kind in kinds}

    def filled(self, operation: str, value: Any, around: str = "") -> Any:
        """The body with uploaded media_ids of the right type in place of the sample's."""
        if isinstance(value, list):
            return [self.filled(operation, item, around) for item in value]
        if not isinstance(value, dict):
            return value
        whole = {name: self.filled(operation, item, name) for name, item in value.items()}
        for name in set(whole) & {*MEDIA_FIELDS, "pic_url"}:
            if whole[name] and isinstance(whole[name], str):
                whole[name] = self._of(operation, name, around)
        return whole

    def _of(self, operation: str, field: str, around: str) -> str:
        if field == "pic_url":
            return self.image_url
        of_use = self.of_use[next((use for use in ATTACHMENTS if use in operation), "")]
        if field == "media_id" and around not in ("image", "link", ""):
            return of_use.get(around) or of_use.get("file") or of_use["image"]
        return of_use["image"]


def attached(wecom: WeCom, kind: str, attachment_type: int) -> str:
    """The media_id of a new upload for moments (1) or product albums (2)."""
    reply = upload(
        wecom,
        "media/upload_attachment",
        SAMPLES[kind],
        media_type=kind,
        attachment_type=attachment_type,
    )
    assert reply["errcode"] == 0, reply
    return str(reply["media_id"])
