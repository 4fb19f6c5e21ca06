"""What happens between members and customers outside the API: relations begin and end, people talk.

Acts of several families come together here, so that a customer who scanned a code and one who was found by
phone number are added by the same rules. Statistics are counted from the act records; nothing is invented.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.relations.act_records import count_records, note
from wecom_tollbooth.families.relations.acting_members import the_follower, the_member
from wecom_tollbooth.families.relations.contact_count import becomes_contact, ceases_to_be_contact
from wecom_tollbooth.families.relations.contact_events import raise_contact_event
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE
from wecom_tollbooth.families.relations.newcomers import Newcomer, contact_of, the_contact
from wecom_tollbooth.families.relations.tables import (
    FOLLOW_USER,
    WECHAT,
    FollowUser,
)
from wecom_tollbooth.world.acts import Act, ActRefused

CUSTOMERS_OF_A_MEMBER = 20_000
"""The most customers that a member can have (a vendor's figure; no official page names one)."""

_COUNT_CUSTOMERS = CompiledStatement(
    sa.select(sa.func.count()).where(
        FOLLOW_USER.c.corp_id == bindparam("corp_id"), FOLLOW_USER.c.userid == bindparam("userid"), IS_ACTIVE
    )
)

AfterMessage = Callable[[Act, str, str, int], None]
AFTER_CUSTOMER_MESSAGE: list[AfterMessage] = []
"""Called with act, userid, external_userid and the number of the customer's message to that member."""

BEFORE_MESSAGE: list[Callable[[Act, str, str], None]] = []
"""Called with act, userid and external_userid before one writes to the other; refuses by ActRefused."""

AFTER_RELATION_BEGUN: list[Callable[[Act, str, str], None]] = []
"""Called with act, userid and external_userid when the two became contacts, whole ones and not half."""

AFTER_RELATION_ENDED: list[Callable[[Act, str, str], None]] = []
"""Called with act, userid and external_userid when either side deleted the other."""


# --- relations -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """How a relation came about: `add_way` as externalcontact/get shows it, the state, who began it.

    `brought_by` is the app whose way or link marks the customer as brought by it.
    """

    add_way: int = 0
    state: str = ""
    source_agentid: int | None = None
    by_member: bool = False
    pending_confirmation: bool = False


def relation_of(act: Act, userid: str, external_userid: str) -> FollowUser | None:
    return act.db.session.get(FollowUser, (act.corp_id, external_userid, userid))


def begin_relation(act: Act, userid: str, newcomer: Newcomer, way: Way) -> dict[str, Any]:
    """The customer becomes a contact of the member, or a half one; raises the event that goes with it.

    Raises ActRefused for two who are contacts already, or a member who is full.
    """
    member = the_follower(act, userid)
    contact = contact_of(act, newcomer)
    before = relation_of(act, member.userid, contact.external_userid)
    whole = before is not None and before.ended_at is None and not before.pending_confirmation
    if whole and before is not None and before.deleted_by_customer_at is None:
        raise ActRefused(f"{contact.external_userid} is a contact of {member.userid} already")
    if is_full(act, member.userid):
        raise ActRefused(f"{member.userid} has {CUSTOMERS_OF_A_MEMBER} customers, the most there can be")
    confirmed = (
        before is not None
        and before.pending_confirmation
        and before.ended_at is None
        and not way.pending_confirmation
    )
    if confirmed and before is not None:
        way = replace(way, add_way=before.add_way, state=before.state, source_agentid=before.source_agentid)
    talked = confirmed and _has_talked(act, member.userid, contact.external_userid)
    oper_userid = member.userid if way.by_member else contact.external_userid
    row = before or FollowUser(
        corp_id=act.corp_id,
        external_userid=contact.external_userid,
        userid=member.userid,
        seq=0,
        createtime=0,
    )
    if not way.pending_confirmation:
        becomes_contact(act.db, act.corp_id, contact.external_userid, act.now)
    row.seq, row.createtime = act.next_id(), act.now
    row.pending_confirmation, row.ended_at, row.deleted_by_customer_at = way.pending_confirmation, None, None
    row.remark = row.remark or contact.name
    row.add_way, row.state, row.oper_userid = way.add_way, way.state, oper_userid
    row.source_agentid = way.source_agentid
    act.db.session.add(row)
    note(
        act,
        "half_added" if way.pending_confirmation else "added",
        member.userid,
        contact.external_userid,
        way.state,
    )
    if way.by_member:
        note(act, "applied", member.userid, contact.external_userid)
    welcome_code = raise_contact_event(
        act,
        "add_half_external_contact" if way.pending_confirmation else "add_external_contact",
        member.userid,
        contact.external_userid,
        state=way.state,
        with_welcome_code=contact.type == WECHAT and not talked,
    )
    for after in () if way.pending_confirmation else AFTER_RELATION_BEGUN:
        after(act, member.userid, contact.external_userid)
    reply = {"external_userid": contact.external_userid, "userid": member.userid}
    return {**reply, "welcome_code": welcome_code} if welcome_code else reply


def is_full(act: Act, userid: str) -> bool:
    """Whether the member has as many customers as a member can have."""
    act.db.flush()
    row = _COUNT_CUSTOMERS.one(act.db, corp_id=act.corp_id, userid=userid)
    return row is not None and row[0] >= CUSTOMERS_OF_A_MEMBER


def living_relation(act: Act, userid: str, external_userid: str) -> FollowUser:
    """A relation that neither side has ended; raises ActRefused otherwise."""
    member = the_member(act, userid)
    the_contact(act, external_userid)
    row = relation_of(act, member.userid, external_userid)
    if row is None or row.ended_at is not None:
        raise ActRefused(f"{external_userid} is no contact of {member.userid}")
    return row


def end_relation(act: Act, userid: str, external_userid: str, *, by_member: bool) -> dict[str, Any]:
    """One side deletes the other. The member's deletion ends the relation, the customer's leaves it."""
    row = living_relation(act, userid, external_userid)
    if by_member:
        row.ended_at = act.now
        change_type = "del_external_contact"
    else:
        if row.deleted_by_customer_at is not None:
            raise ActRefused(f"{external_userid} has deleted {row.userid} already")
        row.deleted_by_customer_at = act.now
        change_type = "del_follow_user"
    act.db.session.add(row)
    if by_member and not row.pending_confirmation:
        ceases_to_be_contact(act.db, act.corp_id, external_userid, act.now)
    note(act, "deleted_by_member" if by_member else "deleted_by_customer", row.userid, external_userid)
    raise_contact_event(act, change_type, row.userid, external_userid)
    for after in AFTER_RELATION_ENDED:
        after(act, row.userid, external_userid)
    return {"external_userid": external_userid, "userid": row.userid}


def _has_talked(act: Act, userid: str, external_userid: str) -> bool:
    return any(count_records(act, kind, userid, external_userid) for kind in ("message_in", "message_out"))
