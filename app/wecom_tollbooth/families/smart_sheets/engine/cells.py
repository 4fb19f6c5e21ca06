"""Cells of every type: from a request to the stored form, from there to a reply, and to the text or number
that filters and sorts use. Pure functions, without a database.

Source: the cell values of pages 99907 and 101158. An empty list or text clears a cell, which is then None.
"""

import re
from collections.abc import Callable
from typing import Any

from wecom_tollbooth.families.smart_sheets.engine import field_types as types
from wecom_tollbooth.families.smart_sheets.engine.field_types import STYLES, Column
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal

ID_TYPE_MEMBER, ID_TYPE_OUTSIDER, ID_TYPE_APP, ID_TYPE_SYSTEM = 1, 2, 3, 4
"""id_type of a user; ID_TYPE_SYSTEM stands for synchronised data (应用数据同步)."""
_ID_NAMES = {ID_TYPE_MEMBER: "user_id", ID_TYPE_OUTSIDER: "tmp_external_userid", ID_TYPE_APP: "agentid"}
"""The name of a user's id by id_type; other id_types have no id."""
FOLDER, FILE = 1, 2
_DIGITS = 18
"""Whole numbers as text have fewer digits; longer ones don't fit into 64 bits."""
_TIME = re.compile(r"-?\d{1,14}", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


class Options:
    """The options of the select fields while cells are written; a new text adds an option."""

    def __init__(self, columns: list[Column], new_id: Callable[[], str]) -> None:
        self._by_field = {column.field_id: [dict(one) for one in column.options] for column in columns}
        self._new_id = new_id
        self.changed: set[str] = set()

    def of(self, column: Column) -> list[dict[str, Any]]:
        return self._by_field[column.field_id]

    def chosen(self, column: Column, given: dict[str, Any]) -> str:
        """The id of the option that a cell names by id or text; a new text adds an option."""
        options = self._by_field[column.field_id]
        id_, text, style = given.get("id"), given.get("text"), given.get("style")
        for option in options:
            if id_ and option["id"] == id_:
                return str(id_)
        if id_ and not text:
            raise _wrong(column, f"there is no option {id_!r}")
        for option in options:
            if option["text"] == text:
                return str(option["id"])
        if not isinstance(text, str) or not text:
            raise _wrong(column, "an option needs an id or a text")
        style = style if style in STYLES else 1 + len(options) % len(STYLES)
        option = {"id": self._new_id(), "text": text, "style": style}
        options.append(option)
        self.changed.add(column.field_id)
        return str(option["id"])


def stored(column: Column, value: Any, options: Options) -> Any:
    """The cell as stored; None for an empty one.

    Raises the code of CELL_ERRORS that its type has, else 40058. A date as a number is no error: the cell
    stays empty, as integrators have seen.
    """
    if value is None or value == "" or value == []:
        return None
    return _READERS[column.type](column, value, options)


def shown(column: Column, cell: Any) -> Any:
    """The cell as a reply shows it; None for a cell that is left out."""
    if cell is None:
        return None
    if column.type in (types.SELECT, types.SINGLE_SELECT):
        by_id = {option["id"]: option for option in column.options}
        return [by_id[id_] for id_ in cell if id_ in by_id] or None
    return cell


def key_of(column: Column, cell: Any) -> str | int | float | None:
    """The value that filters and sorts use; a list of ids is joined as |a|b|."""
    if cell is None:
        return None
    kind = column.kind.key
    if kind == "time":
        return int(cell)
    if kind == "bool":
        return int(cell)
    if kind == "ids":
        return joined([id_of_user(one) if isinstance(one, dict) else one for one in cell])
    if kind == "files":
        return " ".join(str(one.get("title") or one.get("name") or "") for one in cell) or " "
    if column.type in (types.TEXT, types.URL):
        return "".join(segment["text"] or segment.get("link", "") for segment in cell)
    if column.type == types.LOCATION:
        return str(cell[0]["title"])
    return cell  # type: ignore[no-any-return]


def user_cell(id_type: int, id_: str) -> dict[str, Any]:
    """A user as stored in a cell."""
    name = _ID_NAMES.get(id_type)
    shown_id: dict[str, Any] = {} if name is None else {name: int(id_) if id_type == ID_TYPE_APP else id_}
    return {**shown_id, "id_type": id_type}


def id_of_user(user: dict[str, Any]) -> str:
    """The user's id; empty for an id_type without ids."""
    return str(user.get(_ID_NAMES.get(user["id_type"], ""), ""))


def joined(ids: list[str]) -> str:
    return "|" + "|".join(ids) + "|" if ids else ""


_CODES: dict[str, Code] = {
    types.TEXT: ErrCode.INVALID_TEXT_CELL,
    types.PHONE_NUMBER: ErrCode.INVALID_PHONE_CELL,
    types.SELECT: ErrCode.INVALID_SELECT_CELL,
    types.SINGLE_SELECT: ErrCode.INVALID_SELECT_CELL,
    types.IMAGE: ErrCode.INVALID_IMAGE_CELL,
    types.URL: ErrCode.INVALID_URL_CELL,
    types.CHECKBOX: ErrCode.INVALID_CHECKBOX_CELL,
    types.CURRENCY: ErrCode.INVALID_CURRENCY_CELL,
    types.PERCENTAGE: ErrCode.INVALID_PERCENTAGE_CELL,
    types.DATE_TIME: ErrCode.INVALID_SHEET_DATE,
    types.REFERENCE: ErrCode.INVALID_REFERENCE,
    types.LOCATION: ErrCode.INVALID_LOCATION,
}
"""What a cell of a wrong form answers, by type; other types answer 40058."""
CELL_ERRORS = (*dict.fromkeys(_CODES.values()), ErrCode.ATTACHMENT_WITHOUT_FILE, ErrCode.INVALID_PARAMETER)


def _wrong(column: Column, why: str, code: Code | None = None) -> Refusal:
    code = code or _CODES.get(column.type, ErrCode.INVALID_PARAMETER)
    errmsg = f"values.{column.title} invalid" if code is ErrCode.INVALID_PARAMETER else None
    return Refusal(code, errmsg, detail=f"{column.title} ({column.type}): {why}")


def _objects(column: Column, value: Any) -> list[dict[str, Any]]:
    """The value as a list of objects; a single object counts as a list of one."""
    listed = [value] if isinstance(value, dict) else value
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise _wrong(column, f"{value!r} is not a list of objects")
    return listed


def _text(column: Column, of: dict[str, Any], name: str, *, needed: bool = False) -> str:
    value = of.get(name, "")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or (needed and not value):
        raise _wrong(column, f"{name} is {value!r}, not a text")
    return value


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _whole(column: Column, of: dict[str, Any], name: str, default: int) -> int:
    value = of.get(name, default)
    if isinstance(value, str) and _is_whole(value) and len(value) < _DIGITS:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(column, f"{name} is {value!r}, not a whole number")
    return value


def _segments(column: Column, value: Any, _: Options) -> list[dict[str, str]] | None:
    segments = []
    for one in _objects(column, value):
        if "type" not in one and ("text" not in one or "id" in one or "style" in one):
            raise _wrong(column, f"{one!r:.60} is not a segment of a text")
        kind = one.get("type", "text")
        if kind not in ("text", "url"):
            raise _wrong(column, f"type is {kind!r}, neither text nor url")
        segment = {"type": kind, "text": _text(column, one, "text")}
        if kind == "url":
            segment["link"] = _text(column, one, "link", needed=True)
        segments.append(segment)
    return segments if any(one["text"] or one["type"] == "url" for one in segments) else None


def _link(column: Column, value: Any, options: Options) -> list[dict[str, str]]:
    listed = _objects(column, value)
    if len(listed) != 1:
        raise _wrong(column, "a link field holds one link")
    one = listed[0]
    if one.get("type", "url") != "url":
        raise _wrong(column, f"type is {one['type']!r}, not url")
    return [
        {"type": "url", "text": _text(column, one, "text"), "link": _text(column, one, "link", needed=True)}
    ]


def _number(column: Column, value: Any, _: Options) -> int | float:
    if isinstance(value, str) and len(value) < 40 and _NUMBER.fullmatch(value):
        value = int(value) if value.lstrip("-").isdecimal() and len(value) < _DIGITS else float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(column, f"{value!r} is not a number")
    if not -1e300 < value < 1e300:
        raise _wrong(column, "the number is too large")
    return value


def _checked(column: Column, value: Any, _: Options) -> bool:
    if not isinstance(value, bool):
        raise _wrong(column, f"{value!r} is neither true nor false")
    return value


def _moment(column: Column, value: Any, _: Options) -> str | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return None
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise _wrong(column, f"{value!r} is not a unix time in milliseconds")
    return str(int(value))


def _images(column: Column, value: Any, options: Options) -> list[dict[str, Any]]:
    return [
        {
            "id": _text(column, one, "id"),
            "title": _text(column, one, "title"),
            "image_url": _text(column, one, "image_url", needed=True),
            "width": _whole(column, one, "width", 0),
            "height": _whole(column, one, "height", 0),
        }
        for one in _objects(column, value)
    ]


def _attachments(column: Column, value: Any, _: Options) -> list[dict[str, Any]]:
    files = []
    for one in _objects(column, value):
        doc_type = _whole(column, one, "doc_type", FILE)
        if doc_type not in (FOLDER, FILE):
            raise _wrong(column, f"doc_type is {doc_type}, neither 1 (folder) nor 2 (file)")
        texts = {name: _text(column, one, name) for name in ("file_ext", "file_type", "file_id")}
        url, file_id = _text(column, one, "file_url"), texts["file_id"]
        if not file_id and not (url and (texts["file_ext"] or doc_type == FOLDER)):
            raise _wrong(
                column, "a file needs a file_id, or file_url and file_ext", ErrCode.ATTACHMENT_WITHOUT_FILE
            )
        files.append(
            {
                "name": _text(column, one, "name", needed=not file_id),
                "size": _whole(column, one, "size", 0),
                "file_ext": texts["file_ext"],
                **({"file_id": file_id} if file_id else {}),
                **({"file_url": url} if url else {}),
                "file_type": texts["file_type"],
                "doc_type": doc_type,
            }
        )
    return files


def _users(column: Column, value: Any, _: Options) -> list[dict[str, Any]]:
    users = []
    for one in _objects(column, value):
        known = (id_type for id_type, name in _ID_NAMES.items() if one.get(name))
        id_type = _whole(column, one, "id_type", next(known, ID_TYPE_MEMBER))
        if id_type not in _ID_NAMES:
            raise _wrong(column, f"id_type is {id_type}, not 1, 2 or 3")
        id_ = _text(column, one, _ID_NAMES[id_type], needed=True)
        if "|" in id_ or (id_type == ID_TYPE_APP and not (_is_whole(id_) and len(id_) < _DIGITS)):
            raise _wrong(column, f"{_ID_NAMES[id_type]} is {id_!r}")
        users.append(user_cell(id_type, id_))
    if len(users) > 1 and not column.settings.get("is_multiple"):
        raise _wrong(column, "the field holds one user: is_multiple is false")
    return users


def _choices(column: Column, value: Any, options: Options) -> list[str]:
    listed = _objects(column, value)
    if any("type" in one for one in listed):
        raise _wrong(column, "segments of a text are not options")
    chosen = [options.chosen(column, one) for one in listed]
    if len(chosen) > 1 and column.type == types.SINGLE_SELECT:
        raise _wrong(column, "a single select holds one option")
    return list(dict.fromkeys(chosen))


def _plain(column: Column, value: Any, _: Options) -> str:
    return _text(column, {"the cell": value}, "the cell", needed=True)


def _references(column: Column, value: Any, _: Options) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    ids: list[str] = []
    for given in listed:
        one = given.get("record_id") if isinstance(given, dict) else given
        if not isinstance(one, str) or not one:
            raise _wrong(column, f"{one!r} is not a record id")
        ids.append(one)
    if len(ids) > 1 and not column.settings.get("is_multiple"):
        raise _wrong(column, "the field holds one record: is_multiple is false")
    return ids


def _location(column: Column, value: Any, _: Options) -> list[dict[str, Any]]:
    listed = _objects(column, value)
    if len(listed) != 1 or listed[0].get("source_type", 1) != 1:
        raise _wrong(column, "give one place with source_type 1")
    place: dict[str, Any] = {"source_type": 1}
    for name in ("id", "latitude", "longitude", "title"):
        given = listed[0].get(name, "")
        text = str(given) if isinstance(given, (int, float)) else given
        if not isinstance(text, str) or not text:
            raise _wrong(column, f"{name} is {given!r}")
        place[name] = text
    for name, most in (("latitude", 90), ("longitude", 180)):
        if not _NUMBER.fullmatch(place[name]) or abs(float(place[name])) > most:
            raise _wrong(column, f"{name} is {place[name]!r}")
    return [place]


def _groups(column: Column, value: Any, _: Options) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    ids: list[str] = []
    for given in listed:
        one = given.get("chat_id") if isinstance(given, dict) else given
        if not isinstance(one, str) or not one or "|" in one:
            raise _wrong(column, f"{one!r} is not a chat id")
        ids.append(one)
    if len(ids) > 1 and not column.settings.get("allow_multiple"):
        raise _wrong(column, "the field holds one group: allow_multiple is false")
    return ids


_READERS: dict[str, Callable[[Column, Any, Options], Any]] = {
    types.TEXT: _segments,
    types.NUMBER: _number,
    types.CHECKBOX: _checked,
    types.DATE_TIME: _moment,
    types.IMAGE: _images,
    types.ATTACHMENT: _attachments,
    types.USER: _users,
    types.URL: _link,
    types.SELECT: _choices,
    types.SINGLE_SELECT: _choices,
    types.PROGRESS: _number,
    types.PHONE_NUMBER: _plain,
    types.EMAIL: _plain,
    types.REFERENCE: _references,
    types.LOCATION: _location,
    types.CURRENCY: _number,
    types.WWGROUP: _groups,
    types.PERCENTAGE: _number,
    types.BARCODE: _plain,
}
"""The types that can be written; cell_input.py refuses the others before."""
