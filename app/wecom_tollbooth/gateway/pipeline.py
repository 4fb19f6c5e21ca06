"""The way of every call, top to bottom.

One call is one transaction: what the handler wrote, the ledger row and the journal commit together, before
the answer leaves. A refused call is rolled back and leaves its record and nothing else.
"""

import logging
from collections.abc import Mapping
from typing import Any

from wecom_tollbooth.billing.ledger import SealedHour
from wecom_tollbooth.corps.app_kinds import THIRD_PARTY_APPS
from wecom_tollbooth.db import ID_BLOCK, OutOfIds, Transaction, is_conflict
from wecom_tollbooth.gateway import call_record, id_translation, permissions, shapes
from wecom_tollbooth.gateway.call import ApiRequest, Call
from wecom_tollbooth.gateway.envelope import NOT_FOUND, Answer, Outcome, answer, refused, succeeded
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import BodyLimit, Operation
from wecom_tollbooth.gateway.steps import budget_gate, contact_limit, provider_tokens, tokens, webhook_keys
from wecom_tollbooth.server import Server
from wecom_tollbooth.world import clock

log = logging.getLogger("tollbooth.gateway")

MAX_ATTEMPTS = 4


def through_gateway(server: Server, request: ApiRequest) -> Answer:
    """Takes one call through; always answers, and answers only what is committed."""
    operation = server.operations.find(request.path)
    try:
        with server.database.transaction() as db:
            if operation is None or request.method not in ("GET", "POST"):
                return _unknown_path(server, db, request)
            call, outcome = _decided_and_recorded(server, db, operation, request)
            budget_gate.settle(call, outcome)
            reply = answer(call, outcome)
        if call.callbacks:
            server.callbacks_waiting.set()
        budget_gate.notify(server, call.budget_status)
        return reply
    except Exception:
        log.exception("%s %s could not be recorded", request.method, request.path)
        return Answer(200, b'{"errcode":-1,"errmsg":"system error"}', -1, ErrCode.SYSTEM_BUSY.text)


def _decided_and_recorded(
    server: Server, db: Transaction, operation: Operation, request: ApiRequest
) -> tuple[Call, Outcome]:
    """The whole call, once more by a fresh clock where the hour that it belongs to was sealed meanwhile."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        call, outcome = _decide(server, db, operation, request, counted=attempt > 1)
        try:
            call_record.record(call, outcome)
            return call, outcome
        except SealedHour:
            if attempt == MAX_ATTEMPTS:
                raise
            db.restart()
    raise AssertionError("the last try returns or raises")


def _decide(
    server: Server, db: Transaction, operation: Operation, request: ApiRequest, *, counted: bool
) -> tuple[Call, Outcome]:
    """The steps in their order; from the start again when another call got in between, or ids ran out."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        call = Call(server, db, operation, request)
        try:
            if operation.token == "access_token":
                tokens.identify(call)
                permissions.refuse_without_permission(call)
            elif operation.token == "key":
                webhook_keys.identify(call)
                permissions.refuse_without_permission(call)
            elif operation.token:
                provider_tokens.identify(call, operation.token)
                permissions.refuse_without_permission(call)
            if attempt == 1 and not counted:
                server.rate_limits.refuse_over_limit(call)
            contact_limit.refuse_over_scale(call)
            budget_gate.refuse_while_down(call)
            reply = operation.handler(call, _arguments(call))
            db.flush()
            return call, succeeded(call, _translated(call, reply, id_translation.FOR_CALLER))
        except Refusal as refusal:
            db.restart()
            return call, refused(call, refusal)
        except Exception as error:
            db.restart()
            if isinstance(error, OutOfIds):
                db.reserve_ids(ID_BLOCK * 10**attempt)
            elif not is_conflict(error) and not isinstance(error, SealedHour):
                return call, _failed(call, error)
            if attempt == MAX_ATTEMPTS:
                return call, _failed(call, error)
    raise AssertionError("the last try returns")


def _arguments(call: Call) -> shapes.RequestModel:
    """The request as the operation's shape. A GET where a POST belongs counts as a POST without a body."""
    operation, request = call.operation, call.request
    if request.body_too_large:
        limit = operation.body_limit or BodyLimit(call.settings.max_body_bytes, ErrCode.BODY_TOO_LARGE)
        raise Refusal(limit.errcode, detail=f"the body is over {limit.most} bytes")
    if operation.method == "GET":
        raw, broken = shapes.parse_query(request.query), False
    else:
        raw, broken = shapes.parse_json(request.body) if request.method == "POST" else ({}, False)
    if broken:
        call.warn()
    raw = _translated(call, raw, id_translation.FROM_CALLER)
    arguments = shapes.read(operation.request_model, raw, call.warn)
    if request.method == "GET" and operation.method == "POST":
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail=f"{operation.path} wants POST with a JSON body")
    return arguments


def _translated(
    call: Call, fields: Mapping[str, Any], translators: list[id_translation.Translate]
) -> dict[str, Any]:
    """The fields with the ids of the scope that is wanted; most callers know the corp's own."""
    shown = dict(fields)
    if call.app_kind in THIRD_PARTY_APPS:
        for translate in translators:
            shown = translate(call, shown)
    return shown


def _unknown_path(server: Server, db: Transaction, request: ApiRequest) -> Answer:
    """404 with an empty body, as on the real host; journaled under the corp that the token names."""
    outcome = Outcome(0, "", detail="WeCom has no such path, or it is not simulated: see docs/coverage.md")
    call_record.journal(
        db,
        request,
        corp_id=tokens.known_corp(db, request.query.get("access_token", "")),
        agentid=0,
        usage_id=db.next_id(),
        at=clock.now(db),
        capacity=server.settings.journal_capacity,
        outcome=outcome,
        http_status=404,
    )
    return NOT_FOUND


def _failed(call: Call, error: Exception) -> Outcome:
    """A mistake of ours: -1, as a busy platform answers, and the traceback in our log."""
    log.error("%s failed", call.operation.path, exc_info=error)
    return refused(
        call, Refusal(ErrCode.SYSTEM_BUSY, detail=f"{type(error).__name__} in the simulator; see its log")
    )
