"""The status of customers transferred from one member to another."""

from typing import NotRequired

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.lookup import find_member
from wecom_tollbooth.families.directory.tables import LEFT, MEMBER
from wecom_tollbooth.families.directory.visibility import sees
from wecom_tollbooth.families.handover.tables import CALLED_OFF, HANDOVER
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required

ROWS_A_PAGE = 1_000

_RESULTS = CompiledStatement(
    sa.select(HANDOVER.c.id, HANDOVER.c.external_userid, HANDOVER.c.status, HANDOVER.c.takeover_time)
    .where(
        HANDOVER.c.corp_id == bindparam("corp_id"),
        HANDOVER.c.handover_userid == bindparam("handover_userid"),
        HANDOVER.c.takeover_userid == bindparam("takeover_userid"),
        HANDOVER.c.resigned == bindparam("resigned"),
        HANDOVER.c.superseded.is_(False),
        HANDOVER.c.status != CALLED_OFF,
        HANDOVER.c.id > bindparam("after"),
    )
    .order_by(HANDOVER.c.id)
    .limit(bindparam("limit"))
)


class ResultRequest(RequestModel):
    handover_userid: str = required(max_chars=64, doc="who hands over")
    takeover_userid: str = required(max_chars=64, doc="who takes over")
    cursor: str | None = optional(doc="of the page before")


class Result(TypedDict):
    external_userid: str
    status: int
    takeover_time: int


class ResultReply(TypedDict):
    customer: list[Result]
    next_cursor: NotRequired[str]


RESULT_SAMPLE = {"handover_userid": "zhangsan", "takeover_userid": "lisi", "cursor": ""}


def results(call: Call, body: ResultRequest, *, resigned: bool) -> ResultReply:
    """Returns a page of results. Raises 40003 for a non-member, 60011 for a taker outside the range."""
    giver = present_or_left(call, body.handover_userid)
    taker = present_or_left(call, body.takeover_userid)
    if not sees(call, taker):
        raise Refusal(ErrCode.NO_PRIVILEGE, detail=f"{taker} is outside the app's visible range")
    after = position_of(call, [giver, taker], body.cursor)[0] if body.cursor else 0
    rows = _RESULTS.all(
        call.db,
        corp_id=call.corp_id,
        handover_userid=giver,
        takeover_userid=taker,
        resigned=resigned,
        after=after,
        limit=ROWS_A_PAGE + 1,
    )
    reply: ResultReply = {
        "customer": [
            {"external_userid": external_userid, "status": status, "takeover_time": takeover_time}
            for _, external_userid, status, takeover_time in rows[:ROWS_A_PAGE]
        ]
    }
    if len(rows) > ROWS_A_PAGE:
        reply["next_cursor"] = make_cursor(call, [giver, taker], [rows[ROWS_A_PAGE - 1][0]])
    return reply


def present_or_left(call: Call, userid: str) -> str:
    """Returns the userid of a present or former member; raises 40003 for any other."""
    found = find_member(call, userid)
    if found is not None:
        return found.userid
    query = sa.select(MEMBER.c.userid).where(
        MEMBER.c.corp_id == call.corp_id, MEMBER.c.userid == userid, MEMBER.c.status == LEFT
    )
    if call.db.execute(query).first() is None:
        raise Refusal(ErrCode.INVALID_USERID, detail=f"{userid!r} is and was no member of this corp")
    return userid
