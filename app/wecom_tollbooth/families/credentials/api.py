"""开发指南: the access_token and the platform's IP addresses."""

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import THIRD_PARTY_APPS
from wecom_tollbooth.corps.tables import APP, CORP
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import Family
from wecom_tollbooth.gateway.shapes import RequestModel, required
from wecom_tollbooth.gateway.steps import tokens
from wecom_tollbooth.gateway.steps.callers import refuse_while_restored
from wecom_tollbooth.gateway.steps.corp_flags import FLAGS, take_flags
from wecom_tollbooth.gateway.steps.planned_faults import meet_fault
from wecom_tollbooth.world.clock import CORP_CLOCK

family = Family("credentials", "凭证与地址", "Credentials and addresses")


_CORP = CompiledStatement(
    sa.select(CORP.c.corp_id, CORP_CLOCK.c.shift, CORP_CLOCK.c.frozen_at, *FLAGS)
    .outerjoin(CORP_CLOCK, CORP_CLOCK.c.corp_id == CORP.c.corp_id)
    .where(CORP.c.corp_id == bindparam("corp_id"))
)
_APP = CompiledStatement(
    sa.select(APP.c.agentid, APP.c.enabled, APP.c.kind).where(
        APP.c.corp_id == bindparam("corp_id"), APP.c.secret == bindparam("secret")
    )
)

API_ADDRESSES = ["192.0.2.10", "192.0.2.11"]
CALLBACK_ADDRESSES = ["192.0.2.20", "192.0.2.21"]
"""From the range that RFC 5737 reserves for documentation, so allowing them by mistake does no harm."""


class TokenRequest(RequestModel):
    corpsecret: str = required(ErrCode.MISSING_SECRET, doc="secret of one app")
    corpid: str = required(ErrCode.MISSING_CORPID, doc="corp id")


class TokenReply(TypedDict):
    access_token: str
    expires_in: int


@family.get(
    "/cgi-bin/gettoken",
    doc="91039",
    meter="credentials",
    token=None,
    errors=(
        ErrCode.MISSING_SECRET,
        ErrCode.MISSING_CORPID,
        ErrCode.INVALID_CORPID,
        ErrCode.INVALID_CREDENTIAL,
        ErrCode.FREQUENCY_LIMIT,
    ),
    sample={"corpid": "ID", "corpsecret": "SECRET"},
)
def gettoken(call: Call, query: TokenRequest) -> TokenReply:
    """获取access_token / Get an access_token

    One token per app, the same until it expires; `expires_in` is the seconds it has left. corpsecret is
    checked before corpid. The secret of a provider-developed app is its permanent code; a third-party app
    gets its token from service/get_corp_token. A disabled app's secret counts as wrong. An address that sends
    too many wrong secrets is blocked for an hour.
    """
    corp = _CORP.one(call.db, corp_id=query.corpid)
    if corp is None:
        refuse_while_restored(call, query.corpid)
        corp = _CORP.one(call.db, corp_id=query.corpid)  # a restore may have ended between the two looks
    if corp is not None:
        call.take_corp(*corp[: -len(FLAGS)])
        take_flags(call, *corp[-len(FLAGS) :])
    call.gateway.rate_limits.refuse_barred_address(call.counted_address, call.now)
    if corp is None:
        raise Refusal(ErrCode.INVALID_CORPID, detail=f"there is no corp {query.corpid!r} on this server")
    call.corp_id = query.corpid
    app = _APP.one(call.db, corp_id=query.corpid, secret=query.corpsecret)
    if app is None or not app[1] or app[2] in THIRD_PARTY_APPS:
        call.gateway.rate_limits.note_wrong_secret(call.counted_address, call.now)
        raise Refusal(ErrCode.INVALID_CREDENTIAL, detail="no enabled app of this corp has this secret")
    call.agentid = app[0]
    meet_fault(call)
    token, expires_in = tokens.token_for(call, call.corp_id, call.agentid)
    return {"access_token": token, "expires_in": expires_in}


class AddressesReply(TypedDict):
    ip_list: list[str]


@family.get(
    "/cgi-bin/get_api_domain_ip", doc="92520", meter="credentials", errcode_last=True, suffix_always=True
)
def get_api_domain_ip(call: Call, query: RequestModel) -> AddressesReply:
    """获取企业微信接口IP段 / List IP ranges of the API

    Single addresses, no ranges. In the reply `ip_list` comes before errcode; the errmsg of a bad token always
    ends with hint and address.
    """
    return {"ip_list": API_ADDRESSES}


@family.get("/cgi-bin/getcallbackip", doc="92521", meter="credentials", errcode_last=True, suffix_always=True)
def getcallbackip(call: Call, query: RequestModel) -> AddressesReply:
    """获取企业微信回调IP段 / List IP ranges of callbacks

    The addresses that callbacks come from: a fixed list of the simulator's own.
    """
    return {"ip_list": CALLBACK_ADDRESSES}
