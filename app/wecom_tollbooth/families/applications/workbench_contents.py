"""The four types of what an app shows on the workbench, and their rules (page 92535)."""

from typing import Any
from urllib.parse import urlsplit

from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, optional

NORMAL = "normal"
TYPES: dict[str, Code] = {
    "keydata": ErrCode.KEYDATA_MISSING,
    "image": ErrCode.INVALID_IMAGE_ADDRESS,
    "list": ErrCode.LIST_MISSING,
    "webview": ErrCode.WEBVIEW_MISSING,
}
"""What answers where a member's data of the type are missing."""
KEYS, TITLES = 4, 3
KEY_CHARS, TITLE_BYTES, URL_CHARS = 64, 128, 1024
HEIGHTS = ("single_row", "double_row")


class Target(RequestModel):
    jump_url: str | None = optional(doc="where the app's home page is a web page")
    pagepath: str | None = optional(doc="where it is a mini-program")


class KeyItem(RequestModel):
    jump_url: str | None = optional(max_chars=URL_CHARS, doc="as of the other types")
    pagepath: str | None = optional(max_chars=URL_CHARS, doc="as of the other types")
    key: str | None = optional(max_chars=KEY_CHARS)
    data: str | None = optional(max_chars=KEY_CHARS, doc="needed")


class KeyDataGiven(RequestModel):
    items: list[KeyItem] | None = optional(doc="1 to 4")


class ImageGiven(Target):
    url: str | None = optional(doc="needed")


class ListItem(Target):
    title: str | None = optional(doc="needed, at most 128 bytes")


class ListGiven(RequestModel):
    items: list[ListItem] | None = optional(doc="1 to 3")


class WebviewGiven(Target):
    url: str | None = optional(doc="needed")
    height: str | None = optional(doc="single_row or double_row, which is the default")
    hide_title: bool | None = optional()
    enable_webview_click: bool | None = optional(doc="links open; jump_url is then not used")


Given = KeyDataGiven | ImageGiven | ListGiven | WebviewGiven


def content_of(given: Given) -> dict[str, Any]:
    """The data as they are stored and shown. Raises the codes of what is wrong in them."""
    match given:
        case KeyDataGiven():
            _check_keydata(given)
        case ImageGiven():
            if not given.url:
                raise Refusal(ErrCode.INVALID_IMAGE_ADDRESS, detail="image.url is missing")
        case ListGiven():
            _check_list(given)
        case WebviewGiven():
            _check_webview(given)
    return given.model_dump(exclude_none=True)


def _check_keydata(given: KeyDataGiven) -> None:
    if not given.items:
        raise Refusal(ErrCode.KEYDATA_MISSING, detail="keydata.items is empty")
    if len(given.items) > KEYS:
        raise Refusal(ErrCode.TOO_MANY_KEYDATA, detail=f"{len(given.items)} items, at most {KEYS}")
    for place, item in enumerate(given.items):
        if not item.data:
            raise Refusal(ErrCode.WORKBENCH_DATA_MISSING, detail=f"keydata.items[{place}].data is missing")


def _check_list(given: ListGiven) -> None:
    if not given.items:
        raise Refusal(ErrCode.LIST_MISSING, detail="list.items is empty")
    if len(given.items) > TITLES:
        raise Refusal(ErrCode.TOO_MANY_LIST_ITEMS, detail=f"{len(given.items)} items, at most {TITLES}")
    for place, item in enumerate(given.items):
        if not item.title:
            raise Refusal(ErrCode.LIST_TITLE_MISSING, detail=f"list.items[{place}].title is missing")
        if (size := len(item.title.encode())) > TITLE_BYTES:
            detail = f"list.items[{place}].title has {size} bytes, at most {TITLE_BYTES}"
            raise Refusal(ErrCode.INVALID_LIST_TITLE, detail=detail)


def _check_webview(given: WebviewGiven) -> None:
    if not _is_address(given.url or ""):
        detail = f"webview.url {(given.url or '')[:120]!r} is no http or https address"
        raise Refusal(ErrCode.INVALID_WEBVIEW_ADDRESS, detail=detail)
    if given.height and given.height not in HEIGHTS:
        detail = f"webview.height {given.height[:60]!r} is not one of {', '.join(HEIGHTS)}"
        raise Refusal(ErrCode.INVALID_WEBVIEW_HEIGHT, detail=detail)


def _is_address(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
    except ValueError:
        return False
