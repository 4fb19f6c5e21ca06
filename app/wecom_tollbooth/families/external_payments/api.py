"""获取对外收款记录."""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import THIRD_PARTY_APPS
from wecom_tollbooth.families.directory.lookup import the_visible_member
from wecom_tollbooth.families.external_payments.bills import is_off, page
from wecom_tollbooth.families.external_payments.tables import REFUND
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import Family
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required
from wecom_tollbooth.world.clock import DAY

family = Family("external_payments", "对外收款", "External payments")

MONTH_DAYS, MOST_BILLS = 31, 1000
DONE, WITH_REFUNDS = 1, 3
"""trade_state of payments."""

PARAMETER = ErrCode.INVALID_PARAMETER


class BillsRequest(RequestModel):
    begin_time: int = required(PARAMETER, ge=0, doc="unix seconds")
    end_time: int = required(PARAMETER, ge=0, doc="unix seconds, at most a month behind begin_time")
    payee_userid: str | None = optional(doc="left out: all members")
    cursor: str | None = optional()
    limit: int | None = optional(ge=1, le=MOST_BILLS, invalid=PARAMETER, doc="at most 1000, the default")


class Commodity(TypedDict):
    description: str
    amount: int


class RefundOfPayment(TypedDict):
    out_refund_no: str
    refund_userid: str
    refund_comment: str
    refund_reqtime: int
    refund_status: int
    refund_fee: int


class ContactInfo(TypedDict):
    name: NotRequired[str]
    phone: NotRequired[str]
    address: NotRequired[str]


class MiniProgramInfo(TypedDict):
    appid: str
    name: str


class Bill(TypedDict):
    transaction_id: str
    bill_type: int
    trade_state: NotRequired[int]
    pay_time: int
    out_trade_no: str
    out_refund_no: NotRequired[str]
    external_userid: str
    total_fee: int
    payee_userid: str
    payment_type: int
    mch_id: str
    remark: str
    commodity_list: NotRequired[list[Commodity]]
    total_refund_fee: int
    refund_list: NotRequired[list[RefundOfPayment]]
    contact_info: NotRequired[ContactInfo]
    miniprogram_info: NotRequired[MiniProgramInfo]


class BillsReply(TypedDict):
    next_cursor: NotRequired[str]
    bill_list: list[Bill]


@family.post(
    "/cgi-bin/externalpay/get_bill_list",
    doc="93667",
    meter="customer.read",
    permission=Permission.EXTERNAL_PAYMENTS,
    errors=(PARAMETER, ErrCode.INVALID_PAYEE, ErrCode.PAYEE_NOT_VISIBLE, ErrCode.EXTERNAL_PAYMENTS_OFF),
    sample={"begin_time": 1793376000, "end_time": 1795967999, "payee_userid": "zhangsan", "limit": 10},
)
def get_bill_list(call: Call, body: BillsRequest) -> BillsReply:
    """获取对外收款记录 / List payments from customers

    What customers paid to members in the app's visible range and what was paid back, oldest first. A page
    may hold less than `limit`; without next_cursor it is the last one.
    """
    if is_off(call):
        raise Refusal(ErrCode.EXTERNAL_PAYMENTS_OFF, detail="the corp has switched 对外收款 off")
    if body.begin_time > body.end_time:
        raise Refusal(PARAMETER, detail=f"begin_time {body.begin_time} is after end_time {body.end_time}")
    if body.end_time - body.begin_time > MONTH_DAYS * DAY:
        raise Refusal(
            PARAMETER, detail=f"there are more than {MONTH_DAYS} days between begin_time and end_time"
        )
    payee = None
    if body.payee_userid:
        payee = the_visible_member(
            call,
            body.payee_userid,
            unknown=ErrCode.INVALID_PAYEE,
            invisible=ErrCode.PAYEE_NOT_VISIBLE,
        ).userid
    span = (body.begin_time, body.end_time)
    rows, cursor = page(call, span, payee, body.limit or MOST_BILLS, body.cursor)
    reply: BillsReply = {"bill_list": [_bill(call, row) for row in rows]}
    if cursor:
        reply["next_cursor"] = cursor
    return reply


def _bill(call: Call, row: Any) -> Bill:
    shown: Bill = {
        "transaction_id": row.transaction_id,
        "bill_type": row.bill_type,
        "pay_time": row.pay_time,
        "out_trade_no": row.out_trade_no,
        "external_userid": row.external_userid,
        "total_fee": row.total_fee,
        "payee_userid": row.payee_userid,
        "payment_type": row.payment_type,
        "mch_id": row.mch_id,
        "remark": row.remark,
        "total_refund_fee": row.total_refund_fee,
    }
    if row.bill_type == REFUND:
        shown["out_refund_no"] = row.out_refund_no
        return shown
    shown["trade_state"] = WITH_REFUNDS if row.content["refund_list"] else DONE
    shown["commodity_list"] = row.content["commodity_list"]
    shown["refund_list"] = row.content["refund_list"]
    if call.app_kind not in THIRD_PARTY_APPS:
        shown["contact_info"] = row.content["contact_info"]
    if "miniprogram_info" in row.content:
        shown["miniprogram_info"] = row.content["miniprogram_info"]
    return shown
