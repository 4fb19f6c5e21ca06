"""Which customers an app knows, and by which ids.

A corp has one external_userid for a person, each provider another. Self-built and provider-developed apps
know the corp's id, a third-party app the provider's. Until the provider reports the end of its migration
(finish_external_userid_migration), the third-party app knows the corp's id too.
"""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from wecom_tollbooth.corps.app_kinds import THIRD_PARTY_APPS
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import Transaction, insert_missing
from wecom_tollbooth.families.directory.lookup import MAY_HAVE_CUSTOMERS
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.group_chats.membership import people_in_groups
from wecom_tollbooth.families.id_conversion.tables import ID_MIGRATION, SCOPED_ID
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE, sees_only_acquired
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.world import ids

CONTACTS, TAGS, MEMBERS = "contact", "tag", "member"
"""Kinds of ids that exist in both scopes."""
OPEN_USERID_CHARS = 32


# --- scopes ----------------------------------------------------------------------------------------------


def provider_of(call: Call) -> str:
    """The calling app's provider; "" for the corp's own apps."""
    query = sa.select(APP.c.provider_id).where(APP.c.corp_id == call.corp_id, APP.c.agentid == call.agentid)
    return call.db.execute(query).scalar() or ""


def to_scoped(
    db: Transaction, corp_id: str, provider_id: str, kind: str, plain_ids: Iterable[str]
) -> dict[str, str]:
    """The provider's id for each of the corp's ids; it never changes."""
    made = {}
    for plain in plain_ids:
        prefix, length = ("wo", OPEN_USERID_CHARS) if kind == MEMBERS else (plain[:2], len(plain))
        purpose = f"{provider_id}/{corp_id}/{kind}/{plain}"
        made[plain] = prefix + ids.draw(0, purpose, 0, length - len(prefix))
    rows = [
        {"corp_id": corp_id, "provider_id": provider_id, "kind": kind, "plain_id": plain, "scoped_id": scoped}
        for plain, scoped in sorted(made.items())
    ]
    if rows:
        db.execute(insert_missing(db.dialect, SCOPED_ID), rows)
    return made


def to_plain(
    db: Transaction, corp_id: str, provider_id: str, kind: str, given: Collection[str]
) -> dict[str, str]:
    """The corp's id for each of the provider's ids in `given`; ids never issued are left out."""
    query = sa.select(SCOPED_ID.c.scoped_id, SCOPED_ID.c.plain_id).where(
        SCOPED_ID.c.corp_id == corp_id,
        SCOPED_ID.c.provider_id == provider_id,
        SCOPED_ID.c.kind == kind,
        SCOPED_ID.c.scoped_id.in_(given),
    )
    return {row.scoped_id: row.plain_id for row in db.execute(query)}


def has_migrated(call: Call, provider_id: str) -> bool:
    """Whether the calling app is a third-party app that knows only the provider's ids."""
    if call.app_kind not in THIRD_PARTY_APPS:
        return False
    query = sa.select(ID_MIGRATION.c.finished_at).where(
        ID_MIGRATION.c.corp_id == call.corp_id, ID_MIGRATION.c.provider_id == provider_id
    )
    return call.db.execute(query).first() is not None


def known_ids(call: Call, provider_id: str, external_userids: Collection[str]) -> dict[str, str]:
    """The corp's id for each of these external_userids that the calling app may use, by the id given."""
    found = to_plain(call.db, call.corp_id, provider_id, CONTACTS, external_userids) if provider_id else {}
    if not has_migrated(call, provider_id):
        query = sa.select(EXTERNAL_CONTACT.c.external_userid).where(
            EXTERNAL_CONTACT.c.corp_id == call.corp_id,
            EXTERNAL_CONTACT.c.external_userid.in_(external_userids),
        )
        found |= {row.external_userid: row.external_userid for row in call.db.execute(query)}
    return found


# --- followed --------------------------------------------------------------------------------------------


def visible_customers(call: Call, external_userids: Collection[str]) -> set[str]:
    """Those of the customers (the corp's ids) whom a member in the calling app's visible range follows.

    For a 营销获客 app only those that it acquired for such a member.
    """
    source_agentid = call.agentid if sees_only_acquired(call) else None
    return followed_customers(call.db, call.corp_id, external_userids, visible_userids(call), source_agentid)


def convertible_customers(call: Call, external_userids: Collection[str]) -> set[str]:
    """Those of the people (the corp's ids) who are customers for a conversion: followed, or in a group.

    A member in the visible range follows them, or owns a customer group that they are in. For a 营销获客 app
    only those whom it acquired.
    """
    found = visible_customers(call, external_userids)
    if sees_only_acquired(call):
        return found
    return found | people_in_groups(call.db, call.corp_id, external_userids, visible_userids(call))


def followed_customers(
    db: Transaction,
    corp_id: str,
    external_userids: Collection[str],
    members: Collection[str] | None,
    source_agentid: int | None = None,
) -> set[str]:
    """Those of the customers whom one of `members` follows; None means any member.

    `source_agentid` limits it to relations that this app acquired.
    """
    query = (
        sa.select(FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid)
        .join(MEMBER, (MEMBER.c.corp_id == FOLLOW_USER.c.corp_id) & (MEMBER.c.userid == FOLLOW_USER.c.userid))
        .where(
            FOLLOW_USER.c.corp_id == corp_id,
            FOLLOW_USER.c.external_userid.in_(external_userids),
            IS_ACTIVE,
            MAY_HAVE_CUSTOMERS,
        )
    )
    if source_agentid is not None:
        query = query.where(FOLLOW_USER.c.source_agentid == source_agentid)
    return {row.external_userid for row in db.execute(query) if members is None or row.userid in members}


def customer_by_unionid(db: Transaction, corp_id: str, unionid: str) -> str | None:
    """The corp's external_userid for this WeChat user; None if the corp doesn't know them."""
    query = sa.select(EXTERNAL_CONTACT.c.external_userid).where(
        EXTERNAL_CONTACT.c.corp_id == corp_id, EXTERNAL_CONTACT.c.unionid == unionid
    )
    return db.execute(query).scalar()
