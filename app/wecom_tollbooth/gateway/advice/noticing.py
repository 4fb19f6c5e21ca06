"""Notices, once a call of a strict corp was answered, what its caller could do better.

The answer stays as it is; the journal gets a sentence for each, and `advice` a count.
"""

from collections.abc import Iterator

from wecom_tollbooth.advice.codes import MALFORMED_BODY, OLD_PATH, OTHER_METHOD
from wecom_tollbooth.advice.noting import Noticed, note, short
from wecom_tollbooth.gateway.advice.fields import noticed_fields
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.envelope import Outcome

HEADER, OFF = b"tollbooth-advice", b"off"
"""The header of calls that prepare a test or look at its result: nothing is noticed about them."""


def notice(call: Call, outcome: Outcome) -> None:
    """Notes what is noticed in the transaction of the call, and says it in `outcome`."""
    if (HEADER, OFF) in call.request.scope["headers"]:
        return
    found = list(_noticed(call))
    if found:
        note(call, found, called_at=call.now, usage_id=call.usage_id)
        outcome.detail = "; ".join(filter(None, (outcome.detail, *(one.sentence() for one in found))))


def _noticed(call: Call) -> Iterator[Noticed]:
    operation, request = call.operation, call.request
    if request.path != operation.path:
        yield Noticed(OLD_PATH, operation.path, short(request.path))
    if request.method != operation.method and _read_by_other_method(call):
        yield Noticed(OTHER_METHOD, operation.path, request.method, {"method": operation.method})
    if call.warned:
        yield Noticed(MALFORMED_BODY, operation.path)
    if call.given is not None:
        yield from noticed_fields(call)


def _read_by_other_method(call: Call) -> bool:
    """A POST operation called by GET, or a GET operation that got its fields in a body."""
    return call.request.method == "GET" or bool(call.request.body)
