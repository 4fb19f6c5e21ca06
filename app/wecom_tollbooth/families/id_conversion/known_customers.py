"""Which customers an app knows, and by which ids.

A corp calls a person by one external_userid; each provider has another for the same person. Self-built and
provider-developed apps know the corp's; a third-party app the provider's, and the corp's too until the
provider has told that it is through with the change (finish_external_userid_migration).
"""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from wecom_tollbooth.corps.app_kinds import THIRD_PARTY_APPS
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import Transaction, insert_missing
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.id_conversion.tables import ID_MIGRATION, SCOPED_ID
from wecom_tollbooth.families.relations.lookups import (
    IS_ACTIVE,
    MAY_HAVE_CUSTOMERS,
    sees_only_whom_it_brought,
)
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.world import ids

CONTACTS, TAGS = "contact", "tag"
"""Kinds of id that have two scopes."""


# --- scopes ----------------------------------------------------------------------------------------------


def provider_of(call: Call) -> str:
    """The provider whose app calls; "" for the corp's own apps."""
    query = sa.select(APP.c.provider_id).where(APP.c.corp_id == call.corp_id, APP.c.agentid == call.agentid)
    return call.db.execute(query).scalar() or ""


def to_scoped(
    db: Transaction, corp_id: str, provider_id: str, kind: str, plain_ids: Iterable[str]
) -> dict[str, str]:
    """The provider's id for each of the corp's; the same for ever."""
    made = {
        plain: plain[:2] + ids.draw(0, f"{provider_id}/{corp_id}/{kind}/{plain}", 0, len(plain) - 2)
        for plain in plain_ids
    }
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
    """The corp's id for each of `given` that is one of the provider's and was handed out."""
    query = sa.select(SCOPED_ID.c.scoped_id, SCOPED_ID.c.plain_id).where(
        SCOPED_ID.c.corp_id == corp_id,
        SCOPED_ID.c.provider_id == provider_id,
        SCOPED_ID.c.kind == kind,
        SCOPED_ID.c.scoped_id.in_(given),
    )
    return {row.scoped_id: row.plain_id for row in db.execute(query)}


def has_migrated(call: Call, provider_id: str) -> bool:
    """Whether the calling app is a third-party one and knows only the provider's ids."""
    if call.app_kind not in THIRD_PARTY_APPS:
        return False
    query = sa.select(ID_MIGRATION.c.finished_at).where(
        ID_MIGRATION.c.corp_id == call.corp_id, ID_MIGRATION.c.provider_id == provider_id
    )
    return call.db.execute(query).first() is not None


def known_by(call: Call, provider_id: str, external_userids: Collection[str]) -> dict[str, str]:
    """The corp's id of each of these external_userids that the calling app may use, by the id given."""
    found = to_plain(call.db, call.corp_id, provider_id, CONTACTS, external_userids) if provider_id else {}
    if not has_migrated(call, provider_id):
        query = sa.select(EXTERNAL_CONTACT.c.external_userid).where(
            EXTERNAL_CONTACT.c.corp_id == call.corp_id,
            EXTERNAL_CONTACT.c.external_userid.in_(external_userids),
        )
        found |= {row.external_userid: row.external_userid for row in call.db.execute(query)}
    return found


# --- followers -------------------------------------------------------------------------------------------


def seen(call: Call, external_userids: Collection[str]) -> set[str]:
    """Those of the customers (the corp's ids) whom a member in the calling app's visible range follows.

    To a 营销获客 app those whom it brought to such a member.
    """
    source_agentid = call.agentid if sees_only_whom_it_brought(call) else None
    return followed(call.db, call.corp_id, external_userids, visible_userids(call), source_agentid)


def followed(
    db: Transaction,
    corp_id: str,
    external_userids: Collection[str],
    members: Collection[str] | None,
    source_agentid: int | None = None,
) -> set[str]:
    """Those of the customers whom one of `members` follows; None: any member.

    `brought_by`: only where this app brought the customer to the member.
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


def customer_with(db: Transaction, corp_id: str, unionid: str) -> str | None:
    """The external contact of the corp that is this WeChat user, by the corp's own id."""
    query = sa.select(EXTERNAL_CONTACT.c.external_userid).where(
        EXTERNAL_CONTACT.c.corp_id == corp_id, EXTERNAL_CONTACT.c.unionid == unionid
    )
    return db.execute(query).scalar()
