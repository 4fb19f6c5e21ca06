"""Access tokens: one per corp and app, the same while it is valid.

Source: pages 91039 and 90313 (2026-08). An expired token answers 42001 (setting expired_token_errcode),
an unknown one 40014, that of a disabled app 50003, that of an app closed for lack of use 48006. A token names
its corp, so that it is found by (corp, token), as all rows are. provider_tokens.py has those of providers.
"""

import base64
import binascii
import hashlib
import re
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps.tables import APP, CORP
from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import BY_NUMBER, ErrCode, Refusal
from wecom_tollbooth.gateway.steps.corp_flags import FLAGS
from wecom_tollbooth.gateway.tables import ACCESS_TOKEN
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.clock import DAY
from wecom_tollbooth.world.context import Context

KEPT_AFTER_EXPIRY = DAY
"""Seconds for which an expired token is remembered as expired (42001) and not as unknown (40014)."""

LONGEST = 512
"""The longest token in bytes (page 91039)."""

_FORM = re.compile(r"[A-Za-z0-9_-]+")


def _caller(dialect: str) -> sa.Select[Any]:
    query = (
        sa.select(
            ACCESS_TOKEN.c.agentid,
            ACCESS_TOKEN.c.expires_at,
            APP.c.kind,
            APP.c.visible,
            APP.c.trusted_ips,
            APP.c.enabled,
            APP.c.closed_unused,
            *FLAGS,
            *clock.shown(dialect),
        )
        .join_from(
            ACCESS_TOKEN,
            APP,
            (APP.c.corp_id == ACCESS_TOKEN.c.corp_id) & (APP.c.agentid == ACCESS_TOKEN.c.agentid),
        )
        .join(CORP, CORP.c.corp_id == ACCESS_TOKEN.c.corp_id)
        .where(ACCESS_TOKEN.c.corp_id == bindparam("corp_id"), ACCESS_TOKEN.c.token == bindparam("token"))
    )
    return clock.joined(query, ACCESS_TOKEN.c.corp_id)


_CALLER = CompiledStatement(_caller)
_CURRENT = CompiledStatement(
    sa.select(ACCESS_TOKEN.c.token, ACCESS_TOKEN.c.expires_at)
    .where(
        ACCESS_TOKEN.c.corp_id == bindparam("corp_id"),
        ACCESS_TOKEN.c.agentid == bindparam("agentid"),
        ACCESS_TOKEN.c.expires_at > bindparam("now"),
    )
    .order_by(ACCESS_TOKEN.c.expires_at.desc())
)
_LOCK_APP = CompiledStatement(
    sa.select(APP.c.agentid)
    .where(APP.c.corp_id == bindparam("corp_id"), APP.c.agentid == bindparam("agentid"))
    .with_for_update()
)


def identify(call: Call) -> None:
    """Finds out which corp and app calls. Raises 41001, 40014, 42001, 50003 or 48006."""
    token = call.request.query.get("access_token", "")
    if not token:
        raise Refusal(ErrCode.MISSING_ACCESS_TOKEN, detail="access_token belongs in the query of the address")
    corp_id = corp_of(token)
    caller = _CALLER.one(call.db, corp_id=corp_id, token=token) if corp_id else None
    if caller is None:
        raise Refusal(ErrCode.INVALID_ACCESS_TOKEN, detail="no such token; get one from /cgi-bin/gettoken")
    # Each call comes here, so the flags are taken apart where they are.
    agentid, expires_at, kind, visible, trusted_ips, enabled, closed_unused, *rest = caller
    call.has_budget, call.contact_limit, call.faulty_paths, call.latency_json, *rest = rest
    call.strict, call.generation, *clocks = rest
    call.take_time(*clocks)
    call.corp_id, call.agentid, call.app_kind, call.visible_json = corp_id, agentid, kind, visible
    if expires_at <= call.now:
        raise Refusal(
            BY_NUMBER[call.settings.expired_token_errcode],
            detail=f"the token expired {call.now - expires_at} s ago by the simulator's clock",
        )
    if not enabled:
        raise Refusal(ErrCode.APP_DISABLED, detail=f"app {agentid} is disabled; an admin has to enable it")
    if closed_unused:
        raise Refusal(ErrCode.API_TAKEN_AWAY, detail=f"nobody used app {agentid}; an admin has to reopen it")
    if trusted_ips != "[]" or call.settings.trusted_ips:
        call.trusted_ips = trusted_ips


def known_corp(db: Transaction, token: str) -> str:
    """The corp of a token that was issued, or ""."""
    corp_id = corp_of(token)
    return corp_id if corp_id and _CALLER.one(db, corp_id=corp_id, token=token) else ""


def expire(call: Call) -> Refusal:
    """Lets the token of the call expire now, and returns what it answers from now on."""
    token = call.request.query["access_token"]
    of_token = (ACCESS_TOKEN.c.corp_id == call.corp_id) & (ACCESS_TOKEN.c.token == token)
    call.db.execute(sa.update(ACCESS_TOKEN).where(of_token).values(expires_at=call.now))
    return Refusal(BY_NUMBER[call.settings.expired_token_errcode])


def token_for(call: Call, corp_id: str, agentid: int, now: int | None = None) -> tuple[str, int]:
    """The app's token and its remaining seconds: the current one, or a new one after expiry.

    `now` is the time of that corp, where it isn't the caller's.
    """
    at = call.now if now is None else now
    found = _CURRENT.one(call.db, corp_id=corp_id, agentid=agentid, now=at)
    if found is None:
        # Two first calls at once must get the same token: the second waits here, then finds the first's.
        _LOCK_APP.one(call.db, corp_id=corp_id, agentid=agentid)
        found = _CURRENT.one(call.db, corp_id=corp_id, agentid=agentid, now=at)
    token, expires_at = found or _give_out(call, corp_id, agentid, at)
    return token, expires_at - at


def _give_out(call: Call, corp_id: str, agentid: int, now: int) -> tuple[str, int]:
    """A new token and its expiry. Deletes the corp's tokens that expired long ago."""
    call.db.execute(
        sa.delete(ACCESS_TOKEN).where(
            ACCESS_TOKEN.c.corp_id == corp_id, ACCESS_TOKEN.c.expires_at < now - KEPT_AFTER_EXPIRY
        )
    )
    # The corp may be a customer of the provider that calls.
    of_corp = call if call.corp_id == corp_id else Context(call.settings, call.db, corp_id, now)
    token = new_token(of_corp.seed, corp_id, agentid, of_corp.next_id())
    expires_at = now + call.settings.token_expires_in
    call.db.execute(
        sa.insert(ACCESS_TOKEN).values(corp_id=corp_id, token=token, agentid=agentid, expires_at=expires_at)
    )
    return token, expires_at


def corp_of(token: str) -> str:
    """The corp that a token names, without checking the token; "" if it does not look like one."""
    return _named_corp(token) if len(token) <= LONGEST else ""


@lru_cache(maxsize=4096)
def _named_corp(token: str) -> str:
    if not _FORM.fullmatch(token):
        return ""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return ""
    corp_id = raw[1 : 1 + raw[0]].decode("latin-1")
    return corp_id if corp_id.isalnum() else ""


def new_token(seed: int, corp_id: str, holder: object, number: int) -> str:
    """A token that names its corp; `holder` is the app's agentid, or the kind of a provider's token."""
    named = corp_id.encode("ascii")
    drawn = hashlib.shake_128(f"{seed}/token/{corp_id}/{holder}/{number}".encode()).digest(96)
    return base64.urlsafe_b64encode(bytes([len(named)]) + named + drawn).decode().rstrip("=")


def token_under(token: str, corp_id: str) -> str:
    """The token with another corp in it, of the same drawn bytes."""
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    named = corp_id.encode("ascii")
    return base64.urlsafe_b64encode(bytes([len(named)]) + named + raw[1 + raw[0] :]).decode().rstrip("=")
