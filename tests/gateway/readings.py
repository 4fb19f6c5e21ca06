"""What an operation's handler gets of a request, for tests that needn't call it twice with the same."""

import json
from typing import Any

from tests.gateway.operation_calls import in_a_query
from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.gateway import shapes
from wecom_tollbooth.gateway.errcodes import Refusal
from wecom_tollbooth.gateway.operation import Operation
from wecom_tollbooth.gateway.permissions import HOLDERS


def depends_on_the_reading_alone(operation: Operation) -> bool:
    """Whether a handler gets nothing but the shape: no file, no old field, no translated id, no size."""
    by_self_built_app = (
        operation.token == "access_token" and AppKind.SELF_BUILT in HOLDERS[operation.permission]
    )
    return (
        (by_self_built_app or operation.name == "webhook/send")
        and operation.takes_file is None
        and not operation.old_fields
    )


def reading_of(operation: Operation, body: dict[str, Any], place: str) -> object:
    """The shape as text and whether a value was dropped; for a refused request its errcode and `place`."""
    warned: list[bool] = []
    try:
        if operation.fields_in_address:
            fields = shapes.parse_query({name: in_a_query(value) for name, value in body.items()})
        else:
            fields, fault_at = shapes.parse_json(json.dumps(body).encode())
            warned += [True] * (fault_at is not None)
        shape = shapes.read(operation.request_model, fields, lambda: warned.append(True))
    except Refusal as refusal:
        return refusal.errcode, place
    return repr(shape), bool(warned)
