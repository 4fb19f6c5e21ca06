"""Between the corp's ids and a provider's; and from a customer to the openid of the corp."""

from typing import NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import OF_PROVIDERS, THIRD_PARTY_APPS, AppKind
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import insert_missing
from wecom_tollbooth.families.directory.visibility import members_in_range, together, visible_userids
from wecom_tollbooth.families.id_conversion.family import family
from wecom_tollbooth.families.id_conversion.known_customers import (
    CONTACTS,
    TAGS,
    followed,
    has_migrated,
    known_by,
    provider_of,
    seen,
    to_plain,
    to_scoped,
)
from wecom_tollbooth.families.id_conversion.tables import ID_MIGRATION
from wecom_tollbooth.families.relations.lookups import customer_type, not_brought
from wecom_tollbooth.families.tag_library.tables import TAG, TAG_GROUP
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, required, required_number
from wecom_tollbooth.world import ids

WECHAT = 1
AT_ONCE = 1_000


def _unknown(external_userid: str) -> Refusal:
    return Refusal(
        ErrCode.INVALID_EXTERNAL_USERID,
        detail=f"{external_userid!r} is no id that this app knows of a customer whose follower it sees",
    )


# --- 外部联系人openid转换 ----------------------------------------------------------------------------------


class OpenidRequest(RequestModel):
    external_userid: str = required(ErrCode.MISSING_EXTERNAL_USERID, doc="a customer who uses WeChat")


class OpenidReply(TypedDict):
    openid: str


@family.post(
    "/cgi-bin/externalcontact/convert_to_openid",
    doc="92323",
    meter="customer.read",
    permission=Permission.CUSTOMER_OPENID,
    errors=(
        ErrCode.INVALID_EXTERNAL_USERID,
        ErrCode.MISSING_EXTERNAL_USERID,
        ErrCode.WRONG_KIND_OF_CONTACT,
        ErrCode.NOT_BROUGHT_BY_THE_APP,
    ),
    sample={"external_userid": "wmAAAAAAA"},
)
def convert_to_openid(call: Call, body: OpenidRequest) -> OpenidReply:
    """外部联系人openid转换

    What WeChat calls the customer towards this corp, the same at every call. Errors: 41035, 40096 (unknown,
    of another scope, or no follower in the visible range), 41056 (uses WeCom), 90514 (a 营销获客 app, and a
    customer whom it did not bring).
    """
    external_userid = body.external_userid
    plain = known_by(call, provider_of(call), [external_userid]).get(external_userid)
    if plain is None or not followed(call.db, call.corp_id, [plain], visible_userids(call)):
        raise _unknown(external_userid)
    if not seen(call, [plain]):
        raise not_brought(call, external_userid)
    if customer_type(call, plain) != WECHAT:
        raise Refusal(ErrCode.WRONG_KIND_OF_CONTACT, detail=f"{external_userid} uses WeCom, not WeChat")
    return {"openid": "o" + ids.draw(0, f"openid/{call.corp_id}/{plain}", 0, 27)}


# --- 转换external_userid（ID安全升级） ---------------------------------------------------------------------


class NewIdsRequest(RequestModel):
    external_userid_list: list[str] = required(
        ErrCode.MISSING_EXTERNAL_USERID, max_items=AT_ONCE, doc="up to 1000; 200 are advised"
    )


class OldAndNewId(TypedDict):
    external_userid: str
    new_external_userid: str


class NewIdsReply(TypedDict):
    items: list[OldAndNewId]


@family.post(
    "/cgi-bin/externalcontact/get_new_external_userid",
    doc="97107",
    meter="customer.list",
    permission=Permission.PROVIDER_APP,
    errors=(ErrCode.INVALID_PARAMETER, ErrCode.MISSING_EXTERNAL_USERID, ErrCode.API_FORBIDDEN),
    sample={"external_userid_list": ["xxxxx", "yyyyyy"]},
)
def get_new_external_userid(call: Call, body: NewIdsRequest) -> NewIdsReply:
    """转换external_userid（ID安全升级）

    The provider's id for each of the corp's; the provider's own come back unchanged. Unknown ids, and those
    without a follower in the visible range, are left out. Errors: 41035, 40058 (over 1000), 48002 (a
    third-party app that is through with the change).
    """
    provider_id = provider_of(call)
    if has_migrated(call, provider_id):
        raise Refusal(ErrCode.API_FORBIDDEN, detail="the provider has finished the migration in this corp")
    known = known_by(call, provider_id, body.external_userid_list)
    visible = seen(call, set(known.values()))
    scoped = to_scoped(call.db, call.corp_id, provider_id, CONTACTS, visible)
    return {
        "items": [
            {"external_userid": given, "new_external_userid": scoped[known[given]]}
            for given in dict.fromkeys(body.external_userid_list)
            if known.get(given) in visible
        ]
    }


# --- 设置迁移完成（ID安全升级） ----------------------------------------------------------------------------


class FinishRequest(RequestModel):
    corpid: str = required(ErrCode.MISSING_CORPID, doc="corp that is through with the change")


@family.post(
    "/cgi-bin/service/externalcontact/finish_external_userid_migration",
    doc="95327",
    checked=None,
    meter="customer.write",
    token="provider_access_token",
    permission=Permission.PROVIDER,
    errors=(ErrCode.MISSING_CORPID, ErrCode.INVALID_CORPID, ErrCode.CORP_IS_THE_PROVIDER),
    sample={"corpid": "xxxxx"},
)
def finish_external_userid_migration(call: Call, body: FinishRequest) -> Done:
    """设置迁移完成（ID安全升级）

    From now on the provider's third-party apps in this corp know the provider's ids alone; there is no way
    back. Doing it again changes nothing. Errors: 41002, 610022, 40013 (no third-party app of the provider).
    """
    if body.corpid == call.corp_id:
        raise Refusal(ErrCode.CORP_IS_THE_PROVIDER, detail="a provider's own corp has nothing to migrate")
    kinds = [kind for _, kind in _third_party_apps(call, body.corpid, call.corp_id)]
    if not kinds:
        detail = f"{body.corpid!r} has no third-party app of this provider"
        raise Refusal(ErrCode.INVALID_CORPID, detail=detail)
    row = {"corp_id": body.corpid, "provider_id": call.corp_id, "finished_at": call.now}
    call.db.execute(insert_missing(call.db.dialect, ID_MIGRATION), row)
    return {}


def _third_party_apps(call: Call, corp_id: str, provider_id: str | None = None) -> list[tuple[str, str]]:
    """Provider and kind of the enabled third-party apps in the corp: all, or those of one provider."""
    query = sa.select(APP.c.provider_id, APP.c.kind).where(
        APP.c.corp_id == corp_id, APP.c.kind.in_(THIRD_PARTY_APPS), APP.c.enabled.is_(True)
    )
    if provider_id is not None:
        query = query.where(APP.c.provider_id == provider_id)
    return [(row.provider_id, row.kind) for row in call.db.execute(query)]


# --- 代开发应用external_userid转换 -------------------------------------------------------------------------


class ToServiceRequest(RequestModel):
    external_userid: str = required(ErrCode.MISSING_EXTERNAL_USERID, doc="the corp's id of a customer")


class ConvertedReply(TypedDict):
    external_userid: str


@family.post(
    "/cgi-bin/externalcontact/to_service_external_userid",
    doc="95195",
    checked=None,
    meter="customer.read",
    permission=Permission.PROVIDER_DEVELOPED,
    errors=(
        ErrCode.INVALID_EXTERNAL_USERID,
        ErrCode.MISSING_EXTERNAL_USERID,
        ErrCode.NO_THIRD_PARTY_APP,
        ErrCode.NO_APP_OF_THE_PROVIDER,
        ErrCode.NO_RIGHT_OF_THIRD_PARTY_APP,
    ),
    sample={"external_userid": "wmAAAAAAA"},
)
def to_service_external_userid(call: Call, body: ToServiceRequest) -> ConvertedReply:
    """代开发应用external_userid转换

    What the same provider's third-party app calls this customer. Errors: 41035, 610019 (the corp has no
    third-party app), 610020 (none of this provider), 610021 (it has no right on customers), 40096 (no id of
    the corp's, or no follower in the visible range).
    """
    provider_id = provider_of(call)
    installed = _third_party_apps(call, call.corp_id)
    if not installed:
        raise Refusal(ErrCode.NO_THIRD_PARTY_APP, detail="the corp has installed no third-party app")
    kinds = {kind for provider, kind in installed if provider == provider_id}
    if not kinds:
        raise Refusal(ErrCode.NO_APP_OF_THE_PROVIDER, detail=f"no third-party app is of {provider_id}")
    if AppKind.THIRD_PARTY not in kinds:
        raise Refusal(ErrCode.NO_RIGHT_OF_THIRD_PARTY_APP, detail="it is of the kind third_party_unlisted")
    plain = body.external_userid
    if not seen(call, [plain]):
        raise _unknown(plain)
    scoped = to_scoped(call.db, call.corp_id, provider_id, CONTACTS, [plain])
    return {"external_userid": scoped[plain]}


# --- 将代开发/第三方应用获取的external_userid转换为企业主体 ----------------------------------------------


class FromServiceRequest(RequestModel):
    external_userid: str = required(ErrCode.MISSING_EXTERNAL_USERID, doc="the provider's id of a customer")
    source_agentid: int = required_number(doc="the provider's app, in this corp, that the id came from")


@family.post(
    "/cgi-bin/externalcontact/from_service_external_userid",
    doc="95884",
    meter="customer.read",
    permission=Permission.SELF_BUILT_ANY,
    errors=(
        ErrCode.INVALID_AGENTID,
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_EXTERNAL_USERID,
        ErrCode.MISSING_EXTERNAL_USERID,
    ),
    sample={"external_userid": "aaa", "source_agentid": 100001},
)
def from_service_external_userid(call: Call, body: FromServiceRequest) -> ConvertedReply:
    """将代开发/第三方应用获取的external_userid转换为企业主体

    The corp's own id of the customer. A follower must be in the visible range of both apps. Errors: 41035,
    40063 (no source_agentid), 40056 (no app of a provider), 40096.
    """
    query = sa.select(APP.c.provider_id, APP.c.visible, APP.c.contactable).where(
        APP.c.corp_id == call.corp_id, APP.c.agentid == body.source_agentid, APP.c.kind.in_(OF_PROVIDERS)
    )
    source = call.db.execute(query).first()
    if source is None:
        raise Refusal(ErrCode.INVALID_AGENTID, detail=f"{body.source_agentid} is no provider's app here")
    given = body.external_userid
    plain = to_plain(call.db, call.corp_id, source.provider_id, CONTACTS, [given]).get(given)
    of_source = together(source.visible, source.contactable)
    ours, theirs = visible_userids(call), members_in_range(call.db, call.corp_id, of_source)
    both = theirs if ours is None else ours if theirs is None else ours & theirs
    if plain is None or not followed(call.db, call.corp_id, [plain], both):
        raise _unknown(given)
    return {"external_userid": plain}


# --- 客户标签ID的转换（ID安全升级） ------------------------------------------------------------------------


class TagIdsRequest(RequestModel):
    external_tagid_list: list[str] = required(
        ErrCode.MISSING_TAGID, max_items=AT_ONCE, doc="tags and tag groups, up to 1000"
    )


class TagIdAndOpenId(TypedDict):
    external_tagid: str
    open_external_tagid: str


class TagIdsReply(TypedDict):
    items: list[TagIdAndOpenId]
    invalid_external_tagid_list: NotRequired[list[str]]


@family.post(
    "/cgi-bin/idconvert/external_tagid",
    doc="97064",
    meter="tag.read",
    permission=Permission.PROVIDER_APP,
    errors=(ErrCode.INVALID_PARAMETER, ErrCode.MISSING_TAGID),
    sample={"external_tagid_list": ["TAG_ID1", "TAG_ID2", "TAG_ID3", "TAG_ID4"]},
)
def convert_tag_ids(call: Call, body: TagIdsRequest) -> TagIdsReply:
    """客户标签ID的转换（ID安全升级）

    The provider's id for tags and groups of the corp and of its rule groups; the provider's own come back
    unchanged. What is unknown or deleted is in `invalid_external_tagid_list`, which is there when some are.
    Errors: 41017, 40058 (over 1000).
    """
    provider_id = provider_of(call)
    given = list(dict.fromkeys(body.external_tagid_list))
    meant = to_plain(call.db, call.corp_id, provider_id, TAGS, given)
    plain = {meant.get(id_, id_) for id_ in given}
    living: set[str] = set()
    for table, column in ((TAG, TAG.c.tag_id), (TAG_GROUP, TAG_GROUP.c.group_id)):
        query = sa.select(column).where(
            table.c.corp_id == call.corp_id, column.in_(plain), table.c.deleted_at.is_(None)
        )
        living |= {row[0] for row in call.db.execute(query)}
    scoped = to_scoped(call.db, call.corp_id, provider_id, TAGS, living)
    reply: TagIdsReply = {
        "items": [
            {"external_tagid": id_, "open_external_tagid": scoped[meant.get(id_, id_)]}
            for id_ in given
            if meant.get(id_, id_) in living
        ]
    }
    invalid = [id_ for id_ in given if meant.get(id_, id_) not in living]
    if invalid:
        reply["invalid_external_tagid_list"] = invalid
    return reply
