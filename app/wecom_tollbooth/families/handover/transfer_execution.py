"""How a customer goes over to another member: a day after it was assigned, unless something prevents it.

The relation to the one ends and that to the other begins in one transaction, so the corp has neither a
contact more nor one less; notes, tags and the record of follow-ups go with the customer.
"""

import sqlalchemy as sa
from sqlmodel import select

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.contacts import TransferFail
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.tables import ACTIVE, LEFT, Member
from wecom_tollbooth.families.follow_ups import relations
from wecom_tollbooth.families.handover.tables import (
    CALLED_OFF,
    DONE,
    HANDOVER,
    REFUSED,
    TAKER_FULL,
    WAITING,
    Handover,
)
from wecom_tollbooth.families.relations.act_records import note
from wecom_tollbooth.families.relations.contact_count import (
    becomes_contact,
    ceases_to_be_contact,
    why_no_room,
)
from wecom_tollbooth.families.relations.contact_events import raise_contact_event
from wecom_tollbooth.families.relations.lifecycle import AFTER_RELATION_BEGUN, is_full, relation_of
from wecom_tollbooth.families.relations.tables import FollowUser
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG, FollowTag
from wecom_tollbooth.world.acts import Act, ActRefused
from wecom_tollbooth.world.clock import DAY
from wecom_tollbooth.world.scheduled_tasks import schedule, scheduled_task

GOES_OVER_AFTER = DAY
ASSIGNED = 202
"""add_way of a customer who was assigned by an admin (page 92114)."""
BY_TRANSFER = "DELETE_BY_TRANSFER"
DEED = "customer_goes_over"


def begin(tx: Transaction, handover: Handover) -> None:
    """The customer goes over a day from now, in place of what the same three had begun before."""
    handover.takeover_time = handover.started_at + GOES_OVER_AFTER
    tx.execute(
        sa.update(HANDOVER)
        .where(
            HANDOVER.c.corp_id == handover.corp_id,
            HANDOVER.c.external_userid == handover.external_userid,
            HANDOVER.c.handover_userid == handover.handover_userid,
            HANDOVER.c.takeover_userid == handover.takeover_userid,
            HANDOVER.c.resigned.is_(handover.resigned),
        )
        .values(superseded=True)
    )
    tx.session.add(handover)
    schedule(tx, handover.corp_id, DEED, handover.takeover_time, str(handover.id))


@scheduled_task(DEED)
def customer_goes_over(act: Act, reference: str) -> None:
    """The day is over: the customer is the other member's, if it did not refuse and that one can take it."""
    handover = act.db.session.get(Handover, (act.corp_id, int(reference)))
    if handover is None or handover.status != WAITING:
        return
    taker = act.db.session.get(Member, (act.corp_id, handover.takeover_userid))
    if taker is None or taker.status != ACTIVE or not taker.may_follow:
        _end(act, handover, CALLED_OFF)
        return
    before = relation_of(act, handover.takeover_userid, handover.external_userid)
    is_friend = _lasts(before) and before is not None and before.deleted_by_customer_at is None
    if not is_friend and (
        is_full(act, handover.takeover_userid) or why_no_room(act.db, act.corp_id, handover.external_userid)
    ):
        _end(act, handover, TAKER_FULL)
        _raise_failed(act, handover, "customer_limit_exceed")
        return
    giver = relation_of(act, handover.handover_userid, handover.external_userid)
    becomes_contact(act.db, act.corp_id, handover.external_userid, act.now)
    moved_away = _was_moved_away(act, handover)
    if not is_friend:
        _begin_relation(act, handover, before, giver)
    _end_relation(act, handover, giver)
    ceases_to_be_contact(act.db, act.corp_id, handover.external_userid, act.now)
    relations.hand_over(
        act,
        handover.external_userid,
        handover.handover_userid,
        handover.takeover_userid,
        by=handover.takeover_userid,
    )
    if not is_friend:
        for after in AFTER_RELATION_BEGUN:
            after(act, handover.takeover_userid, handover.external_userid)
    if not is_friend and not moved_away:
        raise_contact_event(act, "add_external_contact", handover.takeover_userid, handover.external_userid)
    _end(act, handover, DONE, act.now)


def refuse(act: Act, handover: Handover) -> None:
    """The customer will not have the other member, and stays where it is: transfer_fail."""
    _end(act, handover, REFUSED)
    _raise_failed(act, handover, "customer_refused")


def the_waiting(act: Act, takeover_userid: str, external_userid: str) -> Handover:
    """The customer's way to this member that is not over; raises ActRefused where there is none."""
    query = select(Handover).where(
        Handover.corp_id == act.corp_id,
        Handover.external_userid == external_userid,
        Handover.takeover_userid == takeover_userid,
        Handover.status == WAITING,
    )
    found = act.db.session.exec(query).first()
    if found is None:
        raise ActRefused(f"{external_userid} is not on the way to {takeover_userid}")
    return found


def _end(act: Act, handover: Handover, status: int, takeover_time: int = 0) -> None:
    handover.status, handover.takeover_time = status, takeover_time
    act.db.session.add(handover)
    act.db.flush()


def _raise_failed(act: Act, handover: Handover, reason: str) -> None:
    emit(
        act,
        TransferFail(
            FailReason=reason, UserID=handover.takeover_userid, ExternalUserID=handover.external_userid
        ),
    )


def _lasts(relation: FollowUser | None) -> bool:
    return relation is not None and relation.ended_at is None and not relation.pending_confirmation


def _was_moved_away(act: Act, handover: Handover) -> bool:
    """Whether the customer had once been moved away from who takes it over now: no event then."""
    query = sa.select(HANDOVER.c.id).where(
        HANDOVER.c.corp_id == act.corp_id,
        HANDOVER.c.external_userid == handover.external_userid,
        HANDOVER.c.handover_userid == handover.takeover_userid,
        HANDOVER.c.status == DONE,
    )
    return act.db.execute(query.limit(1)).first() is not None


def _begin_relation(
    act: Act, handover: Handover, before: FollowUser | None, giver: FollowUser | None
) -> None:
    """The relation to the new member, with the notes and tags of the old one's."""
    row = before or FollowUser(
        corp_id=act.corp_id,
        external_userid=handover.external_userid,
        userid=handover.takeover_userid,
        seq=0,
        createtime=0,
    )
    row.seq, row.createtime = act.next_id(), act.now
    row.pending_confirmation, row.ended_at, row.deleted_by_customer_at = False, None, None
    row.add_way, row.state, row.oper_userid = ASSIGNED, "", handover.takeover_userid
    if giver is not None:
        row.remark, row.description = giver.remark, giver.description
        row.remark_corp_name, row.remark_mobiles = giver.remark_corp_name, giver.remark_mobiles
    row.source_agentid = giver.source_agentid if giver is not None else None
    act.db.session.add(row)
    for tag_id in _tags(act, handover, handover.handover_userid) - _tags(
        act, handover, handover.takeover_userid
    ):
        act.db.session.add(
            FollowTag(
                corp_id=act.corp_id,
                external_userid=handover.external_userid,
                userid=handover.takeover_userid,
                tag_id=tag_id,
            )
        )
    note(act, "taken_over", handover.takeover_userid, handover.external_userid, handover.handover_userid)


def _tags(act: Act, handover: Handover, userid: str) -> set[str]:
    query = sa.select(FOLLOW_TAG.c.tag_id).where(
        FOLLOW_TAG.c.corp_id == act.corp_id,
        FOLLOW_TAG.c.external_userid == handover.external_userid,
        FOLLOW_TAG.c.userid == userid,
    )
    return {row.tag_id for row in act.db.execute(query)}


def _end_relation(act: Act, handover: Handover, giver: FollowUser | None) -> None:
    """The old relation is over; who is still there is told, unless it had deleted the customer itself."""
    if giver is None or giver.ended_at is not None:
        return
    giver.ended_at = act.now
    act.db.session.add(giver)
    act.db.flush()
    note(act, "handed_over", giver.userid, giver.external_userid, handover.takeover_userid)
    member = act.db.session.get(Member, (act.corp_id, giver.userid))
    if not handover.resigned and member is not None and member.status != LEFT:
        raise_contact_event(
            act, "del_external_contact", giver.userid, giver.external_userid, source=BY_TRANSFER
        )
