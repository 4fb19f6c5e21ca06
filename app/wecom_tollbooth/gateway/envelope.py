"""Builds every answer: always HTTP 200, with errcode and errmsg in body and headers.

Source: wire facts of published replies and pages 90664, 90313: a failing errmsg carries a hint, the caller's
address and a link; a failing body keeps its lists, empty; the two address operations put errcode last,
the operations that give providers a token leave it out when they succeed.
Our hint is the second of the call and its number in the journal, in WeCom's form of 25 digits.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import WITHOUT_SUFFIX, ErrCode, Refusal
from wecom_tollbooth.gateway.files.answers import FileAnswer

WARNING = "Warning: wrong json format. "


@dataclass
class Outcome:
    """The result of a call, before it is written as an answer."""

    errcode: int
    errmsg: str
    fields: dict[str, Any] = field(default_factory=dict)
    detail: str = ""

    @property
    def refused(self) -> bool:
        return self.errcode != 0


@dataclass(slots=True)
class Answer:
    """The HTTP response. `errcode` and `errmsg` are None for a path that WeCom does not have."""

    status: int
    body: bytes
    errcode: int | None = None
    errmsg: str | None = None
    wait_seconds: float = 0.0
    file: FileAnswer | None = None
    """What is sent in place of `body`."""
    content_type: bytes = b""
    """Of an answer without errcode."""
    sent: Literal["whole", "half", "nothing"] = "whole"
    """How much of it leaves before the connection is closed, by a planned fault."""
    settles: str = ""
    """The corp whose due tasks run before it leaves, see Server.settle."""


NOT_FOUND = Answer(404, b"")


def succeeded(call: Call, reply: dict[str, Any]) -> Outcome:
    """The handler's reply; it may have its own errmsg, such as the directory's "created"."""
    errmsg = reply.pop("errmsg", ErrCode.OK.text)
    return Outcome(0, f"{errmsg}. {WARNING}" if call.warned else errmsg, reply, "; ".join(call.notes))


def refused(call: Call, refusal: Refusal) -> Outcome:
    errmsg = WARNING + refusal.errmsg if call.warned else refusal.errmsg
    if refusal.errcode not in WITHOUT_SUFFIX or call.operation.suffix_always:
        errmsg += (
            f", hint: [{hint(call)}], from ip: {call.request.ip}, "
            f"more info at https://open.work.weixin.qq.com/devtool/query?e={int(refusal.errcode)}"
        )
    fields = {**refusal.extra, **call.operation.empty_lists}
    detail = "; ".join(filter(None, (refusal.detail, *call.notes)))
    return Outcome(int(refusal.errcode), errmsg, fields, detail)


def hint(call: Call) -> str:
    """25 digits: the unix second of the call, then its number, by which the journal finds it."""
    return hint_of(call.now, call.usage_id)


def hint_of(at: int, usage_id: int) -> str:
    return f"{at:010d}{usage_id:015d}"


def answer(call: Call, outcome: Outcome) -> Answer:
    if call.file is not None and not outcome.refused:
        file = call.file
        return Answer(file.status, b"", outcome.errcode, outcome.errmsg, call.wait_seconds, file)
    if call.operation.errcode_last:
        body = {**outcome.fields, "errcode": outcome.errcode, "errmsg": outcome.errmsg}
    elif call.operation.errcode_on_failure and not outcome.refused:
        body = outcome.fields
    else:
        body = {"errcode": outcome.errcode, "errmsg": outcome.errmsg, **outcome.fields}
    return Answer(200, orjson.dumps(body), outcome.errcode, outcome.errmsg, call.wait_seconds)
