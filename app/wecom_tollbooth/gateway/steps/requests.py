"""Reads the query or the body into the shape of the operation."""

from typing import Any

from wecom_tollbooth.gateway import shapes
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import BodyLimit
from wecom_tollbooth.gateway.steps.id_translation import from_caller

NAMES_SHOWN = 20
NAME_CHARS = 40


def read_request(call: Call) -> None:
    """Sets `call.arguments`. A GET where POST is wanted counts as a POST without a body, and is refused."""
    operation, request = call.operation, call.request
    if request.body_too_large:
        limit = operation.takes_file or operation.body_limit
        limit = limit or BodyLimit(call.settings.max_body_bytes, ErrCode.BODY_TOO_LARGE)
        what = "file" if operation.takes_file else "body"
        raise Refusal(limit.errcode, detail=f"the {what} is over {limit.most} bytes")
    call.given = _fields(call)
    fields = _with_old_fields(call, call.given)
    call.arguments = shapes.read(operation.request_model, from_caller(call, fields), call.warn)
    if request.method == "GET" and "GET" not in operation.methods:
        wanted = "a file as multipart/form-data" if operation.takes_file else "a JSON body"
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail=f"{operation.path} wants POST with {wanted}")


def _fields(call: Call) -> dict[str, Any]:
    """What was sent, by the names of the request's fields."""
    operation, request = call.operation, call.request
    if operation.method == "GET":
        posted = _posted(call) if operation.also_post and request.method == "POST" else {}
        if posted:
            call.notes.append(f"read from a JSON body, where the page says GET: {operation.also_post}")
        return shapes.parse_query(request.query) | posted
    if operation.takes_file is not None:
        return shapes.parse_query(request.query) if request.method == "POST" else {}
    if request.method == "GET":
        if operation.also_get is None:
            return {}
        call.notes.append(f"read by GET, where the page says POST: {operation.also_get}")
        return shapes.parse_query(request.query)
    return _posted(call)


def _posted(call: Call) -> dict[str, Any]:
    """The fields of the JSON body, up to its first fault."""
    fields, fault_at = shapes.parse_json(call.request.body)
    if fault_at is not None:
        call.warn()
        call.notes.append(
            f"the body is no valid JSON object from character {fault_at + 1} on; "
            f"read before it: {_named(fields)}"
        )
    return fields


def _named(fields: dict[str, Any]) -> str:
    """The names of the fields, as far as they fit into a sentence."""
    names = [name[:NAME_CHARS] for name in list(fields)[:NAMES_SHOWN]]
    more = f" and {len(fields) - NAMES_SHOWN} more" if len(fields) > NAMES_SHOWN else ""
    return (", ".join(names) or "nothing") + more


def _with_old_fields(call: Call, fields: dict[str, Any]) -> dict[str, Any]:
    for old in call.operation.old_fields:
        value = fields.get(old.name)
        if value not in (None, "", []) and not fields.get(old.now):
            fields = {**fields, old.now: value if isinstance(value, list) else [value]}
            call.notes.append(f"{old.name} was read as {old.now}: {old.reason}")
    return fields
