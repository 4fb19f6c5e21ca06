"""The transfer of an assigned customer, a day after the assignment unless something prevents it."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import select

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.contacts import TransferFail
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.tables import ACTIVE, LEFT, MEMBER
from wecom_tollbooth.families.handover.tables import (
    CALLED_OFF,
    DONE,
    HANDOVER,
    REFUSED,
    TAKER_FULL,
    WAITING,
    Handover,
)
from wecom_tollbooth.families.relations import lifecycle
from wecom_tollbooth.families.relations.contact_count import why_no_room
from wecom_tollbooth.world.acts import Act, ActRefused
from wecom_tollbooth.world.clock import DAY
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.scheduled_tasks import schedule, scheduled_task

GOES_OVER_AFTER = DAY
DEED = "customer_goes_over"

_MOVED_AWAY = CompiledStatement(
    sa.select(HANDOVER.c.id)
    .where(
        HANDOVER.c.corp_id == sa.bindparam("corp_id"),
        HANDOVER.c.external_userid == sa.bindparam("external_userid"),
        HANDOVER.c.handover_userid == sa.bindparam("userid"),
        HANDOVER.c.status == DONE,
    )
    .limit(1)
)


class _Waiting(NamedTuple):
    """A transfer that waits, without the ORM: thousands may fall due in one advance of the clock."""

    id: int
    external_userid: str
    handover_userid: str
    takeover_userid: str
    resigned: bool


_WAITING = CompiledStatement(
    sa.select(*(HANDOVER.c[name] for name in _Waiting._fields)).where(
        HANDOVER.c.corp_id == sa.bindparam("corp_id"),
        HANDOVER.c.id == sa.bindparam("id"),
        HANDOVER.c.status == WAITING,
    )
)
_SET_STATUS = CompiledStatement(
    sa.update(HANDOVER)
    .where(HANDOVER.c.corp_id == sa.bindparam("of_corp_id"), HANDOVER.c.id == sa.bindparam("of_id"))
    .values(status=sa.bindparam("new_status"), takeover_time=sa.bindparam("new_time"))
)
_MEMBER = CompiledStatement(
    sa.select(MEMBER.c.status, MEMBER.c.may_follow).where(
        MEMBER.c.corp_id == sa.bindparam("corp_id"), MEMBER.c.userid == sa.bindparam("userid")
    )
)


def begin(context: Context, handover: Handover) -> None:
    """Schedules the transfer for a day from now; replaces an earlier one of the same three ids."""
    handover.takeover_time = handover.started_at + GOES_OVER_AFTER
    context.db.execute(
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
    context.db.session.add(handover)
    schedule(context, DEED, handover.takeover_time, str(handover.id))


@scheduled_task(DEED)
def customer_goes_over(act: Act, reference: str) -> None:
    """Transfers the customer unless it refused or the taker cannot have it."""
    act.db.flush()
    found = _WAITING.one(act.db, corp_id=act.corp_id, id=int(reference))
    if found is None:
        return
    handover = _Waiting(*found)
    taker = _MEMBER.one(act.db, corp_id=act.corp_id, userid=handover.takeover_userid)
    if taker is None or taker[0] != ACTIVE or not taker[1]:
        _end(act, handover, CALLED_OFF)
        return
    is_friend = lifecycle.are_contacts(
        lifecycle.stored_relation(act, handover.takeover_userid, handover.external_userid)
    )
    if not is_friend and (
        lifecycle.is_full(act, handover.takeover_userid) or why_no_room(act, handover.external_userid)
    ):
        _end(act, handover, TAKER_FULL)
        _raise_failed(act, handover, "customer_limit_exceed")
        return
    giver = _MEMBER.one(act.db, corp_id=act.corp_id, userid=handover.handover_userid)
    lifecycle.transfer(
        act,
        handover.external_userid,
        handover.handover_userid,
        handover.takeover_userid,
        tells_giver=not handover.resigned and giver is not None and giver[0] != LEFT,
        tells_taker=not _was_moved_away(act, handover),
    )
    _end(act, handover, DONE, act.now)


def refuse(act: Act, handover: Handover) -> None:
    """Records that the customer refuses the taker and stays with the giver; raises transfer_fail."""
    _end(act, handover, REFUSED)
    _raise_failed(act, handover, "customer_refused")


def the_waiting(act: Act, takeover_userid: str, external_userid: str) -> Handover:
    """Returns the customer's pending transfer to this member; raises ActRefused without one."""
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


def _end(act: Act, handover: _Waiting | Handover, status: int, takeover_time: int = 0) -> None:
    this = {"of_corp_id": act.corp_id, "of_id": handover.id}
    act.db.flush()
    _SET_STATUS.run(act.db, **this, new_status=status, new_time=takeover_time)
    act.db.expire()


def _raise_failed(act: Act, handover: _Waiting | Handover, reason: str) -> None:
    emit(
        act,
        TransferFail(
            FailReason=reason, UserID=handover.takeover_userid, ExternalUserID=handover.external_userid
        ),
    )


def _was_moved_away(act: Act, handover: _Waiting) -> bool:
    """Whether the customer was once transferred away from the taker, who is then not notified."""
    act.db.flush()
    customer, taker = handover.external_userid, handover.takeover_userid
    return _MOVED_AWAY.one(act.db, corp_id=act.corp_id, external_userid=customer, userid=taker) is not None
