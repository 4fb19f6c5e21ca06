"""接口调用许可 (API licence): the accounts that members hold with a provider, and what needs one.

A member's interop account covers all apps of one provider in one corp. While licences are enforced for the
provider, its apps see only customers and groups of members with a valid account. The corp's own apps need
none. Source: page 95652 (2026-08). Accounts are set through the control API; buying and activating them is
not simulated.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.billing import levels, seats
from wecom_tollbooth.billing.seats import BASE, INTEROP
from wecom_tollbooth.billing.tables import SEAT
from wecom_tollbooth.corps.app_kinds import PROVIDER_APPS
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import CompiledStatement, Transaction, json_list
from wecom_tollbooth.families.providers.tables import (
    LICENCE_ACCOUNT,
    LICENCE_ENFORCEMENT,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.scheduled_tasks import schedule, scheduled_task

DAYS_OF_A_MONTH = 31
SHORTEST, LONGEST = 31, 1860
"""Days for which an account can be valid."""

EXPIRY = "licence_accounts_expire"
ENDED_AT_ONCE = 200
"""The most seats that one transaction ends: each record needs an id from its block."""


class Holder(NamedTuple):
    """Whose account, and of which type: a member has at most one of each."""

    userid: str
    type: int


# --- look-ups for calls ----------------------------------------------------------------------------------

_ENFORCED_FOR = CompiledStatement(
    sa.select(APP.c.provider_id)
    .join(
        LICENCE_ENFORCEMENT,
        (LICENCE_ENFORCEMENT.c.corp_id == APP.c.corp_id)
        & (LICENCE_ENFORCEMENT.c.provider_id == APP.c.provider_id),
    )
    .where(APP.c.corp_id == bindparam("corp_id"), APP.c.agentid == bindparam("agentid"))
)


def _with_account(dialect: str) -> sa.Select[tuple[str]]:
    return sa.select(LICENCE_ACCOUNT.c.userid).where(
        LICENCE_ACCOUNT.c.corp_id == bindparam("corp_id"),
        LICENCE_ACCOUNT.c.provider_id == bindparam("provider_id"),
        LICENCE_ACCOUNT.c.userid.in_(json_list(dialect, "userids")),
        LICENCE_ACCOUNT.c.expires_at > bindparam("now"),
    )


_LICENSED_AMONG = CompiledStatement(
    lambda dialect: _with_account(dialect).where(LICENCE_ACCOUNT.c.type == INTEROP)
)
_WITH_ACCOUNT = CompiledStatement(_with_account)


def enforcing_provider(call: Call) -> str | None:
    """The calling app's provider if licences are enforced for it.

    None without a query for the corp's own apps.
    """
    if call.app_kind not in PROVIDER_APPS:
        return None
    found = _ENFORCED_FOR.one(call.db, corp_id=call.corp_id, agentid=call.agentid)
    return found[0] if found else None


def unlicensed(call: Call, userids: Iterable[str]) -> set[str]:
    """Those of the members, as the directory spells them, who lack the interop account that they need."""
    provider_id = enforcing_provider(call)
    return set() if provider_id is None else without_account(call, provider_id, userids)


def without_account(call: Call, provider_id: str, userids: Iterable[str]) -> set[str]:
    """Those of the members who hold no valid interop account with the provider."""
    return _lacking(call, provider_id, userids, _LICENSED_AMONG)


def without_any_account(call: Call, userids: Iterable[str]) -> set[str]:
    """Those of the members who hold neither account, base or interop, if the app's provider enforces them."""
    provider_id = enforcing_provider(call)
    return set() if provider_id is None else _lacking(call, provider_id, userids, _WITH_ACCOUNT)


def _lacking(
    call: Call, provider_id: str, userids: Iterable[str], licensed_among: CompiledStatement
) -> set[str]:
    wanted = set(userids)
    licensed = licensed_among.all(
        call.db,
        corp_id=call.corp_id,
        provider_id=provider_id,
        userids=orjson.dumps(list(wanted)).decode(),
        now=call.now,
    )
    return wanted - {userid for (userid,) in licensed}


# --- changes of accounts ----------------------------------------------------------------------------------


def expiry(activated_at: int, days: int) -> int:
    """When an account activated at `activated_at` for `days` days ends: 0:00 after its last day."""
    return clock.start_of_day(activated_at + days * clock.DAY) + clock.DAY


def first_app(tx: Transaction, corp_id: str, provider_id: str) -> int | None:
    """The agentid of the provider's first app in the corp; None if it has none."""
    of_provider = (APP.c.corp_id == corp_id) & (APP.c.provider_id == provider_id)
    found: int | None = tx.execute(sa.select(sa.func.min(APP.c.agentid)).where(of_provider)).scalar()
    return found


def replace_accounts(
    context: Context, provider_id: str, agentid: int, accounts: Mapping[Holder, int]
) -> None:
    """Replaces all accounts with the provider by `accounts`: each member's account and its expiry.

    A valid account holds a seat until it expires.
    """
    tx, corp_id = context.db, context.corp_id
    levels.lock(tx, corp_id)
    of_provider = (LICENCE_ACCOUNT.c.corp_id == corp_id) & (LICENCE_ACCOUNT.c.provider_id == provider_id)
    ended = (
        sa.delete(LICENCE_ACCOUNT)
        .where(of_provider)
        .returning(LICENCE_ACCOUNT.c.userid, LICENCE_ACCOUNT.c.type)
    )
    before = {Holder(row.userid, row.type) for row in tx.execute(ended)}
    keys = {"corp_id": corp_id, "provider_id": provider_id}
    if accounts:
        rows = [{**keys, **holder._asdict(), "expires_at": at} for holder, at in accounts.items()]
        tx.execute(sa.insert(LICENCE_ACCOUNT), rows)
    valid = {holder for holder, at in accounts.items() if at > context.now}
    for of_type in (BASE, INTEROP):
        gone = sorted(holder.userid for holder in before - valid if holder.type == of_type)
        seats.end(context, provider_id, of_type, seats.GIVEN_UP, SEAT.c.userid.in_(gone))
        holding = {holder.userid for holder in valid if holder.type == of_type}
        seats.hold(context, provider_id, agentid, of_type, holding)
    for at in sorted({accounts[holder] for holder in valid}):
        schedule(context, EXPIRY, at, provider_id)


def enforce(context: Context, provider_id: str) -> None:
    """Refuses the provider's apps whatever needs an account, from now on.

    Ends seats that calls took for members without an account: those members are no longer visible.
    """
    tx, corp_id = context.db, context.corp_id
    levels.lock(tx, corp_id)
    if not is_enforced(tx, corp_id, provider_id):
        tx.execute(sa.insert(LICENCE_ENFORCEMENT).values(corp_id=corp_id, provider_id=provider_id))
    licensed = sa.select(LICENCE_ACCOUNT.c.userid).where(
        LICENCE_ACCOUNT.c.corp_id == corp_id,
        LICENCE_ACCOUNT.c.provider_id == provider_id,
        LICENCE_ACCOUNT.c.type == INTEROP,
        LICENCE_ACCOUNT.c.expires_at > context.now,
    )
    seats.end(context, provider_id, INTEROP, seats.GIVEN_UP, SEAT.c.userid.not_in(licensed))


def stop_enforcing(tx: Transaction, corp_id: str, provider_id: str) -> None:
    """Answers the provider's apps without accounts too, as in WeCom's trial period."""
    of_provider = (LICENCE_ENFORCEMENT.c.corp_id == corp_id) & (
        LICENCE_ENFORCEMENT.c.provider_id == provider_id
    )
    tx.execute(sa.delete(LICENCE_ENFORCEMENT).where(of_provider))


def is_enforced(tx: Transaction, corp_id: str, provider_id: str) -> bool:
    of_provider = (LICENCE_ENFORCEMENT.c.corp_id == corp_id) & (
        LICENCE_ENFORCEMENT.c.provider_id == provider_id
    )
    return tx.execute(sa.select(LICENCE_ENFORCEMENT.c.corp_id).where(of_provider)).first() is not None


def delete_accounts_of(tx: Transaction, corp_id: str, userids: Iterable[str]) -> None:
    """Deletes the accounts of members who left."""
    tx.execute(
        sa.delete(LICENCE_ACCOUNT).where(
            LICENCE_ACCOUNT.c.corp_id == corp_id, LICENCE_ACCOUNT.c.userid.in_(userids)
        )
    )


@scheduled_task(EXPIRY)
def licence_accounts_expire(act: Act, reference: str) -> None:
    """Ends the seats of the provider's accounts that expire now."""
    expired = (
        sa.select(SEAT.c.type, SEAT.c.userid)
        .join(
            LICENCE_ACCOUNT,
            (LICENCE_ACCOUNT.c.corp_id == SEAT.c.corp_id)
            & (LICENCE_ACCOUNT.c.provider_id == SEAT.c.provider_id)
            & (LICENCE_ACCOUNT.c.userid == SEAT.c.userid)
            & (LICENCE_ACCOUNT.c.type == SEAT.c.type),
        )
        .where(
            SEAT.c.corp_id == act.corp_id,
            SEAT.c.provider_id == reference,
            LICENCE_ACCOUNT.c.expires_at == act.now,
        )
        .order_by(SEAT.c.type, SEAT.c.userid)
        .limit(ENDED_AT_ONCE)
    )
    levels.lock(act.db, act.corp_id)
    found = act.db.execute(expired).all()
    for of_type in (BASE, INTEROP):
        userids = [row.userid for row in found if row.type == of_type]
        if userids:
            which = SEAT.c.userid.in_(userids)
            seats.end(act, reference, of_type, seats.EXPIRED, which)
    if len(found) == ENDED_AT_ONCE:
        schedule(act, EXPIRY, act.now, reference)
