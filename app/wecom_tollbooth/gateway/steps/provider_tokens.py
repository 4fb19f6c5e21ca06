"""Tokens of providers (服务商): the suite_access_token of their suite, and the provider_access_token.

Source: pages 90600 and 91200. As with access_token, a provider gets the same token while it is valid. A call
with one is booked to the provider's own corp.
"""

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps.tables import CORP, PROVIDER
from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.gateway.operation import Token
from wecom_tollbooth.gateway.steps import tokens
from wecom_tollbooth.gateway.steps.corp_flags import FLAGS, take_flags
from wecom_tollbooth.gateway.tables import PROVIDER_TOKEN

_CODES: dict[str, tuple[Code, Code, Code]] = {
    "suite_access_token": (
        ErrCode.MISSING_SUITE_TOKEN,
        ErrCode.INVALID_SUITE_TOKEN,
        ErrCode.SUITE_TOKEN_EXPIRED,
    ),
    "provider_access_token": (
        ErrCode.MISSING_ACCESS_TOKEN,
        ErrCode.INVALID_ACCESS_TOKEN,
        ErrCode.ACCESS_TOKEN_EXPIRED,
    ),
}
"""What a missing, an unknown and an expired token answers."""

_BEARER = CompiledStatement(
    sa.select(PROVIDER_TOKEN.c.kind, PROVIDER_TOKEN.c.expires_at, *FLAGS)
    .join_from(PROVIDER_TOKEN, CORP, CORP.c.corp_id == PROVIDER_TOKEN.c.corp_id)
    .where(PROVIDER_TOKEN.c.corp_id == bindparam("corp_id"), PROVIDER_TOKEN.c.token == bindparam("token"))
)
_CURRENT = CompiledStatement(
    sa.select(PROVIDER_TOKEN.c.token, PROVIDER_TOKEN.c.expires_at)
    .where(
        PROVIDER_TOKEN.c.corp_id == bindparam("corp_id"),
        PROVIDER_TOKEN.c.kind == bindparam("kind"),
        PROVIDER_TOKEN.c.expires_at > bindparam("now"),
    )
    .order_by(PROVIDER_TOKEN.c.expires_at.desc())
)


def identify(call: Call) -> None:
    """Finds out which provider calls. Raises one of _CODES."""
    kind = call.operation.token or ""
    missing, invalid, expired = _CODES[kind]
    token = call.request.query.get(kind, "")
    if not token:
        raise Refusal(missing, detail=f"{kind} belongs in the query of the address")
    corp_id = tokens.corp_of(token)
    bearer = _BEARER.one(call.db, corp_id=corp_id, token=token) if corp_id else None
    if bearer is None or bearer[0] != kind:
        raise Refusal(invalid, detail=f"no such {kind}")
    call.corp_id, call.app_kind = corp_id, kind
    take_flags(call, *bearer[2:])
    if bearer[1] <= call.now:
        raise Refusal(expired, detail=f"the token expired {call.now - bearer[1]} s ago")


def known_corp(db: Transaction, token: str) -> str:
    """The provider of a token that was issued, or ""."""
    corp_id = tokens.corp_of(token)
    return corp_id if corp_id and _BEARER.one(db, corp_id=corp_id, token=token) else ""


def expire(call: Call) -> Refusal:
    """Lets the token of the call expire now, and returns what it answers from now on."""
    kind = call.operation.token or ""
    of_token = (PROVIDER_TOKEN.c.corp_id == call.corp_id) & (
        PROVIDER_TOKEN.c.token == call.request.query[kind]
    )
    call.db.execute(sa.update(PROVIDER_TOKEN).where(of_token).values(expires_at=call.now))
    return Refusal(_CODES[kind][2])


def token_for(call: Call, provider_id: str, kind: Token) -> tuple[str, int]:
    """The provider's token of this `kind` and its remaining seconds: the current one, or a new one."""
    found = _CURRENT.one(call.db, corp_id=provider_id, kind=kind, now=call.now)
    if found is None:
        # Two first calls at once must get the same token: the second waits here, then finds the first's.
        lock = sa.select(PROVIDER.c.corp_id).where(PROVIDER.c.corp_id == provider_id).with_for_update()
        call.db.execute(lock)
        found = _CURRENT.one(call.db, corp_id=provider_id, kind=kind, now=call.now)
    token, expires_at = found or _give_out(call, provider_id, kind)
    return token, expires_at - call.now


def _give_out(call: Call, provider_id: str, kind: Token) -> tuple[str, int]:
    """A new token and its expiry. Deletes the provider's tokens that expired long ago."""
    forgotten = PROVIDER_TOKEN.c.expires_at < call.now - tokens.KEPT_AFTER_EXPIRY
    call.db.execute(sa.delete(PROVIDER_TOKEN).where(PROVIDER_TOKEN.c.corp_id == provider_id, forgotten))
    token = tokens.new_token(call.seed, provider_id, kind, call.next_id())
    expires_at = call.now + call.settings.token_expires_in
    call.db.execute(
        sa.insert(PROVIDER_TOKEN).values(corp_id=provider_id, token=token, kind=kind, expires_at=expires_at)
    )
    return token, expires_at
