"""Keys of webhooks: a call with one needs no token and belongs to the key's corp.

Source: pages 101240 and 101241 (2026-02), the codes of the error list. A key names its corp, as a token does,
so that it is found by (corp, key), as all rows are.
"""

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.steps import tokens
from wecom_tollbooth.gateway.steps.corp_flags import FLAGS, take_flags
from wecom_tollbooth.gateway.tables import WEBHOOK_KEY

_WEBHOOK = CompiledStatement(
    sa.select(WEBHOOK_KEY.c.trusted_ips, *FLAGS)
    .join_from(WEBHOOK_KEY, CORP, CORP.c.corp_id == WEBHOOK_KEY.c.corp_id)
    .where(WEBHOOK_KEY.c.corp_id == bindparam("corp_id"), WEBHOOK_KEY.c.key == bindparam("key"))
)


def identify(call: Call) -> None:
    """Finds out which corp's webhook is called. Raises 840001."""
    key = call.request.query.get("key", "")
    corp_id = tokens.corp_of(key)
    webhook = _WEBHOOK.one(call.db, corp_id=corp_id, key=key) if corp_id else None
    if webhook is None:
        raise Refusal(
            ErrCode.INVALID_WEBHOOK_KEY,
            detail="no webhook has the key of this address; the act member_opens_webhook makes one",
        )
    trusted_ips, *flags = webhook
    call.corp_id, call.app_kind = corp_id, "key"
    take_flags(call, *flags)
    call.trusted_ips = trusted_ips if orjson.loads(trusted_ips) else None
