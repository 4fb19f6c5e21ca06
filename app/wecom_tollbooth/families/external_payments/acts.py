"""Customers pay members, members pay them back, admins switch 对外收款 off and on."""

from typing import Any, Literal

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.external_payments.bills import is_off
from wecom_tollbooth.families.external_payments.tables import (
    EXTERNAL_BILL,
    EXTERNAL_PAYMENTS_OFF,
    PAYMENT,
    REFUND,
    ExternalBill,
    ExternalPaymentsOff,
)
from wecom_tollbooth.families.relations.lookups import the_customer
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act

MOST_FEN = 2**31 - 1
MOST_COMMODITIES = 100
MINI_PROGRAM = 15
"""payment_type of payments in a mini-program."""
REFUNDED = 2
"""refund_status."""


class CommodityPaid(ActModel):
    description: str = Field(min_length=1, max_length=128)
    amount: int = Field(default=1, ge=1, le=MOST_FEN, description="pieces, not money")


class PayersContact(ActModel):
    name: str = Field(default="", max_length=64)
    phone: str = Field(default="", max_length=32)
    address: str = Field(default="", max_length=200)


class PaidInMiniProgram(ActModel):
    appid: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=64)


class CustomerPaysMember(ActModel):
    external_userid: str
    userid: str = Field(description="the payee")
    amount: int = Field(ge=1, le=MOST_FEN, description="in fen")
    payment_type: Literal[0, 1, 2, 3, 14, 15] = Field(
        default=0,
        description="0 chat, 1 payment code, 2 live, 3 product album, 14 transfer, 15 mini-program",
    )
    remark: str = Field(default="", max_length=200)
    commodity_list: list[CommodityPaid] = Field(default_factory=list, max_length=MOST_COMMODITIES)
    contact_info: PayersContact | None = Field(default=None, description="if the payee asks for an address")
    miniprogram_info: PaidInMiniProgram | None = Field(default=None, description="for 15")
    mch_id: str = Field(default="1900000001", min_length=1, max_length=32)


@act("customer_pays_member")
def customer_pays_member(act: Act, body: CustomerPaysMember) -> dict[str, Any]:
    """客户付款给成员 / A customer pays a member of the corp."""
    _refuse_if_off(act)
    if (body.payment_type == MINI_PROGRAM) != (body.miniprogram_info is not None):
        raise ActRefused(f"miniprogram_info: of payment_type {MINI_PROGRAM}, and only of it")
    number = act.next_id()
    content: dict[str, Any] = {
        "commodity_list": [one.model_dump() for one in body.commodity_list],
        "refund_list": [],
        "contact_info": {} if body.contact_info is None else body.contact_info.model_dump(),
    }
    if body.miniprogram_info is not None:
        content["miniprogram_info"] = body.miniprogram_info.model_dump()
    paid = ExternalBill(
        corp_id=act.corp_id,
        pay_time=act.now,
        id=number,
        bill_type=PAYMENT,
        payee_userid=the_member(act, body.userid).userid,
        external_userid=the_customer(act, body.external_userid).external_userid,
        transaction_id=f"42{number:026}",
        out_trade_no=f"WX{number:022}",
        total_fee=body.amount,
        payment_type=body.payment_type,
        mch_id=body.mch_id,
        remark=body.remark,
        content=content,
    )
    act.db.session.add(paid)
    return {
        "out_trade_no": paid.out_trade_no,
        "transaction_id": paid.transaction_id,
        "pay_time": paid.pay_time,
    }


class MemberRefundsPayment(ActModel):
    out_trade_no: str
    userid: str = Field(default="", max_length=64, description="who refunds; left out: the payee")
    amount: int | None = Field(
        default=None, ge=1, le=MOST_FEN, description="in fen; left out: all that is left"
    )
    remark: str = Field(default="", max_length=200)


@act("member_refunds_payment")
def member_refunds_payment(act: Act, body: MemberRefundsPayment) -> dict[str, Any]:
    """成员退款给客户 / A member pays back a payment, or a part of it."""
    _refuse_if_off(act)
    columns = EXTERNAL_BILL.c
    query = sa.select(ExternalBill).where(
        columns.corp_id == act.corp_id,
        columns.out_trade_no == body.out_trade_no,
        columns.bill_type == PAYMENT,
    )
    paid = act.db.session.scalars(query.with_for_update()).one_or_none()
    if paid is None:
        raise ActRefused(f"there is no payment {body.out_trade_no!r} in this corp")
    left = paid.total_fee - paid.total_refund_fee
    amount = left if body.amount is None else body.amount
    if not 0 < amount <= left:
        raise ActRefused(f"of {paid.out_trade_no} {left} fen are left to refund")
    userid = the_member(act, body.userid or paid.payee_userid).userid
    number = act.next_id()
    refund = ExternalBill(
        corp_id=act.corp_id,
        pay_time=act.now,
        id=number,
        bill_type=REFUND,
        payee_userid=userid,
        external_userid=paid.external_userid,
        transaction_id=paid.transaction_id,
        out_trade_no=paid.out_trade_no,
        out_refund_no=f"RF{number:022}",
        total_fee=paid.total_fee,
        total_refund_fee=amount,
        payment_type=paid.payment_type,
        mch_id=paid.mch_id,
        remark=body.remark,
        content={},
    )
    act.db.session.add(refund)
    listed = {
        "out_refund_no": refund.out_refund_no,
        "refund_userid": userid,
        "refund_comment": body.remark,
        "refund_reqtime": act.now,
        "refund_status": REFUNDED,
        "refund_fee": amount,
    }
    paid.total_refund_fee += amount
    paid.content = {**paid.content, "refund_list": [*paid.content["refund_list"], listed]}
    return {"out_refund_no": refund.out_refund_no, "refund_fee": amount, "left": left - amount}


class ExternalPaymentsSwitch(ActModel):
    pass


@act("admin_disables_external_payments")
def admin_disables_external_payments(act: Act, body: ExternalPaymentsSwitch) -> dict[str, Any]:
    """管理员停用对外收款 / An admin switches 对外收款 off: 660013."""
    act.db.session.merge(ExternalPaymentsOff(corp_id=act.corp_id))
    return {"enabled": False}


@act("admin_enables_external_payments")
def admin_enables_external_payments(act: Act, body: ExternalPaymentsSwitch) -> dict[str, Any]:
    """管理员启用对外收款 / An admin switches 对外收款 on again."""
    act.db.execute(sa.delete(EXTERNAL_PAYMENTS_OFF).where(EXTERNAL_PAYMENTS_OFF.c.corp_id == act.corp_id))
    return {"enabled": True}


def _refuse_if_off(act: Act) -> None:
    if is_off(act):
        raise ActRefused("the corp has switched 对外收款 off")
