"""Fields that an operation doesn't have, sent to the wrong place, or have another name today.

What it has is its declared shape, in which the call is read as well.
"""

import types
import typing
from collections.abc import Iterator, Mapping
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
FOR_DEBUGGING = "debug"
"""A query parameter that every operation takes (全局错误码, page 90313)."""

Shape = type[BaseModel]


def noticed_fields(call: Call) -> Iterator[Noticed]:
    """What is to be said of the fields of the call, those of the query first."""
    return islice(chain(_in_the_query(call), _in_the_body(call)), MOST_FIELDS)


def noticed_in(operation: Operation, body: Mapping[str, Any]) -> Iterator[Noticed]:
    """What is to be said of the fields of a body, at any depth."""
    return _of_object(operation, (operation.request_model,), body, "")


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
    for name in call.request.query:
        if name in known:
            continue
        if not reads_query and name in fields_of(shape):
            yield _misplaced(operation, name, "the JSON body")
        elif reads_query:
            yield from _unknown(operation, (shape,), name, "", known)
        else:
            yield _noticed_unknown(operation, name, nearest(name, known | fields_of(shape).keys()))


def _in_the_body(call: Call) -> Iterator[Noticed]:
    operation, request = call.operation, call.request
    if operation.takes_file is not None or not request.body or request.body_too_large:
        return
    shape = operation.request_model
    if operation.fields_in_address and not operation.also_post:
        for name in _object_in(request.body):
            if name in fields_of(shape):
                yield _misplaced(operation, name, "the query")
            else:
                yield _noticed_unknown(operation, name, nearest(name, fields_of(shape)))
        return
    if request.method == "POST":
        yield from noticed_in(operation, _object_in(request.body))


def _object_in(body: bytes) -> dict[str, Any]:
    try:
        return parse_json(body)[0]
    except Refusal:
        return {}


def _of_object(
    operation: Operation, shapes: tuple[Shape, ...], given: Mapping[str, Any], path: str
) -> Iterator[Noticed]:
    """What an object has that none of the shapes which it may have knows."""
    known: dict[str, tuple[Shape, ...]] = {}
    for shape in shapes:
        for name, inner in fields_of(shape).items():
            known[name] = (*known.get(name, ()), *inner)
    old = {field.name: field for field in operation.old_fields} if not path else {}
    for name, value in given.items():
        if name in known:
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, dict) and known[name]:
                    yield from _of_object(operation, known[name], item, f"{path}{name}.")
        elif name in old:
            yield Noticed(OLD_FIELD, operation.path, name, {"now": old[name].now})
        else:
            yield from _unknown(operation, shapes, name, path, known)


def _unknown(
    operation: Operation, shapes: tuple[Shape, ...], name: str, path: str, known: typing.Iterable[str]
) -> Iterator[Noticed]:
    near = nearest(name, known)
    elsewhere = sorted(
        place
        for place in _places(operation.request_model)
        if place.rpartition(".")[2] == name and place != f"{path}{name}"
    )
    if elsewhere:
        yield _misplaced(operation, f"{path}{name}", " or ".join(elsewhere[:3]))
    else:
        yield _noticed_unknown(operation, f"{path}{name}", [f"{path}{one}" for one in near])


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


def _misplaced(operation: Operation, name: str, place: str) -> Noticed:
    return Noticed(MISPLACED_FIELD, operation.path, _cut(name), {"place": place})


def _noticed_unknown(operation: Operation, name: str, near: list[str]) -> Noticed:
    return Noticed(UNKNOWN_FIELD, operation.path, _cut(name), {"meant": near})


def _cut(name: str) -> str:
    return ".".join(part[:NAME_CHARS] for part in name.split("."))
