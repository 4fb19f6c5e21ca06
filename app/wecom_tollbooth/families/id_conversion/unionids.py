"""From a unionid to a customer of one corp, or of every corp that has the provider's app."""

from typing import NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import Transaction, upsert
from wecom_tollbooth.families.directory.visibility import members_in_range
from wecom_tollbooth.families.group_chats.lookup import the_visible_group
from wecom_tollbooth.families.group_chats.membership import people_in_groups, present_in
from wecom_tollbooth.families.id_conversion import conversion_quota
from wecom_tollbooth.families.id_conversion.family import family
from wecom_tollbooth.families.id_conversion.known_customers import (
    CONTACTS,
    convertible_customers,
    customer_by_unionid,
    followed_customers,
    known_ids,
    provider_of,
    to_scoped,
    visible_customers,
)
from wecom_tollbooth.families.id_conversion.tables import (
    MINI_PROGRAM_USER,
    PENDING_ID,
)
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required
from wecom_tollbooth.world.clock import DAY

PENDING_SECONDS = 90 * DAY
OF_THE_CORP, OF_THE_PROVIDER = 0, 1
"""subject_type: whose mini-program the ids come from."""


# --- unionid转换为external_userid --------------------------------------------------------------------------


class UnionidRequest(RequestModel):
    unionid: str = required(doc="the WeChat user")
    openid: str = required(doc="the same user in the corp's mini-program")


class UnionidReply(TypedDict):
    external_userid: str


@family.post(
    "/cgi-bin/externalcontact/unionid_to_external_userid",
    doc="93274",
    checked=None,
    meter="customer.read",
    permission=Permission.PROVIDER_APP,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.NO_DEVELOPER_ACCOUNT,
        ErrCode.INVALID_UNIONID,
        ErrCode.OPEN_ACCOUNT_NOT_VERIFIED,
        ErrCode.CORP_NOT_CERTIFIED,
        ErrCode.SUBJECTS_DIFFER,
        ErrCode.OPENID_NOT_OF_UNIONID,
        ErrCode.NOT_EXTERNAL_CONTACT,
    ),
    sample={"unionid": "oAAAAAAA", "openid": "oBBBBBB"},
)
def unionid_to_external_userid(call: Call, body: UnionidRequest) -> UnionidReply:
    """unionid转换为external_userid / Convert unionid to external_userid

    The customer who logged in to the corp's own mini-program; a follower, or the owner of a customer group
    that they are in, must be in the visible range. Needs the settings unionid_bound, corp_verified and
    open_platform_verified.
    """
    if not call.settings.unionid_bound:
        raise Refusal(ErrCode.NO_DEVELOPER_ACCOUNT, detail="TOLLBOOTH_UNIONID_BOUND is off")
    refuse_uncertified_corp(call)
    provider_id = provider_of(call)
    refuse_wrong_pair(call, body.unionid, body.openid, [call.corp_id], [provider_id])
    external_userid = _seen_customer(call, provider_id, body.unionid)
    if external_userid is None:
        raise Refusal(
            ErrCode.NOT_EXTERNAL_CONTACT,
            detail="nobody in the visible range follows this person, or owns a group that they are in",
        )
    return {"external_userid": external_userid}


def refuse_uncertified_corp(call: Call) -> None:
    """Raises 610016 if the setting corp_verified is off."""
    if not call.settings.corp_verified:
        raise Refusal(ErrCode.CORP_NOT_CERTIFIED, detail="TOLLBOOTH_CORP_VERIFIED is off")


def refuse_wrong_pair(call: Call, unionid: str, openid: str, subjects: list[str], others: list[str]) -> None:
    """Raises unless both ids are one person's in the mini-program of one of `subjects` (corpids).

    610015 if the setting open_platform_verified is off, 610014 for an unknown unionid, 610017 for a pair from
    the mini-program of one of `others`, 610018 for any other pair.
    """
    if not call.settings.open_platform_verified:
        raise Refusal(ErrCode.OPEN_ACCOUNT_NOT_VERIFIED, detail="TOLLBOOTH_OPEN_PLATFORM_VERIFIED is off")
    query = sa.select(MINI_PROGRAM_USER.c.corp_id, MINI_PROGRAM_USER.c.openid).where(
        MINI_PROGRAM_USER.c.corp_id.in_([*subjects, *others]), MINI_PROGRAM_USER.c.unionid == unionid
    )
    openids = {row.corp_id: row.openid for row in call.db.execute(query)}
    if openid in {openids.get(subject) for subject in subjects}:
        return
    if not openids and customer_by_unionid(call.db, call.corp_id, unionid) is None:
        raise Refusal(ErrCode.INVALID_UNIONID, detail=f"nobody has the unionid {unionid!r}")
    if openid in openids.values():
        raise Refusal(ErrCode.SUBJECTS_DIFFER, detail=f"the ids are not from the mini-program of {subjects}")
    detail = f"{openid!r} is not the openid of {unionid!r} in the mini-program of {subjects}"
    raise Refusal(ErrCode.OPENID_NOT_OF_UNIONID, detail=detail)


def _seen_customer(call: Call, provider_id: str, unionid: str) -> str | None:
    """The customer with this unionid, by the id that the app knows; None if the app doesn't see them."""
    plain = customer_by_unionid(call.db, call.corp_id, unionid)
    if plain is None or not convertible_customers(call, [plain]):
        return None
    if call.app_kind == AppKind.PROVIDER_DEVELOPED:
        return plain
    return to_scoped(call.db, call.corp_id, provider_id, CONTACTS, [plain])[plain]


# --- 第三方应用 unionid 转换为 external_userid --------------------------------------------------------------


class SuiteUnionidRequest(RequestModel):
    unionid: str = required(doc="the WeChat user")
    openid: str = required(doc="the same user in the provider's mini-program, or that of `corpid`")
    corpid: str | None = optional(doc="only this corp; absent: all corps that have the app")


class CorpAndCustomer(TypedDict):
    corpid: str
    external_userid: str


class SuiteUnionidReply(TypedDict):
    external_userid_info: list[CorpAndCustomer]


@family.post(
    "/cgi-bin/service/externalcontact/unionid_to_external_userid_3rd",
    doc="95878",
    checked=None,
    meter="customer.read",
    token="suite_access_token",
    permission=Permission.SUITE,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_CORPID,
        ErrCode.INVALID_UNIONID,
        ErrCode.OPEN_ACCOUNT_NOT_VERIFIED,
        ErrCode.OPENID_NOT_OF_UNIONID,
        ErrCode.FREQUENCY_LIMIT,
    ),
    sample={"unionid": "xxxxx", "openid": "xxxxx", "corpid": "xxxxx"},
)
def unionid_to_external_userid_3rd(call: Call, body: SuiteUnionidRequest) -> SuiteUnionidReply:
    """第三方应用 unionid 转换为 external_userid / Convert unionid to external_userid for a third-party app

    Searches every corp whose third-party app of this provider sees a follower of the person, or the owner of
    a customer group that they are in; the list is empty if no corp has one. Needs the setting
    open_platform_verified; limited per provider by the settings limit_unionid_3rd_hour and
    limit_unionid_3rd_day.
    """
    settings = call.settings
    limits = {"hour": settings.limit_unionid_3rd_hour, "day": settings.limit_unionid_3rd_day}
    conversion_quota.count_conversion(call, call.corp_id, "unionid_3rd", limits)
    apps = _installed(call.db, call.corp_id, body.corpid)
    if body.corpid and not apps:
        raise Refusal(ErrCode.INVALID_CORPID, detail=f"{body.corpid!r} has not installed the suite's app")
    subjects = [call.corp_id, body.corpid] if body.corpid else [call.corp_id]
    refuse_wrong_pair(call, body.unionid, body.openid, subjects, [])
    found: dict[str, str] = {}
    for corp_id, visible in apps:
        plain = customer_by_unionid(call.db, corp_id, body.unionid)
        members = members_in_range(call.db, corp_id, visible)
        if plain and (
            followed_customers(call.db, corp_id, [plain], members)
            or people_in_groups(call.db, corp_id, [plain], members)
        ):
            found[corp_id] = to_scoped(call.db, corp_id, call.corp_id, CONTACTS, [plain])[plain]
    return {
        "external_userid_info": [
            {"corpid": corp_id, "external_userid": scoped} for corp_id, scoped in found.items()
        ]
    }


def _installed(
    db: Transaction, provider_id: str, corp_id: str | None
) -> list[tuple[str, dict[str, list[str | int]] | None]]:
    """Corp and visible range of the provider's enabled third-party apps, optionally of one corp."""
    query = sa.select(APP.c.corp_id, APP.c.visible).where(
        APP.c.provider_id == provider_id, APP.c.kind == AppKind.THIRD_PARTY, APP.c.enabled.is_(True)
    )
    if corp_id:
        query = query.where(APP.c.corp_id == corp_id)
    ordered = query.order_by(APP.c.corp_id, APP.c.agentid)
    return [(row.corp_id, row.visible) for row in db.execute(ordered)]


# --- unionid与external_userid关联：unionid转换为external_userid/pending_id ----------------------------------


class PendingRequest(RequestModel):
    unionid: str = required(doc="the WeChat user")
    openid: str = required(doc="the same user in the mini-program")
    subject_type: int | None = optional(
        ge=OF_THE_CORP, le=OF_THE_PROVIDER, doc="whose mini-program: 0 the corp's, 1 the provider's"
    )


class PendingReply(TypedDict):
    external_userid: NotRequired[str]
    pending_id: NotRequired[str]


@family.post(
    "/cgi-bin/idconvert/unionid_to_external_userid",
    doc="97108",
    meter="customer.read",
    permission=Permission.PENDING_ID,
    errors=(
        ErrCode.INVALID_PARAMETER,
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_UNIONID,
        ErrCode.OPEN_ACCOUNT_NOT_VERIFIED,
        ErrCode.CORP_NOT_CERTIFIED,
        ErrCode.SUBJECTS_DIFFER,
        ErrCode.OPENID_NOT_OF_UNIONID,
        ErrCode.FREQUENCY_LIMIT,
    ),
    sample={"unionid": "oAAAAAAA", "openid": "oBBBB", "subject_type": 1},
)
def convert_unionid(call: Call, body: PendingRequest) -> PendingReply:
    """unionid与external_userid关联：unionid转换为external_userid/pending_id / Convert unionid to either

    The external_userid of a customer whom the app sees, who may be in a customer group only; otherwise a
    pending_id that stays the same for 90 days. Needs the settings corp_verified and open_platform_verified;
    limited by the settings limit_unionid_hour, limit_unionid_day and limit_unionid_month, per corp, with
    subject_type 1 per provider.
    """
    provider_id = provider_of(call)
    of_provider = body.subject_type == OF_THE_PROVIDER
    subject, other = (provider_id, call.corp_id) if of_provider else (call.corp_id, provider_id)
    settings = call.settings
    limits = {
        "hour": settings.limit_unionid_hour,
        "day": settings.limit_unionid_day,
        "month": settings.limit_unionid_month,
    }
    conversion_quota.count_conversion(
        call, subject, "unionid_of_provider" if of_provider else "unionid_of_corp", limits
    )
    refuse_uncertified_corp(call)
    refuse_wrong_pair(call, body.unionid, body.openid, [subject], [other])
    external_userid = _seen_customer(call, provider_id, body.unionid)
    if external_userid is not None:
        return {"external_userid": external_userid}
    return {"pending_id": _pending_id(call, provider_id, body.unionid)}


def _pending_id(call: Call, provider_id: str, unionid: str) -> str:
    """The person's unexpired pending_id, or a new one for 90 days."""
    query = sa.select(PENDING_ID.c.pending_id).where(
        PENDING_ID.c.corp_id == call.corp_id,
        PENDING_ID.c.provider_id == provider_id,
        PENDING_ID.c.unionid == unionid,
        PENDING_ID.c.expires_at > call.now,
    )
    unexpired: str | None = call.db.execute(query).scalar()
    if unexpired is not None:
        return unexpired
    pending_id = call.new_id("pd")
    call.db.execute(
        upsert(call.db.dialect, PENDING_ID, ["corp_id", "provider_id", "unionid"]),
        {
            "corp_id": call.corp_id,
            "provider_id": provider_id,
            "unionid": unionid,
            "pending_id": pending_id,
            "expires_at": call.now + PENDING_SECONDS,
        },
    )
    return pending_id


# --- unionid与external_userid关联：external_userid查询pending_id --------------------------------------------


class PendingIdsRequest(RequestModel):
    external_userid: list[str] = required(
        ErrCode.MISSING_EXTERNAL_USERID, max_items=100, doc="customers, up to 100"
    )
    chat_id: str | None = optional(doc="a customer group; its members count even if not followed")


class CustomerAndPendingId(TypedDict):
    external_userid: str
    pending_id: str


class PendingIdsReply(TypedDict):
    result: list[CustomerAndPendingId]


@family.post(
    "/cgi-bin/idconvert/batch/external_userid_to_pending_id",
    doc="97108",
    meter="customer.list",
    permission=Permission.PENDING_ID,
    errors=(
        ErrCode.INVALID_CHAT_ID,
        ErrCode.GROUP_DISSOLVED,
        ErrCode.NOT_A_CUSTOMER_GROUP,
        ErrCode.NO_PRIVILEGE,
        ErrCode.INVALID_PARAMETER,
        ErrCode.MISSING_EXTERNAL_USERID,
        ErrCode.CORP_NOT_CERTIFIED,
    ),
    sample={"chat_id": "xxxxxx", "external_userid": ["oAAAAAAA", "oBBBBB"]},
)
def external_userid_to_pending_id(call: Call, body: PendingIdsRequest) -> PendingIdsReply:
    """unionid与external_userid关联：external_userid查询pending_id / Convert external_userid to pending_id

    The pending_ids that the provider received in the last 90 days; other customers are left out. With
    chat_id, people who aren't in the group are left out too, and the group's owner must be in the visible
    range instead of a follower. Needs the setting corp_verified.
    """
    refuse_uncertified_corp(call)
    provider_id = provider_of(call)
    known = known_ids(call, provider_id, body.external_userid)
    customers = set(known.values())
    if body.chat_id:
        visible = present_in(call.db, call.corp_id, the_visible_group(call, body.chat_id).chat_id, customers)
    else:
        visible = visible_customers(call, customers)
    query = (
        sa.select(EXTERNAL_CONTACT.c.external_userid, PENDING_ID.c.pending_id)
        .join(
            PENDING_ID,
            (PENDING_ID.c.corp_id == EXTERNAL_CONTACT.c.corp_id)
            & (PENDING_ID.c.unionid == EXTERNAL_CONTACT.c.unionid),
        )
        .where(
            EXTERNAL_CONTACT.c.corp_id == call.corp_id,
            EXTERNAL_CONTACT.c.external_userid.in_(visible),
            PENDING_ID.c.provider_id == provider_id,
            PENDING_ID.c.expires_at > call.now,
        )
    )
    pending = {row.external_userid: row.pending_id for row in call.db.execute(query)}
    return {
        "result": [
            {"external_userid": given, "pending_id": pending[known[given]]}
            for given in dict.fromkeys(body.external_userid)
            if known.get(given) in pending
        ]
    }
