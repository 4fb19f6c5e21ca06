"""What a customer does outside the API about a transfer."""

from typing import Any

from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.handover import transfer_execution
from wecom_tollbooth.world.acts import Act, ActModel, act


class CustomerRefusesTransfer(ActModel):
    takeover_userid: str
    external_userid: str


@act("customer_refuses_transfer")
def customer_refuses_transfer(act: Act, body: CustomerRefusesTransfer) -> dict[str, Any]:
    """客户拒绝转接 / A customer declines the transfer to a new member: transfer_fail."""
    taker = the_member(act, body.takeover_userid).userid
    handover = transfer_execution.the_waiting(act, taker, body.external_userid)
    transfer_execution.refuse(act, handover)
    return {"handover_userid": handover.handover_userid, "external_userid": body.external_userid}
