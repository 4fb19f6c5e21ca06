"""Avatars of customers: a figure before a colour of its own, drawn from the address, so nothing is stored."""

from functools import lru_cache
from math import sqrt
from zlib import crc32

from wecom_tollbooth.world.png import Colour, png

HOST = "https://wx.qlogo.cn"
PREFIX = "/mmhead"
SIZES = {0: 640, 46: 46, 64: 64, 96: 96, 132: 132, 640: 640}
"""The numbers that end an avatar's address, and the sides in pixels; 0 is the largest."""
FIGURE: Colour = (255, 255, 255)
COLOURS: tuple[Colour, ...] = (
    *((91, 141, 184), (110, 168, 116), (197, 128, 92), (155, 123, 181), (201, 106, 118)),
    *((92, 163, 165), (181, 155, 83), (124, 136, 152)),
)


def address(name: str) -> str:
    """The address that the platform shows for `name`; products replace the number at its end."""
    return f"{HOST}{PREFIX}/{name}/0"


def avatar(name: str, size: int) -> bytes:
    """The picture as PNG. Raises KeyError for a size that there is not."""
    return _drawn(crc32(name.encode()) % len(COLOURS), SIZES[size])


@lru_cache(maxsize=len(COLOURS) * len(SIZES))
def _drawn(colour: int, pixels: int) -> bytes:
    lines = []
    for row in range(pixels):
        half = round(_half_width((row + 0.5) / pixels) * pixels)
        side = bytes(pixels // 2 - half)
        lines.append((side + b"\x01" * (2 * half) + side).ljust(pixels, b"\x00"))
    return png(lines, (COLOURS[colour], FIGURE))


def _half_width(y: float) -> float:
    """Half the width of the head or the shoulders at the height `y`, 0 at the top and 1 at the bottom."""
    head = 0.17**2 - (y - 0.38) ** 2
    shoulders = 1 - ((y - 1) / 0.38) ** 2
    return max(sqrt(max(head, 0)), 0.33 * sqrt(max(shoulders, 0)))
