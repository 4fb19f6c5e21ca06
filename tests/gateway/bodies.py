"""Request bodies generated from the request shapes, for the test of all operations.

A place is the position of one field in a body: the path to it, and its definition in the shape. Fields of
nested objects and of objects in lists have places too.
"""

import copy
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import annotated_types
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from tests.conftest import WeCom
from wecom_tollbooth.gateway.operation import Operation
from wecom_tollbooth.gateway.shapes import without_nulls

WARNING = "Warning: wrong json format. "
REMARK = "externalcontact/remark"
TAG_LIST = "externalcontact/get_corp_tag_list"
ADD_TAG = "externalcontact/add_corp_tag"
CHECK = "externalcontact/check_follow_user"

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Place:
    """One field of a request shape. `inner` is its type without None."""

    steps: Steps
    info: FieldInfo
    models: tuple[tuple[Steps, type[BaseModel]], ...]
    """The objects around the field, outermost first, which a body must contain to have the field."""

    @property
    def name(self) -> str:
        return ".".join(str(step) for step in self.steps if isinstance(step, str))

    @property
    def inner(self) -> Any:
        return without_none(self.info.annotation)

    @property
    def required(self) -> bool:
        return self.info.is_required()

    @property
    def missing(self) -> int:
        return int(self._extra.get("x-missing", 40063))

    @property
    def too_long(self) -> int:
        return int(self._extra.get("x-too-long", 40058))

    @property
    def empty(self) -> int:
        return int(self._extra.get("x-empty", self.missing))

    @property
    def invalid(self) -> int | None:
        """What a wrong type or a number out of range answers; None: the former counts as absent."""
        code = self._extra.get("x-invalid")
        return None if code is None else int(code)

    @property
    def max_length(self) -> int | None:
        return self._limit(annotated_types.MaxLen, "max_length")

    @property
    def min_length(self) -> int | None:
        return self._limit(annotated_types.MinLen, "min_length")

    @property
    def ge(self) -> int | None:
        return self._limit(annotated_types.Ge, "ge")

    @property
    def le(self) -> int | None:
        return self._limit(annotated_types.Le, "le")

    @property
    def _extra(self) -> dict[str, Any]:
        extra = self.info.json_schema_extra
        return extra if isinstance(extra, dict) else {}

    def _limit(self, kind: type, attribute: str) -> int | None:
        found: int | None = next(
            (getattr(one, attribute) for one in self.info.metadata if isinstance(one, kind)), None
        )
        return found


def without_none(annotation: Any) -> Any:
    """The type X of `X | None`; a union of several types is returned unchanged."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        rest = [arg for arg in typing.get_args(annotation) if arg is not type(None)]
        return rest[0] if len(rest) == 1 else annotation
    return annotation


def model_of(annotation: Any) -> tuple[type[BaseModel], bool] | None:
    """The shape of an object, or of the objects in a list, and whether it is a list."""
    inner = without_none(annotation)
    listed = typing.get_origin(inner) is list
    if listed:
        (inner,) = typing.get_args(inner)
        inner = without_none(inner)
    return (inner, listed) if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def places(model: type[BaseModel]) -> list[Place]:
    """The places of all fields of the shape and of nested shapes."""
    return list(_places(model, (), ()))


def _places(
    model: type[BaseModel], steps: Steps, around: tuple[tuple[Steps, type[BaseModel]], ...]
) -> Iterator[Place]:
    for name, info in model.model_fields.items():
        here = (*steps, info.alias or name)
        yield Place(here, info, around)
        below = model_of(info.annotation)
        if below is not None and below[0] not in [outer for _, outer in around]:
            inner = (*here, 0) if below[1] else here
            yield from _places(below[0], inner, (*around, (inner, below[0])))


def valid_value(annotation: Any, place: Place | None = None) -> Any:
    """A value as short as the shape permits."""
    inner = without_none(annotation)
    model = model_of(inner)
    if model is not None:
        return [smallest(model[0])] if model[1] else smallest(model[0])
    origin = typing.get_origin(inner)
    if origin is list:
        return [valid_value(typing.get_args(inner)[0])]
    if origin is typing.Literal:
        return typing.get_args(inner)[0]
    if inner is bool:
        return True
    if inner is int or inner is float:
        low = place.ge if place is not None and place.ge is not None else 1
        return max(low, 1) if place is None or place.le is None or place.le >= 1 else low
    if inner is str:
        return "a" * ((place.min_length if place is not None else None) or 1)
    return {}


def smallest(model: type[BaseModel]) -> dict[str, Any]:
    """A body with only the required fields."""
    body: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if info.is_required():
            place = Place((name,), info, ())
            body[info.alias or name] = valid_value(info.annotation, place)
    return body


def base(operation: Operation) -> dict[str, Any]:
    """The documented sample with any missing required fields; without the sample if the shape rejects it."""
    body = {**smallest(operation.request_model), **without_nulls(dict(operation.sample or {}))}
    try:
        operation.request_model.model_validate(body)
    except ValidationError:
        return smallest(operation.request_model)
    return copy.deepcopy(body)


def with_value(body: Mapping[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """The body with `value` at the place; missing objects on the path are added."""
    whole = _with_objects(body, place)
    _holder(whole, place.steps)[place.steps[-1]] = value
    return whole


def without(body: Mapping[str, Any], place: Place) -> dict[str, Any]:
    whole = _with_objects(body, place)
    _holder(whole, place.steps).pop(place.steps[-1], None)
    return whole


def _with_objects(body: Mapping[str, Any], place: Place) -> dict[str, Any]:
    whole: dict[str, Any] = copy.deepcopy(dict(body))
    for steps, model in place.models:
        if steps[-1] == 0:
            listed = _holder(whole, steps[:-1]).setdefault(steps[-2], [])
            if not listed:
                listed.append({})
            listed[0] = {**smallest(model), **listed[0]}
        else:
            holder = _holder(whole, steps)
            holder[steps[-1]] = {**smallest(model), **holder.get(steps[-1], {})}
    return whole


def _holder(body: Any, steps: Steps) -> Any:
    for step in steps[:-1]:
        body = body[step]
    return body


def add_tag(wecom: WeCom, **fields: Any) -> dict[str, Any]:
    return wecom.post(ADD_TAG, **{"group_name": "等级", **fields})


def customer_of(wecom: WeCom, userid: str = "zhangsan") -> str:
    return str(wecom.get("externalcontact/list", userid=userid)["external_userid"][0])
