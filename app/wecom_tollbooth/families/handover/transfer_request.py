"""Assigning customers to another member: who may give, who may take, which customers can be transferred."""

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import the_follower
from wecom_tollbooth.families.directory.tables import DISABLED, NOT_ACTIVATED
from wecom_tollbooth.families.handover.tables import DONE, HANDOVER, WAITING, Handover
from wecom_tollbooth.families.handover.transfer_execution import begin
from wecom_tollbooth.families.relations import lifecycle
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.world.clock import DAY, start_of_day

CUSTOMERS_A_CALL = 100
TIMES_HANDED_OVER, WITHIN_DAYS = 2, 90
"""How often a present member can transfer the same customer, and in how many natural days (page 92125)."""


class Assigned(TypedDict):
    external_userid: str
    errcode: int


def refuse_same_member(handover_userid: str, takeover_userid: str) -> None:
    """Raises 40130 if giver and taker are the same member."""
    if handover_userid == takeover_userid:
        raise Refusal(ErrCode.SAME_MEMBER, detail=f"{takeover_userid} cannot take over from itself")


def the_taker(call: Call, userid: str, unknown: Code = ErrCode.INVALID_USERID) -> str:
    """Returns the userid of a member who can take over customers.

    Raises `unknown`, by default 40003, for an unknown one, 60011 outside the visible range, 84061 without
    the right to have customers, 40143 for a disabled one, 41054 for one not activated, 40098 without
    实名认证.
    """
    taker = the_follower(call, userid, unknown)
    if taker.status == DISABLED:
        raise Refusal(ErrCode.MEMBER_BANNED, detail=f"{taker.userid} is disabled")
    if taker.status == NOT_ACTIVATED:
        raise Refusal(ErrCode.MEMBER_NOT_ACTIVATED, detail=f"{taker.userid} is not activated")
    if not taker.real_named:
        raise Refusal(ErrCode.MEMBER_NOT_REAL_NAMED, detail=f"{taker.userid} has not passed 实名认证")
    return taker.userid


def assign(
    call: Call,
    handover_userid: str,
    takeover_userid: str,
    external_userids: list[str],
    *,
    resigned: bool,
    success_message: str = "",
) -> list[Assigned]:
    """Assigns each customer that can be transferred; returns an errcode for each."""
    known = _known(call, external_userids)
    followed = _followed_by(call, handover_userid, external_userids)
    friends = _followed_by(call, takeover_userid, external_userids)
    earlier = _earlier(call, external_userids)
    since = start_of_day(call.now) - (WITHIN_DAYS - 1) * DAY
    full = lifecycle.is_full(call, takeover_userid)
    begun: set[str] = set()
    assigned: list[Assigned] = []
    for external_userid in external_userids:
        before = earlier.get(external_userid, [])
        waiting = [one for one in before if one.status == WAITING]
        times = sum(
            one.status in (DONE, WAITING) and not one.resigned and one.started_at >= since for one in before
        )
        errcode = ErrCode.OK
        if external_userid not in known:
            errcode = ErrCode.INVALID_EXTERNAL_USERID
        elif external_userid not in followed:
            errcode = ErrCode.NOT_A_CUSTOMER_OF_GIVER
        elif external_userid in begun or any(one.handover_userid == handover_userid for one in waiting):
            errcode = ErrCode.ALREADY_BEING_TRANSFERRED
        elif any(one.takeover_userid == takeover_userid for one in waiting):
            errcode = ErrCode.BEING_TRANSFERRED
        elif not resigned and times >= TIMES_HANDED_OVER:
            errcode = ErrCode.TRANSFERRED_TOO_OFTEN
        elif full and external_userid not in friends:
            errcode = ErrCode.TAKER_HAS_TOO_MANY_CUSTOMERS
        if errcode is ErrCode.OK:
            begin(
                call,
                Handover(
                    corp_id=call.corp_id,
                    id=call.next_id(),
                    external_userid=external_userid,
                    handover_userid=handover_userid,
                    takeover_userid=takeover_userid,
                    resigned=resigned,
                    started_at=call.now,
                    takeover_time=0,
                    success_message=success_message,
                ),
            )
            begun.add(external_userid)
        assigned.append({"external_userid": external_userid, "errcode": int(errcode)})
    return assigned


def _known(call: Call, external_userids: list[str]) -> set[str]:
    query = sa.select(EXTERNAL_CONTACT.c.external_userid).where(
        EXTERNAL_CONTACT.c.corp_id == call.corp_id, EXTERNAL_CONTACT.c.external_userid.in_(external_userids)
    )
    return {row.external_userid for row in call.db.execute(query)}


def _followed_by(call: Call, userid: str, external_userids: list[str]) -> set[str]:
    query = sa.select(FOLLOW_USER.c.external_userid).where(
        FOLLOW_USER.c.corp_id == call.corp_id,
        FOLLOW_USER.c.external_userid.in_(external_userids),
        FOLLOW_USER.c.userid == userid,
        IS_ACTIVE,
    )
    return {row.external_userid for row in call.db.execute(query)}


def _earlier(call: Call, external_userids: list[str]) -> dict[str, list[sa.Row[tuple[object, ...]]]]:
    """Returns the earlier assignments of these customers, by customer."""
    query = sa.select(
        HANDOVER.c.external_userid,
        HANDOVER.c.handover_userid,
        HANDOVER.c.takeover_userid,
        HANDOVER.c.resigned,
        HANDOVER.c.status,
        HANDOVER.c.started_at,
    ).where(HANDOVER.c.corp_id == call.corp_id, HANDOVER.c.external_userid.in_(external_userids))
    found: dict[str, list[sa.Row[tuple[object, ...]]]] = {}
    for row in call.db.execute(query):
        found.setdefault(row.external_userid, []).append(row)
    return found
