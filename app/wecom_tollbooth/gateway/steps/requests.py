"""Reads the query or the body into the shape of the operation."""

from wecom_tollbooth.gateway import shapes
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import BodyLimit
from wecom_tollbooth.gateway.steps.id_translation import from_caller


def read_request(call: Call) -> None:
    """Sets `call.arguments`. A GET where POST is wanted counts as a POST without a body, and is refused."""
    operation, request = call.operation, call.request
    if request.body_too_large:
        limit = operation.body_limit or BodyLimit(call.settings.max_body_bytes, ErrCode.BODY_TOO_LARGE)
        raise Refusal(limit.errcode, detail=f"the body is over {limit.most} bytes")
    if operation.method == "GET":
        fields, broken = shapes.parse_query(request.query), False
    else:
        fields, broken = shapes.parse_json(request.body) if request.method == "POST" else ({}, False)
    if broken:
        call.warn()
    call.arguments = shapes.read(operation.request_model, from_caller(call, fields), call.warn)
    if request.method == "GET" and operation.method == "POST":
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail=f"{operation.path} wants POST with a JSON body")
