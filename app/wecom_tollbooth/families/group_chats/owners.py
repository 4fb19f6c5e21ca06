"""The owners whose groups an operation covers: owner_filter, checked, or everybody whom the app sees."""

import sqlalchemy as sa

from wecom_tollbooth.families.directory.lookup import MAY_HAVE_CUSTOMERS
from wecom_tollbooth.families.directory.tables import LEFT, MEMBER
from wecom_tollbooth.families.directory.visibility import sees, visible_userids
from wecom_tollbooth.families.group_chats.tables import GROUP_CHAT
from wecom_tollbooth.families.providers.licences import enforcing_provider, without_account
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, optional

MOST_OWNERS = 100
MOST_UNNAMED = 1_000
"""Maximum people an app may see without having to name owners (81017 over it)."""


class OwnerFilter(RequestModel):
    userid_list: list[str] | None = optional(max_items=MOST_OWNERS, doc="owners, up to 100")


def refuse_too_many_unnamed(call: Call) -> None:
    """Raises 81017 for an app that sees over 1000 people: it has to name the owners."""
    visible = visible_userids(call)
    if visible is None:
        query = sa.select(sa.func.count()).where(MEMBER.c.corp_id == call.corp_id, MEMBER.c.status != LEFT)
        count = int(call.db.execute(query).scalar_one())
    else:
        count = len(visible)
    if count > MOST_UNNAMED:
        detail = f"the app sees {count} people; with over {MOST_UNNAMED} owner_filter.userid_list is needed"
        raise Refusal(ErrCode.TOO_MANY_REQUESTED, detail=detail)


def named_owners(call: Call, userids: list[str], unknown: Code) -> list[str]:
    """Returns the owners in the directory's spelling, without duplicates; former members are accepted.

    Raises `unknown` for a person who was never a member, 60011 for one outside the visible range.
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
    """Returns the owners without an interop account: of `named`, or of all groups that the app sees.

    Raises 701008 if there are owners and none of them has one. Empty if accounts are not required.
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
