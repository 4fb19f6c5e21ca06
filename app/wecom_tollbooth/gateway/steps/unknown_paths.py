"""Answers paths that no simulated operation has.

A path that WeCom documents answers 990404 with its name, because clients took an empty 404 for success or
crashed on it (setting `unsimulated`). Any other path answers 404 with an empty body, as the real host does.
Both are journaled under the corp that the token names. Neither is charged or counted against limits: no
operation was reached, so there is no meter to price it by.
"""

import tomllib
from functools import cache
from pathlib import Path

import orjson

from wecom_tollbooth.counts import UNKNOWN
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.call import ApiRequest
from wecom_tollbooth.gateway.envelope import NOT_FOUND, Answer, Outcome, hint_of
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.gateway.steps import provider_tokens, tokens
from wecom_tollbooth.gateway.steps.recording import call_record
from wecom_tollbooth.gateway.steps.recording.observation import observe

DOCUMENTED = Path(__file__).parents[2] / "coverage" / "wecom_operations.toml"
PAGE = "docs/coverage.md"
NO_SUCH_PATH = f"WeCom's documentation has no such path: compare the spelling with {PAGE}"


@cache
def documented_titles() -> dict[str, str]:
    """The Chinese title of every operation that WeCom documents, by path.

    Read at the first path that is not simulated, because a start has no need of it.
    """
    chapters = tomllib.loads(DOCUMENTED.read_text(encoding="utf-8"))["chapters"]
    return {path: title for chapter in chapters for _, path, _, _, title in chapter["operations"]}


def answer_unknown_path(gateway: Gateway, db: Transaction, request: ApiRequest) -> Answer:
    """Answers and journals a call that no operation takes."""
    context = gateway.server.context(db, _corp_of(db, request.query))
    usage_id = context.next_record_id()
    # A documented path with another method than GET or POST is no documented operation.
    title = documented_titles().get(request.path) if request.method in ("GET", "POST") else None
    if title is None or context.settings.unsimulated == "404":
        reply = NOT_FOUND
        outcome = Outcome(
            0, "", detail=NO_SUCH_PATH if title is None else _not_simulated(request.path, title)
        )
    else:
        code = ErrCode.NOT_SIMULATED
        errmsg = (
            f"{code.text}: {request.path} {title}；模拟器尚未提供此接口，已覆盖的接口见 {PAGE} / "
            f"this simulator does not have it yet, {PAGE} lists what it has"
            f", hint: [{hint_of(context.now, usage_id)}], from ip: {request.ip}"
        )
        outcome = Outcome(int(code), errmsg, detail=_not_simulated(request.path, title))
        body = orjson.dumps({"errcode": int(code), "errmsg": errmsg})
        reply = Answer(200, body, int(code), errmsg)
    call_record.journal(
        gateway,
        db,
        request,
        corp_id=context.corp_id,
        agentid=0,
        usage_id=usage_id,
        at=context.now,
        outcome=outcome,
        http_status=reply.status,
    )
    observe(
        gateway,
        request,
        request.path,
        NOT_FOUND.status if reply is NOT_FOUND else outcome.errcode,
        outcome.detail,
        corp_id=context.corp_id,
        usage_id=usage_id,
        at=context.now,
        counted_as=UNKNOWN if title is None else None,
    )
    return reply


def _not_simulated(path: str, title: str) -> str:
    return f"not simulated yet: WeCom documents {path} ({title}), see {PAGE}; nothing was done or charged"


def _corp_of(db: Transaction, query: dict[str, str]) -> str:
    """The corp that a token in the address names; "" without a known token."""
    for name in ("access_token", "suite_access_token", "provider_access_token"):
        if name in query:
            known = tokens.known_corp if name == "access_token" else provider_tokens.known_corp
            return known(db, query[name])
    return ""
