"""上下游: from a unionid to the customers of downstream corps."""

from wecom_tollbooth.families.corp_groups.groups import DOWNSTREAM, is_shared, reachable_corps
from wecom_tollbooth.families.id_conversion import conversion_quota
from wecom_tollbooth.families.id_conversion.family import family
from wecom_tollbooth.families.id_conversion.known_customers import (
    customer_by_unionid,
    followed_customers,
    to_scoped,
)
from wecom_tollbooth.families.id_conversion.unionids import (
    SuiteUnionidReply,
    refuse_uncertified_corp,
    refuse_wrong_pair,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required

UPSTREAM = "upstream_contact"
"""Kind of the ids by which an upstream corp knows customers of its downstream corps."""


# --- 上下游 unionid转换external_userid --------------------------------------------------------------------


class DownstreamRequest(RequestModel):
    unionid: str = required(doc="the WeChat user")
    openid: str = required(doc="the same user in the mini-program of the upstream corp")
    corpid: str | None = optional(doc="only this corp; absent: all downstream corps")
    mass_call_ticket: str | None = optional(doc="for the mass calls of a first data import")


@family.post(
    "/cgi-bin/corpgroup/unionid_to_external_userid",
    doc="95818",
    meter="customer.read",
    permission=Permission.CORP_GROUP,
    errors=(
        ErrCode.INVALID_CORPID,
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.FREQUENCY_LIMIT,
        ErrCode.API_FORBIDDEN,
        ErrCode.INVALID_UNIONID,
        ErrCode.OPEN_ACCOUNT_NOT_VERIFIED,
        ErrCode.CORP_NOT_CERTIFIED,
        ErrCode.OPENID_NOT_OF_UNIONID,
    ),
    sample={"unionid": "xxxxx", "openid": "xxxxx", "corpid": "xxxxx", "mass_call_ticket": "xxxxx"},
)
def downstream_unionid_to_external_userid(call: Call, body: DownstreamRequest) -> SuiteUnionidReply:
    """上下游 unionid转换external_userid / Convert unionid to external_userid in a corp group

    Searches every downstream corp of the groups in which the calling app is shared; the ids returned are
    valid for this upstream corp only. The list is empty if the person is nobody's customer. Needs the
    settings corp_verified and open_platform_verified; limited per corp by the settings limit_unionid_hour,
    limit_unionid_day and limit_unionid_month.
    """
    if not is_shared(call, DOWNSTREAM):
        raise Refusal(
            ErrCode.API_FORBIDDEN, detail=f"app {call.agentid} is not shared in a 上下游 of this corp"
        )
    settings = call.settings
    limits = {
        "hour": settings.limit_unionid_hour,
        "day": settings.limit_unionid_day,
        "month": settings.limit_unionid_month,
    }
    conversion_quota.count_conversion(call, call.corp_id, "unionid_downstream", limits)
    refuse_uncertified_corp(call)
    corps = reachable_corps(call, DOWNSTREAM)
    if body.corpid and body.corpid not in corps:
        raise Refusal(ErrCode.INVALID_CORPID, detail=f"{body.corpid!r} is not a downstream corp")
    corps = [body.corpid] if body.corpid else corps
    refuse_wrong_pair(call, body.unionid, body.openid, [call.corp_id], [])
    found: dict[str, str] = {}
    for corp_id in corps:
        plain = customer_by_unionid(call.db, corp_id, body.unionid)
        if plain and followed_customers(call.db, corp_id, [plain], None):
            found[corp_id] = to_scoped(call.db, corp_id, call.corp_id, UPSTREAM, [plain])[plain]
    return {
        "external_userid_info": [
            {"corpid": corp_id, "external_userid": scoped} for corp_id, scoped in found.items()
        ]
    }
