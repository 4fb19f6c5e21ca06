"""The family's declaration, and the rule that an app manages itself alone."""

from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import Family

family = Family("applications", "应用管理", "Applications")


def refuse_another_app(call: Call, agentid: int) -> None:
    """Raises 301002 unless it is the calling app."""
    if agentid != call.agentid:
        raise Refusal(
            ErrCode.NO_RIGHT_ON_APP, detail=f"the token is of app {call.agentid}, the call about {agentid}"
        )
