"""QR codes as real images, at addresses that say what is encoded, so that nothing is stored.

A code that leads to a page of the simulator has a short address, because products keep the addresses in
columns that suit WeCom's: /_sim/scan/contact_way/ww1/c2 becomes contact_way.ww1.c2. Others contain the
encoded text.

Where WeCom answers the address of a picture on its own hosts, the simulator answers `address`, which
GET /_sim/qr/… serves (sim_api/pages/qr.py).
"""

import base64
import binascii
import re

from wecom_tollbooth.world.png import png as write_png

PREFIX = "/_sim/qr"
PAGES = "/_sim/scan/"
_NAME_OF_PAGE = re.compile(r"([a-z_]+)\.(ww[0-9a-f]+)\.([\w.@-]+)", re.ASCII)
SMALLEST, LARGEST = 64, 2052
"""Limits of an image's side, in pixels."""
QUIET_ZONE = 4
"""Empty modules that a reader needs around the code (ISO/IEC 18004)."""


def address(base_url: str, text: str, pixels: int) -> str:
    """The address of a PNG with `text` as a QR code, `pixels` wide and high."""
    name = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    before, _, page = text.partition(PAGES)
    short = page.replace("/", ".", 2)
    if before == base_url and _NAME_OF_PAGE.fullmatch(short):
        name = short
    return f"{base_url}{PREFIX}/{pixels}/{name}.png"


def text_of(name: str, base_url: str) -> str:
    """The text in a name that `address` made; `base_url` is where the image was asked for.

    Raises ValueError for any other name.
    """
    page = _NAME_OF_PAGE.fullmatch(name)
    if page:
        return f"{base_url}{PAGES}{'/'.join(page.groups())}"
    try:
        return base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{name!r} is not the name of a QR code") from error


def png(text: str, pixels: int) -> bytes:
    """The image, black on white. Raises ValueError where the text doesn't fit or the size is out of range."""
    if not SMALLEST <= pixels <= LARGEST:
        raise ValueError(f"an image must be {SMALLEST} to {LARGEST} pixels wide")
    import segno  # a start needs none
    from segno.encoder import DataOverflowError

    try:
        modules = segno.make(text, error="m", micro=False).matrix
    except DataOverflowError as error:
        raise ValueError("the text is too long for a QR code") from error
    scale = pixels // (len(modules) + 2 * QUIET_ZONE)
    if not scale:
        raise ValueError(f"the text does not fit into {pixels} pixels")
    margin = (pixels - scale * len(modules)) // 2
    white = b"\xff" * pixels
    lines = [white] * margin
    for row in modules:
        dark_and_light = b"".join((b"\x00" if module else b"\xff") * scale for module in row)
        lines += [(b"\xff" * margin + dark_and_light).ljust(pixels, b"\xff")] * scale
    lines += [white] * (pixels - len(lines))
    return write_png(lines)
