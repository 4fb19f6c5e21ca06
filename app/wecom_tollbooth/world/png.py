"""Small pictures as PNG (ISO/IEC 15948), without a library for images."""

import struct
import zlib
from collections.abc import Sequence

Colour = tuple[int, int, int]

GREYSCALE, INDEXED = 0, 3


def png(lines: Sequence[bytes], palette: Sequence[Colour] | None = None) -> bytes:
    """A PNG of one byte a pixel: its grey, or with a palette the number of its colour."""
    kind = GREYSCALE if palette is None else INDEXED
    header = struct.pack(">IIBBBBB", len(lines[0]), len(lines), 8, kind, 0, 0, 0)
    colours = [] if palette is None else [(b"PLTE", b"".join(bytes(colour) for colour in palette))]
    data = zlib.compress(b"".join(b"\x00" + line for line in lines), 9)
    chunks = [(b"IHDR", header), *colours, (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
