"""Fields that an operation doesn't have, sent to the wrong place, or have another name today.

What it has is its declared shape, in which the call is read as well.
"""

import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, islice
from typing import Any

from pydantic import BaseModel

from wecom_tollbooth.advice.codes import MISPLACED_FIELD, OLD_FIELD, UNKNOWN_FIELD
from wecom_tollbooth.advice.noting import Noticed
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import Refusal
from wecom_tollbooth.gateway.near_names import nearest
from wecom_tollbooth.gateway.operation import Operation
from wecom_tollbooth.gateway.shapes import parse_json

MOST_FIELDS = 20
"""Unknown fields of one call that are noted."""
NAME_CHARS = 60
IN_BODY, IN_QUERY = ("JSON 请求体", "the JSON body"), ("地址的参数", "the query")
FOR_DEBUGGING = "debug"
"""A query parameter that every operation takes (全局错误码, page 90313)."""

Shape = type[BaseModel]


def noticed_fields(call: Call) -> Iterator[Noticed]:
    """What is to be said of the fields of the call, those of the query first."""
    return islice(chain(_in_the_query(call), _in_the_body(call)), MOST_FIELDS)


def noticed_in(operation: Operation, body: Mapping[str, Any]) -> Iterator[Noticed]:
    """What is to be said of the fields of a body, at any depth."""
    return _of_object(operation, (operation.request_model,), body, "", set())


@cache
def fields_of(shape: Shape) -> dict[str, tuple[Shape, ...]]:
    """The fields of a shape by the names that callers send, each with the shapes of the objects in it."""
    return {info.alias or name: tuple(_shapes(info.annotation)) for name, info in shape.model_fields.items()}


def _shapes(annotation: Any) -> Iterator[Shape]:
    """The shapes in a type: of the object, of each object of a list, of the members of a union."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, list, typing.Annotated):
        for part in typing.get_args(annotation):
            yield from _shapes(part)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation


def _in_the_query(call: Call) -> Iterator[Noticed]:
    operation, shape = call.operation, call.operation.request_model
    known = {FOR_DEBUGGING, operation.token or FOR_DEBUGGING}
    reads_query = operation.fields_in_address or call.request.method == "GET"
    if reads_query:
        known |= fields_of(shape).keys()
    for given in call.request.query:
        if given in known:
            continue
        name = given.replace("\x00", "")  # PostgreSQL keeps none
        if not reads_query and name in fields_of(shape):
            yield _misplaced(operation, name, IN_BODY)
        elif reads_query:
            yield _unknown(operation, name[:NAME_CHARS], "", known)
        else:
            yield _noticed_unknown(operation, name[:NAME_CHARS], "", known | fields_of(shape).keys())


def _in_the_body(call: Call) -> Iterator[Noticed]:
    operation, request = call.operation, call.request
    if operation.takes_file is not None or not request.body or request.body_too_large:
        return
    shape = operation.request_model
    if operation.fields_in_address and not operation.also_post:
        for name in _object_in(request.body):
            if name in fields_of(shape):
                yield _misplaced(operation, name, IN_QUERY)
            else:
                yield _noticed_unknown(operation, name[:NAME_CHARS], "", fields_of(shape))
        return
    if request.method == "POST":
        yield from noticed_in(operation, _object_in(request.body))


def _object_in(body: bytes) -> dict[str, Any]:
    try:
        return parse_json(body)[0]
    except Refusal:
        return {}


def _of_object(
    operation: Operation, shapes: tuple[Shape, ...], given: Mapping[str, Any], path: str, seen: set[str]
) -> Iterator[Noticed]:
    """What an object has that none of the shapes which it may have knows, and that wasn't `seen` before."""
    known: dict[str, tuple[Shape, ...]] = {}
    for shape in shapes:
        for name, inner in fields_of(shape).items():
            known[name] = (*known.get(name, ()), *inner)
    old = {field.name: field for field in operation.old_fields} if not path else {}
    for name, value in given.items():
        if name in known:
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, dict) and known[name]:
                    yield from _of_object(operation, known[name], item, f"{path}{name}.", seen)
            continue
        name = name[:NAME_CHARS]
        if f"{path}{name}" in seen:
            continue
        seen.add(f"{path}{name}")
        if name in old:
            yield Noticed(OLD_FIELD, operation.path, name, {"now": old[name].now})
        else:
            yield _unknown(operation, name, path, known)


def _unknown(operation: Operation, name: str, path: str, known: Iterable[str]) -> Noticed:
    elsewhere = sorted(
        place
        for place in _places(operation.request_model)
        if place.rpartition(".")[2] == name and place != f"{path}{name}"
    )
    if elsewhere:
        places = ("、".join(elsewhere[:3]), " or ".join(elsewhere[:3]))
        return _misplaced(operation, f"{path}{name}", places)
    return _noticed_unknown(operation, name, path, known)


@cache
def _places(shape: Shape, around: tuple[Shape, ...] = ()) -> frozenset[str]:
    """The paths of all fields of the shape and of those in it."""
    found = set()
    for name, inner in fields_of(shape).items():
        found.add(name)
        for below in inner:
            if below not in around and below is not shape:
                found |= {f"{name}.{place}" for place in _places(below, (*around, shape))}
    return frozenset(found)


def _misplaced(operation: Operation, name: str, place: tuple[str, str]) -> Noticed:
    zh, en = place
    return Noticed(MISPLACED_FIELD, operation.path, name, {"place_zh": zh, "place_en": en})


def _noticed_unknown(operation: Operation, name: str, path: str, known: Iterable[str]) -> Noticed:
    near = [f"{path}{one}" for one in nearest(name, known)]
    return Noticed(UNKNOWN_FIELD, operation.path, f"{path}{name}", {"meant": near})
