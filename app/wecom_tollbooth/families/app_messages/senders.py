"""Which app sends."""

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal

_ADDRESS = CompiledStatement(
    sa.select(APP.c.callback_url).where(APP.c.corp_id == bindparam("corp"), APP.c.agentid == bindparam("app"))
)


def check_agent(call: Call, agentid: int | None, *, needed: bool = True) -> None:
    """Raises 41011 without an agentid, 40056 for that of no app, 301002 for another app than the token's."""
    if agentid is None:
        if needed:
            raise Refusal(
                ErrCode.MISSING_AGENTID, detail=f"agentid is required; the token's is {call.agentid}"
            )
    elif agentid != call.agentid:
        if _ADDRESS.one(call.db, corp=call.corp_id, app=agentid) is None:
            raise Refusal(ErrCode.INVALID_AGENTID, detail=f"this corp has no app {agentid}")
        raise Refusal(
            ErrCode.NO_RIGHT_ON_APP, detail=f"the token is that of app {call.agentid}, not {agentid}"
        )


def refuse_without_address(call: Call) -> None:
    """Raises 43012 if the calling app has no callback address."""
    row = _ADDRESS.one(call.db, corp=call.corp_id, app=call.agentid)
    if row is None or not row[0]:
        raise Refusal(
            ErrCode.APP_NEEDS_CALLBACK_URL,
            detail="members can press this card: the app needs a callback url",
        )
