"""Customers are transferred from a member who stays in the corp."""

from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events.contacts import AddExternalContact, DelExternalContact, TransferFail
from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.handover.family import family
from wecom_tollbooth.families.handover.results import RESULT_SAMPLE, ResultReply, ResultRequest, results
from wecom_tollbooth.families.handover.transfer_request import (
    CUSTOMERS_A_CALL,
    Assigned,
    assign,
    refuse_same_member,
    the_taker,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required

# --- 分配在职成员的客户 ----------------------------------------------------------------------------------


class TransferRequest(RequestModel):
    handover_userid: str = required(max_chars=64, doc="whose customers they are")
    takeover_userid: str = required(max_chars=64, doc="whose they become")
    external_userid: list[str] = required(max_items=CUSTOMERS_A_CALL, doc="customers, up to 100")
    transfer_success_msg: str | None = optional(max_chars=200, doc="sent to the customer when it goes over")


class TransferReply(TypedDict):
    customer: list[Assigned]


@family.post(
    "/cgi-bin/externalcontact/transfer_customer",
    doc="92125",
    meter="customer.write",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.INVALID_USERID,
        ErrCode.MEMBER_NOT_REAL_NAMED,
        ErrCode.SAME_MEMBER,
        ErrCode.MEMBER_BANNED,
        ErrCode.MEMBER_NOT_ACTIVATED,
        ErrCode.NO_PRIVILEGE,
        ErrCode.NOT_EXTERNAL_CONTACT,
    ),
    row_errors=(
        ErrCode.INVALID_EXTERNAL_USERID,
        ErrCode.TAKER_HAS_TOO_MANY_CUSTOMERS,
        ErrCode.ALREADY_BEING_TRANSFERRED,
        ErrCode.TRANSFERRED_TOO_OFTEN,
        ErrCode.BEING_TRANSFERRED,
        ErrCode.NOT_A_CUSTOMER_OF_GIVER,
    ),
    events=(AddExternalContact, DelExternalContact, TransferFail),
    sample={
        "handover_userid": "zhangsan",
        "takeover_userid": "lisi",
        "external_userid": ["woWPcmo9zgAqxWqP68rSoNPAJIxktK2F", "woCgeUY6s80D8ruS18K1v8FUfx93J64n"],
        "transfer_success_msg": "Hello, Li Si takes over from me",
    },
)
def transfer_customer(call: Call, body: TransferRequest) -> TransferReply:
    """分配在职成员的客户 / Transfer customers of members on the job

    Each customer is transferred after 24 hours unless it refuses; errcode 0 for a customer means that the
    transfer has started. Per customer: 40096 an unknown id, 40131 not a customer of the giver, 40100 and
    40129 already being transferred, 40128 over twice in 90 days, 40099 the taker has too many customers.
    """
    giver = the_member(call, body.handover_userid).userid
    taker = the_taker(call, body.takeover_userid)
    refuse_same_member(giver, taker)
    message = body.transfer_success_msg or ""
    assigned = assign(call, giver, taker, body.external_userid, resigned=False, success_message=message)
    return {"customer": assigned}


# --- 查询客户接替状态（在职） ----------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/transfer_result",
    doc="94088",
    meter="customer.list",
    permission=Permission.CUSTOMER,
    errors=(ErrCode.INVALID_USERID, ErrCode.NO_PRIVILEGE, ErrCode.INVALID_CURSOR),
    sample=RESULT_SAMPLE,
)
def transfer_result(call: Call, body: ResultRequest) -> ResultReply:
    """查询客户接替状态（在职） / Get the state of a transfer (on the job)

    Returns every customer assigned from one member to the other: status 1 done, 2 waiting, 3 refused by the
    customer, 4 the taker was full. Up to 1000 a page.
    """
    return results(call, body, resigned=False)
