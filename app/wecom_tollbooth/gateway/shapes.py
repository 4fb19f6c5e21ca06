"""Request shapes, and reading a request into one as leniently as WeCom does.

Real SDKs depend on this leniency (numbers as text, nulls, form content types):
- null counts as absent; unknown fields and the content type are ignored;
- numeric text is accepted as a number, a number as text;
- broken JSON is no error: what is before the fault counts (reading/lenient_json.py);
- a field of a wrong type is no error: it counts as absent, a scalar instead of a list becomes a list of one.
  Both put "Warning: wrong json format. " into errmsg. A field with `invalid=` refuses it, with the warning;
- a required field that is absent or empty answers the field's own code, a too long one 40058.

No page documents these, so they are our own: JSON nested over 100 levels counts as broken, an integer beyond
64 bits as a wrong type, and text with the null character answers 40058 (PostgreSQL cannot store it).

Source: head and troubleshooting part of page 90313 (2026-07-26), and published replies.
"""

import types
import typing
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from typing_extensions import TypedDict

from wecom_tollbooth.gateway.errcodes import BY_NUMBER, Code, ErrCode, Refusal
from wecom_tollbooth.gateway.reading.lenient_json import NESTED_AT_MOST, is_too_deep, read_partly

UINT32 = 2**32 - 1
INT64 = 2**63 - 1
DETAIL_VALUE_CHARS = 60


class RequestModel(BaseModel):
    """Base of all request shapes; also the shape of a request without fields."""

    # Built at first use: building hundreds of shapes would slow down every start.
    model_config = ConfigDict(
        extra="ignore", coerce_numbers_to_str=True, allow_inf_nan=False, defer_build=True
    )


class Done(TypedDict):
    """The reply of an operation that returns no data."""


M = TypeVar("M", bound=RequestModel)


def required(
    missing: Code = ErrCode.PARAMETERS_EMPTY,
    *,
    max_chars: int | None = None,
    max_items: int | None = None,
    ge: int | None = None,
    le: int | None = None,
    too_long: Code = ErrCode.INVALID_PARAMETER,
    empty: Code | None = None,
    doc: str = "",
) -> Any:
    """A field that must be given and not empty; otherwise it answers the errcode `missing` or `too_long`.

    A text that is empty answers `missing`, too, unless `empty` is given.
    """
    sized = max_chars is not None or max_items is not None
    return Field(
        min_length=1 if ge is None and le is None else None,
        max_length=(max_chars if max_chars is not None else max_items) if sized else None,
        ge=ge,
        le=le,
        description=doc or None,
        json_schema_extra=_codes(missing=missing, too_long=too_long, empty=empty),
    )


def required_number(
    missing: Code = ErrCode.PARAMETERS_EMPTY,
    *,
    ge: int | None = None,
    le: int | None = None,
    invalid: Code | None = None,
    doc: str = "",
) -> Any:
    """A number that must be given. With `invalid`, what isn't one or is out of range answers that errcode."""
    return Field(
        ge=ge, le=le, description=doc or None, json_schema_extra=_codes(missing=missing, invalid=invalid)
    )


def required_object(missing: Code = ErrCode.PARAMETERS_EMPTY, *, doc: str = "") -> Any:
    """An object that must be given, with the fields of its own shape."""
    return Field(description=doc or None, json_schema_extra=_codes(missing=missing))


def optional(
    *,
    max_chars: int | None = None,
    max_items: int | None = None,
    ge: int | None = None,
    le: int | None = None,
    too_long: Code = ErrCode.INVALID_PARAMETER,
    invalid: Code | None = None,
    doc: str = "",
) -> Any:
    """A field that may be absent; it is then None.

    A value of a wrong type counts as absent, too, unless `invalid` is given: then it answers that errcode,
    as does a number out of range.
    """
    return Field(
        default=None,
        max_length=max_chars if max_chars is not None else max_items,
        ge=ge,
        le=le,
        description=doc or None,
        json_schema_extra=_codes(too_long=too_long, invalid=invalid),
    )


def _codes(**codes: Code | None) -> dict[str, Any]:
    """What a field answers in which case, as its schema keeps it."""
    return {f"x-{case.replace('_', '-')}": int(code) for case, code in codes.items() if code is not None}


def parse_json(body: bytes) -> tuple[dict[str, Any], int | None]:
    """The body as an object, and how many characters are before its first fault; None for a whole one.

    An empty body is an empty object. Raises Refusal for text with the null character.
    """
    if not body.strip():
        return {}, None
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        parsed = None
    fault_at = None
    may_be_too_deep = body.count(b"{") + body.count(b"[") > NESTED_AT_MOST
    if not isinstance(parsed, dict) or (may_be_too_deep and is_too_deep(parsed)):
        partial = read_partly(body)
        parsed, fault_at = partial.members, partial.fault_at
    if b"\\u0000" in body:
        _refuse_null_character(parsed)
    return parsed, fault_at


def parse_query(query: dict[str, str]) -> dict[str, Any]:
    """The query parameters. Raises Refusal for text with the null character."""
    if any("\x00" in value for value in query.values()):
        _refuse_null_character(query)
    return dict(query)


def read(model: type[M], raw: dict[str, Any], warn: Callable[[], None]) -> M:
    """`raw` as the shape `model`; calls `warn` if a value was dropped or converted.

    Raises Refusal for a required field that is missing, and for a value too long or out of range.
    """
    data = without_nulls(raw)
    while True:
        try:
            shape = model.model_validate(data)
            too_large = list(_beyond_64_bits(shape, ()))
            if not too_large:
                return shape
            problems = [_as_problem(loc) for loc in too_large]
        except ValidationError as error:
            problems = error.errors(include_url=False)
        wrong_types = [problem for problem in problems if problem["type"] not in _REFUSED]
        if not wrong_types:
            raise _refusal(model, problems[0])
        for problem in wrong_types:
            if not _becomes_list(problem) and "x-invalid" in _extra(model, problem["loc"]):
                warn()
                raise _refusal(model, problem)
        # From the back, so that dropping an item of a list does not move the items still to be fixed.
        if not sum(_fix(data, problem) for problem in reversed(wrong_types)):
            raise _refusal(model, wrong_types[0])
        warn()


def as_request(model: type[M], fields: dict[str, Any]) -> M:
    """The fields of an act as the operation of this shape would read them. Raises Refusal as it does.

    Their types were checked with the act, so there is nothing to warn of.
    """
    return read(model, fields, lambda: None)


def without_nulls(value: Any) -> Any:
    """The same value with every null field of every object left out."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value if item is not None]
    return value


def _refuse_null_character(value: Any, path: str = "") -> None:
    """Raises 40058 for a text or a field name with the null character."""
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_null_character(key, path)
            _refuse_null_character(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            _refuse_null_character(item, path)
    elif isinstance(value, str) and "\x00" in value:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            detail=f"{path or 'the body'}: {_shown(value)}: text must not contain U+0000",
        )


def _beyond_64_bits(value: Any, loc: tuple[int | str, ...]) -> Iterator[tuple[int | str, ...]]:
    """The locations of integers too large for a database column."""
    if isinstance(value, int):
        if not -INT64 - 1 <= value <= INT64:
            yield loc
    elif isinstance(value, BaseModel):
        for name, item in value.__dict__.items():
            if item is not None and not isinstance(item, str):
                alias = type(value).model_fields[name].alias
                yield from _beyond_64_bits(item, (*loc, alias or name))
    elif isinstance(value, (list, dict)):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            if not isinstance(item, str):
                yield from _beyond_64_bits(item, (*loc, step))


def _as_problem(loc: tuple[int | str, ...]) -> ErrorDetails:
    return {"type": "int_parsing_size", "loc": loc, "msg": "beyond 64 bits", "input": None}


_ABSENT = frozenset({"missing", "string_too_short", "too_short"})
_REFUSED = _ABSENT | {
    "string_too_long",
    "too_long",
    "greater_than_equal",
    "less_than_equal",
    "greater_than",
    "less_than",
    "literal_error",
    "enum",
}


def _fix(data: dict[str, Any], problem: ErrorDetails) -> bool:
    """Turns a scalar into a list if one is expected; drops any other value of a wrong type.

    Returns False if the value was already dropped with the value around it.
    """
    *parents, last = problem["loc"]
    holder: Any = data
    try:
        for step in parents:
            holder = holder[step]
        if _becomes_list(problem):
            holder[last] = [holder[last]]
        else:
            del holder[last]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _becomes_list(problem: ErrorDetails) -> bool:
    """Whether it is a scalar where a list is expected, which counts as a list of one."""
    return problem["type"] == "list_type" and not isinstance(problem["input"], dict)


def _refusal(model: type[BaseModel], problem: ErrorDetails) -> Refusal:
    loc = problem["loc"]
    extra = _extra(model, loc)
    path = ".".join(str(step) for step in loc if isinstance(step, str))
    shown = _shown(problem["input"])
    if problem["type"] in _ABSENT:
        if problem["type"] == "string_too_short" and "x-empty" in extra:
            too_short = f"{path} exceed min utf8 words 1. invalid Request Parameter"
            return Refusal(BY_NUMBER[extra["x-empty"]], too_short, detail=f"{path} was empty")
        code = BY_NUMBER[extra.get("x-missing", ErrCode.PARAMETERS_EMPTY)]
        return Refusal(code, detail=f"{path} is required and was absent or empty")
    if problem["type"] in {"string_too_long", "too_long"}:
        code = BY_NUMBER[extra.get("x-too-long", ErrCode.INVALID_PARAMETER)]
        limit = problem.get("ctx", {}).get("max_length")
        unit = "utf8 words" if problem["type"] == "string_too_long" else "size"
        errmsg = f"{path} exceed max {unit} {limit}" if code is ErrCode.INVALID_PARAMETER else None
        return Refusal(code, errmsg, detail=f"{path}: {shown} is over the limit of {limit}")
    code = BY_NUMBER[extra.get("x-invalid", ErrCode.INVALID_PARAMETER)]
    errmsg = f"{path} invalid" if code is ErrCode.INVALID_PARAMETER else None
    return Refusal(code, errmsg, detail=f"{path}: {shown}: {problem['msg']}")


def _shown(value: Any) -> str:
    text = repr(value)
    return (
        text if len(text) <= DETAIL_VALUE_CHARS else f"{text[:DETAIL_VALUE_CHARS]}… ({len(text)} characters)"
    )


def _extra(model: type[BaseModel], loc: Sequence[int | str]) -> dict[str, Any]:
    """What `required` or `optional` stored on the field at `loc`."""
    info: FieldInfo | None = None
    holder: Any = model
    for step in loc:
        if isinstance(step, str) and isinstance(holder, type) and issubclass(holder, BaseModel):
            info = _field(holder, step)
            holder = _inner(info.annotation) if info else None
    extra = info.json_schema_extra if info else None
    return extra if isinstance(extra, dict) else {}


def _field(model: type[BaseModel], name: str) -> FieldInfo | None:
    for key, info in model.model_fields.items():
        if name in (key, info.alias):
            return info
    return None


def _inner(annotation: Any) -> Any:
    """The model inside Optional[...] and list[...]."""
    while True:
        origin = typing.get_origin(annotation)
        if origin in (typing.Union, types.UnionType):
            annotation = next(arg for arg in typing.get_args(annotation) if arg is not type(None))
        elif origin is list:
            (annotation,) = typing.get_args(annotation)
        else:
            return annotation
