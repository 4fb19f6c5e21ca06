"""Asks billing whether a corp's budget allows its calls; a flag read with the token lets others pass."""

from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.envelope import Outcome
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal

PASSES = "credentials"
"""The meter of operations that are answered also while calls are blocked."""


def refuse_if_blocked(call: Call) -> None:
    """Locks the corp's budget for the rest of the call; raises 701063 while its calls are blocked."""
    if not call.has_budget:
        return
    budgets = call.gateway.server.budgets
    if call.operation.meter == PASSES:
        budgets.lock(call)
        return
    blocked, call.budget_status = budgets.is_blocked(call)
    if blocked:
        raise Refusal(
            ErrCode.LICENSE_OF_CORP_CLOSED,
            detail="the budget of the month is used up; "
            f"POST /_sim/corps/{call.corp_id}/budget/pay unblocks the corp's calls",
        )


def settle(call: Call, outcome: Outcome) -> None:
    """Has the budget evaluated after the call was booked, if the call may have reached something."""
    # A call without a token, such as gettoken, has not read whether its corp has a budget.
    if call.has_budget or (call.corp_id and not call.operation.token):
        call.budget_status = call.gateway.server.budgets.after_call(
            call, call.budget_status, refused=outcome.refused
        )
