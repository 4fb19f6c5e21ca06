"""Which app sends."""

import sqlalchemy as sa

from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal


def check_agent(call: Call, agentid: int | None, *, needed: bool = True) -> None:
    """Raises 41011 without an agentid, 40056 for that of no app, 301002 for another app than the token's."""
    if agentid is None:
        if needed:
            raise Refusal(
                ErrCode.MISSING_AGENTID, detail=f"agentid is required; the token's is {call.agentid}"
            )
    elif agentid != call.agentid:
        query = sa.select(APP.c.agentid).where(APP.c.corp_id == call.corp_id, APP.c.agentid == agentid)
        if call.db.execute(query).scalar() is None:
            raise Refusal(ErrCode.INVALID_AGENTID, detail=f"this corp has no app {agentid}")
        raise Refusal(
            ErrCode.NO_RIGHT_ON_APP, detail=f"the token is that of app {call.agentid}, not {agentid}"
        )
