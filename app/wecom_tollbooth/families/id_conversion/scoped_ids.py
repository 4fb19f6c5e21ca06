"""Between the corp's ids and a provider's; and from a customer to the openid for the corp."""

from typing import NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import OF_PROVIDERS, THIRD_PARTY_APPS, AppKind
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import insert_missing
from wecom_tollbooth.families.directory.visibility import combined_range, members_in_range, visible_userids
from wecom_tollbooth.families.group_chats.membership import people_in_groups
from wecom_tollbooth.families.id_conversion.family import family
from wecom_tollbooth.families.id_conversion.known_customers import (
    CONTACTS,
    TAGS,
    followed_customers,
    has_migrated,
    known_ids,
    provider_of,
    to_plain,
    to_scoped,
    visible_customers,
)
from wecom_tollbooth.families.id_conversion.tables import ID_MIGRATION
from wecom_tollbooth.families.relations.lookups import not_brought, the_customer
from wecom_tollbooth.families.relations.openids import openid_of
from wecom_tollbooth.families.tag_library.tables import TAG, TAG_GROUP
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, required, required_number

WECHAT = 1
IDS_PER_CALL = 1_000


def _unknown(external_userid: str) -> Refusal:
    return Refusal(
        ErrCode.INVALID_EXTERNAL_USERID,
        detail=f"{external_userid!r} is not, for this app, an id of a customer with a visible follower",
    )


# --- 外部联系人openid转换 ----------------------------------------------------------------------------------


class OpenidRequest(RequestModel):
    external_userid: str = required(ErrCode.MISSING_EXTERNAL_USERID, doc="of a customer who uses WeChat")


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
    """外部联系人openid转换 / Convert external_userid to openid

    The customer's openid for this corp, the same in every call. The customer must use WeChat and have a
    follower in the visible range; a 营销获客 app must have acquired the customer.
    """
    external_userid = body.external_userid
    plain = known_ids(call, provider_of(call), [external_userid]).get(external_userid)
    if plain is None or not followed_customers(call.db, call.corp_id, [plain], visible_userids(call)):
        raise _unknown(external_userid)
    if not visible_customers(call, [plain]):
        raise not_brought(call, external_userid)
    if the_customer(call, plain).type != WECHAT:
        raise Refusal(ErrCode.WRONG_KIND_OF_CONTACT, detail=f"{external_userid} uses WeCom, not WeChat")
    return {"openid": openid_of(call.corp_id, plain)}


# --- 转换external_userid（ID安全升级） ---------------------------------------------------------------------


class NewIdsRequest(RequestModel):
    external_userid_list: list[str] = required(
        ErrCode.MISSING_EXTERNAL_USERID, max_items=IDS_PER_CALL, doc="up to 1000; 200 are advised"
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
    """转换external_userid（ID安全升级） / Convert to the new external_userid (id upgrade)

    The provider's id for each of the corp's ids; the provider's own ids come back unchanged. Unknown ids, and
    those without a follower in the visible range, are left out. A third-party app may not call it after its
    migration.
    """
    provider_id = provider_of(call)
    if has_migrated(call, provider_id):
        raise Refusal(ErrCode.API_FORBIDDEN, detail="the provider has finished the migration in this corp")
    known = known_ids(call, provider_id, body.external_userid_list)
    visible = visible_customers(call, set(known.values()))
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
    corpid: str = required(ErrCode.MISSING_CORPID, doc="corp whose migration is finished")


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
    """设置迁移完成（ID安全升级） / Declare the id upgrade finished

    From now on the provider's third-party apps in this corp know only the provider's ids; this can't be
    undone. Repeating it changes nothing.
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
    """Provider and kind of the corp's enabled third-party apps, optionally of one provider."""
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
    """代开发应用external_userid转换 / Convert external_userid to a provider's

    The id by which the same provider's third-party app knows this customer. That app must be installed in the
    corp with rights on customers, and the customer must have a follower in the visible range.
    """
    provider_id = provider_of(call)
    installed = _third_party_apps(call, call.corp_id)
    if not installed:
        raise Refusal(ErrCode.NO_THIRD_PARTY_APP, detail="the corp has installed no third-party app")
    kinds = {kind for provider, kind in installed if provider == provider_id}
    if not kinds:
        raise Refusal(
            ErrCode.NO_APP_OF_THE_PROVIDER, detail=f"no third-party app of {provider_id} is installed"
        )
    if AppKind.THIRD_PARTY not in kinds:
        raise Refusal(
            ErrCode.NO_RIGHT_OF_THIRD_PARTY_APP, detail="the app is of the kind third_party_unlisted"
        )
    plain = body.external_userid
    if not visible_customers(call, [plain]):
        raise _unknown(plain)
    scoped = to_scoped(call.db, call.corp_id, provider_id, CONTACTS, [plain])
    return {"external_userid": scoped[plain]}


# --- 将代开发/第三方应用获取的external_userid转换为企业主体 ----------------------------------------------


class FromServiceRequest(RequestModel):
    external_userid: str = required(ErrCode.MISSING_EXTERNAL_USERID, doc="the provider's id of a customer")
    source_agentid: int = required_number(doc="the provider's app in this corp that received the id")


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
    """将代开发/第三方应用获取的external_userid转换为企业主体 / Convert external_userid to the corp's

    The corp's own id of the customer. A follower, or the owner of a customer group that the person is in,
    must be in the visible range of both apps.
    """
    query = sa.select(APP.c.provider_id, APP.c.visible, APP.c.contactable).where(
        APP.c.corp_id == call.corp_id, APP.c.agentid == body.source_agentid, APP.c.kind.in_(OF_PROVIDERS)
    )
    source = call.db.execute(query).first()
    if source is None:
        raise Refusal(ErrCode.INVALID_AGENTID, detail=f"app {body.source_agentid} is not a provider's app")
    given = body.external_userid
    plain = to_plain(call.db, call.corp_id, source.provider_id, CONTACTS, [given]).get(given)
    of_source = combined_range(source.visible, source.contactable)
    ours, theirs = visible_userids(call), members_in_range(call.db, call.corp_id, of_source)
    both = theirs if ours is None else ours if theirs is None else ours & theirs
    if plain is None or not (
        followed_customers(call.db, call.corp_id, [plain], both)
        or people_in_groups(call.db, call.corp_id, [plain], both)
    ):
        raise _unknown(given)
    return {"external_userid": plain}


# --- 客户标签ID的转换（ID安全升级） ------------------------------------------------------------------------


class TagIdsRequest(RequestModel):
    external_tagid_list: list[str] = required(
        ErrCode.MISSING_TAGID, max_items=IDS_PER_CALL, doc="tags and tag groups, up to 1000"
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
    """客户标签ID的转换（ID安全升级） / Convert ids of customer tags (id upgrade)

    The provider's id for tags and tag groups of the corp and of its rule groups; the provider's own ids come
    back unchanged. Unknown and deleted ids are in `invalid_external_tagid_list`, which is absent if empty.
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
