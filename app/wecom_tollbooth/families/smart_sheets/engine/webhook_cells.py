"""How cells of webhooks differ from those of add_records. Pure functions, without a database.

Source: pages 101240 and 101241 (2026-02), and reports of integrators: existing options only. The sample cells
are those of the dialog in the client (示例数据).
"""

import base64
import binascii
import hashlib
from typing import Any

from wecom_tollbooth.families.smart_sheets.engine import field_types as types
from wecom_tollbooth.families.smart_sheets.engine.cells import CELL_ERRORS, Options, stored
from wecom_tollbooth.families.smart_sheets.engine.field_types import Column
from wecom_tollbooth.families.smart_sheets.engine.record_store import Cells
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal

NOT_FOR_WEBHOOKS = frozenset(
    {
        *(types.FORMULA, types.AUTONUMBER, types.REFERENCE, types.WWGROUP, types.ATTACHMENT),
        *(types.CREATED_USER, types.CREATED_TIME, types.MODIFIED_USER, types.MODIFIED_TIME),
    }
)
"""The types that webhooks cannot write."""
_NOT_ANSWERED = (ErrCode.INVALID_REFERENCE, ErrCode.ATTACHMENT_WITHOUT_FILE, ErrCode.INVALID_IMAGE_CELL)
WEBHOOK_CELL_ERRORS = tuple(code for code in CELL_ERRORS if code not in _NOT_ANSWERED)

_SAMPLES: dict[str, Any] = {
    types.TEXT: [{"type": "text", "text": "文本内容"}],
    types.NUMBER: 1,
    types.CHECKBOX: True,
    types.DATE_TIME: "1768447200000",
    types.IMAGE: [{"title": "图片.png", "image_base64": "iVBORw0KGgo="}],
    types.URL: [{"type": "url", "text": "企业微信", "link": "https://work.weixin.qq.com"}],
    types.PROGRESS: 50,
    types.PHONE_NUMBER: "13800138000",
    types.EMAIL: "zhangsan@example.com",
    types.LOCATION: [
        {
            "source_type": 1,
            "id": "14313005936863363130",
            "latitude": "23.10647",
            "longitude": "113.32446",
            "title": "广州塔",
        }
    ],
    types.CURRENCY: 1,
    types.PERCENTAGE: 0.5,
    types.BARCODE: "6901234567892",
}


class PresentOptions(Options):
    """The existing options of the select fields: webhooks add none."""

    def __init__(self, columns: list[Column]) -> None:
        super().__init__(columns, lambda: "")

    def chosen(self, column: Column, given: dict[str, Any]) -> str:
        for name in ("id", "text"):
            for option in self.of(column):
                if given.get(name) and option[name] == given[name]:
                    return str(option["id"])
        raise Refusal(
            ErrCode.INVALID_SELECT_CELL, detail=f"{column.title} ({column.type}) has no option {given!r}"
        )


def open_to_webhooks(column: Column) -> bool:
    """Whether webhooks can write the field."""
    return _closed_by(column) is None


def by_key_of(columns: list[Column]) -> dict[str, Column]:
    """The fields by id and by title; an id goes before a title that is the same."""
    return {**{column.title: column for column in columns}, **{one.field_id: one for one in columns}}


def read_row(by_key: dict[str, Column], row: dict[str, Any], options: Options) -> Cells:
    """The cells of a row, by field id, in their stored form.

    Raises 2022004 (no such field), 2022048 and 2023035 (a field that webhooks cannot write), 2023037 and
    2023038 (one that only phones fill in), 2022013 (option), 2023033 (image), and what cells.stored raises.
    """
    cells: Cells = {}
    for key, value in row.items():
        column = by_key.get(key)
        if column is None:
            raise Refusal(ErrCode.FIELD_NOT_FOUND, detail=f"values: there is no field {key!r}")
        if (code := _closed_by(column)) is not None:
            raise Refusal(code, detail=f"{column.title} ({column.type}): webhooks cannot write it")
        cells[column.field_id] = stored(column, _as_for_add_records(column, value), options)
    return cells


def _closed_by(column: Column) -> Code | None:
    """Why webhooks cannot write the field; None if they can."""
    if column.type in NOT_FOR_WEBHOOKS:
        return ErrCode.NOT_FOR_WEBHOOKS
    if not column.writable:
        return ErrCode.NO_EDIT_RIGHT
    if column.type == types.BARCODE and column.settings.get("mobile_scan_only"):
        return ErrCode.BARCODE_BY_PHONE_ONLY
    if column.type == types.LOCATION and column.settings.get("input_type") == types.LOCATION_AUTO:
        return ErrCode.LOCATION_BY_PHONE_ONLY
    return None


def _as_for_add_records(column: Column, value: Any) -> Any:
    if column.type == types.TEXT and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return [{"type": "text", "text": str(value)}]
    if column.type == types.IMAGE and value not in (None, "", []):
        listed = [value] if isinstance(value, dict) else value
        if not isinstance(listed, list):
            raise _bad_image(column, f"{value!r:.60} is not a list of images")
        return [_image(column, one) for one in listed]
    return value


def _image(column: Column, given: Any) -> dict[str, Any]:
    """The image with the address that it gets. Nothing is served there."""
    if not isinstance(given, dict):
        raise _bad_image(column, f"{given!r:.60} is not an image")
    title, text, url = (given.get(name, "") for name in ("title", "image_base64", "image_url"))
    if not isinstance(title, str):
        raise _bad_image(column, f"title is {title!r:.60}")
    if text:
        data = _decoded(column, text)
        url = f"https://wework.qpic.cn/wwpic/{hashlib.blake2b(data, digest_size=16).hexdigest()}/0"
    if not isinstance(url, str) or not url:
        raise _bad_image(column, "an image needs image_base64")
    return {"title": title, "image_url": url}


def _decoded(column: Column, text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise _bad_image(
            column,
            f"image_base64 begins with {text!r:.30}: give plain base64, without data:image/…;base64,",
        ) from None


def _bad_image(column: Column, why: str) -> Refusal:
    return Refusal(ErrCode.INVALID_WEBHOOK_IMAGE, detail=f"{column.title} ({column.type}): {why}")


def bytes_of_images(row: dict[str, Any]) -> int:
    """The length of all base64 texts in a row."""
    images = (one for value in row.values() if isinstance(value, list) for one in value)
    texts = (one.get("image_base64") for one in images if isinstance(one, dict))
    return sum(len(text) for text in texts if isinstance(text, str))


def sample_row(columns: list[Column], userid: str) -> dict[str, Any]:
    """A cell for each field that a webhook can write."""
    row = {}
    for column in columns:
        if not open_to_webhooks(column):
            continue
        if column.type == types.USER:
            row[column.field_id] = [{"user_id": userid}]
        elif column.type in (types.SELECT, types.SINGLE_SELECT):
            row[column.field_id] = [{"text": option["text"]} for option in column.options[:1]]
        else:
            row[column.field_id] = _SAMPLES[column.type]
    return row
