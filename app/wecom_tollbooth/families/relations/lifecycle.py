"""The relation between a member and a customer: how it begins, ends and is transferred to another member.

Acts of all families use these functions, so the same rules apply to a customer who scanned a code and to
one who was found by phone number. families/relation_subscribers.py lists how other families react.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.contacts import (
    AddExternalContact,
    AddHalfExternalContact,
    DelExternalContact,
    DelFollowUser,
)
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.lookup import the_active_follower, the_member
from wecom_tollbooth.families.relations import subscribers
from wecom_tollbooth.families.relations.act_records import count_records, note
from wecom_tollbooth.families.relations.contact_count import becomes_contact, ceases_to_be_contact
from wecom_tollbooth.families.relations.contact_events import has_been_greeted, raise_added
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE, the_customer
from wecom_tollbooth.families.relations.newcomers import Newcomer, contact_of
from wecom_tollbooth.families.relations.subscribers import Transfer
from wecom_tollbooth.families.relations.tables import FOLLOW_USER, WECHAT, FollowUser
from wecom_tollbooth.world.acts import Act, ActRefused
from wecom_tollbooth.world.context import Context

CUSTOMERS_OF_A_MEMBER = 20_000
"""Maximum customers of a member (a vendor's figure; no official page names one)."""
ASSIGNED = 202
"""add_way of a customer assigned by an admin (page 92114)."""
BY_TRANSFER = "DELETE_BY_TRANSFER"
"""Source of del_external_contact for a customer transferred to another member."""

_OF_MEMBER = (FOLLOW_USER.c.corp_id == bindparam("corp_id")) & (FOLLOW_USER.c.userid == bindparam("userid"))
_COUNT_ROWS = CompiledStatement(sa.select(sa.func.count()).where(_OF_MEMBER))
_COUNT_CUSTOMERS = CompiledStatement(sa.select(sa.func.count()).where(_OF_MEMBER, IS_ACTIVE))


class StoredRelation(NamedTuple):
    """What the beginning of a relation reads of an earlier one, each column as it is stored."""

    remark: str = ""
    description: str = ""
    remark_corp_name: str = ""
    remark_mobiles: str = "[]"
    add_way: int = 0
    state: str = ""
    source_agentid: int | None = None
    pending_confirmation: bool = False
    deleted_by_customer_at: int | None = None
    ended_at: int | None = None


_REMARKS = StoredRelation._fields[:4]
_BEGUN = (
    *("seq", "createtime", "add_way", "state", "oper_userid", "source_agentid"),
    *("wechat_channels", "pending_confirmation", "deleted_by_customer_at", "ended_at"),
)

_THE_TWO = _OF_MEMBER & (FOLLOW_USER.c.external_userid == bindparam("external_userid"))
_STORED = CompiledStatement(
    sa.select(*(FOLLOW_USER.c[name] for name in StoredRelation._fields)).where(_THE_TWO)
)
_END = CompiledStatement(sa.update(FOLLOW_USER).where(_THE_TWO).values(ended_at=bindparam("at")))
_BEGIN_AGAIN = CompiledStatement(
    sa.update(FOLLOW_USER)
    .where(
        FOLLOW_USER.c.corp_id == bindparam("of_corp_id"),
        FOLLOW_USER.c.external_userid == bindparam("of_external_userid"),
        FOLLOW_USER.c.userid == bindparam("of_userid"),
    )
    .values({name: bindparam(name) for name in (*_BEGUN, *_REMARKS)})
)
_ADD = CompiledStatement(
    sa.insert(FOLLOW_USER).values({column.name: bindparam(column.name) for column in FOLLOW_USER.columns})
)


@dataclass(frozen=True)
class Way:
    """How a relation began: `add_way` as in externalcontact/get, the state, who started it.

    `source_agentid` is the 营销获客 app that acquired the customer by a contact way or link.
    """

    add_way: int = 0
    state: str = ""
    source_agentid: int | None = None
    by_member: bool = False
    pending_confirmation: bool = False
    wechat_channels: str | None = None
    """JSON, as it is stored."""


# --- look-ups --------------------------------------------------------------------------------------------


def relation_of(context: Context, userid: str, external_userid: str) -> FollowUser | None:
    return context.db.session.get(FollowUser, (context.corp_id, external_userid, userid))


def the_relation(act: Act, userid: str, external_userid: str) -> FollowUser:
    """Returns the relation; raises ActRefused if there is none or the member ended it."""
    member = the_member(act, userid)
    the_customer(act, external_userid)
    row = relation_of(act, member.userid, external_userid)
    if row is None or row.ended_at is not None:
        raise ActRefused(f"{external_userid} is no contact of {member.userid}")
    return row


def stored_relation(context: Context, userid: str, external_userid: str) -> StoredRelation | None:
    """The relation, without the ORM: thousands may begin in one advance of the clock."""
    context.db.flush()
    the_two = {"corp_id": context.corp_id, "userid": userid, "external_userid": external_userid}
    row = _STORED.one(context.db, **the_two)
    return None if row is None else StoredRelation(*row)


def are_contacts(row: FollowUser | StoredRelation | None) -> bool:
    """Whether the two have each other as contacts."""
    return (
        row is not None
        and row.ended_at is None
        and not row.pending_confirmation
        and row.deleted_by_customer_at is None
    )


def is_full(context: Context, userid: str) -> bool:
    """Whether the member has the maximum number of customers."""
    context.db.flush()
    member = {"corp_id": context.corp_id, "userid": userid}
    # All rows, including former customers, are counted from the index; few members need the exact count.
    rows = _COUNT_ROWS.one(context.db, **member)
    if rows is None or rows[0] < CUSTOMERS_OF_A_MEMBER:
        return False
    row = _COUNT_CUSTOMERS.one(context.db, **member)
    return row is not None and row[0] >= CUSTOMERS_OF_A_MEMBER


# --- begin, end, transfer --------------------------------------------------------------------------------


def begin(act: Act, userid: str, newcomer: Newcomer, way: Way) -> dict[str, Any]:
    """Makes the customer a contact of the member, or a pending one that the member must confirm.

    Raises ActRefused if they are contacts already or the member is full.
    """
    member = the_active_follower(act, userid)
    contact = contact_of(act, newcomer)
    before = stored_relation(act, member.userid, contact.external_userid)
    if are_contacts(before):
        raise ActRefused(f"{contact.external_userid} is a contact of {member.userid} already")
    if is_full(act, member.userid):
        raise ActRefused(f"{member.userid} has {CUSTOMERS_OF_A_MEMBER} customers, the most there can be")
    talked = False
    confirms = before is not None and _confirms(before, way)
    if before is not None and confirms:
        way = replace(way, add_way=before.add_way, state=before.state, source_agentid=before.source_agentid)
        talked = _has_talked(act, member.userid, contact.external_userid) or has_been_greeted(
            act, member.userid, contact.external_userid
        )
    if not way.pending_confirmation:
        becomes_contact(act, contact.external_userid)
    oper_userid = member.userid if way.by_member else contact.external_userid
    remarks = before or StoredRelation()
    remarks = remarks._replace(remark=remarks.remark or contact.name)
    _begin(act, member.userid, contact.external_userid, before, way, oper_userid, remarks)
    kind = "half_added" if way.pending_confirmation else "added"
    note(act, kind, member.userid, contact.external_userid, way.state)
    if way.by_member:
        note(act, "applied", member.userid, contact.external_userid)
    welcome_code = raise_added(
        act,
        AddHalfExternalContact if way.pending_confirmation else AddExternalContact,
        member.userid,
        contact.external_userid,
        state=way.state,
        greets=contact.type == WECHAT and not talked,
        confirms=confirms,
    )
    if not way.pending_confirmation:
        subscribers.relation_begun(act, member.userid, contact.external_userid)
    reply = {"external_userid": contact.external_userid, "userid": member.userid}
    return {**reply, "welcome_code": welcome_code} if welcome_code else reply


def end(act: Act, userid: str, external_userid: str, *, by_member: bool) -> dict[str, Any]:
    """Deletes one side by the other: the member's deletion ends the relation, the customer's does not."""
    row = the_relation(act, userid, external_userid)
    if by_member:
        row.ended_at = act.now
    elif row.deleted_by_customer_at is None:
        row.deleted_by_customer_at = act.now
    else:
        raise ActRefused(f"{external_userid} has deleted {row.userid} already")
    act.db.session.add(row)
    if by_member and not row.pending_confirmation:
        ceases_to_be_contact(act, external_userid)
    note(act, "deleted_by_member" if by_member else "deleted_by_customer", row.userid, external_userid)
    event = DelExternalContact if by_member else DelFollowUser
    emit(act, event(UserID=row.userid, ExternalUserID=external_userid))
    subscribers.relation_ended(act, row.userid, external_userid)
    return {"external_userid": external_userid, "userid": row.userid}


def transfer(
    act: Act, external_userid: str, giver: str, taker: str, *, tells_giver: bool, tells_taker: bool
) -> None:
    """Transfers the customer from one member to another, with the giver's notes.

    Both relations change in one transaction, so the corp's count of contacts stays. If customer and taker
    are contacts already, only the giver's relation ends. `tells_giver` and `tells_taker` raise
    del_external_contact and add_external_contact.
    """
    of_giver = stored_relation(act, giver, external_userid)
    of_taker = stored_relation(act, taker, external_userid)
    change = Transfer(
        external_userid,
        giver,
        taker,
        begun=not are_contacts(of_taker),
        ended=of_giver is not None and of_giver.ended_at is None,
    )
    becomes_contact(act, external_userid)
    if change.begun:
        way = Way(ASSIGNED, source_agentid=of_giver.source_agentid if of_giver is not None else None)
        remarks = of_giver or of_taker or StoredRelation()
        _begin(act, taker, external_userid, of_taker, way, taker, remarks)
        note(act, "taken_over", taker, external_userid, giver)
    if change.ended:
        _END.run(act.db, corp_id=act.corp_id, userid=giver, external_userid=external_userid, at=act.now)
        note(act, "handed_over", giver, external_userid, taker)
        if tells_giver:
            emit(act, DelExternalContact(UserID=giver, ExternalUserID=external_userid, Source=BY_TRANSFER))
    act.db.expire()
    ceases_to_be_contact(act, external_userid)
    subscribers.relation_transferred(act, change)
    if change.begun and tells_taker:
        emit(act, AddExternalContact(UserID=taker, ExternalUserID=external_userid))


def _begin(
    act: Act,
    userid: str,
    external_userid: str,
    before: StoredRelation | None,
    way: Way,
    oper_userid: str,
    remarks: StoredRelation,
) -> None:
    """Writes a relation that begins now, with these remarks; reuses the row of an earlier one of the two."""
    columns: dict[str, Any] = {
        "seq": act.next_id(),
        "createtime": act.now,
        "add_way": way.add_way,
        "state": way.state,
        "oper_userid": oper_userid,
        "source_agentid": way.source_agentid,
        "wechat_channels": way.wechat_channels,
        "pending_confirmation": way.pending_confirmation,
        "deleted_by_customer_at": None,
        "ended_at": None,
        **{name: getattr(remarks, name) for name in _REMARKS},
    }
    the_two = {"corp_id": act.corp_id, "external_userid": external_userid, "userid": userid}
    if before is None:
        _ADD.run(act.db, **the_two, **columns, remark_pic_mediaid="", last_chat_at=None)
    else:
        _BEGIN_AGAIN.run(act.db, **{f"of_{name}": value for name, value in the_two.items()}, **columns)
        act.db.expire()


def _confirms(before: StoredRelation, way: Way) -> bool:
    """Whether the new relation confirms a pending one."""
    return before.pending_confirmation and before.ended_at is None and not way.pending_confirmation


def _has_talked(act: Act, userid: str, external_userid: str) -> bool:
    return any(count_records(act, kind, userid, external_userid) for kind in ("message_in", "message_out"))
