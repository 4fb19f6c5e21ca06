"""What every call passes through, step by step.

One call is one transaction: what the handler wrote, the ledger row and the journal commit together, before
the answer leaves. A refused call is rolled back and leaves its record and nothing else.
"""

import logging
from collections.abc import Callable

from wecom_tollbooth.db import ID_BLOCK, MAX_ATTEMPTS, DatabaseBusy, OutOfIds, Transaction, may_succeed_again
from wecom_tollbooth.gateway.call import ApiRequest, Call
from wecom_tollbooth.gateway.envelope import Answer, Outcome, answer, hint, refused, succeeded
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.files.uploads import UploadNotKept
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.gateway.operation import Operation
from wecom_tollbooth.gateway.steps import budget_gate
from wecom_tollbooth.gateway.steps.callers import identify_caller
from wecom_tollbooth.gateway.steps.contact_limit import refuse_over_contact_limit
from wecom_tollbooth.gateway.steps.id_translation import translate_reply
from wecom_tollbooth.gateway.steps.latency import delay_reply
from wecom_tollbooth.gateway.steps.permissions import refuse_without_permission
from wecom_tollbooth.gateway.steps.planned_faults import meet_fault, spoil
from wecom_tollbooth.gateway.steps.rate_limits import refuse_over_limit
from wecom_tollbooth.gateway.steps.recording import call_record
from wecom_tollbooth.gateway.steps.recording.observation import observe
from wecom_tollbooth.gateway.steps.requests import read_request
from wecom_tollbooth.gateway.steps.trusted_addresses import refuse_untrusted_address
from wecom_tollbooth.gateway.steps.unknown_paths import answer_unknown_path

log = logging.getLogger("tollbooth.gateway")


def run_handler(call: Call) -> None:
    call.reply = dict(call.operation.handler(call, call.arguments))
    call.db.flush()


STEPS: tuple[Callable[[Call], None], ...] = (
    identify_caller,
    # Here, because the caller is known and nothing was checked or counted.
    meet_fault,
    refuse_untrusted_address,
    refuse_without_permission,
    refuse_over_limit,
    refuse_over_contact_limit,
    budget_gate.refuse_if_blocked,
    read_request,
    run_handler,
    translate_reply,
    delay_reply,
)
"""Each raises Refusal, or leaves what it found on the call. Then the call is recorded and answered."""


def answer_request(gateway: Gateway, request: ApiRequest) -> Answer:
    """Answers only what is committed.

    Raises DatabaseBusy, when nothing was done and a retry may succeed, and UploadNotKept.
    """
    server = gateway.server
    operation = gateway.operations.find(request.path)
    call: Call | None = None
    try:
        with server.database.transaction() as db:
            if operation is None or request.method not in ("GET", "POST"):
                return answer_unknown_path(gateway, db, request)
            call, outcome = _run(gateway, db, operation, request)
            reply = answer(call, outcome)
            if call.fault is not None:
                reply = spoil(call, reply)
            if call.has_due:
                reply.settles = call.corp_id
        for work in call.after_commit:
            work()
        if call.callbacks:
            server.work_waiting.set(call.corp_id)
        server.budgets.notify(call.budget_status)
        _observe(call, outcome)
        return reply
    except (DatabaseBusy, UploadNotKept):
        raise
    except Exception as error:
        return answer_failed(request, error, call)


def answer_failed(request: ApiRequest, error: Exception, call: Call | None = None) -> Answer:
    """-1 for a call that could not be recorded."""
    extra = {"hint": hint(call)} if call else None
    if call is not None:
        _observe(call, Outcome(int(ErrCode.SYSTEM_BUSY), "", detail=f"{type(error).__name__}; see the log"))
    log.error("%s %s could not be recorded", request.method, request.path, exc_info=error, extra=extra)
    return Answer(200, b'{"errcode":-1,"errmsg":"system error"}', -1, ErrCode.SYSTEM_BUSY.text)


def _run(
    gateway: Gateway, db: Transaction, operation: Operation, request: ApiRequest
) -> tuple[Call, Outcome]:
    """Takes the steps and records the call; starts over when a later attempt may succeed."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        call = Call(gateway, db, operation, request)
        try:
            return call, _record(call, _advised(call, _take_steps(call)))
        except UploadNotKept:
            raise
        except Exception as error:
            db.restart()
            call.fault = call.http_status = None
            if attempt == MAX_ATTEMPTS or not may_succeed_again(error):
                return call, _record(call, _failed(call, error))
            if isinstance(error, OutOfIds):
                db.reserve_ids(ID_BLOCK * 10**attempt)
    raise AssertionError("the last attempt returns")


def _take_steps(call: Call) -> Outcome:
    try:
        for step in STEPS:
            step(call)
    except Refusal as refusal:
        # A planned fault stays counted, and locked until it is recorded.
        if call.fault is None:
            call.db.restart()
        else:
            call.db.return_to_mark()
        for write in call.after_refusal:
            write()
        return refused(call, refusal)
    return succeeded(call, call.reply)


def _advised(call: Call, outcome: Outcome) -> Outcome:
    """The outcome, with what strict mode says of the call for the journal."""
    if call.strict:
        from wecom_tollbooth.gateway.advice.noticing import notice  # few corps are strict

        notice(call, outcome)
    return outcome


def _record(call: Call, outcome: Outcome) -> Outcome:
    call_record.record(call, outcome)
    budget_gate.settle(call, outcome)
    return outcome


def _failed(call: Call, error: Exception) -> Outcome:
    """-1, as a busy platform answers, for an error of the simulator, whose traceback goes into the log."""
    log.error("%s failed", call.operation.path, exc_info=error, extra={"hint": hint(call)})
    return refused(
        call, Refusal(ErrCode.SYSTEM_BUSY, detail=f"{type(error).__name__} in the simulator; see its log")
    )


def _observe(call: Call, outcome: Outcome) -> None:
    observe(
        call.gateway,
        call.request,
        call.operation.path,
        outcome.errcode,
        outcome.detail,
        corp_id=call.corp_id,
        usage_id=call.usage_id,
        at=call.now,
    )
