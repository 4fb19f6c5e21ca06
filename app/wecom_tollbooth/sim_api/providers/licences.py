"""Accounts of the API licence (接口调用许可): who holds which with a provider, and who has to."""

from typing import Literal, Self

import sqlalchemy as sa
from pydantic import Field, StrictBool, StrictInt, model_validator
from typing_extensions import TypedDict

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
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, example
from wecom_tollbooth.sim_api.times import UnixTime, iso

router = control_routes()

AccountType = Literal["base", "interop"]

TYPES: dict[AccountType, int] = {"base": BASE, "interop": INTEROP}
NAMES = {number: name for name, number in TYPES.items()}
MOST_ACCOUNTS = 40_000
"""An account of each type for every member of the largest corp that can be created."""
IDS_AN_ACCOUNT = 3
"""Of records and scheduled tasks: one seat ends, one begins, and the account expires."""


class LicenceAccountRequest(ControlRequest):
    """Valid until `expires_at`, or for `months` of 31 days and `days`, to the end of the last day."""

    userid: str
    type: AccountType = Field(description="基础账号或互通账号 / base: 基础账号; interop: 互通账号")
    expires_at: UnixTime | None = Field(
        default=None, description="到期时间；或给出 months 与 days / Or give months and days"
    )
    months: StrictInt = Field(default=0, ge=0, le=60, description="每月 31 天 / Of 31 days each")
    days: StrictInt = Field(default=0, ge=0, le=licences.LONGEST)

    @property
    def whole_days(self) -> int:
        return self.months * licences.DAYS_OF_A_MONTH + self.days

    @model_validator(mode="after")
    def _lasts_as_long_as_wecom_allows(self) -> Self:
        if (self.expires_at is None) == (self.whole_days == 0):
            raise ValueError("give the duration by expires_at, or by months and days, not by both")
        if self.expires_at is None and not licences.SHORTEST <= self.whole_days <= licences.LONGEST:
            raise ValueError(
                f"months and days come to {self.whole_days} days; an account lasts "
                f"{licences.SHORTEST} to {licences.LONGEST} days"
            )
        return self


class LicencesRequest(ControlRequest):
    """What is left out stays as it is; `accounts` replaces all accounts."""

    model_config = example(enforced=True, accounts=[{"userid": "zhangsan", "type": "interop", "months": 12}])

    enforced: StrictBool | None = Field(
        default=None,
        description="没有许可的成员是否受限 / Whether the apps are refused for members without an account",
    )
    accounts: list[LicenceAccountRequest] | None = Field(
        default=None, max_length=MOST_ACCOUNTS, description="此后的全部账号 / All accounts from then on"
    )

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if self.enforced is None and self.accounts is None:
            raise ValueError("give enforced, accounts or both")
        return self


class LicenceAccount(TypedDict):
    userid: str
    type: AccountType
    expires_at: int
    valid: bool


class ProviderLicences(TypedDict):
    provider_id: str
    enforced: bool
    accounts: list[LicenceAccount]


class CorpLicencesReply(TypedDict):
    corpid: str
    provider_id: str
    enforced: bool
    accounts: list[LicenceAccount]


class LicencesReply(TypedDict):
    corpid: str
    providers: list[ProviderLicences]


@router.put("/corps/{corpid}/licences/{provider_id}")
async def set_licences(
    corpid: str, provider_id: str, body: LicencesRequest, server: TheServer
) -> CorpLicencesReply:
    """设置接口许可账号 / Set the licence accounts

    哪些成员持有该服务商的接口许可账号，以及没有账号时服务商的应用是否受限。账号自设置起最长 1860 天、最短 31
    天。

    Which members hold an account of the API licence with the provider, and whether its apps are refused for
    members without one. An account lasts 31 to 1860 days.
    """

    def work(tx: Transaction) -> CorpLicencesReply:
        tx.reserve_ids(_ids_needed(tx, corpid, body))
        the_corp(tx, corpid)
        the_provider(tx, provider_id)
        agentid = licences.first_app(tx, corpid, provider_id)
        if agentid is None:
            raise SimError(
                422, f"{provider_id} has no app in {corpid}; POST /_sim/corps/{corpid}/apps creates one"
            )
        context = server.context(tx, corpid)
        if body.accounts is not None:
            accounts = _checked(tx, corpid, body.accounts, context.now)
            licences.replace_accounts(context, provider_id, agentid, accounts)
        if body.enforced:
            licences.enforce(context, provider_id)
        elif body.enforced is not None:
            licences.stop_enforcing(tx, corpid, provider_id)
        return {"corpid": corpid, **_described(tx, corpid, provider_id, context.now)}

    return await server.run(work)


@router.get("/corps/{corpid}/licences")
async def list_licences(corpid: str, server: TheServer) -> LicencesReply:
    """列出接口许可账号 / List the licence accounts

    在本企业有应用的每个服务商；过期账号的 `valid` 为 false。

    Of each provider that has an app in the corp. Expired accounts are shown with `valid` false.
    """

    def work(tx: Transaction) -> LicencesReply:
        the_corp(tx, corpid)
        now = server.context(tx, corpid).now
        of_corp = sa.select(APP.c.provider_id).where(APP.c.corp_id == corpid, APP.c.provider_id.is_not(None))
        providers = tx.execute(of_corp.distinct().order_by(APP.c.provider_id)).scalars().all()
        return {"corpid": corpid, "providers": [_described(tx, corpid, one, now) for one in providers]}

    return await server.run(work)


def _ids_needed(tx: Transaction, corpid: str, body: LicencesRequest) -> int:
    return held_in_corp(tx, corpid) + IDS_AN_ACCOUNT * len(body.accounts or ())


def _checked(
    tx: Transaction, corpid: str, accounts: list[LicenceAccountRequest], now: int
) -> dict[Holder, int]:
    """When each account ends, by its holder as the directory spells the userid. Raises SimError 422."""
    query = sa.select(MEMBER.c.userid_key, MEMBER.c.userid).where(
        MEMBER.c.corp_id == corpid, MEMBER.c.status != LEFT
    )
    members = {row.userid_key: row.userid for row in tx.execute(query)}
    latest = licences.expiry(now, licences.LONGEST)
    checked: dict[Holder, int] = {}
    for place, account in enumerate(accounts):
        userid = members.get(account.userid.lower())
        if userid is None:
            raise SimError(422, f"accounts.{place}.userid: {account.userid!r} is not a member of {corpid}")
        holder = Holder(userid, TYPES[account.type])
        if holder in checked:
            raise SimError(422, f"accounts.{place}: {userid} has two {account.type} accounts in the list")
        at = account.expires_at or licences.expiry(now, account.whole_days)
        if at > latest:
            raise SimError(
                422, f"accounts.{place}.expires_at: an account can last until {latest} ({iso(latest)})"
            )
        checked[holder] = at
    return checked


def _described(tx: Transaction, corpid: str, provider_id: str, now: int) -> ProviderLicences:
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
