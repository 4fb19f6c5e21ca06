"""Look-ups of relations, and the refusals that all customer operations share.

A relation counts if the member has not deleted the customer, has confirmed a pending contact, and is in
客户联系's range of use (page 92109; help text of 84061 on page 90313).
"""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.db import CompiledStatement, is_locked
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.context import Context

IS_ACTIVE = FOLLOW_USER.c.ended_at.is_(None) & FOLLOW_USER.c.pending_confirmation.is_(False)
"""The relation is one that the API accepts."""


class FoundCustomer(NamedTuple):
    external_userid: str
    type: int
    """WECHAT or WECOM."""
    unionid: str


_CUSTOMER = CompiledStatement(
    sa.select(EXTERNAL_CONTACT.c.external_userid, EXTERNAL_CONTACT.c.type, EXTERNAL_CONTACT.c.unionid).where(
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


def the_customer(context: Context, external_userid: str) -> FoundCustomer:
    """Returns an external contact of the corp, followed by any member; raises 40096 for an unknown one."""
    row = _CUSTOMER.one(context.db, corp_id=context.corp_id, external_userid=external_userid)
    if row is None:
        raise context.refusal(
            ErrCode.INVALID_EXTERNAL_USERID, f"there is no external contact {external_userid!r} in this corp"
        )
    return FoundCustomer(*row)


def lock_relation(call: Call, userid: str, external_userid: str) -> None:
    """Locks the relation until the call is answered.

    Raises 84061 without a relation, 45035 while another call changes it. Only PostgreSQL runs calls in
    parallel, so SQLite never answers 45035.
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
    """Raises 84061 if the member does not follow the customer, or no longer does."""
    if _RELATED.one(call.db, corp_id=call.corp_id, external_userid=external_userid, userid=userid) is None:
        raise Refusal(
            ErrCode.NOT_EXTERNAL_CONTACT, detail=f"{userid} does not follow {external_userid}, or no longer"
        )


def sees_only_acquired(call: Call) -> bool:
    """Whether the caller is a 营销获客 app, which sees only relations from its contact ways and links."""
    return call.app_kind == AppKind.MARKETING


def refuse_unless_brought(call: Call, userid: str, external_userid: str) -> None:
    """Raises 90514 for a 营销获客 app that did not acquire this customer for the member."""
    if not sees_only_acquired(call):
        return
    row = _BROUGHT_BY.one(call.db, corp_id=call.corp_id, external_userid=external_userid, userid=userid)
    if row is not None and row[0] != call.agentid:
        raise not_brought(call, external_userid)


def not_brought(call: Call, external_userid: str) -> Refusal:
    return Refusal(
        ErrCode.NOT_BROUGHT_BY_THE_APP,
        detail=f"{external_userid} did not come through a way or link of app {call.agentid} that marks it",
    )
