"""Who follows whom: the look-ups and refusals that every customer operation shares.

A relation counts while the member has not deleted the customer and has added a half contact back, and
while the member is in 客户联系's range of use (page 92109; help text of 84061 on page 90313).
"""

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.db import CompiledStatement, is_locked, json_list
from wecom_tollbooth.families.directory.tables import LEFT, MEMBER
from wecom_tollbooth.families.directory.visibility import sees
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal

IS_ACTIVE = FOLLOW_USER.c.ended_at.is_(None) & FOLLOW_USER.c.pending_confirmation.is_(False)
"""The relation is one that the API works on."""

MAY_HAVE_CUSTOMERS = MEMBER.c.may_follow.is_(True) & (MEMBER.c.status != LEFT)
"""The member may have customers."""

_MEMBER = CompiledStatement(
    sa.select(MEMBER.c.userid, MAY_HAVE_CUSTOMERS).where(
        MEMBER.c.corp_id == bindparam("corp_id"),
        MEMBER.c.userid_key == bindparam("userid_key"),
        MEMBER.c.status != LEFT,
    )
)


def _members_named(dialect: str) -> sa.Select[tuple[str, str, bool]]:
    return sa.select(MEMBER.c.userid_key, MEMBER.c.userid, MAY_HAVE_CUSTOMERS).where(
        MEMBER.c.corp_id == bindparam("corp_id"),
        MEMBER.c.userid_key.in_(json_list(dialect, "userid_keys")),
        MEMBER.c.status != LEFT,
    )


_MEMBERS = CompiledStatement(_members_named)
_CUSTOMER_TYPE = CompiledStatement(
    sa.select(EXTERNAL_CONTACT.c.type).where(
        EXTERNAL_CONTACT.c.corp_id == bindparam("corp_id"),
        EXTERNAL_CONTACT.c.external_userid == bindparam("external_userid"),
    )
)
_RELATED = CompiledStatement(
    sa.select(FOLLOW_USER.c.seq).where(
        FOLLOW_USER.c.corp_id == bindparam("corp_id"),
        FOLLOW_USER.c.external_userid == bindparam("external_userid"),
        FOLLOW_USER.c.userid == bindparam("userid"),
        IS_ACTIVE,
    )
)

_BROUGHT_BY = CompiledStatement(
    sa.select(FOLLOW_USER.c.source_agentid).where(
        FOLLOW_USER.c.corp_id == bindparam("corp_id"),
        FOLLOW_USER.c.external_userid == bindparam("external_userid"),
        FOLLOW_USER.c.userid == bindparam("userid"),
        IS_ACTIVE,
    )
)

_RELATED_LOCKED = CompiledStatement(
    sa.select(FOLLOW_USER.c.seq)
    .where(
        FOLLOW_USER.c.corp_id == bindparam("corp_id"),
        FOLLOW_USER.c.external_userid == bindparam("external_userid"),
        FOLLOW_USER.c.userid == bindparam("userid"),
        IS_ACTIVE,
    )
    .with_for_update(nowait=True)
)


def find_member(call: Call, userid: str) -> tuple[str, bool] | None:
    """The member's userid as the directory spells it, and whether it may have customers; None if unknown."""
    row = _MEMBER.one(call.db, corp_id=call.corp_id, userid_key=userid.lower())
    return (row[0], bool(row[1])) if row else None


def find_members(call: Call, userids: list[str]) -> dict[str, tuple[str, bool]]:
    """As find_member, of many in one query, by the userid as given; unknown ones are not in it."""
    keys = orjson.dumps([userid.lower() for userid in userids]).decode()
    rows = _MEMBERS.all(call.db, corp_id=call.corp_id, userid_keys=keys)
    found = {key: (userid, bool(may_follow)) for key, userid, may_follow in rows}
    return {userid: found[userid.lower()] for userid in userids if userid.lower() in found}


def the_member(call: Call, userid: str) -> tuple[str, bool]:
    """As find_member; raises 40003 for an unknown member, 60011 for one outside the visible range."""
    found = find_member(call, userid)
    if found is None:
        raise Refusal(ErrCode.INVALID_USERID, detail=f"{userid!r} is no member of this corp")
    if not sees(call, found[0]):
        raise Refusal(ErrCode.NO_PRIVILEGE, detail=f"{found[0]} is outside the app's visible range")
    return found


def the_follower(call: Call, userid: str) -> str:
    """The member's userid; raises as the_member, and 84061 for one who may have no customers."""
    found, may_follow = the_member(call, userid)
    if not may_follow:
        raise Refusal(ErrCode.NOT_EXTERNAL_CONTACT, detail=f"{found} is not in 客户联系's range of use")
    return found


def customer_type(call: Call, external_userid: str) -> int:
    """1 (WeChat) or 2 (WeCom); raises 40096 for an id that is not of this corp."""
    row = _CUSTOMER_TYPE.one(call.db, corp_id=call.corp_id, external_userid=external_userid)
    if row is None:
        raise Refusal(
            ErrCode.INVALID_EXTERNAL_USERID, detail=f"{external_userid!r} is no external contact of this corp"
        )
    return int(row[0])


def lock_relation(call: Call, userid: str, external_userid: str) -> None:
    """Takes the relation for the rest of the call.

    Raises 84061 where there is none, 45035 while another call is changing it: PostgreSQL runs calls side by
    side; SQLite runs one after the other, so there the code cannot come.
    """
    keys = {"corp_id": call.corp_id, "external_userid": external_userid, "userid": userid}
    try:
        found = _RELATED_LOCKED.one(call.db, **keys)
    except Exception as error:
        if not is_locked(error):
            raise
        raise Refusal(
            ErrCode.CONFLICTING_CHANGE, detail=f"another call is changing {userid} and {external_userid}"
        ) from None
    if found is None:
        refuse_unless_related(call, userid, external_userid)


def refuse_unless_related(call: Call, userid: str, external_userid: str) -> None:
    """84061 where the member does not follow the customer, or no longer does."""
    if _RELATED.one(call.db, corp_id=call.corp_id, external_userid=external_userid, userid=userid) is None:
        raise Refusal(
            ErrCode.NOT_EXTERNAL_CONTACT, detail=f"{userid} does not follow {external_userid}, or no longer"
        )


def sees_only_whom_it_brought(call: Call) -> bool:
    """Whether a 营销获客 app calls: it sees the relations alone that its ways and links began."""
    return call.app_kind == AppKind.MARKETING


def refuse_unless_brought(call: Call, userid: str, external_userid: str) -> None:
    """90514 where a 营销获客 app calls and did not bring this customer to the member."""
    if not sees_only_whom_it_brought(call):
        return
    row = _BROUGHT_BY.one(call.db, corp_id=call.corp_id, external_userid=external_userid, userid=userid)
    if row is not None and row[0] != call.agentid:
        raise not_brought(call, external_userid)


def not_brought(call: Call, external_userid: str) -> Refusal:
    return Refusal(
        ErrCode.NOT_BROUGHT_BY_THE_APP,
        detail=f"{external_userid} did not come through a way or link of app {call.agentid} that marks it",
    )
