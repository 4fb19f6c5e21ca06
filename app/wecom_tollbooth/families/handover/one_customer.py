"""Handover of one customer at a time, by the calls of before 2020, which page 92109 (2026-08) still lists."""

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events.contacts import AddExternalContact, DelExternalContact, TransferFail
from wecom_tollbooth.families.directory.lookup import find_member
from wecom_tollbooth.families.directory.visibility import sees
from wecom_tollbooth.families.handover.family import family
from wecom_tollbooth.families.handover.resigned import who_left
from wecom_tollbooth.families.handover.results import present_or_left
from wecom_tollbooth.families.handover.tables import CALLED_OFF, HANDOVER
from wecom_tollbooth.families.handover.transfer_request import assign, refuse_same_member, the_taker
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import BY_NUMBER, ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required


class ThreeIds(RequestModel):
    external_userid: str = required(ErrCode.MISSING_EXTERNAL_USERID)
    handover_userid: str = required(max_chars=64, doc="whose customer it is, present or left")
    takeover_userid: str = required(max_chars=64, doc="whose it becomes")


class TransferRequest(ThreeIds):
    transfer_success_msg: str | None = optional(max_chars=200, doc="sent to the customer when it goes over")


@family.post(
    "/cgi-bin/externalcontact/transfer",
    doc="92109",
    checked=None,
    meter="customer.write",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.INVALID_USERID,
        ErrCode.MISSING_EXTERNAL_USERID,
        ErrCode.MEMBER_NOT_REAL_NAMED,
        ErrCode.SAME_MEMBER,
        ErrCode.MEMBER_BANNED,
        ErrCode.MEMBER_NOT_ACTIVATED,
        ErrCode.NOT_LOGGED_IN_FOR_A_YEAR,
        ErrCode.NO_PRIVILEGE,
        ErrCode.NOT_EXTERNAL_CONTACT,
        ErrCode.INVALID_EXTERNAL_USERID,
        ErrCode.NOT_A_CUSTOMER_OF_GIVER,
        ErrCode.ALREADY_BEING_TRANSFERRED,
        ErrCode.BEING_TRANSFERRED,
        ErrCode.TRANSFERRED_TOO_OFTEN,
        ErrCode.TAKER_HAS_TOO_MANY_CUSTOMERS,
    ),
    events=(AddExternalContact, DelExternalContact, TransferFail),
    aliases=("/cgi-bin/crm/transfer_external_contact",),
    sample={
        "external_userid": "woAJ2GCAAAXtWyujaWJHDDGi0mACHAAA",
        "handover_userid": "zhangsan",
        "takeover_userid": "lisi",
    },
)
def transfer(call: Call, body: TransferRequest) -> Done:
    """分配成员的客户（旧接口） / Transfer a customer (old)

    Assigns one customer of a present member or of one who left, as transfer_customer and
    resigned/transfer_customer do for many; what these answer for the customer is the call's own errcode.
    """
    present = find_member(call, body.handover_userid)
    giver = present.userid if present is not None else who_left(call, body.handover_userid)
    taker = the_taker(call, body.takeover_userid)
    refuse_same_member(giver, taker)
    [assigned] = assign(
        call,
        giver,
        taker,
        [body.external_userid],
        resigned=present is None,
        success_message=body.transfer_success_msg or "",
    )
    if assigned["errcode"]:
        detail = f"{body.external_userid} can't go from {giver} to {taker}"
        raise Refusal(BY_NUMBER[assigned["errcode"]], detail=detail)
    return {}


class TransferResult(TypedDict):
    status: int
    takeover_time: int


@family.post(
    "/cgi-bin/externalcontact/get_transfer_result",
    doc="92109",
    checked=None,
    meter="customer.read",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.INVALID_USERID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.MISSING_EXTERNAL_USERID,
        ErrCode.INVALID_EXTERNAL_USERID,
    ),
    sample={
        "external_userid": "woAJ2GCAAAXtWyujaWJHDDGi0mACHAAA",
        "handover_userid": "zhangsan",
        "takeover_userid": "lisi",
    },
)
def get_transfer_result(call: Call, body: ThreeIds) -> TransferResult:
    """查询客户接替结果（旧接口） / Get the state of a transfer (old)

    The latest assignment of one customer between the two members, whichever call made it: status 1 done, 2
    waiting, 3 refused by the customer, 4 the taker was full. 40096 where there is none.
    """
    giver, taker = (present_or_left(call, userid) for userid in (body.handover_userid, body.takeover_userid))
    if not sees(call, taker):
        raise Refusal(ErrCode.NO_PRIVILEGE, detail=f"{taker} is outside the app's visible range")
    query = (
        sa.select(HANDOVER.c.status, HANDOVER.c.takeover_time)
        .where(
            HANDOVER.c.corp_id == call.corp_id,
            HANDOVER.c.external_userid == body.external_userid,
            HANDOVER.c.handover_userid == giver,
            HANDOVER.c.takeover_userid == taker,
            HANDOVER.c.status != CALLED_OFF,
        )
        .order_by(HANDOVER.c.id.desc())
        .limit(1)
    )
    row = call.db.execute(query).first()
    if row is None:
        raise Refusal(
            ErrCode.INVALID_EXTERNAL_USERID,
            detail=f"{body.external_userid} was never assigned from {giver} to {taker}",
        )
    return {"status": row.status, "takeover_time": row.takeover_time}
