"""第三方应用与服务商: the tokens of providers and suites."""

from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import THIRD_PARTY_APPS
from wecom_tollbooth.corps.tables import APP, CORP, PROVIDER, Provider
from wecom_tollbooth.families.providers import tickets
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import Family
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required
from wecom_tollbooth.gateway.steps import provider_tokens, tokens
from wecom_tollbooth.gateway.steps.corp_flags import FLAGS, take_flags
from wecom_tollbooth.gateway.steps.planned_faults import meet_fault
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.clock import CORP_CLOCK

family = Family("providers", "第三方应用与服务商", "Third-party apps and providers")


def _provider(call: Call, this: sa.ColumnElement[bool]) -> Provider | None:
    """The provider, whose time and flags the call takes. Raises 45009 for a blocked address."""
    query = (
        sa.select(Provider, CORP_CLOCK.c.shift, CORP_CLOCK.c.frozen_at, *FLAGS)
        .join(CORP, CORP.c.corp_id == PROVIDER.c.corp_id)
        .outerjoin(CORP_CLOCK, CORP_CLOCK.c.corp_id == PROVIDER.c.corp_id)
        .where(this)
    )
    found = call.db.session.execute(query).first()
    if found is not None:
        provider, shift, frozen_at, *flags = found
        call.take_corp(provider.corp_id, shift, frozen_at)
        take_flags(call, *flags)
    call.gateway.rate_limits.refuse_barred_address(call.counted_address, call.now)
    return None if found is None else found[0]


# --- 获取服务商凭证 ----------------------------------------------------------------------------------------


class ProviderTokenRequest(RequestModel):
    corpid: str = required(ErrCode.MISSING_CORPID, doc="the provider's own corpid")
    provider_secret: str = required(ErrCode.MISSING_SECRET, doc="the provider's secret")


class ProviderTokenReply(TypedDict):
    provider_access_token: str
    expires_in: int


@family.post(
    "/cgi-bin/service/get_provider_token",
    doc="91200",
    checked=None,
    meter="credentials",
    token=None,
    errcode_on_failure=True,
    errors=(
        ErrCode.MISSING_CORPID,
        ErrCode.MISSING_SECRET,
        ErrCode.INVALID_CORPID,
        ErrCode.INVALID_SECRET,
        ErrCode.FREQUENCY_LIMIT,
    ),
    sample={"corpid": "xxxxx", "provider_secret": "xxx"},
)
def get_provider_token(call: Call, body: ProviderTokenRequest) -> ProviderTokenReply:
    """获取服务商凭证 / Get a provider_access_token

    The same token until it expires. Only a failure carries errcode. An address that sends too many wrong
    secrets is blocked for an hour.
    """
    provider = _provider(call, PROVIDER.c.corp_id == body.corpid)
    if provider is None:
        raise Refusal(ErrCode.INVALID_CORPID, detail=f"{body.corpid!r} is not a provider on this server")
    call.corp_id = provider.corp_id
    if body.provider_secret != provider.provider_secret:
        call.gateway.rate_limits.note_wrong_secret(call.counted_address, call.now)
        raise Refusal(ErrCode.INVALID_SECRET, detail="this is not the provider's secret")
    meet_fault(call)
    token, expires_in = provider_tokens.token_for(call, provider.corp_id, "provider_access_token")
    return {"provider_access_token": token, "expires_in": expires_in}


# --- 获取第三方应用凭证 ------------------------------------------------------------------------------------


class SuiteTokenRequest(RequestModel):
    suite_id: str = required(ErrCode.MISSING_SUITE_ID, doc="id of the third-party app")
    suite_secret: str = required(ErrCode.MISSING_SUITE_SECRET, doc="its secret")
    suite_ticket: str = required(ErrCode.MISSING_SUITE_TICKET, doc="issued in the last 30 minutes")


class SuiteTokenReply(TypedDict):
    suite_access_token: str
    expires_in: int


@family.post(
    "/cgi-bin/service/get_suite_token",
    doc="90600",
    checked=None,
    meter="credentials",
    token=None,
    errcode_on_failure=True,
    errors=(
        ErrCode.MISSING_SUITE_ID,
        ErrCode.MISSING_SUITE_SECRET,
        ErrCode.MISSING_SUITE_TICKET,
        ErrCode.INVALID_SUITE_ID,
        ErrCode.INVALID_SUITE_SECRET,
        ErrCode.INVALID_SUITE_TICKET,
        ErrCode.FREQUENCY_LIMIT,
    ),
    sample={
        "suite_id": "wwddddccc7775555aaa",
        "suite_secret": "SUITE_SECRET",
        "suite_ticket": "SUITE_TICKET",
    },
)
def get_suite_token(call: Call, body: SuiteTokenRequest) -> SuiteTokenReply:
    """获取第三方应用凭证 / Get a suite_access_token

    The same token until it expires. Only a failure carries errcode. An address that sends too many wrong
    secrets is blocked for an hour.
    """
    provider = _provider(call, PROVIDER.c.suite_id == body.suite_id)
    if provider is None:
        raise Refusal(ErrCode.INVALID_SUITE_ID, detail=f"there is no suite {body.suite_id!r}")
    call.corp_id = provider.corp_id
    if body.suite_secret != provider.suite_secret:
        call.gateway.rate_limits.note_wrong_secret(call.counted_address, call.now)
        raise Refusal(ErrCode.INVALID_SUITE_SECRET, detail="this is not the suite's secret")
    if not tickets.is_valid(provider, body.suite_ticket, call.now):
        detail = "not a ticket of the last 30 minutes; GET /_sim/providers/{provider_id} shows the latest"
        raise Refusal(ErrCode.INVALID_SUITE_TICKET, detail=detail)
    meet_fault(call)
    token, expires_in = provider_tokens.token_for(call, provider.corp_id, "suite_access_token")
    return {"suite_access_token": token, "expires_in": expires_in}


# --- 获取企业凭证 ------------------------------------------------------------------------------------------


class CorpTokenRequest(RequestModel):
    auth_corpid: str = required(ErrCode.MISSING_CORPID, doc="corp that installed the third-party app")
    permanent_code: str = required(ErrCode.MISSING_PERMANENT_CODE, doc="issued when the app was installed")


class CorpTokenReply(TypedDict):
    access_token: str
    expires_in: int


@family.post(
    "/cgi-bin/service/get_corp_token",
    doc="90605",
    checked=None,
    meter="credentials",
    token="suite_access_token",
    permission=Permission.SUITE,
    errcode_on_failure=True,
    errors=(ErrCode.MISSING_CORPID, ErrCode.MISSING_PERMANENT_CODE, ErrCode.INVALID_PERMANENT_CODE),
    sample={"auth_corpid": "auth_corpid_value", "permanent_code": "code_value"},
)
def get_corp_token(call: Call, body: CorpTokenRequest) -> CorpTokenReply:
    """获取企业凭证 / Get a token of an authorized corp

    The access_token of the third-party app in one corp; `permanent_code` is the app's secret there, and is
    refused while the app is disabled. Only a failure carries errcode. The token lives by the clock of that
    corp, not by the provider's.
    """
    of_apps = sa.select(APP.c.agentid, *clock.COLUMNS).select_from(APP)
    installed = clock.joined(of_apps, APP.c.corp_id).where(
        APP.c.corp_id == body.auth_corpid,
        APP.c.provider_id == call.corp_id,
        APP.c.secret == body.permanent_code,
        APP.c.kind.in_(THIRD_PARTY_APPS),
        APP.c.enabled.is_(True),
    )
    found: Any = call.db.execute(installed).first()
    if found is None:
        detail = "no third-party app of this provider in that corp has this permanent_code"
        raise Refusal(ErrCode.INVALID_PERMANENT_CODE, detail=detail)
    shift, frozen_at, own_shift, own_frozen_at = found[1:]
    # Read along, so that a provider and a corp that go by the server's clock share the very second.
    by_one_clock = own_shift is None and not call.has_own_clock
    now = call.now if by_one_clock else clock.time_by(shift, frozen_at, own_shift, own_frozen_at)
    token, expires_in = tokens.token_for(call, body.auth_corpid, found.agentid, now)
    return {"access_token": token, "expires_in": expires_in}
