"""The QR code of a contact way: an image served by the simulator (world/qr.py), and the page it links to."""

from wecom_tollbooth.world import qr

PAGE = "/_sim/scan/contact_way"
PIXELS = 400


def image_address(base_url: str, corp_id: str, config_id: str) -> str:
    """Returns the URL of the PNG."""
    return qr.address(base_url, page_address(base_url, corp_id, config_id), PIXELS)


def page_address(base_url: str, corp_id: str, config_id: str) -> str:
    """Returns the URL that a phone opens after scanning the image."""
    return f"{base_url}{PAGE}/{corp_id}/{config_id}"
