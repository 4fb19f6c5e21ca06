"""获取对外收款记录 (page 93667; the page was not to be had), and the acts of paying and paying back."""

from typing import Any, Literal, NotRequired

import sqlalchemy as sa
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import member_row, the_visible_member
from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.payments.family import family
from wecom_tollbooth.families.payments.tables import BILL, Bill
from wecom_tollbooth.families.relations.tables import ExternalContact
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required_number
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act
from wecom_tollbooth.world.clock import DAY

SPAN_DAYS = 31
MOST = 1000
PAID, PARTLY_REFUNDED = 1, 3
"""trade_state."""
REFUNDED = 2
"""refund_status."""
MERCHANT = "1230000109"
LARGEST = 100_000_000


class Commodity(TypedDict):
    description: str
    amount: int


class Refund(TypedDict):
    out_refund_no: str
    refund_userid: str
    refund_comment: str
    refund_reqtime: int
    refund_status: int
    refund_fee: int


class BillShape(TypedDict):
    transaction_id: str
    bill_type: int
    trade_state: int
    pay_time: int
    out_trade_no: str
    external_userid: str
    total_fee: int
    payee_userid: str
    payment_type: int
    mch_id: str
    remark: str
    commodity_list: list[Commodity]
    total_refund_fee: int
    refund_list: list[Refund]


class BillsReply(TypedDict):
    next_cursor: NotRequired[str]
    bill_list: list[BillShape]


class BillsRequest(RequestModel):
    begin_time: int = required_number(doc="unix seconds")
    end_time: int = required_number(doc="after begin_time by up to a month")
    payee_userid: str | None = optional(doc="who was paid; absent: everyone")
    cursor: str | None = optional()
    limit: int | None = optional(ge=1, le=MOST, doc="up to 1000, which is the default")


@family.post(
    "/cgi-bin/externalpay/get_bill_list",
    doc="93667",
    checked=None,
    meter="customer.list",
    permission=Permission.EXTERNAL_PAYMENTS,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_TIME_SPAN,
        ErrCode.TIME_RANGE_TOO_WIDE,
        ErrCode.INVALID_CURSOR,
        ErrCode.INVALID_PAYEE,
        ErrCode.PAYEE_NOT_VISIBLE,
    ),
    sample={
        "begin_time": 1605171726,
        "end_time": 1605172726,
        "payee_userid": "zhangshan",
        "limit": 10,
    },
)
def get_bill_list(call: Call, body: BillsRequest) -> BillsReply:
    """获取对外收款记录

    What customers paid to members in the visible range, oldest first. A page may hold fewer than `limit`; the
    last has no next_cursor. The acts `customer_pays_member` and `member_refunds_customer` make the records.
    """
    begin, end = body.begin_time, body.end_time
    if end <= begin:
        raise Refusal(ErrCode.INVALID_TIME_SPAN, detail=f"end_time {end} is not after begin_time {begin}")
    if end - begin > SPAN_DAYS * DAY:
        raise Refusal(ErrCode.TIME_RANGE_TOO_WIDE, detail=f"{end - begin} s are over a month")
    payee = None
    if body.payee_userid:
        payee = the_visible_member(
            call, body.payee_userid, unknown=ErrCode.INVALID_PAYEE, invisible=ErrCode.PAYEE_NOT_VISIBLE
        ).userid
    limit = body.limit or MOST
    query = [begin, end, payee]
    after = position_of(call, query, body.cursor) if body.cursor else [0, 0]
    place = sa.tuple_(*(sa.literal(number, sa.BigInteger) for number in after))
    of_span = (BILL.c.corp_id == call.corp_id) & (BILL.c.pay_time >= begin) & (BILL.c.pay_time <= end)
    found = sa.select(BILL).where(of_span, sa.tuple_(BILL.c.pay_time, BILL.c.id) > place)
    if payee is not None:
        found = found.where(BILL.c.payee_userid == payee)
    rows: list[Any] = list(call.db.execute(found.order_by(BILL.c.pay_time, BILL.c.id).limit(limit + 1)))
    visible = visible_userids(call)
    shown = [row for row in rows[:limit] if visible is None or row.payee_userid in visible]
    reply: BillsReply = {"bill_list": [_shape(row) for row in shown]}
    if len(rows) > limit:
        reply["next_cursor"] = make_cursor(call, query, [rows[limit - 1].pay_time, rows[limit - 1].id])
    return reply


def _shape(row: Any) -> BillShape:
    return {
        "transaction_id": row.transaction_id,
        "bill_type": 0,
        "trade_state": PARTLY_REFUNDED if row.refunds else PAID,
        "pay_time": row.pay_time,
        "out_trade_no": row.out_trade_no,
        "external_userid": row.external_userid,
        "total_fee": row.total_fee,
        "payee_userid": row.payee_userid,
        "payment_type": row.payment_type,
        "mch_id": MERCHANT,
        "remark": row.remark,
        "commodity_list": row.commodities,
        "total_refund_fee": _refunded(row.refunds),
        "refund_list": row.refunds,
    }


def _refunded(refunds: list[Any]) -> int:
    return sum(int(one["refund_fee"]) for one in refunds)


# --- acts ------------------------------------------------------------------------------------------------


class Payment(ActModel):
    external_userid: str
    userid: str
    total_fee: int = Field(ge=1, le=LARGEST)
    payment_type: Literal[0, 1, 2, 3, 14, 15] = 0
    remark: str = Field(default="", max_length=255)
    description: str = Field(default="", max_length=128)


@act("customer_pays_member")
def customer_pays_member(act: Act, body: Payment) -> dict[str, Any]:
    """客户付款 / A customer pays a member, in fen: in a chat (0), by the member's code (1) …"""
    member = member_row(act, body.userid)
    if act.db.session.get(ExternalContact, (act.corp_id, body.external_userid)) is None:
        raise ActRefused(f"there is no customer {body.external_userid!r} in this corp")
    bill = Bill(
        corp_id=act.corp_id,
        pay_time=act.now,
        id=act.next_id(),
        transaction_id="42000" + act.draw("transaction", 23, ids.DIGITS),
        out_trade_no=act.draw("trade", 28, ids.DIGITS),
        external_userid=body.external_userid,
        payee_userid=member.userid,
        payment_type=body.payment_type,
        total_fee=body.total_fee,
        remark=body.remark,
        commodities=[{"description": body.description, "amount": 1}] if body.description else [],
    )
    act.db.session.add(bill)
    return {"transaction_id": bill.transaction_id}


class Repayment(ActModel):
    transaction_id: str
    refund_fee: int = Field(ge=1, le=LARGEST)
    comment: str = Field(default="", max_length=255)


@act("member_refunds_customer")
def member_refunds_customer(act: Act, body: Repayment) -> dict[str, Any]:
    """成员退款 / A member pays back a payment, or a part of it."""
    named = (BILL.c.corp_id == act.corp_id) & (BILL.c.transaction_id == body.transaction_id)
    key = act.db.execute(sa.select(BILL.c.pay_time, BILL.c.id).where(named)).first()
    if key is None:
        raise ActRefused(f"there is no payment {body.transaction_id!r}")
    bill = act.db.session.get_one(Bill, (act.corp_id, *key), with_for_update=True)
    left = bill.total_fee - _refunded(bill.refunds)
    if body.refund_fee > left:
        raise ActRefused(f"{left} of {bill.total_fee} are left to be paid back")
    refund: Refund = {
        "out_refund_no": act.draw("refund", 28, ids.DIGITS),
        "refund_userid": bill.payee_userid,
        "refund_comment": body.comment,
        "refund_reqtime": act.now,
        "refund_status": REFUNDED,
        "refund_fee": body.refund_fee,
    }
    bill.refunds = [*bill.refunds, dict(refund)]
    act.db.session.add(bill)
    return {"out_refund_no": refund["out_refund_no"]}
