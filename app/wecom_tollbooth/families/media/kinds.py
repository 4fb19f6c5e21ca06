"""What a file is by its content, whatever its name says: JPEG, PNG, AMR, MP4, or anything else.

Only headers are read, and of AMR the frames' sizes: some kilobytes of a file of any size.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

TAIL_BYTES = 64 * 1024
"""Where the end mark of an image is looked for: cameras append to their files."""
FRAMES_A_SECOND = 50
MOST_FRAMES = 61 * FRAMES_A_SECOND
_AMR = {
    b"#!AMR\n": (12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, 0, 0, 0, 0),
    b"#!AMR-WB\n": (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 0, 0, 0, 0, 0, 0),
}
"""The bytes of a frame behind its header, by the mode in it (RFC 4867 and 3GPP TS 26.201)."""
_NO_SIZE = (0xC4, 0xC8, 0xCC)
"""Of JPEG's markers C0 to CF those that hold no size of the image."""
_MOST_BOXES = 200

CONTENT_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "amr": "voice/amr", "mp4": "video/mp4"}
ENDINGS = {"jpeg": ".jpg", "png": ".png", "amr": ".amr", "mp4": ".mp4"}


@dataclass(frozen=True)
class Content:
    """`kind` is "" for anything else than the four; sides in pixels; a damaged file is not whole."""

    kind: str
    is_whole: bool = True
    width: int = 0
    height: int = 0
    seconds: float = 0.0

    @property
    def is_image(self) -> bool:
        return self.kind in ("jpeg", "png")

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES.get(self.kind, "application/octet-stream")


def examine(file: BinaryIO, size: int) -> Content:
    """What the file of `size` bytes holds. Raises OSError."""
    file.seek(0)
    head = file.read(32)
    if head.startswith(b"\xff\xd8\xff"):
        return _jpeg(file, size)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        width, height = struct.unpack(">II", head[16:24]) if head[12:16] == b"IHDR" else (0, 0)
        is_whole = bool(width and height) and b"IEND" in _tail(file, size)
        return Content("png", is_whole, width, height)
    for mark, sizes in _AMR.items():
        if head.startswith(mark):
            return _amr(file, len(mark), sizes)
    if head[4:8] == b"ftyp":
        return _mp4(file, size)
    return Content("")


def _tail(file: BinaryIO, size: int) -> bytes:
    file.seek(max(0, size - TAIL_BYTES))
    return file.read(TAIL_BYTES)


def _jpeg(file: BinaryIO, size: int) -> Content:
    width = height = 0
    for marker, at in _jpeg_segments(file, size):
        if 0xC0 <= marker <= 0xCF and marker not in _NO_SIZE:
            file.seek(at)
            _, height, width = struct.unpack(">BHH", file.read(5).ljust(5, b"\0"))
            break
    is_whole = bool(width and height) and b"\xff\xd9" in _tail(file, size)
    return Content("jpeg", is_whole, width, height)


def _jpeg_segments(file: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """Each segment's marker and where its content begins, up to the picture itself."""
    at = 2
    while at + 4 <= size:
        file.seek(at)
        sign, marker, length = struct.unpack(">BBH", file.read(4))
        if sign != 0xFF or marker == 0xDA:
            return
        if marker == 0xFF:  # padding
            at += 1
            continue
        yield marker, at + 4
        at += 2 + length


def _amr(file: BinaryIO, begin: int, sizes: tuple[int, ...]) -> Content:
    """The frames are counted only as far as the longest voice goes."""
    frames, at = 0, begin
    file.seek(0)
    content = file.read(begin + MOST_FRAMES * (max(sizes) + 1))
    while at < len(content) and frames < MOST_FRAMES:
        at += 1 + sizes[content[at] >> 3 & 0x0F]
        frames += 1
    is_whole = frames > 0 and (at == len(content) or frames == MOST_FRAMES)
    return Content("amr", is_whole, seconds=frames / FRAMES_A_SECOND)


def _mp4(file: BinaryIO, size: int) -> Content:
    """Whole: it has a movie header, and its boxes end where the file does."""
    seconds, end = -1.0, 0
    for kind, at, end in _boxes(file, 0, size):
        if kind == b"moov":
            for inner, inner_at, _ in _boxes(file, at, end):
                if inner == b"mvhd":
                    seconds = _movie_seconds(file, inner_at)
                    break
    return Content("mp4", seconds >= 0 and end == size, seconds=max(0.0, seconds))


def _boxes(file: BinaryIO, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Each box's type, where its content begins, and where it ends."""
    for _ in range(_MOST_BOXES):
        if at + 8 > end:
            return
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        head = 8
        if length == 1:
            length, head = struct.unpack(">Q", file.read(8).ljust(8, b"\0"))[0], 16
        elif length == 0:
            length = end - at
        if length < head:
            return
        yield kind, at + head, at + length
        at += length


def _movie_seconds(file: BinaryIO, at: int) -> float:
    file.seek(at)
    header = file.read(32)
    if len(header) < 32:
        return -1.0
    if header[0] == 1:
        scale, duration = struct.unpack(">IQ", header[20:32])
    else:
        scale, duration = struct.unpack(">II", header[12:20])
    return float(duration / scale) if scale else -1.0
