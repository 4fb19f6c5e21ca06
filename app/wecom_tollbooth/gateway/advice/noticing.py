"""Notices, once a call of a strict corp was answered, what its caller could do better.

The answer stays as it is; the journal gets a sentence for each, and `advice` a count.
"""

import logging
from collections.abc import Iterator

from wecom_tollbooth.advice.codes import MALFORMED_BODY, OLD_PATH, OTHER_METHOD
from wecom_tollbooth.advice.noting import Noticed, note, short
from wecom_tollbooth.db import may_succeed_again
from wecom_tollbooth.gateway.advice.callbacks import act_upon_callbacks
from wecom_tollbooth.gateway.advice.fields import noticed_fields
from wecom_tollbooth.gateway.advice.foreign_ids import noticed_foreign_ids
from wecom_tollbooth.gateway.advice.given_tokens import noticed_tokens
from wecom_tollbooth.gateway.advice.in_a_row import noticed_in_a_row
from wecom_tollbooth.gateway.advice.pages import noticed_pages
from wecom_tollbooth.gateway.advice.settling import tell_journal
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.envelope import Outcome, hint

log = logging.getLogger("tollbooth.gateway")

HEADER, OFF = b"tollbooth-advice", b"off"
"""The header of calls that prepare a test or look at its result: nothing is noticed about them."""


def notice(call: Call, outcome: Outcome) -> None:
    """Notes what is noticed in the transaction of the call, and says it in `outcome`.

    An error of ours here leaves the call as it is.
    """
    if (HEADER, OFF) in call.request.scope["headers"]:
        return
    call.db.mark()
    try:
        _notice(call, outcome)
    except Exception as error:
        if may_succeed_again(error):
            raise
        log.error("no advice on %s", call.operation.path, exc_info=error, extra={"hint": hint(call)})
        call.db.return_to_mark()


def _notice(call: Call, outcome: Outcome) -> None:
    acted = act_upon_callbacks(call, outcome)
    found = [*_of_request(call), *noticed_pages(call, outcome), *noticed_tokens(call, outcome)]
    found += noticed_foreign_ids(call, outcome)
    found += noticed_in_a_row(call, outcome, acted)
    if found:
        note(call, found, (call.now, call.usage_id))
        tell_journal(call, found)
        said = [one.sentence() for one in found if one.called is None]
        outcome.detail = "; ".join(filter(None, (outcome.detail, *said)))


def _of_request(call: Call) -> Iterator[Noticed]:
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
