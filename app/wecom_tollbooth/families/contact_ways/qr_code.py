"""The QR code of a way: an image that we serve (world/qr.py), and the page of ours that it leads to."""

from wecom_tollbooth.world import qr

PAGE = "/_sim/scan/contact_way"
PIXELS = 400


def image_address(base_url: str, corp_id: str, config_id: str) -> str:
    """The address of the PNG."""
    return qr.address(base_url, page_address(base_url, corp_id, config_id), PIXELS)


def page_address(base_url: str, corp_id: str, config_id: str) -> str:
    """What a phone that scans the image opens."""
    return f"{base_url}{PAGE}/{corp_id}/{config_id}"
