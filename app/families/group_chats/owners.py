"""Whose groups an operation looks at: owner_filter, checked, or everybody whom the app sees."""

import sqlalchemy as sa

from app.families.customers.relations import FOLLOWER, MEMBER
from app.families.directory.tables import LEFT
from app.families.directory.visibility import sees, visible_userids
from app.gateway.call import Call
from app.gateway.errcodes import ErrCode, Refusal
from app.gateway.shapes import RequestModel, optional

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
    return FOLLOWER if visible is None else FOLLOWER & MEMBER.c.userid.in_(visible)
