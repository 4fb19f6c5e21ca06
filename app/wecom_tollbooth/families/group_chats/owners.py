"""Whose groups an operation looks at: owner_filter, checked, or everybody whom the app sees."""

import sqlalchemy as sa

from wecom_tollbooth.families.directory.lookup import MAY_HAVE_CUSTOMERS
from wecom_tollbooth.families.directory.tables import LEFT, MEMBER
from wecom_tollbooth.families.directory.visibility import sees, visible_userids
from wecom_tollbooth.families.group_chats.tables import GROUP_CHAT
from wecom_tollbooth.families.providers.licences import enforcing_provider, without_account
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, optional

MOST_OWNERS = 100
MOST_UNNAMED = 1_000
"""People whom an app may see and yet ask for all of their groups at once (81017 over it)."""


class OwnerFilter(RequestModel):
    userid_list: list[str] | None = optional(max_items=MOST_OWNERS, doc="owners, up to 100")


def refuse_too_many_unnamed(call: Call) -> None:
    """81017 for an app that sees over 1000 people: it has to name the owners."""
    visible = visible_userids(call)
    if visible is None:
        query = sa.select(sa.func.count()).where(MEMBER.c.corp_id == call.corp_id, MEMBER.c.status != LEFT)
        count = int(call.db.execute(query).scalar_one())
    else:
        count = len(visible)
    if count > MOST_UNNAMED:
        detail = f"the app sees {count} people; with over {MOST_UNNAMED} owner_filter.userid_list is needed"
        raise Refusal(ErrCode.TOO_MANY_REQUESTED, detail=detail)


def named_owners(call: Call, userids: list[str], unknown: ErrCode) -> list[str]:
    """The owners as the directory spells them, each once; who left the corp counts too.

    Raises `unknown` for who never was a member, 60011 for one outside the visible range.
    """
    keys = {userid.lower() for userid in userids}
    query = sa.select(MEMBER.c.userid, MEMBER.c.userid_key).where(
        MEMBER.c.corp_id == call.corp_id,
        MEMBER.c.userid_key.in_(keys) | (MEMBER.c.userid.in_(userids) & (MEMBER.c.status == LEFT)),
    )
    found: dict[str, str] = {}
    for row in call.db.execute(query):
        found[row.userid_key or row.userid] = row.userid
    owners: dict[str, None] = {}
    for userid in userids:
        owner = found.get(userid.lower()) or found.get(userid)
        if owner is None:
            raise Refusal(unknown, detail=f"{userid!r} is and was no member of this corp")
        if not sees(call, owner):
            raise Refusal(ErrCode.NO_PRIVILEGE, detail=f"{owner} is outside the app's visible range")
        owners[owner] = None
    return list(owners)


def owners_seen(call: Call) -> sa.ColumnElement[bool]:
    """Condition on MEMBER: present members who may have customers and whom the app sees."""
    visible = visible_userids(call)
    return MAY_HAVE_CUSTOMERS if visible is None else MAY_HAVE_CUSTOMERS & MEMBER.c.userid.in_(visible)


def unlicensed_owners(call: Call, named: list[str] | None) -> set[str]:
    """The owners, of those `named` or of all standing groups that the app sees, without an interop account.

    Raises 701008 when there are owners and none of them has one. Empty where none is needed.
    """
    provider_id = enforcing_provider(call)
    if provider_id is None:
        return set()
    owners = set(named or [])
    if named is None:
        of_groups = (
            sa.select(GROUP_CHAT.c.owner)
            .join(
                MEMBER, (MEMBER.c.corp_id == GROUP_CHAT.c.corp_id) & (MEMBER.c.userid == GROUP_CHAT.c.owner)
            )
            .where(
                GROUP_CHAT.c.corp_id == call.corp_id, GROUP_CHAT.c.dismissed_at.is_(None), owners_seen(call)
            )
            .distinct()
        )
        owners = set(call.db.execute(of_groups).scalars())
    without = without_account(call, provider_id, owners)
    if without and without == owners:
        detail = f"none of the owners has a valid interop account: {sorted(without)[:MOST_OWNERS]}"
        raise Refusal(ErrCode.NO_INTEROP_LICENSE, detail=detail)
    return without
