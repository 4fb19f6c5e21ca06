"""Accounts of the API licence (接口调用许可): who holds which with a provider, and who has to."""

from typing import Any, Literal, Self

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from wecom_tollbooth.billing.seats import BASE, INTEROP, held_in_corp
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.tables import LEFT, MEMBER
from wecom_tollbooth.families.providers import licences
from wecom_tollbooth.families.providers.licences import Holder
from wecom_tollbooth.families.providers.tables import LICENCE_ACCOUNT
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp, the_provider
from wecom_tollbooth.sim_api.times import UnixTime, iso
from wecom_tollbooth.world import clock

router = APIRouter()


TYPES = {"base": BASE, "interop": INTEROP}
NAMES = {number: name for name, number in TYPES.items()}
MOST_ACCOUNTS = 40_000
"""An account of each type for as many members as a corp can be made with."""
IDS_AN_ACCOUNT = 3
"""Records and deeds that one account may come to: one seat ends, one begins, and it expires."""


class Account(BaseModel):
    """Until `expires_at`, or for `months` of 31 days and `days` from now on, to the end of the last day."""

    model_config = ConfigDict(extra="forbid")

    userid: str
    type: Literal["base", "interop"]
    expires_at: UnixTime | None = None
    months: StrictInt = Field(default=0, ge=0, le=60)
    days: StrictInt = Field(default=0, ge=0, le=licences.LONGEST)

    @property
    def whole_days(self) -> int:
        return self.months * licences.DAYS_OF_A_MONTH + self.days

    @model_validator(mode="after")
    def _lasts_as_long_as_wecom_sells(self) -> Self:
        if (self.expires_at is None) == (self.whole_days == 0):
            raise ValueError("say how long by expires_at, or by months and days, and not by both")
        if self.expires_at is None and not licences.SHORTEST <= self.whole_days <= licences.LONGEST:
            raise ValueError(
                f"months and days come to {self.whole_days} days; an account is had for "
                f"{licences.SHORTEST} to {licences.LONGEST}"
            )
        return self


class Licences(BaseModel):
    """What is left out stays as it is; `accounts` are all that there are from then on."""

    model_config = ConfigDict(extra="forbid")

    enforced: StrictBool | None = None
    accounts: list[Account] | None = Field(default=None, max_length=MOST_ACCOUNTS)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.enforced is None and self.accounts is None:
            raise ValueError("give enforced, accounts or both")
        return self


@router.put("/corps/{corpid}/licences/{provider_id}")
async def set_licences(corpid: str, provider_id: str, body: Licences, server: TheServer) -> dict[str, Any]:
    """Sets which members hold an account with the provider, and whether its apps are refused without."""

    def work(tx: Transaction) -> dict[str, Any]:
        tx.reserve_ids(_ids_needed(tx, corpid, body))
        the_corp(tx, corpid)
        the_provider(tx, provider_id)
        agentid = licences.first_app(tx, corpid, provider_id)
        if agentid is None:
            raise SimError(
                422, f"{provider_id} has no app in {corpid}; POST /_sim/corps/{corpid}/apps makes one"
            )
        now = clock.now(tx)
        if body.accounts is not None:
            accounts = _checked(tx, corpid, body.accounts, now)
            licences.replace_accounts(tx, corpid, provider_id, agentid, accounts, now)
        if body.enforced:
            licences.enforce(tx, corpid, provider_id, now)
        elif body.enforced is not None:
            licences.stop_enforcing(tx, corpid, provider_id)
        return {"corpid": corpid, **_described(tx, corpid, provider_id, now)}

    return await server.run(work)


@router.get("/corps/{corpid}/licences")
async def show_licences(corpid: str, server: TheServer) -> dict[str, Any]:
    """{"corpid", "providers": [...]}: of each provider that has an app in the corp."""

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        now = clock.now(tx)
        of_corp = sa.select(APP.c.provider_id).where(APP.c.corp_id == corpid, APP.c.provider_id.is_not(None))
        providers = tx.execute(of_corp.distinct().order_by(APP.c.provider_id)).scalars().all()
        return {"corpid": corpid, "providers": [_described(tx, corpid, one, now) for one in providers]}

    return await server.run(work)


def _ids_needed(tx: Transaction, corpid: str, body: Licences) -> int:
    return held_in_corp(tx, corpid) + IDS_AN_ACCOUNT * len(body.accounts or ())


def _checked(tx: Transaction, corpid: str, accounts: list[Account], now: int) -> dict[Holder, int]:
    """Each account's end, under the member as the directory spells it. Raises SimError 422."""
    query = sa.select(MEMBER.c.userid_key, MEMBER.c.userid).where(
        MEMBER.c.corp_id == corpid, MEMBER.c.status != LEFT
    )
    members = {row.userid_key: row.userid for row in tx.execute(query)}
    latest = licences.expiry(now, licences.LONGEST)
    checked: dict[Holder, int] = {}
    for place, account in enumerate(accounts):
        userid = members.get(account.userid.lower())
        if userid is None:
            raise SimError(422, f"accounts.{place}.userid: {account.userid!r} is no member of {corpid}")
        holder = Holder(userid, TYPES[account.type])
        if holder in checked:
            raise SimError(422, f"accounts.{place}: {userid} has two {account.type} accounts in the list")
        at = account.expires_at or licences.expiry(now, account.whole_days)
        if at > latest:
            raise SimError(
                422, f"accounts.{place}.expires_at: an account can be had until {latest} ({iso(latest)})"
            )
        checked[holder] = at
    return checked


def _described(tx: Transaction, corpid: str, provider_id: str, now: int) -> dict[str, Any]:
    query = (
        sa.select(LICENCE_ACCOUNT.c.userid, LICENCE_ACCOUNT.c.type, LICENCE_ACCOUNT.c.expires_at)
        .where(LICENCE_ACCOUNT.c.corp_id == corpid, LICENCE_ACCOUNT.c.provider_id == provider_id)
        .order_by(LICENCE_ACCOUNT.c.userid, LICENCE_ACCOUNT.c.type)
    )
    return {
        "provider_id": provider_id,
        "enforced": licences.is_enforced(tx, corpid, provider_id),
        "accounts": [
            {
                "userid": row.userid,
                "type": NAMES[row.type],
                "expires_at": row.expires_at,
                "valid": row.expires_at > now,
            }
            for row in tx.execute(query)
        ],
    }
