"""Between a member's userid and a provider's open_userid for it (pages 95435 and 95884)."""

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import OF_PROVIDERS
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.families.directory.lookup import find_members
from wecom_tollbooth.families.directory.visibility import combined_range, members_in_range, visible_userids
from wecom_tollbooth.families.id_conversion.family import family
from wecom_tollbooth.families.id_conversion.known_customers import MEMBERS, provider_of, to_plain, to_scoped
from wecom_tollbooth.families.id_conversion.tables import SCOPED_ID
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required, required_number

IDS_PER_CALL = 1_000


class OpenUserid(TypedDict):
    userid: str
    open_userid: str


# --- userid转换为open_userid -------------------------------------------------------------------------------


class ToOpenRequest(RequestModel):
    userid_list: list[str] = required(
        ErrCode.INVALID_USERID_LIST, max_items=IDS_PER_CALL, doc="members, up to 1000"
    )


class ToOpenReply(TypedDict):
    open_userid_list: list[OpenUserid]
    invalid_userid_list: list[str]


@family.post(
    "/cgi-bin/batch/userid_to_openuserid",
    doc="95435",
    checked=None,
    meter="directory.read",
    permission=Permission.PROVIDER_APP,
    errors=(ErrCode.INVALID_USERID_LIST, ErrCode.INVALID_PARAMETER),
    sample={"userid_list": ["aaa", "bbb"]},
)
def userid_to_openuserid(call: Call, body: ToOpenRequest) -> ToOpenReply:
    """userid 转换为服务商的 open_userid / Convert userid to a provider's open_userid

    The provider's id for each member in the app's visible range, the same in all of its apps. Others are in
    `invalid_userid_list`.
    """
    given = list(dict.fromkeys(body.userid_list))
    visible = visible_userids(call)
    found = {
        userid: member.userid
        for userid, member in find_members(call, given).items()
        if visible is None or member.userid in visible
    }
    scoped = to_scoped(call.db, call.corp_id, provider_of(call), MEMBERS, set(found.values()))
    return {
        "open_userid_list": [
            {"userid": userid, "open_userid": scoped[found[userid]]} for userid in given if userid in found
        ],
        "invalid_userid_list": [userid for userid in given if userid not in found],
    }


# --- open_userid转换为userid -------------------------------------------------------------------------------


class ToPlainRequest(RequestModel):
    open_userid_list: list[str] = required(max_items=IDS_PER_CALL, doc="the provider's ids, up to 1000")
    source_agentid: int = required_number(doc="the provider's app in this corp that received the ids")


class ToPlainReply(TypedDict):
    userid_list: list[OpenUserid]
    invalid_open_userid_list: list[str]


@family.post(
    "/cgi-bin/batch/openuserid_to_userid",
    doc="95884",
    meter="directory.read",
    permission=Permission.SELF_BUILT_ANY,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.OPEN_USERID_OF_ANOTHER_PROVIDER,
        ErrCode.NO_RIGHT_ON_APP,
    ),
    sample={"open_userid_list": ["xxx", "yyy"], "source_agentid": 100001},
)
def openuserid_to_userid(call: Call, body: ToPlainRequest) -> ToPlainReply:
    """服务商的 open_userid 转换为 userid / Convert a provider's open_userid to userid

    The members must be in the visible range of both apps; ids of others, and ids that nobody has, are in
    `invalid_open_userid_list`.
    """
    source = call.db.execute(
        sa.select(APP.c.provider_id, APP.c.visible, APP.c.contactable).where(
            APP.c.corp_id == call.corp_id,
            APP.c.agentid == body.source_agentid,
            APP.c.kind.in_(OF_PROVIDERS),
        )
    ).first()
    if source is None:
        raise Refusal(ErrCode.NO_RIGHT_ON_APP, detail=f"app {body.source_agentid} is not a provider's app")
    given = list(dict.fromkeys(body.open_userid_list))
    plain = to_plain(call.db, call.corp_id, source.provider_id, MEMBERS, given)
    _refuse_other_providers(call, source.provider_id, [id_ for id_ in given if id_ not in plain])
    in_both = set(find_members(call, list(plain.values())))
    of_source = combined_range(source.visible, source.contactable)
    for seen in (visible_userids(call), members_in_range(call.db, call.corp_id, of_source)):
        in_both = in_both if seen is None else in_both & seen
    return {
        "userid_list": [
            {"userid": plain[id_], "open_userid": id_} for id_ in given if plain.get(id_) in in_both
        ],
        "invalid_open_userid_list": [id_ for id_ in given if plain.get(id_) not in in_both],
    }


def _refuse_other_providers(call: Call, provider_id: str, unknown: list[str]) -> None:
    """Raises 60221 if an id that the provider doesn't have is one of another provider in this corp."""
    query = sa.select(SCOPED_ID.c.scoped_id).where(
        SCOPED_ID.c.corp_id == call.corp_id,
        SCOPED_ID.c.provider_id != provider_id,
        SCOPED_ID.c.kind == MEMBERS,
        SCOPED_ID.c.scoped_id.in_(unknown),
    )
    foreign = call.db.execute(query.limit(1)).scalar()
    if foreign is not None:
        detail = f"{foreign} is an id of another provider than {provider_id}"
        raise Refusal(ErrCode.OPEN_USERID_OF_ANOTHER_PROVIDER, detail=detail)
